"""SocialOps: the roof (settings, urls, celery) and the floor (what every app stands on)."""
