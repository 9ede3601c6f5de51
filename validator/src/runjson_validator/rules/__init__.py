"""What each finding means, by code: why it is one, and a run file that has it, beside the same written rightly."""
