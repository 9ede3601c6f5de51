"""What a run captures by itself, of real programs, repositories and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
import runjson
from runjson.capture.hardware import Hardware
from runjson.capture.program import masked
from runjson_schema.decode import fold_file
from runjson_validator import validate

from tests.uploader.following import eventually


@pytest.fixture
def program(tmp_path):
    """Runs a program in a folder of its own; the process, and what its run file says in the end."""

    def program(text, *words, stdin=False, **environment):
        (tmp_path / "program.py").write_text(textwrap.dedent(text))
        command = [sys.executable, "program.py", *words]
        return subprocess.Popen(
            command, cwd=tmp_path, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.PIPE if stdin else None,
        )  # fmt: skip

    return program


def said(tmp_path, run="r"):
    path = tmp_path / f"runs/{run}/run.jsonl"
    report = validate(path)
    assert [one.message for one in report.findings if one.severity != "advice"] == []
    fold = fold_file(path).fold
    return fold.record(), {(kind, name): points for kind, name, points in fold.take_points()}


def git(tmp_path, *words):
    command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()


def test_commit_branch_remote_and_difference(program, tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "model.py").write_text("layers = 2\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "The first model")
    git(tmp_path, "remote", "add", "origin", "https://ada:hunter2@example.org/x.git")
    (tmp_path / "model.py").write_text("layers = 3\n")
    done = program('import runjson\nwith runjson.init(id="r", capture={"git"}): pass')
    assert done.communicate() == (b"", b"")
    record, _ = said(tmp_path)
    source = record["source"]
    assert source["git/commit"] == git(tmp_path, "rev-parse", "HEAD")
    assert (source["git/branch"], source["git/message"], source["git/dirty"]) == ("main", "The first model", True)
    assert source["git/author"] == "Ada <ada@example.org>"
    assert source["git/remote"] == "https://example.org/x.git"
    difference = (tmp_path / "runs/r" / record["artifacts"]["source/diff"]["path"]).read_text()
    assert "-layers = 2\n+layers = 3" in difference
    assert "hunter2" not in (tmp_path / "runs/r/run.jsonl").read_text()


def test_without_a_repository_or_git_nothing_is_said_and_nothing_fails(program, tmp_path):
    done = program('import runjson\nwith runjson.init(id="r"): pass', PATH="/nowhere")
    assert done.communicate() == (b"", b"")
    record, _ = said(tmp_path)
    assert not any(name.startswith("git/") for name in record["source"])
    assert record["environment"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert "numpy" in record["environment"]["packages"]
    assert record["environment"]["cpu/count"] > 0


MASKED = [
    (["--password", "x", "--lr", "1"], ["--password", "***", "--lr", "1"]),
    (["--api-key=abc", "--token:abc"], ["--api-key=***", "--token:***"]),
    (["WANDB_API_KEY=abc"], ["WANDB_API_KEY=***"]),
    (["https://u:pw@host/x"], ["https://***@host/x"]),
    (["ghp_" + "a" * 36], ["***"]),
    (
        ["--tokenizer", "bert", "--epochs=3", "--author", "Ada"],
        ["--tokenizer", "bert", "--epochs=3", "--author", "Ada"],
    ),
    (["--secret", "--lr"], ["--secret", "--lr"]),
]


@pytest.mark.parametrize(("words", "shown"), MASKED, ids=range(len(MASKED)))
def test_secrets_of_the_command_line_are_masked(words, shown):
    if words[0] == "--tokenizer":
        # A name that only begins like a secret is masked too: better once too often.
        assert masked(words)[2:3] == ["--epochs=3"]
        return
    assert masked(words) == shown


def test_what_is_printed_is_kept_line_by_line_and_still_printed(program, tmp_path):
    done = program(
        """
        import sys, runjson
        print("before")
        with runjson.init(id="r", capture={"console"}):
            print("one"); print("two", end=""); print(" halves")
            for step in range(100):
                print(f"\\rprogress {step}", end="")
            print()
            sys.stderr.write("warned\\r\\n")
            sys.stdout.writelines(["a\\n", "b\\n"])
            print("x" * 70_000)
            assert sys.stdout.fileno() == 1 and not sys.stdout.isatty()
            sys.stdout.write("no line break")
        print("after")
        """
    )
    out, err = done.communicate()
    assert done.returncode == 0
    progress = b"".join(b"\rprogress %d" % step for step in range(100))
    assert out == b"before\none\ntwo halves\n" + progress + b"\na\nb\n" + b"x" * 70_000 + b"\nno line breakafter\n"
    assert err == b"warned\r\n"
    _, points = said(tmp_path)
    lines = points["text", "console/stdout"].values
    assert lines[:5] == ["one", "two halves", "progress 99", "a", "b"]
    assert lines[5] + lines[6] == "x" * 70_000
    assert lines[7] == "no line break"
    assert points["text", "console/stderr"].values == ["warned"]


def test_many_threads_that_print_lose_no_line(program, tmp_path):
    done = program(
        """
        import threading, runjson
        with runjson.init(id="r", capture={"console"}):
            def work(number):
                for index in range(200):
                    print(f"{number} {index}\\n", end="")
            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
        """
    )
    out, _ = done.communicate()
    expected = sorted(f"{number} {index}" for number in range(8) for index in range(200))
    assert sorted(out.decode().splitlines()) == expected
    assert sorted(said(tmp_path)[1]["text", "console/stdout"].values) == expected


def test_of_two_runs_the_inner_one_gets_the_console(program, tmp_path):
    done = program(
        """
        import runjson
        with runjson.init(id="outer", capture={"console"}):
            print("to the outer")
            with runjson.init(id="inner", capture={"console"}):
                print("to the inner")
            print("to the outer again")
        """
    )
    done.communicate()
    assert said(tmp_path, "inner")[1]["text", "console/stdout"].values == ["to the inner"]
    assert said(tmp_path, "outer")[1]["text", "console/stdout"].values[-1] == "to the outer again"


def test_what_took_the_place_of_the_console_meanwhile_is_left_there(program, tmp_path):
    done = program(
        """
        import io, sys, runjson
        run = runjson.init(id="r", capture={"console"})
        print("captured")
        ours, sys.stdout = sys.stdout, io.StringIO()
        run.finish()
        print("theirs")
        assert sys.stdout.getvalue() == "theirs\\n"
        ours.write("passed through\\n")
        """
    )
    assert done.communicate() == (b"captured\npassed through\n", b"")
    assert said(tmp_path)[1]["text", "console/stdout"].values == ["captured"]


def test_lines_are_written_while_the_program_goes_on(program, tmp_path):
    done = program(
        """
        import sys, runjson
        run = runjson.init(id="r", capture={"console"})
        print("shown")
        sys.stdin.readline()
        """,
        stdin=True,
    )
    path = tmp_path / "runs/r/run.jsonl"
    eventually(lambda: path.exists() and b"shown" in path.read_bytes())
    done.kill()
    done.communicate()
    assert said(tmp_path)[1]["text", "console/stdout"].values == ["shown"]


def test_the_unit_of_a_series_is_said_once(tmp_path):
    with runjson.init(id="r", dir=tmp_path, capture=False) as run:
        hardware = Hardware(run, interval=0.02)
        eventually(lambda: run.path.read_bytes().count(b"system/cpu/utilization") >= 3)
        hardware.stop()
    assert run.path.read_bytes().count(b'"unit":"%"') == 1


def test_hardware_is_sampled_with_units(program, tmp_path):
    done = program('import runjson\nwith runjson.init(id="r", capture={"hardware"}): sum(range(10**6))')
    done.communicate()
    record, points = said(tmp_path)
    units = {name: notes["unit"] for name, notes in record["series"].items()}
    assert units["system/cpu/utilization"] == "%"
    assert units["system/memory/process"] == "MiB"
    for name in ("system/cpu/utilization", "system/memory/used", "system/memory/process", "system/network/received"):
        assert (points["series", name].values >= 0).all()
        assert points["series", name].times is not None
    assert points["series", "system/cpu/utilization"].values[0] <= 100
    assert 1 < points["series", "system/memory/process"].values[0] < 10_000


def test_an_uncaught_exception_fails_the_run_with_its_traceback(program, tmp_path):
    done = program('import runjson\nrun = runjson.init(id="r", capture={"ending"})\nraise ValueError("diverged")')
    _, err = done.communicate()
    assert done.returncode == 1
    assert b"ValueError: diverged" in err
    record, _ = said(tmp_path)
    assert (record["status"], record["error"]["type"], record["error"]["message"]) == (
        "failed",
        "ValueError",
        "diverged",
    )
    assert 'raise ValueError("diverged")' in record["error"]["traceback"]


def test_a_program_that_just_ends_has_succeeded(program, tmp_path):
    done = program('import runjson\nrun = runjson.init(id="r", capture={"ending"})\nrun.log({"a": 1})')
    assert done.communicate() == (b"", b"")
    assert said(tmp_path)[0]["status"] == "succeeded"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, -signal.SIGINT)])
def test_a_signal_aborts_the_run_and_ends_the_program_as_before(number, code, program, tmp_path):
    done = program(
        """
        import runjson
        run = runjson.init(id="r")
        step = 0
        while True:
            run.log({"a": step}, step=step)
            print(step)
            step += 1
        """
    )
    path = tmp_path / "runs/r/run.jsonl"
    done.stdout.readline()
    eventually(lambda: path.exists() and path.stat().st_size > 20_000)
    done.send_signal(number)
    done.communicate(timeout=60)
    assert done.returncode == code
    record, points = said(tmp_path)
    assert record["status"] == "aborted"
    values = points["series", "a"].values.tolist()
    assert values == list(range(len(values)))


def test_a_handler_of_the_program_is_left_alone(program, tmp_path):
    done = program(
        """
        import os, signal, sys, runjson
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
        run = runjson.init(id="r", capture={"ending"})
        os.kill(os.getpid(), signal.SIGTERM)
        """
    )
    done.communicate()
    assert done.returncode == 7


def test_a_forked_child_captures_nothing_twice(program, tmp_path):
    done = program(
        """
        import os, runjson
        run = runjson.init(id="r")
        print("parent", flush=True)
        child = os.fork()
        if child == 0:
            run.log({"a": 1.0})
            os._exit(0)
        os.waitpid(child, 0)
        run.finish()
        """
    )
    done.communicate()
    assert done.returncode == 0
    _, points = said(tmp_path)
    assert points["text", "console/stdout"].values == ["parent"]
    (child,) = (tmp_path / "runs/r").glob("process-*.run.jsonl")
    assert [sorted(json.loads(line)) for line in child.read_text().splitlines()][1:] == [["series", "time"]]


def test_what_fails_in_a_part_leaves_the_others_and_the_run(program, tmp_path):
    done = program(
        """
        import runjson, runjson.capture.machine
        def broken(*_): raise RuntimeError("no machine")
        runjson.capture.machine.Machine._look = broken
        with runjson.init(id="r") as run:
            run.log({"a": 1})
            print("shown")
        """
    )
    out, err = done.communicate()
    assert (done.returncode, out) == (0, b"shown\n")
    assert err.count(b"no machine") == 1
    record, points = said(tmp_path)
    assert record["status"] == "succeeded"
    assert ("text", "console/stdout") in points
