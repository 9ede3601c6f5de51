"""RunJSON: write experiments as JSON run files."""

__version__ = "0.1.0"
