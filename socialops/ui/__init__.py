"""The UI kit."""
