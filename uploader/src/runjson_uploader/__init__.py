"""From run files to tracked runs."""
