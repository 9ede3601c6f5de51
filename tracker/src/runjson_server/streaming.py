"""Answers that are made while they are sent, so that no answer need be held as a whole."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Final

from anyio import CancelScope, to_thread
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

_OK: Final = 200


class Streamed(StreamingResponse):
    """An answer of pieces, the first of which is made at once: what goes wrong until then is told as a problem.

    What goes wrong later breaks the connection off, which the client sees. The pieces are closed in any case: a client
    may go away in the middle, and what they hold open must not wait for the garbage collector.
    """

    def __init__(
        self, pieces: Generator[bytes, None, None], media_type: str, *,
        status: int = _OK, headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._pieces = pieces
        first = next(pieces, None)
        super().__init__(self._all(first), status, headers, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._pieces.close)

    def _all(self, first: bytes | None) -> Iterator[bytes]:
        if first is not None:
            yield first
            yield from self._pieces
