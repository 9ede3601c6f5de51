"""RunJSON's commands beside MLflow, in one run; README.md says what is measured.

python benchmarks/run.py                  all of it, and the table
python benchmarks/run.py small start      only these
python benchmarks/run.py --quick          on little data, to see that it works
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from browser import browser
from client import client
from curves import curves
from following import following
from measure import Row
from peers import peers
from queries import queries
from reading import reading
from scaling import scaling
from serving import serving
from startup import start
from tracking import large, read, small

_BENCHMARKS = {
    "large": large,
    "small": small,
    "read": read,
    "curves": curves,
    "start": start,
    "reading": reading,
    "queries": queries,
    "following": following,
    "scaling": scaling,
    "serving": serving,
    "client": client,
    "browser": browser,
    "peers": peers,
}
_RESULTS = Path(__file__).parent / "results"
_PACKAGES = ("runjson", "numpy", "msgspec", "pcodec", "sqlalchemy", "mlflow")


def main() -> None:
    """Measure what was asked for, print the table, and keep the figures in `results/`."""
    parser = argparse.ArgumentParser(description="RunJSON beside MLflow, in one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which; all by default: {', '.join(_BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="little data, to see that it works; says nothing of speed")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in _BENCHMARKS]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(_BENCHMARKS)}.")
    rows: list[Row] = []
    for name in options.names or _BENCHMARKS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as place:
            measured = _BENCHMARKS[name](Path(place), quick=options.quick)
        _keep(name, measured, quick=options.quick)
        rows += measured
    print(f"{_machine()}.{' Little data (--quick): no figures to quote.' if options.quick else ''}\n")
    print("| what | RunJSON | target | met | beside it | ratio |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(_line(row))


def _line(row: Row) -> str:
    """A row of the table in Markdown."""
    ours, theirs, ratio = row.median, row.their_median, row.ratio
    told = "" if ratio is None else f"{_number(ratio)}×"
    if ratio is not None and row.ratio_target is not None:
        told += f" (target {row.ratio_target:g}×: {_yes(ratio >= row.ratio_target)})"
    cells = [
        row.what,
        "" if ours is None else f"{_number(ours)} {row.unit}",
        "" if row.target is None else _number(row.target),
        _yes(row.met),
        "" if theirs is None else f"{_number(theirs)} {row.unit} ({row.peer})",
        told,
    ]
    return f"| {' | '.join(cells)} |"


def _yes(met: bool | None) -> str:
    return "" if met is None else "yes" if met else "**no**"


def _number(figure: float) -> str:
    """Three digits that count."""
    return f"{float(f'{figure:.3g}'):,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def _keep(name: str, rows: list[Row], *, quick: bool) -> None:
    """Write the figures of each turn."""
    _RESULTS.mkdir(exist_ok=True)
    kept = [
        {
            "what": row.what, "unit": row.unit, "better": row.better, "target": row.target, "ours": row.ours,
            "peer": row.peer, "theirs": row.theirs, "ratio": row.ratio, "ratio_target": row.ratio_target,
        }
        for row in rows
    ]  # fmt: skip
    text = json.dumps({"machine": _machine(), "quick": quick, "rows": kept}, indent=1, ensure_ascii=False)
    (_RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    installed = {one.name.lower(): one.version for one in importlib.metadata.distributions()}
    versions = ", ".join(f"{name} {installed[name]}" for name in _PACKAGES if name in installed)
    cores = len(os.sched_getaffinity(0))
    return (
        f"{model}, {cores} cores, {memory:.0f} GiB; {platform.system()}, Python {platform.python_version()}; {versions}"
    )


if __name__ == "__main__":
    main()
