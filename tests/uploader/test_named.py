"""Which files a run file names is found without folding it, wherever in it they stand."""

from __future__ import annotations

import io
import json
import random

import pytest
from runjson_uploader.named import named_files

PADDING = "x" * 500


def line(**record):
    return json.dumps(record).encode() + b"\n"


@pytest.mark.parametrize("seed", range(5))
def test_files_of_a_long_stream_are_found_wherever_their_lines_stand(seed):
    rng = random.Random(seed)
    lines, paths = [line(runjson="1.0", id="r")], []
    while sum(map(len, lines)) < 1_500_000:
        lines.append(line(step=len(lines), series={f"s{one}": rng.random() for one in range(rng.randrange(1, 40))}))
        if rng.random() < 0.7:
            paths += [f"i{len(lines)}.png", f"a{len(lines)}.bin{PADDING}"]
            lines.append(line(artifacts={"a": {"path": paths[-1]}}, images={"i": {"values": [paths[-2]]}}))
    text = b"".join(lines)
    assert list(named_files(io.BytesIO(text), stream=True)) == paths
    assert list(named_files(io.BytesIO(text.removesuffix(b"\n") + b'\n{"artifacts": torn'), stream=True)) == paths
    behind = io.BytesIO(text)
    behind.seek(sum(map(len, lines[: len(lines) // 2])))
    assert list(named_files(behind, stream=True)) == [
        one for one in paths if int(one[1:].partition(".")[0]) >= len(lines) // 2
    ]


def test_files_of_a_document_are_found():
    text = json.dumps(
        {"runjson": "1.0", "artifacts": {"a": "a.bin"}, "images": {"i": ["1.png", {"path": "2.png"}]}}, indent=1
    )
    assert set(named_files(io.BytesIO(text.encode()), stream=False)) == {"a.bin", "1.png", "2.png"}
