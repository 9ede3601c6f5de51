"""The files that a run file names are looked at: there, inside its folder, of the bytes and the kind that it says."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path

import pytest
from runjson_validator import validate

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
IMAGES = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "image/bmp": b"BM\x10\0\0\0\0\0\0\0",
    "image/tiff": b"II*\0",
    "image/avif": b"\0\0\0\x20ftypavif",
    "image/svg+xml": b"<?xml version='1.0'?>\n<!-- by hand -->\n<svg xmlns='http://www.w3.org/2000/svg'/>",
}


def found(folder: Path, record: dict[str, object]) -> list[tuple[str, str]]:
    path = folder / "run.json"
    path.write_text(json.dumps({"runjson": "1.0"} | record))
    return [(one.code, one.pointer) for one in validate(path).findings]


@pytest.mark.parametrize("media", IMAGES)
def test_an_image_is_known_by_its_first_bytes(media, tmp_path):
    (tmp_path / "x").write_bytes(IMAGES[media])
    (tmp_path / "page").write_bytes(b"<!DOCTYPE html><html></html>")
    data = base64.b64encode(IMAGES[media]).decode()
    assert found(tmp_path, {"images": {"a": "x", "b": {"path": "x", "media_type": media}}}) == []
    assert found(tmp_path, {"images": {"a": {"data": data, "media_type": media}}}) == []
    other = "image/png" if media != "image/png" else "image/gif"
    assert found(tmp_path, {"images": {"a": {"path": "x", "media_type": other}}}) == [("RJ306", "/images/a")]
    assert found(tmp_path, {"images": {"a": {"data": data, "media_type": other}}}) == [("RJ306", "/images/a/data")]
    assert found(tmp_path, {"images": {"a": "page"}}) == [("RJ306", "/images/a")]


def test_an_image_may_be_called_jpg_and_what_is_no_image_may_say_so(tmp_path):
    (tmp_path / "x").write_bytes(IMAGES["image/jpeg"])
    (tmp_path / "page").write_bytes(b"<!DOCTYPE html><html></html>")
    assert found(tmp_path, {"images": {"a": {"path": "x", "media_type": "image/jpg"}}}) == []
    assert found(tmp_path, {"images": {"a": {"path": "page", "media_type": "text/html"}}}) == []
    assert found(tmp_path, {"artifacts": {"a": "page"}}) == []


@pytest.mark.parametrize("by", ["path", "data"])
def test_a_size_and_a_digest_are_those_of_the_bytes(by, tmp_path):
    (tmp_path / "x").write_bytes(PNG)
    said = {"path": "x"} if by == "path" else {"data": base64.b64encode(PNG).decode(), "media_type": "image/png"}
    digest = hashlib.sha256(PNG).hexdigest()

    def told(**facts: object) -> list[tuple[str, str]]:
        return found(tmp_path, {"artifacts": {"a": said | facts}})

    assert told(bytes=len(PNG), sha256=digest) == []
    assert told(sha256=digest.upper()) == []
    assert told(bytes=len(PNG) - 1) == [("RJ304", "/artifacts/a/bytes")]
    assert told(bytes=len(PNG) + 1) == [("RJ304", "/artifacts/a/bytes")]
    assert told(sha256=digest[::-1]) == [("RJ303", "/artifacts/a/sha256")]


def test_a_folder_is_an_artifact_and_no_image_and_nothing_in_it_leads_outside(tmp_path):
    run = tmp_path / "run"
    (run / "model" / "deep").mkdir(parents=True)
    (run / "model" / "deep" / "w.bin").write_bytes(b"w")
    (tmp_path / "secret").write_bytes(b"s")
    assert found(run, {"artifacts": {"m": "model/"}}) == []
    assert found(run, {"images": {"m": "model"}}) == [("RJ305", "/images/m")]
    (run / "model" / "deep" / "link").symlink_to(run / "run.json")
    assert found(run, {"artifacts": {"m": "model"}}) == []
    (run / "model" / "deep" / "out").symlink_to(tmp_path / "secret")
    assert found(run, {"artifacts": {"m": "model"}}) == [("RJ302", "/artifacts/m")]


def test_what_is_no_regular_file_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    assert found(tmp_path, {"artifacts": {"a": "pipe"}}) == [("RJ305", "/artifacts/a")]
    assert found(tmp_path, {"artifacts": {"a": "loop"}}) == [("RJ301", "/artifacts/a")]
