"""A reference fold of valid records on plain dictionaries, with no code of ours; it refuses what has no fold."""

import json

from tests.reference.text import moment, plain, point, read, same, text_of, utf_16

__all__ = ["Refused", "canonical", "fold_records", "merge", "read"]

LAST = ("name", "description", "group", "status", "started_at", "ended_at", "error", "parent")
MAPS = ("properties", "source", "environment", "artifacts")
KINDS = ("series", "text", "images", "histograms")
NOTES = ("unit", "goal", "description", "media_type", "x")
HEADS = ("project", "id", "writer")
KNOWN = {"$schema", "runjson", "tags", "untags", "parameters", "step", "time", *HEADS, *LAST, *MAPS, *KINDS}
# Members in which {} and [] say nothing; in unknown ones they are values.
OWN = {
    "file": ["path", "data", "uri", "media_type", "sha256", "bytes", "description", "width", "height", "metadata"],
    "histogram": ["edges", "counts"], "error": ["type", "message", "traceback"], "parent": ["id", "step"],
}  # fmt: skip
FLOATS = {"nan": float("nan"), "inf": float("inf"), "infinity": float("inf")}


class Refused(ValueError):
    """Records that have no fold; its text is the code."""


def nothing(value):
    return value is None or value in ({}, [])


def many(value):
    return [] if value == {} else value if isinstance(value, list) else [value]


def number(value):
    """A point, step, edge or count as a double."""
    if isinstance(value, str):
        sign = -1.0 if value.startswith("-") else 1.0
        return sign * FLOATS[value.lstrip("+-").lower()]
    return float(value) + 0.0


def value(given):
    """A value with its tags resolved: times become a tuple, so that no text equals one."""
    if isinstance(given, float):
        return int(given) if abs(given) < 1e21 and given == int(given) else given
    if isinstance(given, list):
        return [value(one) for one in given]
    if isinstance(given, dict):
        if len(given) == 1:
            ((tag, text),) = given.items()
            if tag == "$int":
                return int(text)
            if tag == "$float":
                return number(text)
            if tag == "$datetime":
                return ("time", moment(text))
        return {name: value(one) for name, one in given.items()}
    return given


def settled(given, kind):
    """A file, histogram, error or parent in its small spelling, its unknown members kept."""
    if isinstance(given, str):
        given = {"message" if kind == "error" else "path": given}
    found = {name: plain(value(one)) for name, one in given.items()
             if one is not None and (name not in OWN[kind] or not nothing(one))}  # fmt: skip
    if "metadata" in found and kind == "file":
        found["metadata"] = {name: plain(value(one)) for name, one in given["metadata"].items()}
    if "path" in found and kind == "file":
        found["path"] = "/".join(part for part in found["path"].split("/") if part not in ("", "."))
    if "sha256" in found and kind == "file":
        found["sha256"] = found["sha256"].lower()
    if "data" in found and kind == "file":
        found["data"] = found["data"].translate(dict.fromkeys(map(ord, " \t\r\n")))
    if "traceback" in found and isinstance(found["traceback"], list):
        lines = found["traceback"]
        found["traceback"] = "".join(line if line.endswith("\n") else line + "\n" for line in lines[:-1]) + lines[-1]
    if kind == "histogram":
        found |= {name: [point(number(one)) for one in many(given[name])] for name in ("edges", "counts")}
    if "step" in found and kind == "parent":
        found["step"] = float(given["step"]) + 0.0
    return found


def columns(entry, kind, record):
    """The values, steps, times and notes that one name of one record says."""
    whole = isinstance(entry, dict) and ("values" in entry or kind in ("series", "text"))
    entry = entry if whole and entry else {"values": entry}
    values = many(entry["values"])
    if kind == "series":
        values = [number(one) for one in values]
    elif kind != "text":
        values = [settled(one, "file" if kind == "images" else "histogram") for one in values]
    found = {"values": values}
    for column, member in (("steps", "step"), ("times", "time")):
        given = entry.get(column)
        if given is None or given == {}:
            default = record.get(member)
            found[column] = [None if nothing(default) else number(default)] * len(values)
        else:
            found[column] = [None if one is None else number(one) for one in many(given)]
        if len(found[column]) != len(values):
            raise Refused("RJ201")
    notes = {name: one for name, one in entry.items() if name in NOTES and not nothing(one)}
    others = {name: plain(value(one)) for name, one in entry.items()
              if name not in {"values", "steps", "times", *NOTES} and one is not None}  # fmt: skip
    return found, notes | others


def write_once(namespace, new):
    for name, one in new.items():
        if name not in namespace:
            namespace[name] = one
        elif isinstance(namespace[name], dict) and isinstance(one, dict):
            write_once(namespace[name], one)
        elif isinstance(namespace[name], dict) or isinstance(one, dict):
            raise Refused("RJ203")
        elif not same(namespace[name], one):
            raise Refused("RJ202")


def fold_records(records):
    """The fold of records (SPEC 8), as a record in canonical spelling save for the order of members."""
    fold, tags, parameters, minor = {}, {}, {}, None
    for index, record in enumerate(records):
        if isinstance(record.get("runjson"), str):
            minor = max(minor or 0, int(record["runjson"].split(".")[1]))
        for name in HEADS:
            if not nothing(record.get(name)) and fold.get(name) != record[name]:
                if index:
                    raise Refused("RJ111")
                fold[name] = record[name]
        for name in LAST:
            if not nothing(given := record.get(name)):
                given = settled(given, name) if name in ("error", "parent") else given
                if given != {}:
                    fold[name] = moment(given) if name.endswith("_at") else given
        for member, state in (("untags", False), ("tags", True)):
            tags |= dict.fromkeys(many(record.get(member) or []), state)
        write_once(parameters, {name: value(one) for name, one in (record.get("parameters") or {}).items()})
        for name in MAPS:
            for key, one in (record.get(name) or {}).items():
                if one is None:
                    fold.setdefault(name, {})[key] = None
                elif name != "artifacts":
                    fold.setdefault(name, {})[key] = plain(value(one))
                elif not nothing(one):
                    fold.setdefault(name, {})[key] = settled(one, "file")
        fold |= {name: plain(value(one)) for name, one in record.items() if name not in KNOWN and one is not None}
        for kind in KINDS:
            for name, entry in (record.get(kind) or {}).items():
                points, notes = columns(entry, kind, record)
                if points["values"] or notes:
                    old = fold.setdefault(kind, {}).setdefault(name, {"values": [], "steps": [], "times": []})
                    for column, more in points.items():
                        old[column] = old.get(column, []) + more
                    old |= notes
    for member, state in (("tags", True), ("untags", False)):
        if chosen := [tag for tag, on in tags.items() if on is state]:
            fold[member] = sorted(chosen, key=utf_16)
    if minor is not None:
        fold["runjson"] = f"1.{minor}"
    return fold | ({"parameters": plain(parameters)} if parameters else {})


def canonical(fold):
    """The canonical form (SPEC 10)."""
    tree = dict(fold)
    for kind in KINDS:
        for name, entry in tree.get(kind, {}).items():
            found = {key: one for key, one in entry.items() if one or key not in ("steps", "times")}
            for column in ("steps", "times"):
                if all(one is None for one in found.get(column, [])):
                    found.pop(column, None)
            if kind == "series":
                found["values"] = [point(one) if isinstance(one, float) else one for one in found["values"]]
            tree[kind] = {**tree[kind], name: found}
    return text_of(tree).encode()


def merge(one, other):
    """The fold of two folds."""
    return fold_records([json.loads(canonical(one)), json.loads(canonical(other))])
