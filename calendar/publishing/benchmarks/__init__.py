"""`manage.py bench publishing`: real workers and beat against a local server that speaks just enough Mastodon."""
