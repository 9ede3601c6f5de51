"""What a project decides for its run files, in `.runjson.toml` or `pyproject.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from runjson_schema.findings import Severity

Format = Literal["text", "json", "github", "sarif", "junit"]


class Config(BaseModel):
    """The table `[tool.runjson.validate]` of pyproject.toml, or `[validate]` of .runjson.toml."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_by_alias=True)

    format: Format | None = Field(default=None, description="how to report")
    lenient: bool = Field(default=False, description="take unknown members with a warning")
    files: bool = Field(default=True, description="check the files that run files name")
    select: list[str] = Field(default_factory=list, description="codes, or beginnings of codes: these alone")
    ignore: list[str] = Field(default_factory=list, description="codes, or beginnings of codes: these not")
    exclude: list[str] = Field(default_factory=list, description="patterns of run files in folders that are left out")
    error_on: Severity = Field(default="error", alias="error-on", description="the least severity that fails")


class ConfigError(ValueError):
    """A configuration that can not be used; the message names the file and the key."""


def find(folder: Path) -> Config:
    """The configuration that holds in a folder: of the nearest file, in it or above it, that has one.

    Raises:
        ConfigError: it can not be read, or says something that is not known.
    """
    for above in (folder.resolve(), *folder.resolve().parents):
        for name, keys in ((".runjson.toml", ("validate",)), ("pyproject.toml", ("tool", "runjson", "validate"))):
            path = above / name
            if path.is_file() and (table := _table(path, keys)) is not None:
                return _config(path, keys, table)
    return Config()


def _table(path: Path, keys: tuple[str, ...]) -> Any:  # Any: what TOML holds
    try:
        with path.open("rb") as source:
            found: Any = tomllib.load(source)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{path}: no TOML: {fault}.") from None
    except OSError as fault:
        raise ConfigError(f"{path}: can not be read: {fault.strerror}.") from None
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _config(path: Path, keys: tuple[str, ...], table: Any) -> Config:  # Any: what TOML holds
    try:
        return Config.model_validate(table)
    except ValidationError as fault:
        first = fault.errors()[0]
        key = ".".join(map(str, (*keys, *first["loc"])))
        known = ", ".join(field.alias or name for name, field in Config.model_fields.items())
        said = f"there is no such key; known are {known}" if first["type"] == "extra_forbidden" else first["msg"]
        raise ConfigError(f"{path}: {key}: {said}.") from None
