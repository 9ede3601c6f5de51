"""The text of run files for the reference fold: reading records, and RFC 8785."""

import json
import re


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
    if "id" not in records[0]:
        raise ValueError("a stream without id")
    return records


def utf_16(text):
    return text.encode("utf-16-be")


def ecmascript(double):
    """A double as Number::toString prints it."""
    digits, exponent = f"{abs(double):.17g}", 0
    for precision in range(1, 18):
        digits, _, exponent = f"{abs(double):.{precision - 1}e}".partition("e")
        if float(f"{digits}e{exponent}") == abs(double):
            break
    digits, n = digits.replace(".", ""), int(exponent) + 1
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
