"""Endpoints of editorial."""
