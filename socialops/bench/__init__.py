"""Benchmarks: each app registers its own; `manage.py bench NAME` runs one, prints a table and one JSON line last."""
