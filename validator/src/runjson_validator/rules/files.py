"""Rules RJ3xx: the files that a run file names (SPEC section 7)."""

from __future__ import annotations

from base64 import b64decode
from typing import Final

from runjson_validator.rules.rule import Rule
from runjson_validator.rules.shape import PIXEL

RULES: Final = (
    Rule(
        code="RJ301",
        why=(
            "A file that is not there can be neither shown nor kept. Programs write the path from the folder in which "
            "they were started, and a copy of the run file alone leaves its files behind. Write the path from the "
            "folder of the run file, and copy that folder as a whole."
        ),
        bad=b'{"runjson": "1.0", "artifacts": {"model": "results/mlp-7/model.bin"}}\n',
        good=b'{"runjson": "1.0", "artifacts": {"model": "model.bin"}}\n',
        files={"model.bin": b"weights\n"},
    ),
    Rule(
        code="RJ302",
        why=(
            "A run file of a stranger must not fetch files of yours, so a symbolic link that leads out of the folder "
            "is not followed. Programs that link the latest checkpoint on a scratch disk beside the run file make such "
            'a link. Copy the file into the folder, or record where it is: `{"uri": "file:///scratch/u/latest.bin"}`.'
        ),
        bad=b'{"runjson": "1.0", "artifacts": {"model": "latest.bin"}}\n',
        good=b'{"runjson": "1.0", "artifacts": {"model": "model.bin"}}\n',
        files={"model.bin": b"weights\n"},
        links={"latest.bin": "../outside.txt"},
    ),
    Rule(
        code="RJ303",
        why=(
            "A file with other bytes is not the one that the run made. Programs that take the digest of a checkpoint "
            "and then write the file again under the same name, or take it before the file is closed, cause this. "
            "Close the file, take its digest, and give each version its own name."
        ),
        bad=(
            b'{"runjson": "1.0", "artifacts": {"model": {"path": "model.bin",\n'
            b' "sha256": "d2f47d68b51b79b5b8f597066dd35aea84b02d395374062292ad80bcfc98ff46"}}}\n'
        ),
        good=(
            b'{"runjson": "1.0", "artifacts": {"model": {"path": "model.bin",\n'
            b' "sha256": "1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0"}}}\n'
        ),
        files={"model.bin": b"weights\n"},
    ),
    Rule(
        code="RJ304",
        why=(
            "A file of another size was cut off or changed. Programs that ask for the size before the file is closed "
            "get the part that was flushed, and copies that ran out of disk space are shorter. Close the file first, "
            "then ask for its size, and copy a file that was cut off again."
        ),
        bad=b'{"runjson": "1.0", "artifacts": {"model": {"path": "model.bin", "bytes": 4096}}}\n',
        good=b'{"runjson": "1.0", "artifacts": {"model": {"path": "model.bin", "bytes": 8}}}\n',
        files={"model.bin": b"weights\n"},
    ),
    Rule(
        code="RJ305",
        why=(
            "A point of `images` is one image, so its path leads to a regular file; a folder, a pipe or a device holds "
            "no bytes to keep. Programs that save a grid of samples into a folder name the folder. Name each image as "
            "a point; in `artifacts` a folder is fine."
        ),
        bad=b'{"runjson": "1.0", "images": {"samples": ["samples"]}}\n',
        good=b'{"runjson": "1.0", "images": {"samples": ["samples/0.png", "samples/1.png"]}}\n',
        files={"samples/0.png": b64decode(PIXEL), "samples/1.png": b64decode(PIXEL)},
    ),
    Rule(
        code="RJ306",
        why=(
            "Bytes that begin like no image, or like another one than `media_type` says, will show as a broken "
            "picture. NumPy's `tobytes()` gives bare pixels without a format, and a canvas in JavaScript encodes as "
            "PNG where the browser lacks the format that `toDataURL` was asked for. Encode the pixels: "
            "`Image.fromarray(a).save(path)`."
        ),
        bad=b'{"runjson": "1.0", "images": {"sample": ["pixels.png"]}}\n',
        good=b'{"runjson": "1.0", "images": {"sample": ["sample.png"]}}\n',
        files={"pixels.png": bytes(range(64)), "sample.png": b64decode(PIXEL)},
    ),
)  # fmt: skip
