"""Texts and values for the reference fold: reading records, comparing values, and RFC 8785."""

import json
import re
from math import isfinite, isnan


def read(data, name):
    """The records of a run file (SPEC 3)."""
    text = data.decode("utf-8-sig", "surrogateescape").strip(" \t\r\n")
    if not re.search(r"\.(jsonl|ndjson)$", name, re.IGNORECASE) or "\n" in text:
        try:
            return [json.loads(text)]
        except ValueError:
            pass
    records = []
    for line in text.split("\n"):
        if line.strip():
            try:
                records.append(json.loads(line))
            except ValueError:  # torn: an invalid file is not asked for
                continue
    return records


def utf_16(text):
    return text.encode("utf-16-be")


def ecmascript(double):
    """A double as Number::toString prints it."""
    digits, _, exponent = f"{abs(double)!r}".partition("e")
    whole, _, fraction = digits.partition(".")
    digits = (whole + fraction).lstrip("0")
    n = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= n <= 21:
        text = digits.ljust(n, "0")
    elif 0 < n <= 21:
        text = f"{digits[:n]}.{digits[n:]}"
    elif -6 < n <= 0:
        text = f"0.{'0' * -n}{digits}"
    else:
        text = f"{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{'+' if n > 0 else '-'}{abs(n - 1)}"
    return "0" if double == 0 else "-" + text if double < 0 else text


def text_of(tree):
    if isinstance(tree, dict):
        return "{" + ",".join(f"{text_of(n)}:{text_of(tree[n])}" for n in sorted(tree, key=utf_16)) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(map(text_of, tree)) + "]"
    if isinstance(tree, int | float) and not isinstance(tree, bool):
        return str(tree) if isinstance(tree, int) else ecmascript(tree)
    return json.dumps(tree, ensure_ascii=False)


def special(double):
    return "NaN" if isnan(double) else "Infinity" if double > 0 else "-Infinity"


def point(double):
    return double if isfinite(double) else special(double)


def moment(text):
    date, clock, fraction, zone = re.fullmatch(r"(.{10})[Tt ](.{8})(\.\d+)?(.*)", text).groups()
    return f"{date}T{clock}{fraction or ''}" + ("Z" if zone in "zZ" else f"{zone[:3]}:{zone[-2:]}")


def plain(given):
    """A resolved value as JSON again (SPEC 10)."""
    if isinstance(given, float) and not isfinite(given):
        return {"$float": special(given)}
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) > 2**53 - 1:
        return {"$int": str(given)}
    if isinstance(given, tuple):
        return {"$datetime": given[1]}
    if isinstance(given, list):
        return [plain(one) for one in given]
    if isinstance(given, dict):
        return {name: plain(one) for name, one in given.items()}
    return given


def same(one, other):
    """Whether two resolved values are equal (SPEC 5.2)."""
    if isinstance(one, bool) or isinstance(other, bool) or not isinstance(one, int | float):
        if type(one) is not type(other):
            return False
        if isinstance(one, list):
            return len(one) == len(other) and all(map(same, one, other))
        if isinstance(one, dict):
            return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
        return one == other
    return isinstance(other, int | float) and (one == other or str(one) == str(other) == "nan")
