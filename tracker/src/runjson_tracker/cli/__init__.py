"""The commands about tracked runs."""
