"""A tracker that a server holds, asked over HTTP."""
