"""Keeping a store: the trash, what is freed for good, and whether all is as it was stored."""
