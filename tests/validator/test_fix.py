"""`runjson fix`: what is mechanical is mended, the rest stays byte for byte, and a file is written whole or not."""

from __future__ import annotations

import json
import math
import shutil
import signal
import stat
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_schema import canonical
from runjson_schema.decode import fold_bytes
from runjson_validator import validate
from runjson_validator.fix import fix
from runjson_validator.repair import repair

HEAD = b'{"runjson": "1.0", "id": "r"}\n'
RECORD = b'{"runjson": "1.0", "id": "r", %b}'


def run(*words, cwd=None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runjson", "fix", *map(str, words)]
    return subprocess.run(command, text=True, capture_output=True, check=False, cwd=cwd)


@pytest.mark.parametrize("name", ["run.jsonl", "run.json"])
@pytest.mark.parametrize("half", [b"", b'{"step": 1, "ser', b'{"step": 1}', b'{"step": 1}\n'])
def test_zeros_that_a_power_cut_left_are_taken_away(name, half, tmp_path):
    path = tmp_path / name
    whole = HEAD + half
    path.write_bytes(whole + bytes(4096))
    [*_, found] = validate(path).findings
    assert (found.code, found.fixable) == ("RJ003", True)
    assert "4096 bytes of value 0 at the end, which a file system leaves when the power fails" in found.message
    assert fix(path).written
    assert path.read_bytes() == whole
    assert validate(path).valid
    # A program that went on behind them wrote a line break first.
    path.write_bytes(whole + bytes(9) + b'\n{"step": 2}\n')
    assert fix(path).written
    assert path.read_bytes() == whole + b'\n{"step": 2}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # numbers and literals, where they stand
        (b'"series": {"a": [nan, -Inf, +Infinity, .5, 5., 007, 1D3, +1.5e+2]}',
         b'"series": {"a": ["NaN", "-Infinity", "Infinity", 0.5, 5.0, 7, 1e3, 1.5e+2]}'),
        (b'"parameters": {"a": nan, "b": [-inf], "c": {"d": None}, "e": .TRUE.}',
         b'"parameters": {"a": {"$float": "NaN"}, "b": [{"$float": "-Infinity"}], "c": {"d": null}, "e": true}'),
        (b'"properties": {"size": 0x1F}', b'"properties": {"size": 31}'),
        (b'"step": -.5, "time": 1795230441,25, "series": {"a": 1}',
         b'"step": -0.5, "time": 1795230441.25, "series": {"a": 1}'),
        # texts that are numbers, and the other way round
        (b'"series": {"a": ["0.5", "inf", 2, "NaN"]}', b'"series": {"a": [0.5, "Infinity", 2, "NaN"]}'),
        (b'"series": {"a": {"values": ["1", "2"], "steps": ["10", "20"], "unit": "7"}}',
         b'"series": {"a": {"values": [1, 2], "steps": [10, 20], "unit": "7"}}'),
        (b'"series": {"a": {"values": [1, 2], "times": ["2026-11-21T03:00:11.250Z", 1795230012250]}}',
         b'"series": {"a": {"values": [1, 2], "times": [1795230011.25, 1795230012.25]}}'),
        (b'"time": "2026-11-21 04:00:11+0100", "step": "3", "series": {"a": 1}',
         b'"time": 1795230011, "step": 3, "series": {"a": 1}'),
        (b'"parameters": {"a": "0.5"}, "tags": ["7"], "text": {"log": ["1", "NaN"]}',
         b'"parameters": {"a": "0.5"}, "tags": ["7"], "text": {"log": ["1", "NaN"]}'),
        # shapes
        (b'"status": "COMPLETED", "series": {"a": {"values": 1, "goal": "min"}}',
         b'"status": "succeeded", "series": {"a": {"values": 1, "goal": "minimize"}}'),
        (b'"step": 1,  "loss":0.50 , "acc": 9e-1', b'"step": 1,  "series": {"loss":0.50, "acc": 9e-1}'),
        (b'"loss": 1.50, "step": 1, "series": {"a": 1}, "acc": 2',
         b'"step": 1, "series": {"a": 1, "loss": 1.50, "acc": 2}'),
        (b'"loss": [0.5, 0.4], "series": {}', b'"series": {"loss": [0.5, 0.4]}'),
        (b'"series": {"t": {"a": {"b": 1}, "c": {"values": [2]}}}', b'"series": {"t/a/b": 1, "t/c": {"values": [2]}}'),
        (b'"series": {"a": [{"epoch": 1, "time": 1795230011.5, "v": 0.50}]}',
         b'"series": {"a": {"values": [0.50], "steps": [1], "times": [1795230011.5]}}'),
        (b'"series": {"a": {"0": 1.0, "1": 2}}', b'"series": {"a": [1.0, 2]}'),
        (b'"name": ["x"], "started_at": ["2026-11-21T03:00:11Z"]',
         b'"name": "x", "started_at": "2026-11-21T03:00:11Z"'),
        # files
        (b'"images": {"a": ["x\\\\y.png", {"path": "data:image/gif;base64,R0lGODlh", "width": 1}]}',
         b'"images": {"a": ["x/y.png", {"data": "R0lGODlh", "media_type": "image/gif", "width": 1}]}'),
    ],
)  # fmt: skip
def test_a_record_is_mended_and_the_rest_stays_as_it_is(before, after):
    assert repair(RECORD % before).text == RECORD % after
    assert validate(RECORD % after, files=False).valid
    assert repair(RECORD % after).done == {}


@pytest.mark.parametrize(
    "kept",
    [
        b'"series": {"a": ["NA", ""]}',
        b'"series": {"a": [true, [1], {"values": 1}]}',
        b'"series": {"a": [{"x": 1, "y": 2, "z": 3}]}',
        b'"series": {"a": [{"step": 1, "v": 1}, {"v": 2, "step": 2}]}',
        b'"series": {"a": {"b": null}, "c//": {"d": 1}}',
        b'"series": {"a": {"/b": 1}}',
        b'"series": {"loss": 1}, "step": 1, "loss": 2',
        b'"lr": 0.1, "note": "x", "tim": 5, "acme:x": 1',
        b'"status": "wat", "tags": [1], "name": ["a", "b"]',
        b'"time": 1795230441735000, "series": {"a": 1}',
        b'"time": "yesterday", "step": NaN, "series": {"a": 1}',
        b'"artifacts": {"m": "C:\\\\x"}',
        b'"series": {"a": [1e999, null]}',
        b'"series": {"a": ***}',
    ],
)
def test_what_could_mean_more_than_one_thing_is_left_alone(kept):
    assert repair(RECORD % kept).text == RECORD % kept


@pytest.mark.parametrize(
    ("choice", "before", "after"),
    [
        ("nan", b'"series": {"a": [null, 1], "b": null, "c": {"values": [null]}}',
         b'"series": {"a": ["NaN", 1], "b": "NaN", "c": {"values": ["NaN"]}}'),
        ("drop", b'"series": {"a": [null, 1], "b": null}', b'"series": {"a": {"values": [1], "steps": [1]}, "b": []}'),
        ("drop", b'"step": 5, "series": {"a": [null, 1]}', b'"step": 5, "series": {"a": [1]}'),
        ("drop", b'"series": {"a": {"values": [1, null, 3], "steps": [10, 20, 30], "times": [1.5e9, 1.6e9, 1.7e9]}}',
         b'"series": {"a": {"values": [1, 3], "steps": [10, 30], "times": [1.5e9, 1.7e9]}}'),
        ("drop", b'"series": {"a": {"values": [1, null, "NaN"], "unit": "s"}}',
         b'"series": {"a": {"values": [1, "NaN"], "steps": [0, 2], "unit": "s"}}'),
    ],
)  # fmt: skip
def test_null_points_become_what_the_user_says(choice, before, after):
    assert repair(RECORD % before, choice).text == RECORD % after
    assert repair(RECORD % before).text == RECORD % before
    assert validate(RECORD % after).valid


def spellings(value: float) -> list[str]:
    """Ways in which programs print a number; the first is right."""
    if math.isnan(value):
        return ['"NaN"', "NaN", "nan", "-nan(ind)", '"nan"', "1.#QNAN"]
    if math.isinf(value):
        sign = "-" if value < 0 else ""
        return [f'"{sign}Infinity"', f"{sign}inf", f"{sign}Infinity", f'"{sign}Inf"', f"{sign}1.#INF"]
    text = repr(value)
    found = [text, f'"{text}"']
    if "e" not in text:
        found += [f"+{text}"] if value >= 0 and not text.startswith("-") else []
        found.append(f"{text}D+00")
        found.append(
            text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else f"00{text}".replace("00-", "-00")
        )
        found += [text.removesuffix("0")] if text.endswith(".0") else []
    return found


VALUES = st.one_of(st.floats(), st.integers(-1000, 1000).map(float), st.floats(-1, 1))


@given(
    st.dictionaries(st.sampled_from(["loss", "train/acc", "é"]), st.lists(VALUES, min_size=1, max_size=5), min_size=1),
    st.lists(st.integers(0, 5), min_size=5, max_size=5),
    st.sampled_from([("running", "running"), ("finished", "succeeded"), ("FAILED", "failed"), ("killed", "aborted")]),
    st.sampled_from(["nested", "rows", "flat", "plain"]),
    st.integers(1_500_000_000_000, 1_900_000_000_000),
)
@settings(max_examples=300)
def test_what_was_meant_is_what_it_folds_to(series, choices, status, shape, milliseconds):
    wrong, right = {}, {}
    for name, values in series.items():
        ways = [spellings(value) for value in values]
        right[name] = [way[0] for way in ways]
        wrong[name] = [way[choice % len(way)] for way, choice in zip(ways, choices, strict=False)]
        if shape == "rows":
            # A row with a text in it is no plain row.
            wrong[name] = [token for token in right[name] if not token.startswith('"')]
            right[name] = wrong[name]

    def entry(tokens: list[str]) -> str:
        return f"[{', '.join(tokens)}]"

    def said(points: dict[str, str]) -> str:
        return ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {text}" for name, text in points.items())

    meant = {name: entry(tokens) for name, tokens in right.items()}
    bad = {name: entry(tokens) for name, tokens in wrong.items()}
    if shape == "rows":
        meant = {name: f'{{"values": {entry(tokens)}, "steps": {entry([*map(str, range(len(tokens)))])}}}'
                 for name, tokens in right.items() if tokens}  # fmt: skip
        bad = {name: entry([f'{{"step": {step}, "value": {token}}}' for step, token in enumerate(tokens)])
               for name, tokens in wrong.items() if tokens}  # fmt: skip
    points = f'"series": {{{said(bad)}}}'
    if shape == "nested":
        points = f'"series": {{"deep": {{{said(bad)}}}}}'
        meant = {f"deep/{name}": text for name, text in meant.items()}
    if shape == "flat" and all("/" not in name and not any('"' in one for one in wrong[name]) for name in bad):
        points = said(bad)
    head = '{"runjson": "1.0", "id": "r", "status": "%s", "time": %s, %s}'
    before = head % (status[0], milliseconds, points)
    after = head % (status[1], repr(milliseconds / 1000), f'"series": {{{said(meant)}}}')
    repaired = repair(before.encode())
    found: list = []
    file = fold_bytes(repaired.text, "run.json", found.append)
    assert not [one for one in found if one.severity == "error"], (before, repaired.text, found)
    assert canonical.canonical(file.fold) == canonical.canonical(fold_bytes(after.encode(), "run.json").fold)


def test_a_stream_keeps_its_line_breaks_blank_lines_mark_and_torn_lines(tmp_path):
    path = tmp_path / "run.jsonl"
    before = b'\xef\xbb\xbf{"runjson": "1.0", "id": "r"}\r\n\r\n{"series":  {"a": NaN}}\r\n{"step": 1, "se\n\n'
    before += b'{"series": {"a": .5}}'
    path.write_bytes(before)
    result = fix(path)
    assert (result.written, result.done) == (True, {"RJ004": 1, "RJ005": 1})
    assert path.read_bytes() == before.replace(b"NaN", b'"NaN"').replace(b".5", b"0.5")


def test_half_a_record_is_cut_off_and_the_new_one_kept(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_bytes(
        HEAD + b'{"step": 1, "ser{"runjson": "1.0", "id": "r", "status": "running"}\n{"series": {"a": 1}}\n'
    )
    assert fix(path).done == {"RJ003": 1}
    assert path.read_bytes() == HEAD + b'{"runjson": "1.0", "id": "r", "status": "running"}\n{"series": {"a": 1}}\n'


def test_an_array_of_records_becomes_lines_and_gets_an_id(tmp_path):
    path = tmp_path / "my run.json"
    path.write_bytes(b'[{"runjson": "1.0",\n  "series": {"a": .5}},\n {"series": {"a": 2}}]\n')
    assert fix(path).written
    first, second = path.read_bytes().splitlines()
    assert second == b'{"series": {"a": 2}}'
    assert first.startswith(b'{"id": "my-run-')
    assert first.endswith(b'", "runjson": "1.0", "series": {"a": 0.5}}')
    assert validate(path).valid


def test_an_array_of_one_record_needs_no_id(tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(b'[{"runjson": "1.0", "series": {"a": .5}}]')
    assert fix(path).written
    assert path.read_bytes() == b'{"runjson": "1.0", "series": {"a": 0.5}}\n'


def test_the_command_asks_what_null_points_are_to_become(tmp_path):
    path = tmp_path / "run.json"
    before = '{"runjson": "1.0", "series": {"a": [1, null]}}'
    for words, code, after in (
        ([], 1, before),
        (["--null", "nan"], 0, before.replace("null", '"NaN"')),
        (["--null", "drop"], 0, before.replace("[1, null]", '{"values": [1], "steps": [0]}')),
    ):
        path.write_text(before)
        assert run(*words, "run.json", cwd=tmp_path).returncode == code
        assert path.read_text() == after


def test_a_file_with_an_error_that_is_left_stays_as_it_is(tmp_path):
    path = tmp_path / "run.json"
    before = b'{"runjson": "1.0", "series": {"a": NaN}, "status": "wat"}'
    path.write_bytes(before)
    done = run("run.json", cwd=tmp_path)
    assert done.returncode == 1
    assert path.read_bytes() == before
    lines = done.stdout.splitlines()
    assert lines[0] == "run.json: not changed; this is left, which only you can mend:"
    assert 'error RJ107: status: "wat"' in lines[1]
    assert "RJ005" not in done.stdout
    assert [one.name for one in tmp_path.iterdir()] == ["run.json"]


def test_what_is_done_is_said_and_every_file_of_a_folder_gets_its_turn(tmp_path):
    for name, text in (("a", '"series": {"x": [NaN, NaN]}'), ("b", '"tags": [1]'), ("c", '"name": "fine"')):
        (tmp_path / f"{name}.run.json").write_text(f'{{"runjson": "1.0", {text}}}')
    done = run(".", cwd=tmp_path)
    assert done.returncode == 1
    said = [line for line in done.stdout.splitlines() if ".run.json" in line and "error" not in line]
    assert said == [
        "a.run.json: repaired 2 RJ005 (bare NaN or Infinity, in any letter case)",
        "b.run.json: not changed; this is left, which only you can mend:",
        "c.run.json: valid, nothing to repair",
    ]
    assert run(".", "gone.json", cwd=tmp_path).returncode == 2
    assert run("a.run.json", cwd=tmp_path).returncode == 0


def test_a_diff_changes_nothing_and_is_a_patch(tmp_path):
    if not shutil.which("patch"):
        pytest.skip("patch is not installed")
    path = tmp_path / "run.jsonl"
    lines = [HEAD] + [
        b'{"step": %d, "series": {"a": %b}}\n' % (step, b"NaN" if step % 40 == 7 else b"1") for step in range(200)
    ]
    lines.insert(50, b'{"step": 50,\n "series": {"a": 1}}\n')
    path.write_bytes(b"".join(lines))
    before = path.read_bytes()
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        diff = run("--diff", "run.jsonl", cwd=tmp_path)
    finally:
        tmp_path.chmod(0o755)
        path.chmod(0o644)
    assert diff.returncode == 1
    assert path.read_bytes() == before
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(path, copy)
    subprocess.run(["patch", "-s", "run.jsonl"], cwd=copy, input=diff.stdout, text=True, check=True)
    assert run("run.jsonl", cwd=tmp_path).returncode == 0
    assert (copy / "run.jsonl").read_bytes() == path.read_bytes() != before
    assert run("--diff", "run.jsonl", cwd=tmp_path).returncode == 0


def test_a_diff_counts_the_lines_that_were_joined_before(tmp_path):
    lines = b'{"step": 1,\n "series": {"a": 1}}\n{"series": {"a": NaN}}\n'
    (tmp_path / "run.jsonl").write_bytes(HEAD + lines)
    said = run("--diff", "run.jsonl", cwd=tmp_path).stdout.splitlines()
    assert [line for line in said if line.startswith("@@")] == ["@@ -2,2 +2,1 @@", "@@ -4,1 +3,1 @@"]


def test_a_link_and_the_rights_of_a_file_are_kept(tmp_path):
    target = tmp_path / "target.run.json"
    target.write_bytes(b'{"runjson": "1.0", "series": {"a": NaN}}')
    target.chmod(0o640)
    link = tmp_path / "link.run.json"
    link.symlink_to(target)
    assert fix(link).written
    assert link.is_symlink()
    assert b'"NaN"' in target.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_who_reads_a_file_while_it_is_repaired_reads_the_old_one_to_its_end(tmp_path):
    path = tmp_path / "run.json"
    before = b'{"runjson": "1.0", "series": {"a": NaN}}'
    path.write_bytes(before)
    with path.open("rb") as reader:
        assert fix(path).written
        assert reader.read() == before  # the new file took its place; nothing was written into the old one
    assert path.read_bytes() == before.replace(b"NaN", b'"NaN"')


def test_a_repair_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path):
    path = tmp_path / "run.jsonl"
    lines = b"".join(b'{"step": %d, "series": {"a": NaN}}\n' % step for step in range(30_000))
    before, after = HEAD + lines, HEAD + lines.replace(b"NaN", b'"NaN"')
    seen = set()
    for turn in range(12):
        path.write_bytes(before)
        process = subprocess.Popen(
            [sys.executable, "-m", "runjson", "fix", "run.jsonl"], cwd=tmp_path, stdout=subprocess.DEVNULL
        )
        while process.poll() is None and len(list(tmp_path.iterdir())) == 1:
            time.sleep(0.001)
        time.sleep(0.15 * turn)  # from the first bytes written to the end of the command
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        found = path.read_bytes()
        assert found in (before, after)
        seen.add(found == after)
        for rest in tmp_path.glob(".run.jsonl.*.tmp"):
            rest.unlink()
    assert False in seen


def test_fixing_a_long_stream_takes_no_more_memory_than_a_short_one(tmp_path):
    # VmHWM is the process's own; what getrusage says of a child includes what its parent held when it was started.
    script = (
        "import re, sys; from runjson.__main__ import main; code = main(['fix', sys.argv[1]]); "
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr); sys.exit(code)"
    )
    peaks = []
    for count in (300_000, 900_000):
        path = tmp_path / f"{count}.jsonl"
        line = b'{"step": 1, "time": 1795230441.5, "series": {"a": 0.25}}\n'
        path.write_bytes(HEAD + b'{"series": {"a": NaN}}\n' + line * count)
        done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, check=True)
        peaks.append(int(done.stderr))
    assert peaks[1] < peaks[0] + 20_000  # of 35 MB more to read
