"""Object storage of the tests' own, on loopback: moto's S3, and Azurite where npm can bring it."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

AZURITE = "azurite@3.37.0"


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def started(command: list[str], port: int, **options: object) -> Iterator[None]:
    """A server for as long as it is needed, once it listens."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options) as process:
        try:
            for _ in range(600):
                assert process.poll() is None, command
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield
        finally:
            process.kill()


@pytest.fixture(scope="session")
def s3() -> Iterator[Callable[[], str]]:
    """Makes a bucket, and gives its address; the environment says where it is."""
    import boto3

    port = free_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests",
    }  # fmt: skip

    def bucket() -> str:
        name = f"b{uuid.uuid4().hex}"
        boto3.client("s3").create_bucket(Bucket=name)
        return f"s3://{name}/pre/fix"

    with started([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port), _said(environment):
        yield bucket


@pytest.fixture(scope="session")
def azure(tmp_path_factory) -> Iterator[Callable[[], str]]:
    """Makes a container, and gives its address; the environment says where it is."""
    from azure.storage.blob import BlobServiceClient

    if shutil.which("npm") is None:
        pytest.skip("npm is not installed, which brings Azurite")
    folder = tmp_path_factory.mktemp("azurite")
    words = ["--prefix", str(folder), "--no-audit", "--no-fund", "--no-package-lock", AZURITE]
    subprocess.run(["npm", "install", *words], cwd=folder, check=True, capture_output=True)
    port, account, key = free_port(), "tests", base64.b64encode(secrets.token_bytes(32)).decode()
    command = [str(folder / "node_modules/.bin/azurite-blob"), "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    endpoint = f"http://127.0.0.1:{port}/{account}"
    environment = {
        "AZURE_STORAGE_ACCOUNT_NAME": account, "AZURE_STORAGE_ACCOUNT_KEY": key, "AZURE_ALLOW_HTTP": "true",
        "AZURE_STORAGE_ENDPOINT": endpoint,
    }  # fmt: skip

    def container() -> str:
        name = f"c{uuid.uuid4().hex}"
        with BlobServiceClient(endpoint, credential={"account_name": account, "account_key": key}) as client:
            client.create_container(name)
        return f"az://{name}/pre/fix"

    command += ["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    accounts = os.environ | {"AZURITE_ACCOUNTS": f"{account}:{key}"}
    with started(command, port, cwd=folder, env=accounts), _said(environment):
        yield container


@contextlib.contextmanager
def _said(environment: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
