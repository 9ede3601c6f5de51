"""The RunJSON protocol in Python: decoding, the fold, the canonical form."""
