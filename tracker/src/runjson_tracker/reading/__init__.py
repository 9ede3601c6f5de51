"""Asking a tracker from Python: `runjson.open()` and what it gives."""
