"""SocialOps: the roof (settings, urls, celery) and the floor (what every app stands on)."""

from socialops.celery import app as celery_app

__all__ = ["celery_app"]
