#!/bin/sh
# All that `make test` runs: lint, types, the corpus, the tests on this Python and on the newest other one there is.
# A test that lacks a part of the system says so by itself: it is skipped by name, and with CI=true it fails.
set -eu
BIN=${BIN:-.venv/bin}
part() { echo "== $1"; }

# The tests run on the newest Python that there is beside the one in use; Debian is asked for one where that may be done.
own=$("$BIN/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
find_newest() {
    newest=""
    for minor in 11 12 13 14 15; do
        for candidate in "python3.$minor" "$HOME"/.pyenv/versions/3.$minor.*/bin/python3.$minor; do
            if "$candidate" -c 'import venv, ensurepip' >/dev/null 2>&1; then
                newest=$candidate
                newest_version=3.$minor
            fi
        done
    done
}
find_newest
if [ "${newest_version:-}" = "$own" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    for version in 3.15 3.14 3.13 3.12; do
        if apt-get install -y -qq "python$version-venv" >/dev/null 2>&1; then
            find_newest
            break
        fi
    done
fi
if [ "${newest_version:-$own}" = "$own" ]; then
    newest=""
fi
if [ -n "$newest" ]; then
    # Its packages come while the parts that follow keep one processor busy.
    other=.venv-$newest_version
    ([ -x "$other/bin/python" ] || "$newest" -m venv "$other") && "$other/bin/pip" install --quiet --editable '.[dev]' &
    installing=$!
fi

part "lint"
"$BIN/ruff" check .
"$BIN/ruff" format --check .
"$BIN/lint-imports"
part "types"
"$BIN/mypy"
part "schemas: the strict one and the types are what the open one makes"
"$BIN/python" -m runjson_schema.schemas --check
part "rules: the page is what the code makes"
"$BIN/python" -m runjson_validator.rules.page --check
part "pages: the types they have are those of the server"
"$BIN/python" -m runjson_server.openapi --check
if command -v npm >/dev/null 2>&1; then
    (
        cd tracker/web
        # The build of the pages has put them there, unless the pages were newer than their sources.
        [ -f node_modules/.package-lock.json ] || npm ci --silent --prefer-offline
        npm run --silent formatted
        npm run --silent check
    )
fi
part "conformance"
"$BIN/runjson" conformance

part "fuzzing, one minute"
if "$BIN/python" -c 'import atheris' 2>/dev/null; then
    "$BIN/python" -m tests.fuzz.fuzz --seconds 60
elif [ "${CI:-}" = true ]; then
    echo "atheris is not installed, which CI=true does not allow."
    exit 1
else
    echo "Skipped: atheris is not to be had for this Python and system."
fi

if [ -n "$newest" ]; then
    part "tests on Python $newest_version"
    wait "$installing"
    "$other/bin/python" -m pytest -q -p no:cacheprovider -n 2 -m "not once" tests
else
    echo "No Python newer than $own is installed, or offered by this system: the tests run on $own alone."
fi
part "tests on Python $own"
exec "$BIN/python" -m pytest -n 2 --durations=10 tests
