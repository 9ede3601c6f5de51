"""What a Content-Security-Policy of a page of ours says."""

from __future__ import annotations

import base64
import hashlib


def hash_source(text: bytes) -> str:
    """The source that lets a page have this one inline style or script, and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"
