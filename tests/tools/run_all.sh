#!/bin/sh
# All that `make test` runs: lint, types, the corpus, the tests on this Python and on the newest other one there is.
# With CI=true whatever is missing is a failure; else it is named at the end.
set -eu
BIN=${BIN:-.venv/bin}
skipped=""
skip() { # what, why
    if [ "${CI:-}" = true ]; then
        echo "missing, and nothing may be skipped in CI: $1 ($2)" >&2
        exit 1
    fi
    skipped="$skipped
  skipped: $1 ($2)"
}
part() { echo "== $1"; }

part "lint"
"$BIN/ruff" check .
"$BIN/ruff" format --check .
"$BIN/lint-imports"
part "types"
"$BIN/mypy"
part "schemas: the strict one is what the open one makes"
"$BIN/python" -m runjson_schema.schemas --check
part "conformance"
"$BIN/runjson" conformance

# The newest Python beside the one in use: pytest runs on both.
own=$("$BIN/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
newest=""
for minor in 11 12 13 14 15; do
    for candidate in "python3.$minor" "$HOME"/.pyenv/versions/3.$minor.*/bin/python3.$minor; do
        if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            newest=$(command -v "$candidate"); newest_version="3.$minor"
        fi
    done
done
if [ -n "$newest" ] && [ "$newest_version" != "$own" ]; then
    part "tests on Python $newest_version, the core"
    other=".venv-$newest_version"
    [ -x "$other/bin/python" ] || "$newest" -m venv "$other"
    "$other/bin/pip" install --quiet --editable '.[all]' pytest hypothesis jsonschema-rs rfc8785
    "$other/bin/python" -m pytest -q -p no:cacheprovider tests --ignore=tests/test_packaging.py
else
    skip "tests on a second Python" "only $own is installed"
fi
part "tests on Python $own"
[ -z "$skipped" ] || echo "$skipped"
exec "$BIN/python" -m pytest --durations=10 tests
