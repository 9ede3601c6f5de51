"""Who may do what in a store: people, roles, tokens, sessions, invitations, shares, and the log of what was done."""
