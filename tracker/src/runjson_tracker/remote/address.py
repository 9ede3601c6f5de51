"""The addresses of servers, and the tokens that were kept for them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from runjson_tracker.errors import StoreError

_SCHEMES: Final = ("https://", "http://")


def server_address(location: object = None) -> str | None:
    """The address of a server, if that is what is meant; None for a store that this program opens itself.

    Args:
        location: what was given; without it `RUNJSON_TRACKER`.

    Raises:
        StoreError: it is no address.
    """
    chosen = str(location) if location is not None else os.environ.get("RUNJSON_TRACKER", "")
    if not chosen.lower().startswith(_SCHEMES):
        return None
    parts = urlsplit(chosen)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise StoreError(
            "A server's address is https://HOST, with a port or a path if it has one. A token is given by "
            "RUNJSON_TOKEN, or kept by `runjson login`."
        )
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def kept_token(address: str) -> str | None:
    """The token for a server: `RUNJSON_TOKEN`, else the one that `runjson login` kept."""
    return os.environ.get("RUNJSON_TOKEN") or _kept().get(address)


def keep_token(address: str, token: str | None) -> Path:
    """Keep a token where only its owner reads it; None forgets it.

    Raises:
        OSError: the file can not be written.
    """
    path = _place()
    kept = {one: secret for one, secret in _kept().items() if one != address} | ({address: token} if token else {})
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as target:  # noqa: PTH123  Path.open takes no mode of the file
        json.dump(kept, target, indent=1)
        target.write("\n")
    draft.replace(path)
    return path


def _kept() -> dict[str, str]:
    try:
        kept = json.loads(_place().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as fault:
        raise StoreError(
            f"The tokens in {_place()} can not be read: {fault}. Remove the file and sign in anew."
        ) from None
    return {str(one): str(token) for one, token in kept.items()} if isinstance(kept, dict) else {}


def _place() -> Path:
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(configured) if configured.startswith("/") else Path.home() / ".config"
    return folder / "runjson" / "tokens.json"
