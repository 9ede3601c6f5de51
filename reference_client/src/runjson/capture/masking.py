"""Secrets are not written: what looks like one becomes ***."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MASK = "***"
# Keys and tokens that are known by their look: AWS, GitHub, GitLab, OpenAI and the like, Hugging Face, Slack, Google,
# JSON web tokens.
_KNOWN = re.compile(
    r"\b(?:A[KS]IA[0-9A-Z]{12,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|sk-[\w-]{12,}|hf_\w{12,}"
    r"|xox[a-z]-[\w-]{8,}|AIza[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*)"
)
_BEARER = re.compile(r"\b(bearer|basic)\s+\S+", re.IGNORECASE)
_URL = re.compile(r"(?<=://)[^/@\s]+@")
# name=value, name: value and "name": "value" within a text.
_PAIR = re.compile(r"""([A-Za-z][\w.-]*)(["']?\s*[=:]\s*["']?)([^\s"',&}]+)""")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SECRET_WORDS = frozenset({"pwd", "pass", "auth", "authorization", "token", "secret", "secrets", "credential"})
_SECRET_PARTS = (
    "password", "passwd", "passphrase", "apikey", "accesskey", "secretkey", "privatekey", "authtoken", "accesstoken",
    "credentials", "authkey", "signingkey", "encryptionkey",
)  # fmt: skip


def is_secret(name: str) -> bool:
    """Whether what has this name is a secret: `--api-key`, `dbPassword`, `HF_TOKEN`; and not `max_tokens`."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return not _SECRET_WORDS.isdisjoint(words) or any(part in "".join(words) for part in _SECRET_PARTS)


def masked(text: str) -> str:
    """A text without what looks like a secret: known tokens, passwords in URLs, values of names of secrets."""
    text = _URL.sub(f"{_MASK}@", _BEARER.sub(rf"\1 {_MASK}", _KNOWN.sub(_MASK, text)))
    return _PAIR.sub(lambda found: found[1] + found[2] + _MASK if is_secret(found[1]) else found[0], text)


def masked_arguments(arguments: Iterable[str]) -> list[str]:
    """Arguments of a command without secrets: `--token=X`, `--password X`, `key=X` and what `masked` knows."""
    found: list[str] = []
    expected = False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        if expected and not argument.startswith("--"):
            found.append(_MASK)
            expected = False
            continue
        expected = argument.startswith("-") and not equals and is_secret(argument)
        named = re.fullmatch(r"[-+~\w.@/]+", name) is not None
        found.append(f"{name}={_MASK}" if equals and named and is_secret(name) else masked(argument))
    return found


def without_credentials(url: str) -> str:
    """A URL without the user and password in it; `git@host:path` stays, which holds no password."""
    return _KNOWN.sub(_MASK, _URL.sub("", url))
