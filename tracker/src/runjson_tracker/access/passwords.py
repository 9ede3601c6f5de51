"""Passwords, which people make up: they are encoded by argon2id, which takes long on purpose."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from runjson_tracker.errors import AccessRefused, StoreError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_LEAST: Final = 8
_MOST_BYTES: Final = 1024


def encode_password(password: str) -> str:
    """What is kept of a password, with the parameters that it was encoded by.

    Raises:
        AccessRefused: it is too short or too long.
    """
    plain = _plain(password)
    if len(plain.decode("utf-8", "surrogatepass")) < _LEAST:
        raise AccessRefused(f"A password has at least {_LEAST} characters: three or four words are easily remembered.")
    if len(plain) > _MOST_BYTES:
        raise AccessRefused(f"A password has at most {_MOST_BYTES:,} bytes of UTF-8: take a shorter one.")
    return _encoder()[0].hash(plain)


def is_password(encoded: str | None, password: str) -> bool:
    """Whether a password is the one that was encoded.

    Where there is none to compare with, it takes as long: the time must not tell which names are there.
    """
    from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError  # noqa: PLC0415  see _encoder

    plain = _plain(password)
    if len(plain) > _MOST_BYTES:
        return False
    encoder, nobodys = _encoder()
    try:
        encoder.verify(nobodys if encoded is None else encoded, plain)
    except VerifyMismatchError:
        return False
    except (VerificationError, InvalidHashError) as error:
        raise StoreError(f"The password cannot be checked: {error}. Set a new one: `runjson user passwd`.") from error
    return encoded is not None


def is_outdated(encoded: str) -> bool:
    """Whether a password was encoded by other parameters than are used now."""
    return _encoder()[0].check_needs_rehash(encoded)


@cache
def _encoder() -> tuple[PasswordHasher, str]:
    """What encodes passwords, and what stands for the password of those that are not there."""
    try:
        from argon2 import PasswordHasher  # noqa: PLC0415  only who sets or checks a password needs it
    except ModuleNotFoundError:
        raise StoreError('Passwords need argon2-cffi: pip install "runjson[serve]".') from None
    encoder = PasswordHasher()
    return encoder, encoder.hash(b"nobody's")


def _plain(password: str) -> bytes:
    # One keyboard types é as one character, another one as two.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
