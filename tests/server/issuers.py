"""Issuers of OpenID Connect on loopback: oidc-provider, where npm can bring it, and one that says what a test wants."""

from __future__ import annotations

import base64
import hmac
import json
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.storage import free_port, started

PROVIDER = "oidc-provider@9.5.1"
SECRET = "a secret that the tests know: %&/+ "


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """Starts oidc-provider at a port for a place to come back to."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("npm is not installed, which brings oidc-provider")
    folder = tmp_path_factory.mktemp("provider")
    words = ["--prefix", str(folder), "--no-audit", "--no-fund", "--no-package-lock", PROVIDER]
    subprocess.run(["npm", "install", *words], cwd=folder, check=True, capture_output=True)
    shutil.copy(Path(__file__).with_name("provider.mjs"), folder)

    @contextmanager
    def running(port, redirect):
        with started(["node", "provider.mjs", str(port), redirect], port, cwd=folder):
            yield f"http://127.0.0.1:{port}"

    return running


def new_key(kid="first"):
    return RSAKey.generate_key(2048, {"kid": kid})


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Stub:
    """An issuer that signs with its own key what a test tells it to.

    Attributes:
        keys: those that it shows.
        token: makes the id_token of what was asked at the authorization endpoint.
        more: what its userinfo endpoint says.
        asked: what came to the token endpoint, the last first.
    """

    def __init__(self):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.key = new_key()
        self.keys = [self.key]
        self.token = self.good
        self.more = {}
        self.asked = []
        self.configuration = {
            "issuer": self.address, "authorization_endpoint": f"{self.address}/auth?tenant=1",
            "token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/keys",
            "userinfo_endpoint": f"{self.address}/userinfo",
        }  # fmt: skip

    def claims(self, asked, **others):
        now = int(time.time())
        told = {
            "iss": self.address, "aud": "runs", "sub": "s1", "exp": now + 60, "iat": now,
            "nonce": asked["nonce"], "preferred_username": "anna",
        } | others  # fmt: skip
        return {name: value for name, value in told.items() if value is not None}

    def good(self, asked, **others):
        return self.signed(self.claims(asked, **others))

    def signed(self, claims, key=None, algorithm="RS256", kid="first"):
        algorithms = [algorithm]
        return jwt.encode({"alg": algorithm, "kid": kid}, claims, key or self.key, algorithms=algorithms)

    def by_hand(self, claims, secret):
        """A token that a secret signs, or nothing at all: libraries refuse to make some of them."""
        header = {"alg": "none" if secret is None else "HS256", "kid": "first"}
        text = ".".join(_base64(json.dumps(one).encode()) for one in (header, claims))
        return f"{text}.{'' if secret is None else _base64(hmac.digest(secret, text.encode(), 'sha256'))}"

    def answer(self, path, body):
        """The JSON that a path gives."""
        if path == "/.well-known/openid-configuration":
            return self.configuration
        if path == "/keys":
            return {"keys": [{"kty": "unheard of"}, *(one.as_dict(private=False) for one in self.keys)]}
        if path == "/token":
            given = {name: value[0] for name, value in parse_qs(body.decode()).items()}
            self.asked.insert(0, given)
            return {"access_token": "x", "id_token": self.token(json.loads(given["code"]))}
        return self.more

    @contextmanager
    def running(self):
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                told = json.dumps(stub.answer(self.path, body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_POST = do_GET  # noqa: N815  the base class calls it so

            def log_message(self, *_):
                pass

        with ThreadingHTTPServer(("127.0.0.1", self.port), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()
