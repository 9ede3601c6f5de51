"""Tracked runs as files again: run files with the files that they name, and tables of points."""
