"""What pydantic's `Field(description=...)` says of a member is its docstring."""

from __future__ import annotations

import ast
from typing import Any

import griffe


class Fields(griffe.Extension):
    """Gives members of models the descriptions of their fields."""

    def on_attribute_instance(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Take the description as it stands in the code."""
        value = attr.value
        if attr.docstring is not None or not isinstance(value, griffe.ExprCall) or str(value.function) != "Field":
            return
        for argument in value.arguments:
            if isinstance(argument, griffe.ExprKeyword) and argument.name == "description":
                attr.docstring = griffe.Docstring(ast.literal_eval(str(argument.value)), parent=attr)
