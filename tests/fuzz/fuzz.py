"""Fuzzes the validator with atheris: `python -m tests.fuzz.fuzz --seconds 60`.

Seeds are the conformance corpus and the files of tests/validator/mistakes. What breaks a promise is kept in
tests/fuzz/found and fails the run. With `--write` the counts go into README.md beside this file.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOUND = HERE / "found"
TARGETS = ("reports", "folds", "fixes")
# Longer inputs find nothing that these do not, and slow each round down.
LONGEST = 4096


def seeds(folder: Path) -> int:
    """Copies of the files that every target begins with."""
    files = [*(ROOT / "schema/conformance").glob("*/*.json*"), *(ROOT / "tests/validator/mistakes").glob("*.json*")]
    count = 0
    for path in files:
        data = path.read_bytes()
        if len(data) <= LONGEST:
            count += 1
            (folder / f"{count}").write_bytes(data)
    return count


def run(target: str, seconds: int) -> tuple[int, int, bool]:
    """Fuzz one target; says how many inputs it took, how many were new to it, and whether all promises held."""
    FOUND.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        seeds(Path(place))
        before = len(list(Path(place).iterdir()))
        command = [
            sys.executable, "-m", "tests.fuzz.fuzz", "--one", target, place, f"-max_total_time={seconds}",
            f"-max_len={LONGEST}", f"-artifact_prefix={FOUND}/{target}-", "-print_final_stats=1", "-timeout=30",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, errors="replace")
        found = re.search(r"stat::number_of_executed_units:\s+(\d+)", done.stderr)
        if done.returncode or not found:
            said = [
                line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(("INFO", "#", "0x"))
            ]
            print("\n".join(said[-60:]))
            return 0, 0, False
        return int(found[1]), len(list(Path(place).iterdir())) - before, True


def one(target: str, arguments: list[str]) -> None:
    """Be the process that atheris runs in."""
    import atheris

    with atheris.instrument_imports(include=["runjson_schema", "runjson_validator"]):
        from tests.fuzz.targets import TARGETS as FUNCTIONS
    atheris.Setup([sys.argv[0], *arguments], FUNCTIONS[target])
    atheris.Fuzz()


def main() -> int:
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together")
    parser.add_argument("--write", action="store_true", help="write the counts into README.md")
    options = parser.parse_args()
    rows = []
    held = True
    for target in TARGETS:
        inputs, new, fine = run(target, max(1, options.seconds // len(TARGETS)))
        held = held and fine
        rows.append(
            f"| {target} | {options.seconds // len(TARGETS)} s | {inputs:,} | {new:,} | {0 if fine else 'see found/'} |"
        )
        print(rows[-1], flush=True)
    if options.write and held:
        readme = HERE / "README.md"
        text = readme.read_text(encoding="utf-8")
        head = "| target | time | inputs | of them kept for new paths | broken promises |\n|---|---|---|---|---|\n"
        where = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n\n"
        start, end = "<!-- counts -->\n", "<!-- end -->"
        before, _, rest = text.partition(start)
        table = where + head + "\n".join(rows)
        readme.write_text(f"{before}{start}{table}\n{end}{rest.partition(end)[2]}", encoding="utf-8")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
