"""How reports are printed: for people, for GitHub, and for programs."""
