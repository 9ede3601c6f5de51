"""`runjson serve` and `runjson ui` where something is not installed."""

from __future__ import annotations

import importlib.util

import pytest
from runjson.__main__ import main


@pytest.mark.parametrize("command", ["serve", "ui"])
@pytest.mark.parametrize("missing", ["fastapi", "granian", "joserfc"])
def test_what_is_not_installed_is_named_with_the_extra_that_brings_it(command, missing, tmp_path, monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    assert main([command, "--to", str(tmp_path / "store")]) == 2
    said = capsys.readouterr()
    assert said.err == (
        f"runjson: the module {missing} is not installed. This needs more than the client: "
        'pip install "runjson[serve]"\n'
    )
    assert not said.out
    assert not (tmp_path / "store").exists()
