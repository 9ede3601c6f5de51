"""What is captured as a file, kept as an artifact."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runjson import lines

if TYPE_CHECKING:
    from runjson.run import Run


def keep(
    run: Run, name: str, place: str, data: bytes, media_type: str, metadata: Mapping[str, Any] | None = None
) -> None:  # fmt: skip
    """Write a file of the run, whole or not at all, and say that it is an artifact.

    Args:
        run: that it belongs to.
        name: of the artifact.
        place: of the file, below the folder of the run.
        data: its bytes; what stood there before is replaced.
        media_type: of the bytes.
        metadata: what is said beside it.
    """
    path = run.folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)
    file = {"path": place, "media_type": media_type, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if metadata:
        file["metadata"] = metadata
    run._say({"artifacts": lines.entries({name: lines.value(file)})})
