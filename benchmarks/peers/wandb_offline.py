"""W&B, offline.

Its Python package has no reader of the `.wandb` file any more; `wandb sync` has one, and sends what it reads. So the
blocks of the file, which are those of LevelDB's log, are taken apart here, as far as they go, and the records in them
are parsed by W&B's own message types.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

# Before it is imported.
os.environ.update({"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false"})

import wandb
from turns import NAMES, Log, main

_BLOCK = 32 * 1024
# A checksum, a length and a type stand before each piece of a record.
_PIECE = struct.Struct("<IHB")
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def begin(place: Path) -> tuple[Log, Callable[[], object]]:
    settings = wandb.Settings(
        console="off",
        disable_git=True,
        x_disable_stats=True,
        x_disable_meta=True,
        x_disable_machine_info=True,
        x_save_requirements=False,
    )
    run = wandb.init(project="benchmark", dir=str(place), settings=settings)
    return run.log, run.finish


def read(place: Path) -> Iterator[tuple[int, str, float]]:
    from wandb.proto import wandb_internal_pb2

    for path in place.rglob("*.wandb"):
        for text in _records(path.read_bytes()):
            record = wandb_internal_pb2.Record.FromString(text)
            if record.WhichOneof("record_type") == "history":
                items = {item.key or "/".join(item.nested_key): item.value_json for item in record.history.item}
                for name in NAMES:
                    if name in items:
                        yield int(items["_step"]), name, json.loads(items[name])


def _records(data: bytes) -> Iterator[bytes]:
    # The file's own header is seven bytes of the first block.
    at, record = 7, b""
    while at + _PIECE.size <= len(data):
        if _BLOCK - at % _BLOCK < _PIECE.size:
            at += _BLOCK - at % _BLOCK
            continue
        _, length, kind = _PIECE.unpack_from(data, at)
        at += _PIECE.size
        if kind not in (_WHOLE, _FIRST, _MIDDLE, _LAST) or at + length > len(data):
            return
        record = data[at : at + length] if kind in (_WHOLE, _FIRST) else record + data[at : at + length]
        at += length
        if kind in (_WHOLE, _LAST):
            yield record


if __name__ == "__main__":
    main("wandb", begin, read)
