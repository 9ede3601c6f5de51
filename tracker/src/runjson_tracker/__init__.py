"""The tracker: the store of runs and how it is read."""
