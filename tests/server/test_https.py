"""`runjson serve` with a certificate of its own, and our commands over https."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile

import pytest
import requests

from tests.serving import bearer, serving

RUN = '{"runjson": "1.0", "id": "r1", "series": {"loss": [0.5, "NaN", 0.25]}, "artifacts": {"notes": "notes.txt"}}'


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server with a certificate for 127.0.0.1 that it has signed itself."""
    place = tmp_path_factory.mktemp("https")
    certificate, key = place / "certificate.pem", place / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    with serving(place / "store", "--certificate", str(certificate), "--key", str(key)) as server:
        server.certificate = str(certificate)
        yield server


def runjson(server, *words, trusted=True):
    environment = {**os.environ, "RUNJSON_TOKEN": server.token("ada")}
    environment |= {"REQUESTS_CA_BUNDLE": server.certificate} if trusted else {}
    return subprocess.run(
        [sys.executable, "-m", "runjson", *words], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.once
def test_a_run_is_uploaded_read_and_exported_over_https(running, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(RUN)
    (tmp_path / "notes.txt").write_text("as they were")
    done = runjson(running, "upload", str(path), "--to", running.address, "--project", "vision/digits")
    assert done.returncode == 0, done.stderr
    shown = runjson(running, "runs", "--from", running.address)
    assert "r1" in shown.stdout
    archive = tmp_path / "r1.zip"
    words = ("export", "vision/digits/r1", "--from", running.address, "--to", "zip", "-o", str(archive))
    done = runjson(running, *words)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(archive) as opened:
        assert opened.read(next(one for one in opened.namelist() if one.endswith("notes.txt"))) == b"as they were"
    read = "import runjson, sys; print(runjson.open(sys.argv[1]).run('vision/digits/r1').series('loss').values)"
    python = [sys.executable, "-c", read, running.address]
    environment = {**os.environ, "RUNJSON_TOKEN": running.token(), "REQUESTS_CA_BUNDLE": running.certificate}
    told = subprocess.run(python, env=environment, capture_output=True, text=True, check=False)
    assert told.stdout.split() == ["[0.5", "nan", "0.25]"], told.stderr


@pytest.mark.once
def test_a_certificate_that_is_not_trusted_is_told_with_what_to_do_and_nothing_is_sent(running, tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"runjson": "1.0", "id": "not-sent"}')
    done = runjson(running, "upload", str(path), "--to", running.address, "--project", "p", trusted=False)
    assert done.returncode != 0
    assert "its certificate is not trusted here; REQUESTS_CA_BUNDLE names those that are" in done.stderr
    assert "Traceback" not in done.stderr
    found = requests.get(
        f"{running.address}/api/v1/find", {"text": "not-sent"}, headers=bearer(running.token()),
        verify=running.certificate, timeout=30,
    )  # fmt: skip
    assert found.json() == {"found": [[]]}


@pytest.mark.once
def test_its_cookies_are_for_https_alone(running):
    running.token("ada")
    answer = requests.post(
        f"{running.address}/api/v1/session", json={"name": "ada", "password": "correct horse battery"},
        headers={"Origin": running.address}, verify=running.certificate, timeout=30,
    )  # fmt: skip
    assert answer.ok, answer.text
    assert answer.headers["Set-Cookie"].startswith("__Host-runjson_session=")
    assert "; Secure" in answer.headers["Set-Cookie"]
