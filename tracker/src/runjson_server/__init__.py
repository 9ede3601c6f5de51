"""The server: a tracker over HTTP, for a team or for one person's browser."""
