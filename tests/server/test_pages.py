"""The pages of the viewer as they are sent, and an installation without them."""

from __future__ import annotations

import requests
from runjson_server import cli, pages

from tests.served import served


def test_an_installation_without_pages_says_what_to_do_and_answers_the_api(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "WEB", tmp_path / "nothing")
    with served(tmp_path / "store") as address:
        told = requests.get(f"{address}/runs?project=digits", timeout=30)
        assert told.status_code == 404
        assert told.headers["Content-Type"].startswith("text/plain")
        assert 'pip install --upgrade "runjson[all]"' in told.text
        assert requests.get(f"{address}/favicon.svg", timeout=30).status_code == 404
        assert requests.get(f"{address}/api/v1/session", timeout=30).status_code == 200


def test_the_terminal_says_that_there_are_no_pages_and_no_browser_is_opened(tmp_path, monkeypatch, capsys):
    served_alone, opened = [], []
    monkeypatch.setattr(pages, "WEB", tmp_path / "nothing")
    monkeypatch.setattr(cli, "_serve", lambda *given, **_: served_alone.append(given))
    monkeypatch.setattr("multiprocessing.Process.start", opened.append)
    cli.ui(tracker=str(tmp_path / "store"), port=0, browser=True)
    told = capsys.readouterr()
    assert "has no pages to look at" in told.err
    assert "?key=" in told.out
    assert served_alone
    assert not opened


def test_scripts_are_sent_compressed_to_who_understands_that(tmp_path, monkeypatch):
    script = b"const many = 'letters'; " * 1000
    (tmp_path / "web" / "assets").mkdir(parents=True)
    (tmp_path / "web" / "assets" / "index-1.js").write_bytes(script)
    monkeypatch.setattr(pages, "WEB", tmp_path / "web")
    with served(tmp_path / "store") as address:
        plain, small = (
            requests.get(f"{address}/assets/index-1.js", headers={"Accept-Encoding": coding}, timeout=30)
            for coding in ("identity", "br, gzip")
        )
    assert plain.content == small.content == script
    assert "Content-Encoding" not in plain.headers
    assert int(small.headers["Content-Length"]) < len(script) / 10
    assert small.headers["Vary"] == "Accept-Encoding"
