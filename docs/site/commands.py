"""The reference of the commands, made from the objects that read the command line."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

import typer
from runjson.__main__ import COMMANDS, main

# What stands for a value, by what typer calls its type.
_VALUES = {"str": "TEXT", "path": "PATH", "int": "NUMBER", "float": "NUMBER"}


def commands_page() -> str:
    """The page of all commands, in Markdown."""
    parts = [
        "# Commands\n\n"
        "`runjson --version` prints the version, `runjson COMMAND --help` what stands here. "
        f"Where a command says nothing else, its exit status is {_status(main)}.\n"
    ]
    for name, (module, _) in COMMANDS.items():
        function = getattr(importlib.import_module(module), name)
        app = function
        if not isinstance(function, typer.Typer):
            app = typer.Typer(rich_markup_mode=None, add_completion=False)
            app.command(name)(function)
        command = typer.main.get_command(app)
        parts += _sections(command, name, 2)
    return "\n".join(parts)


def _status(function: Any) -> str:  # Any: main, whose docstring has the section
    said = inspect.getdoc(function) or ""
    return " ".join(said.partition("The exit code: ")[2].split("\n\n")[0].split()).rstrip(".")


def _sections(command: Any, name: str, level: int) -> list[str]:  # Any: click's Command, which typer may bring itself
    """The section of a command, and those of its sub-commands."""
    title = f"{'#' * level} runjson {name}\n"
    prose = _prose(command.help or "")
    below = getattr(command, "commands", None)
    if below:
        usage = f"```text\nrunjson {name} {'|'.join(below)}\n```\n"
        parts = [part for one in below for part in _sections(below[one], f"{name} {one}", level + 1)]
        return [title, usage, prose, *parts]
    context = typer.Context(command, info_name=f"runjson {name}")
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    words = [f"runjson {name}", *(["[OPTIONS]"] if options else []), *map(_argument, arguments)]
    parts = [title, f"```text\n{' '.join(words)}\n```\n", prose]
    parts += [_described(f"`{one.metavar or one.name.upper()}`", one.help) for one in arguments]
    parts += [_described(_option(one, context), _help(one)) for one in options]
    return parts


def _argument(one: Any) -> str:  # Any: click's Argument
    name = one.metavar or one.name.upper()
    return name if one.required else f"[{name}]"


def _option(one: Any, context: Any) -> str:  # Any: click's Option and Context
    """The names of an option, and what its value is called."""
    if one.is_flag:
        value = ""
    else:
        shown = one.get_help_record(context)[0].split(", ")[-1].partition(" ")[2].strip("<>[]")
        shown = re.sub(r"^list\[(.*)\]?$", r"\1", shown).removesuffix(" range")
        value = " " + _VALUES.get(shown, shown)
    return ", ".join(f"`{text}{value if text == one.opts[-1] else ''}`" for text in one.opts)


def _help(one: Any) -> str:  # Any: click's Option
    text = one.help or ""
    if one.multiple and "repeated" not in text:
        text += " May be repeated."
    if not one.is_flag and one.default not in (None, (), [], ""):
        text += f" Default: `{one.default}`."
    return text


def _described(term: str, text: str) -> str:
    return f"{term}\n:   {_escaped(text)}\n"


def _prose(text: str) -> str:
    """A docstring, its exit status as a paragraph of its own."""
    found = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        line = " ".join(paragraph.split())
        before, exits, after = line.partition("Exits with ")
        if before.strip():
            found.append(_escaped(before.strip()))
        if exits:
            # The status ends with its sentence; what an option does to it belongs to it.
            ((status, rest),) = re.findall(r"^(.*?\.(?: With --[^.]*\.)?)(?: (.*))?$", after)
            found.append(f"**Exit status:** {_escaped(status)}")
            if rest:
                found.append(_escaped(rest))
    return "\n\n".join(found) + "\n"


def _escaped(text: str) -> str:
    """A text in which Markdown sees its code and nothing else; pages that it names are links."""
    pieces = re.split(r"(`[^`]*`)", text)
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            plain = re.sub(r"([*_\[\]])", r"\\\1", piece.replace("&", "&amp;").replace("<", "&lt;"))
            pieces[index] = re.sub(r"\bdocs/\w+\.md\b", r"[\g<0>](../\g<0>)", plain)
    return "".join(pieces)
