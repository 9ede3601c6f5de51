"""What a run captures by itself, of programs that run in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from runjson.capture.commands import printed
from runjson.capture.masking import is_secret, masked, masked_arguments, without_credentials
from runjson.capture.rows import Rows
from runjson_schema.decode import fold_file

from tests.client.programs import init, ran, said, start, texts
from tests.uploader.following import eventually

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals, descriptors and forks")


def git(folder, *arguments):
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@lab.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


# -- git ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "-q", "-b", "trunk")
    (tmp_path / "model.py").write_text("layers = 3\n")
    git(tmp_path, "add", "model.py")
    git(tmp_path, "commit", "-q", "-m", "First model\n\nWith three layers.")
    git(tmp_path, "remote", "add", "origin", "https://ada:ghp_secret@git.lab.org/models.git")
    return tmp_path


def test_a_clean_commit_is_named_without_the_credentials_of_its_remote(repository):
    ran(repository, init("git"))
    record, _ = said(repository)
    source = record["source"]
    assert len(source["git/commit"]) == 40
    assert (source["git/branch"], source["git/message"], source["git/author"]) == ("trunk", "First model", "Ada")
    assert source["git/remote"] == "https://git.lab.org/models.git"
    assert source["git/dirty"] is False
    assert "artifacts" not in record


def test_changes_of_tracked_files_are_kept_as_a_diff_that_applies(repository):
    (repository / "model.py").write_text("layers = 4\n")
    ran(repository, init("git"))
    record, _ = said(repository)
    assert record["source"]["git/dirty"] is True
    assert record["artifacts"]["source/diff"]["media_type"] == "text/x-diff"
    diff = repository / "runs" / "r" / "source" / "diff"
    assert b"+layers = 4" in diff.read_bytes()
    git(repository, "checkout", "-q", "model.py")
    git(repository, "apply", str(diff))
    assert (repository / "model.py").read_text() == "layers = 4\n"


def test_outside_of_a_repository_and_without_git_nothing_is_said_of_it(tmp_path):
    _, err = ran(tmp_path, init("git"), env={**os.environ, "PATH": "", "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    record, _ = said(tmp_path)
    assert ("source" in record, err) == (False, b"")


def test_files_by_pattern_are_kept_without_those_of_runs_and_environments(tmp_path):
    for name in ("lib/a.py", "lib/deep/b.py", "venv/c.py", "old/artifacts/d.py", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n")
    (tmp_path / "venv/pyvenv.cfg").touch()
    (tmp_path / "old/run.jsonl").touch()
    program = "import runjson\nrunjson.init(id='r', capture=False, source_files=['**/*.py', 'notes.txt', 'none/*'])"
    _, err = ran(tmp_path, program)
    kept = said(tmp_path)[0]["artifacts"]
    assert sorted(kept) == ["source/lib/a.py", "source/lib/deep/b.py", "source/notes.txt", "source/train.py"]
    assert {name: (tmp_path / "runs/r" / file["path"]).read_text() for name, file in kept.items()} == {
        "source/lib/a.py": "# lib/a.py\n",
        "source/lib/deep/b.py": "# lib/deep/b.py\n",
        "source/notes.txt": "# notes.txt\n",
        "source/train.py": program,
    }
    assert b"no file matches 'none/*'" in err


def test_the_script_is_kept_unless_it_is_switched_off(tmp_path):
    ran(tmp_path, init("program"))
    record, _ = said(tmp_path)
    assert (tmp_path / "runs/r" / record["artifacts"]["source/train.py"]["path"]).read_text() == init("program")
    ran(tmp_path, "import runjson\nrunjson.init(id='s', source_files=())")
    assert "source/train.py" not in said(tmp_path, "s")[0].get("artifacts", {})


# -- program and environment -------------------------------------------------------------------------------------------


def test_secrets_in_arguments_and_variables_are_never_in_the_file(tmp_path):
    arguments = ["--lr=0.1", "--token=tok-91", "--password", "pass-92", "--url=https://u:pass-93@host/x"]
    arguments += ["hf_abcdefghijklmnop", "db.password=pass-94 and more", "--max_tokens", "512"]
    ran(tmp_path, init("program", "environment"), *arguments, env={**os.environ, "SLURM_JWT_TOKEN": "jwt-95"})
    text = (tmp_path / "runs" / "r" / "run.jsonl").read_text()
    assert not [secret for secret in ("tok-9", "pass-9", "and more", "hf_abc", "jwt-9") if secret in text]
    record, _ = said(tmp_path)
    assert record["source"]["script"].endswith("train.py")
    kept = record["source"]["arguments"]
    assert kept[:4] == ["--lr=0.1", "--token=***", "--password", "***"]
    assert kept[-2:] == ["--max_tokens", "512"]


def test_the_machine_is_described(tmp_path):
    ran(tmp_path, init("environment"), env={**os.environ, "SLURM_JOB_ID": "71", "OMP_NUM_THREADS": "4", "EDITOR": "vi"})
    found = said(tmp_path)[0]["environment"]
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert 0 < found["cpu/count"] <= os.cpu_count()
    assert found["memory/total"] > 100
    assert found["packages"]["pytest"] == pytest.__version__
    assert found["slurm/job"] == "71"
    assert found["variables"] == {"OMP_NUM_THREADS": "4", "SLURM_JOB_ID": "71"}
    assert found["host"]
    assert found["os"]


@pytest.mark.parametrize("name", ["password", "--api-key", "HF_TOKEN", "dbPassword", "aws_secret_access_key", "auth"])
def test_names_of_secrets(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["max_tokens", "tokenizer", "author", "key_dim", "passes", "lr", "secretary"])
def test_names_that_are_none_of_secrets(name):
    assert not is_secret(name)


def test_known_tokens_are_masked_wherever_they_stand():
    assert masked("x AKIAABCDEFGHIJKLMNOP y") == "x *** y"
    assert masked("Authorization: Bearer abc.def") == "Authorization: ***  ***".replace("  ", " ")
    assert masked('{"api_key": "abc", "lr": 0.1}') == '{"api_key": "***", "lr": 0.1}'
    assert masked_arguments(["--token", "--lr", "1"]) == ["--token", "--lr", "1"]
    assert without_credentials("git@host:a/b.git") == "git@host:a/b.git"


# -- hardware ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="Linux")
def test_hardware_is_sampled_with_units_until_the_end(tmp_path):
    ran(tmp_path, init("hardware") + "sum(i * i for i in range(3_000_000))")
    _, points = said(tmp_path)
    units = {name: found.extra.get("unit") if hasattr(found, "extra") else None for name, found in points.items()}
    assert {"system/cpu/utilization", "system/memory/used", "system/memory/process"} <= units.keys()
    lines = (tmp_path / "runs" / "r" / "run.jsonl").read_text().splitlines()
    first = next(json.loads(line)["series"] for line in lines if "series" in line)
    assert first["system/cpu/utilization"]["unit"] == "%"
    assert first["system/memory/process"]["unit"] == "MiB"
    assert 0 <= first["system/cpu/utilization"]["values"][0] <= 100
    assert 1 < first["system/memory/process"]["values"][0] <= first["system/memory/used"]["values"][0] + 1000


def test_the_unit_is_said_once(tmp_path):
    program = init() + (
        "from runjson.capture.hardware import Hardware\nimport threading\nwritten = threading.Event()\n"
        "old, count = run._write, []\n"
        "def write(line, **more):\n    old(line, **more)\n    count.append(line)\n"
        "    if len(count) == 3: written.set()\n"
        "run._write = write\nhardware = Hardware(run, interval=0.06)\nwritten.wait(20)\nhardware.stop()\n"
    )
    ran(tmp_path, program)
    text = (tmp_path / "runs" / "r" / "run.jsonl").read_text()
    assert text.count('"system/memory/process"') >= 3
    assert text.count('"system/memory/process":{') == 1
    said(tmp_path)


def test_forks_meanwhile_do_not_hold_up_programs_that_are_asked(tmp_path):
    program = (
        "import os, signal, threading, time\nfrom runjson.capture.commands import printed\nslowest = 0\n"
        "def ask():\n    global slowest\n    for _ in range(100):\n        begun = time.monotonic()\n"
        "        assert printed(['echo', 'here']) == b'here\\n'\n"
        "        slowest = max(slowest, time.monotonic() - begun)\n"
        "asking = threading.Thread(target=ask)\nasking.start()\nchildren = []\n"
        "while asking.is_alive():\n    child = os.fork()\n    if not child:\n        time.sleep(20)\n"
        "        os._exit(0)\n    children.append(child)\n    time.sleep(0.002)\n"
        "for child in children: os.kill(child, signal.SIGKILL)\nassert slowest < 2.5, slowest\n"
    )
    ran(tmp_path, program)


def test_programs_that_are_asked_are_bounded_in_time_and_in_what_they_print():
    begun = time.monotonic()
    assert printed(["sh", "-c", "echo begun; sleep 60 & sleep 60"], seconds=0.3) is None
    assert len(printed(["yes"], most=100_000)) == 100_001
    assert printed(["sh", "-c", "echo wrong; exit 3"]) is None
    assert printed(["sh", "-c", "echo late; exec >&-; sleep 60"], seconds=0.3) is None
    assert printed(["no-such-program"]) is None
    assert time.monotonic() - begun < 20


# -- console -----------------------------------------------------------------------------------------------------------


def test_what_is_printed_is_printed_as_before_and_kept_line_by_line(tmp_path):
    program = (
        "print('one'); assert sys.stdout.write('two\\nthr') == 7; print('ee', end='')\n"
        "print('\\u00fc \\x1b[31mred\\x1b[0m', file=sys.stderr)\n"
        "assert (sys.stdout.fileno(), sys.stdout.isatty(), bool(sys.stdout.encoding)) == (1, False, True)\n"
        "sys.stdout.flush(); sys.stdout.buffer.write(b'raw\\n'); sys.stdout.reconfigure(line_buffering=True)\n"
    )
    plain, captured = ran(tmp_path, "import sys\n" + program), ran(tmp_path, init("console") + program)
    assert captured == plain
    _, points = said(tmp_path)
    assert texts(points) == ["one", "two", "three"]
    assert texts(points, "stderr") == ["ü \x1b[31mred\x1b[0m"]
    assert points["console/stdout"].times[0] > 1e9


def test_a_progress_bar_is_kept_in_its_last_state(tmp_path):
    program = (
        "for i in range(1001):\n    print(f'\\r{i / 10:5.1f}% ', end='', file=sys.stderr)\nprint(file=sys.stderr)\n"
    )
    _, err = ran(tmp_path, init("console") + program)
    assert err.count(b"\r") == 1001
    assert texts(said(tmp_path)[1], "stderr") == ["100.0%"]


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("a\nb\n", ["a", "b"]),
        ("a\r\nb", ["a", "b"]),
        ("10%\r20%\rdone\n", ["done"]),
        ("bar 10%\r       \rnext\n", ["next"]),
        ("1/9\b\b\b2/9\n", ["2/9"]),
        ("\n\n", ["", ""]),
        ("\x1b[1mbold\x1b[0m\n", ["\x1b[1mbold\x1b[0m"]),
        ("outer 1\n\rinner 1\x1b[A\router 2\n\rinner 2\x1b[A\n\n", ["outer 2", "inner 2"]),
        ("working\r\x1b[2Kdone\n", ["done"]),
        ("x" * 70_000 + "\n", ["x" * 65_536, "x" * 4_464]),
    ],
)
def test_lines_are_what_a_terminal_shows_in_the_end(printed, shown):
    for size in (1, 7, len(printed)):
        rows = Rows()
        for place in range(0, len(printed), size):
            rows.feed(printed[place : place + size], 1.0)
        assert [text for _, text in rows.take(1.1, last=True)] == shown


def test_all_lines_of_many_threads_are_there_once(tmp_path):
    program = (
        "import threading\ndef work(k):\n    for i in range(500): print(f'{k}-{i}')\n"
        "threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
    )
    ran(tmp_path, init("console") + program)
    found = texts(said(tmp_path)[1])
    assert sorted(found) == sorted(f"{k}-{i}" for k in range(8) for i in range(500))


def test_of_nested_runs_the_innermost_gets_what_is_printed(tmp_path):
    program = (
        "before = sys.stdout\nprint('outer')\nwith runjson.init(id='s', dir='runs', capture={'console'}):\n"
        "    print('inner')\nprint('outer again')\nassert sys.stdout is before\n"
        "run.finish()\nassert sys.stdout is sys.__stdout__\nprint('after', file=before)\n"
    )
    out, _ = ran(tmp_path, init("console") + program)
    assert out == b"outer\ninner\nouter again\nafter\n"
    assert texts(said(tmp_path)[1]) == ["outer", "outer again"]
    assert texts(said(tmp_path, "s")[1]) == ["inner"]


def test_who_replaced_the_stream_later_keeps_it(tmp_path):
    program = (
        "class Theirs:\n    def __init__(self, old): self.old = old\n"
        "    def write(self, text): return self.old.write(text.upper())\n    def flush(self): self.old.flush()\n"
        "sys.stdout = theirs = Theirs(sys.stdout)\nprint('loud')\n"
        "inner = runjson.init(id='s', dir='runs', capture={'console'})\nprint('once')\ninner.finish()\n"
        "run.finish()\nassert sys.stdout is theirs\nprint('after')\n"
    )
    out, _ = ran(tmp_path, init("console") + program)
    assert out == b"LOUD\nONCE\nAFTER\n"
    assert texts(said(tmp_path)[1]) == ["LOUD"]
    assert texts(said(tmp_path, "s")[1]) == ["once"]


def test_a_stream_that_only_writes_or_prints_by_itself_neither_hangs_nor_recurses(tmp_path):
    program = (
        "import sys, threading, runjson\n"
        "class Bare:\n    def write(self, text): sys.__stdout__.write(text)\n    def flush(self): pass\n"
        "class Talking(Bare):\n    def write(self, text):\n        super().write(text)\n"
        "        if text.strip(): print('seen', file=sys.stderr)\n"
        "for kind in (Bare, Talking):\n    sys.stdout = kind()\n"
        "    with runjson.init(id=kind.__name__, dir='runs', capture={'console', 'console-fd'}):\n"
        "        thread = threading.Thread(target=print, args=('from a thread',))\n"
        "        thread.start(); thread.join(); print('from the program')\n"
        "    sys.__stdout__.flush()\n"
    )
    out, _ = ran(tmp_path, program)
    assert out.decode().splitlines() == ["from a thread", "from the program"] * 2
    for kind in ("Bare", "Talking"):
        points = said(tmp_path, kind)[1]
        assert texts(points) == ["from a thread", "from the program"]
    assert texts(points, "stderr") == ["seen", "seen"]


@pytest.mark.parametrize(("outer", "inner"), [("console", "console-fd"), ("console-fd", "console")])
def test_of_nested_runs_one_takes_each_line_once_whatever_way_it_takes(outer, inner, tmp_path):
    program = (
        f"print('first', flush=True)\nwith runjson.init(id='s', dir='runs', capture={{{inner!r}}}):\n"
        "    print('second', flush=True)\nprint('third', flush=True)\nrun.finish()\n"
    )
    out, _ = ran(tmp_path, init(outer) + program)
    assert out == b"first\nsecond\nthird\n"
    assert texts(said(tmp_path)[1]) == ["first", "third"]
    assert texts(said(tmp_path, "s")[1]) == ["second"]


def test_printing_in_a_signal_handler_and_through_logging_neither_hangs_nor_recurses(tmp_path):
    program = (
        "import logging, signal\nlogging.basicConfig(stream=sys.stdout, level=20, format='%(message)s')\n"
        "signal.signal(signal.SIGALRM, lambda *_: print('tick', file=sys.stderr))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\n"
        "for i in range(3000): logging.info('line %d', i)\nsignal.setitimer(signal.ITIMER_REAL, 0)\n"
        "run.finish(); logging.info('after')\n"
    )
    out, _ = ran(tmp_path, init("console") + program)
    assert out.endswith(b"line 2999\nafter\n")
    assert texts(said(tmp_path)[1]) == [f"line {i}" for i in range(3000)]


def test_lines_are_written_while_the_program_goes_on(tmp_path):
    program = init("console") + "print('shown')\nsys.stdin.readline()\n"
    with start(tmp_path, program, stdin=subprocess.PIPE) as process:
        path = tmp_path / "runs/r/run.jsonl"
        eventually(lambda: path.exists() and b"shown" in path.read_bytes())
        process.kill()
    assert texts(said(tmp_path)[1]) == ["shown"]


def test_descriptors_capture_other_processes_and_the_c_library(tmp_path):
    program = (
        "import subprocess, ctypes\nprint('python', flush=True)\nsubprocess.run(['echo', 'process'])\n"
        "os.write(1, b'descriptor\\n'); os.write(2, b'error\\n')\nctypes.CDLL(None).puts(b'library')\n"
        "run.finish()\nos.write(1, b'after\\n')\n"
    )
    out, err = ran(tmp_path, init("console", "console-fd") + program)
    assert (out, err) == (b"python\nprocess\ndescriptor\nlibrary\nafter\n", b"error\n")
    _, points = said(tmp_path)
    assert texts(points) == ["python", "process", "descriptor", "library"]
    assert texts(points, "stderr") == ["error"]


def test_a_process_that_holds_the_pipe_open_does_not_hold_the_end(tmp_path):
    program = (
        "import subprocess\nchild = subprocess.Popen([sys.executable, '-c', 'input(); print(1)'],"
        " stdin=subprocess.PIPE)\nprint('here')\nrun.finish()\n"
        "child.communicate(b'\\n')\nassert child.returncode == 0\n"
    )
    out, _ = ran(tmp_path, init("console-fd") + program)
    assert out.startswith(b"here\n")
    assert texts(said(tmp_path)[1]) == ["here"]


def test_a_terminal_that_is_closed_does_not_hold_the_end(tmp_path):
    program = "sys.stdin.readline()\nfor i in range(5000): os.write(1, b'x' * 99 + b'\\n')\nrun.finish()\n"
    with start(tmp_path, init("console-fd") + program, stdin=subprocess.PIPE) as process:
        process.stdout.close()
        process.stdin.write(b"\n")
        process.stdin.close()
        process.wait(timeout=30)
    record, points = said(tmp_path)
    assert (record["status"], len(texts(points))) == ("succeeded", 5000)


# -- the end -----------------------------------------------------------------------------------------------------------


def test_an_exception_fails_the_run_and_is_printed_as_before(tmp_path):
    _, err = ran(tmp_path, init("ending") + "raise ValueError('nan loss')\n", status=1)
    assert err.rstrip().endswith(b"ValueError: nan loss")
    record, _ = said(tmp_path)
    assert (record["status"], record["error"]["type"], record["error"]["message"]) == (
        "failed", "ValueError", "nan loss",
    )  # fmt: skip
    assert "raise ValueError" in record["error"]["traceback"]


def test_an_earlier_hook_is_called_and_had_back(tmp_path):
    program = "import sys\ndef hook(*_): print('hook')\nsys.excepthook = hook\n" + init("ending")
    out, _ = ran(tmp_path, program + "1 / 0\n", status=1)
    assert out == b"hook\n"
    (tmp_path / "runs" / "r" / "run.jsonl").unlink()
    old = "import sys\nold = sys.excepthook, sys.exit\n"
    ran(tmp_path, old + init("ending") + "run.finish()\nassert old == (sys.excepthook, sys.exit)\n")


@pytest.mark.parametrize(
    ("leave", "status", "ended", "message"),
    [
        ("sys.exit(3)", 3, "failed", "exit status 3"),
        ("sys.exit('no data')", 1, "failed", "no data"),
        ("sys.exit()", 0, "succeeded", None),
        ("sys.exit(0)", 0, "succeeded", None),
        ("import argparse; argparse.ArgumentParser().error('odd')", 2, "failed", "exit status 2"),
        ("try: sys.exit(3)\nexcept SystemExit as e: assert e.code == 3", 0, "succeeded", None),
    ],
)
def test_the_exit_status_says_how_the_run_ended(leave, status, ended, message, tmp_path):
    ran(tmp_path, init("ending") + leave + "\n", status=status)
    record, _ = said(tmp_path)
    assert (record["status"], record.get("error", {}).get("message")) == (ended, message)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("parts", [("ending",), ("ending", "console", "hardware", "git"), ("ending", "console-fd")])
def test_a_signal_aborts_the_run_and_is_the_exit_status(number, parts, tmp_path):
    program = init(*parts) + "print('ready', flush=True)\ni = 0\nwhile True:\n    run.log({'x': i}, step=i); i += 1\n"
    with start(tmp_path, program) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == -number, err
    assert b"runjson:" not in err
    record, _ = said(tmp_path)
    assert (record["status"], "ended_at" in record) == ("aborted", True)


def test_a_handler_of_the_programs_own_is_left_alone(tmp_path):
    program = "import signal, os\nsignal.signal(signal.SIGTERM, lambda *_: print('own', flush=True))\n" + init("ending")
    out, _ = ran(tmp_path, program + "os.kill(os.getpid(), signal.SIGTERM)\n")
    assert out == b"own\n"
    assert said(tmp_path)[0]["status"] == "succeeded"


def test_a_handler_that_exits_says_how_the_run_ended(tmp_path):
    program = "import signal, sys, os\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n" + init("ending")
    ran(tmp_path, program + "os.kill(os.getpid(), signal.SIGTERM)\n", status=7)
    record, _ = said(tmp_path)
    assert (record["status"], record["error"]["message"]) == ("failed", "exit status 7")


@pytest.mark.parametrize(("error", "status"), [("ValueError", "failed"), ("KeyboardInterrupt", "aborted")])
def test_without_capture_an_exception_still_says_how_the_run_ended(error, status, tmp_path):
    with start(tmp_path, init() + f"raise {error}\n") as process:
        process.communicate(timeout=30)
    assert said(tmp_path)[0]["status"] == status


def test_a_part_that_fails_leaves_the_others_and_the_run(tmp_path):
    program = (
        "import runjson, runjson.capture.machine\ndef broken(*_): raise RuntimeError('no machine')\n"
        "runjson.capture.machine._at_once = broken\nrun = runjson.init(id='r')\nrun.log({'a': 1})\nprint('shown')\n"
    )
    out, err = ran(tmp_path, program)
    assert (out, err.count(b"no machine")) == (b"shown\n", 1)
    record, points = said(tmp_path)
    assert (record["status"], texts(points)) == ("succeeded", ["shown"])


# -- several processes -------------------------------------------------------------------------------------------------


def test_of_ranks_the_first_alone_says_what_is_the_same_for_all(tmp_path):
    program = "import runjson\nwith runjson.init(id='r') as run:\n    print('rank', run.writer)\n"
    for rank in range(2):
        ran(tmp_path, program, env={**os.environ, "RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)})
    folder = tmp_path / "runs/r"
    first, second = (fold_file(folder / f"rank-{rank}.run.jsonl").fold for rank in range(2))
    assert {"source", "environment"} <= first.record().keys()
    assert not {"source", "environment"} & second.record().keys()
    names = [{name for _, name, _ in fold.take_points()} for fold in (first, second)]
    assert "rank/0/console/stdout" in names[0]
    assert "system/memory/used" in names[0]
    assert names[1] == {"rank/1/console/stdout"}


# -- forks -------------------------------------------------------------------------------------------------------------


def test_a_forked_process_captures_nothing(tmp_path):
    program = (
        "import signal, threading\nprint('parent', flush=True)\nchild = os.fork()\nif not child:\n"
        "    print('child', flush=True)\n    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL\n"
        "    assert threading.active_count() == 1\n    raise RuntimeError('in the child')\n"
        "os.waitpid(child, 0)\nprint('parent again')\n"
    )
    out, err = ran(tmp_path, init("console", "ending", "hardware") + program)
    assert out == b"parent\nchild\nparent again\n"
    assert b"in the child" in err
    record, points = said(tmp_path)
    assert (record["status"], texts(points)) == ("succeeded", ["parent", "parent again"])
    assert [path.name for path in (tmp_path / "runs" / "r").iterdir()] == ["run.jsonl"]
