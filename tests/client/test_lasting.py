"""Nothing that `log` had returned from is lost: not by a kill, a full disk, a removed folder, forks or ranks."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest
import runjson
from runjson_schema.decode import fold_file
from runjson_tracker.store import Store
from runjson_uploader.upload import upload
from runjson_validator import validate

KILLS = 100


def program(text: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment},
    )  # fmt: skip


def points(path: Path, name: str = "a") -> list[float]:
    assert validate(path).valid
    found = {(kind, of): list(points.values) for kind, of, points in fold_file(path).fold.take_points()}
    return found.get(("series", name), [])


# -- kill -9 -----------------------------------------------------------------------------------------------------------

WRITER = """
import os, sys, runjson
run = runjson.init(id=sys.argv[1], dir=sys.argv[2], capture=False)
if sys.argv[3] == "plain":
    run._lines._encode = None
told = int(sys.argv[4])
for index in range(10**9):
    values = {"a": index, "b": index / 3}
    if index % 7 == 0:
        values["note"] = "x" * (index % 50)
    run.log(values, step=index)
    # The count of what log had returned from, in a file that outlives the process.
    os.pwrite(told, index.to_bytes(8, "little"), 0)
"""


def test_a_hundred_kills_lose_no_point_that_log_had_returned_from(tmp_path):
    rng = random.Random(9)
    children = []
    handle = os.memfd_create("begun")
    os.close(handle)
    for number in range(KILLS):
        told = os.open(tmp_path / f"told-{number}", os.O_RDWR | os.O_CREAT)
        os.set_inheritable(told, True)
        command = [sys.executable, "-c", WRITER, f"r{number}", tmp_path, "plain" if number % 2 else "fast", told]
        children.append((subprocess.Popen(list(map(str, command)), pass_fds=[told]), told))
        if len(children) == 4 or number == KILLS - 1:
            for child, counted in children:
                while os.fstat(counted).st_size == 0:  # it has begun to log
                    assert child.poll() is None
            for child, counted in children:
                for _ in range(rng.randrange(20_000)):
                    pass
                child.send_signal(signal.SIGKILL)
                child.wait()
                os.close(counted)
            children = []
    for number in range(KILLS):
        returned = int.from_bytes((tmp_path / f"told-{number}").read_bytes(), "little") + 1
        found = points(tmp_path / f"r{number}/run.jsonl")
        assert found[:returned] == list(range(returned))
        assert len(found) - returned in {0, 1}  # the last one may have been written, and not have returned


def test_a_killed_run_is_gone_on_with_and_uploaded(tmp_path):
    read, write = os.pipe()
    with (tmp_path / "told").open("wb") as told:
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, "r", str(tmp_path), "fast", str(told.fileno())], pass_fds=[told.fileno()]
        )
        while (tmp_path / "told").stat().st_size == 0:
            assert child.poll() is None
        child.kill()
        child.wait()
    os.close(read)
    os.close(write)
    before = points(tmp_path / "r/run.jsonl")
    with runjson.init(id="r", dir=tmp_path, resume="must", capture=False) as run:
        run.log({"a": -1.0})
    assert points(run.path) == [*before, -1.0]
    with Store.open(tmp_path / "store") as store, run.path.open("rb") as source:
        assert upload(source, run.path.name, run.path.parent, store).answer == "new"
        assert store.run("default", "r").points("series", "a").values.tolist() == [*before, -1.0]


# -- disks -------------------------------------------------------------------------------------------------------------


def test_a_full_disk_loses_nothing_and_training_goes_on(tmp_path):
    script = """
    import json, resource, signal, sys, runjson
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    run = runjson.init(id="r", dir=sys.argv[1], capture=False)
    run.log({"a": 0.0})
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_001, resource.RLIM_INFINITY))   # in the middle of a line
    for index in range(1, 2000):
        run.log({"a": float(index)})
    size = run.path.stat().st_size
    whole = run.path.read_bytes().endswith(b"\\n")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    run._stream._again = 0.0      # as if a second had gone by
    run.log({"a": 2000.0})
    run.finish()
    print(json.dumps([size, whole]))
    """
    done = program(script, tmp_path)
    out, err = done.communicate()
    assert done.returncode == 0, err
    size, whole = json.loads(out)
    assert size <= 20_001
    assert whole  # the line that did not fit was taken back
    assert err.count("lines wait in memory") == 1
    assert points(tmp_path / "r/run.jsonl") == list(range(2001))


def test_a_disk_that_stays_full_is_told_at_the_end(tmp_path):
    script = """
    import resource, signal, sys, runjson
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with runjson.init(id="r", dir=sys.argv[1], capture=False) as run:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        for index in range(1000):
            run.log({"a": index})
    print("trained")
    """
    done = program(script, tmp_path)
    out, err = done.communicate()
    assert (done.returncode, out) == (0, "trained\n")
    assert "could not be written" in err
    found = points(tmp_path / "r/run.jsonl")
    assert found == list(range(len(found)))


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/proc/mounts").exists(), reason="mounting takes root")
def test_a_small_file_system_that_fills_up_loses_nothing(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=True)
    try:
        run = runjson.init(id="r", dir=place, capture=False)
        (place / "ballast").write_bytes(b"x" * 30_000)
        for index in range(2000):
            run.log({"a": index})
        assert run.path.read_bytes().endswith(b"\n")
        (place / "ballast").unlink()
        subprocess.run(["mount", "-o", "remount,size=4m", place], check=True)
        run._stream._again = 0.0
        run.finish()
        assert points(run.path) == list(range(2000))
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_folder_that_vanished_is_there_again_with_all_that_was_written(tmp_path, capfd):
    run = runjson.init(id="r", dir=tmp_path, capture=False)
    for index in range(100):
        run.log({"a": index})
    run.path.unlink()
    run.folder.rmdir()
    for index in range(100, 200):
        run.log({"a": index})
    run._stream._looked = 0.0  # as if a second had gone by
    for index in range(200, 300):
        run.log({"a": index})
    run.finish()
    assert points(run.path) == list(range(300))
    assert "was removed; it is there again" in capfd.readouterr().err


def test_a_handle_that_fails_is_told_once(tmp_path, monkeypatch, capfd):
    run = runjson.init(id="r", dir=tmp_path, capture=False)

    def broken(*_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("runjson.stream.os.write", broken)
        for index in range(50):
            run.log({"a": index})
    run._stream._again = 0.0
    run.finish()
    assert points(run.path) == list(range(50))
    assert capfd.readouterr().err.count("Input/output error") == 1


# -- processes ---------------------------------------------------------------------------------------------------------


def all_sources(folder: Path) -> dict[str, list[float]]:
    """The points of series a of each source of the run, by writer, as a tracker has them."""
    with Store.open(folder / "store") as store:
        for path in sorted(folder.glob("*run.jsonl")):
            with path.open("rb") as source:
                assert upload(source, path.name, folder, store).answer in {"new", "grown"}, path
        (run,) = store.runs()
        view = store.run(run.project, run.id)
        return {writer: found.values.tolist() for (writer, name), found in view.arrays(["a"]).items() if name == "a"}


def test_forked_children_have_sources_of_their_own(tmp_path):
    run = runjson.init(id="r", dir=tmp_path, capture=False)
    run.log({"a": 0.0})
    children = []
    for number in range(1, 5):
        child = os.fork()
        if child == 0:
            for index in range(100):
                run.log({"a": number * 1000.0 + index})
            os._exit(0)
        children.append(child)
    for index in range(100):
        run.log({"a": float(index + 1)})
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    run.finish()
    found = all_sources(run.folder)
    assert found.pop("") == [float(index) for index in range(101)]
    assert sorted(found.values()) == [[number * 1000.0 + index for index in range(100)] for number in range(1, 5)]


def _work(run, number):
    for index in range(50):
        run.log({"a": number * 1000.0 + index})


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_multiprocessing_have_sources_of_their_own(method, tmp_path):
    context = multiprocessing.get_context(method)
    with runjson.init(id="r", dir=tmp_path, capture=False) as run:
        workers = [context.Process(target=_work, args=(run, number)) for number in (1, 2, 3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
            assert worker.exitcode == 0
    found = all_sources(run.folder)
    assert sorted(found.values()) == [[number * 1000.0 + index for index in range(50)] for number in (1, 2, 3)]


def test_a_worker_that_logs_nothing_leaves_no_file(tmp_path):
    with runjson.init(id="r", dir=tmp_path, parameters={"lr": 1}, capture=False) as run:
        copy = pickle.loads(pickle.dumps(run))
        with pytest.raises(runjson.ParameterChanged):
            copy["parameters/lr"] = 2
        assert [path.name for path in run.folder.iterdir()] == ["run.jsonl"]
        copy._host = "elsewhere"  # as on another machine, where the number of the process may be the same
        copy.log({"a": 1})
    host = re.sub("[^A-Za-z0-9.-]", "-", socket.gethostname())[:60]
    assert sorted(path.name for path in run.folder.iterdir()) == [
        f"process-{host}-{os.getpid()}.run.jsonl",
        "run.jsonl",
    ]


def test_a_fork_while_another_thread_logs_does_not_hang(tmp_path):
    script = """
    import os, sys, threading, runjson
    run = runjson.init(id="r", dir=sys.argv[1], capture=False)
    stop = threading.Event()
    def log():
        while not stop.is_set():
            run.log({"a": 1.0})
    threads = [threading.Thread(target=log) for _ in range(3)]
    for thread in threads: thread.start()
    for _ in range(50):
        child = os.fork()
        if child == 0:
            run.log({"a": 2.0})
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    stop.set()
    for thread in threads: thread.join()
    run.finish()
    """
    done = program(script, tmp_path)
    _, err = done.communicate(timeout=120)
    assert done.returncode == 0, err
    found = all_sources(tmp_path / "r")
    assert sum(values == [2.0] for values in found.values()) == 50


def test_a_fork_while_another_thread_is_in_the_midst_of_a_call_does_not_hang(tmp_path):
    run = runjson.init(id="r", dir=tmp_path, capture=False)
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with run._lock:
            held.set()
            let_go.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if child == 0:
        signal.alarm(20)  # ends it if it hangs
        run.log({"a": 2.0})
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    let_go.set()
    thread.join()
    run.finish()
    assert sorted(all_sources(run.folder).values()) == [[2.0]]


@pytest.mark.parametrize(
    "launcher",
    [
        {
            "RANK": "{}",
            "WORLD_SIZE": "4",
            "MASTER_ADDR": "localhost",
            "MASTER_PORT": "29511",
            "TORCHELASTIC_RUN_ID": "j1",
        },
        {"OMPI_COMM_WORLD_RANK": "{}", "OMPI_COMM_WORLD_SIZE": "4", "PMIX_NAMESPACE": "prterun-1"},
        {"SLURM_PROCID": "{}", "SLURM_STEP_NUM_TASKS": "4", "SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0"},
        {"PMI_RANK": "{}", "PMI_SIZE": "4", "MPI_LOCALNRANKS": "4"},
    ],
    ids=["torchrun", "mpirun", "srun", "mpiexec"],
)
def test_ranks_are_writers_of_one_run(launcher, tmp_path):
    script = """
    import sys, runjson
    with runjson.init("p", dir=sys.argv[1], parameters={"lr": 0.1}, capture=False) as run:
        for index in range(20):
            run.log({"a": index}, step=index)
    """
    ranks = [
        program(script, tmp_path, **{name: text.format(rank) for name, text in launcher.items()}) for rank in range(4)
    ]
    for rank in ranks:
        _, err = rank.communicate()
        assert rank.returncode == 0, err
    (folder,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    found = all_sources(folder)
    assert found == {f"rank-{rank}": [float(index) for index in range(20)] for rank in range(4)}


def test_another_start_of_the_same_command_is_another_run(tmp_path):
    (tmp_path / "rank.py").write_text('import runjson\nrunjson.init(dir="runs", capture=False).finish()\n')
    (tmp_path / "start.sh").write_text(f"RANK=0 {sys.executable} rank.py & RANK=1 {sys.executable} rank.py & wait\n")
    environment = {**os.environ, "WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"}
    for starts in (1, 2):
        subprocess.run(["sh", "start.sh"], cwd=tmp_path, env=environment, check=True)
        folders = list((tmp_path / "runs").iterdir())
        assert len(folders) == starts
        for folder in folders:
            assert sorted(path.name for path in folder.iterdir()) == ["rank-0.run.jsonl", "rank-1.run.jsonl"]


LAUNCH = """test "$1" = none || export MPI_LOCALNRANKS=$1
shift
PMI_SIZE=2 PMI_RANK=0 "$@" & PMI_SIZE=2 PMI_RANK=1 "$@" & wait
"""


def launched(tmp_path: Path, *words: str) -> tuple[list[list[str]], str]:
    """Starts two ranks as MPICH's mpiexec does; the files of each run, and what was told."""
    (tmp_path / "rank.py").write_text('import runjson\nrunjson.init(dir="runs", capture=False).finish()\n')
    (tmp_path / "job.sh").write_text(f"{sys.executable} rank.py\nexit $?\n")
    (tmp_path / "mpiexec.sh").write_text(LAUNCH)
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("PMI_", "MPI_", "RUNJSON_"))}
    done = subprocess.run(
        ["sh", "mpiexec.sh", *words], cwd=tmp_path, env=environment, check=True, stderr=subprocess.PIPE, text=True
    )
    folders = sorted((tmp_path / "runs").iterdir(), key=lambda folder: folder.stat().st_mtime_ns)
    return [sorted(path.name for path in folder.iterdir()) for folder in folders], done.stderr


RANKS = ["rank-0.run.jsonl", "rank-1.run.jsonl"]


def test_ranks_of_mpich_on_one_machine_are_one_run_and_another_start_is_another(tmp_path):
    assert launched(tmp_path, "2", sys.executable, "rank.py") == ([RANKS], "")
    # A script between the launcher and the program changes nothing.
    assert launched(tmp_path, "2", "sh", "job.sh") == ([RANKS] * 2, "")


@pytest.mark.parametrize(
    "words", [["1", sys.executable, "rank.py"], ["none", "sh", "job.sh"]], ids=["elsewhere", "nowhere"]
)
def test_ranks_that_can_know_no_id_in_common_are_told_what_to_do_once(words, tmp_path):
    runs, told = launched(tmp_path, *words)
    assert sorted(runs) == [[name] for name in RANKS]
    assert told.count("runjson: ") == told.count("\n") == 1
    assert "RUNJSON_ID" in told


def test_a_data_loader_with_workers_neither_hangs_nor_writes(tmp_path):
    """What data loaders do: fork workers that never log, and end them hard."""
    run = runjson.init(id="r", dir=tmp_path, capture=False)
    context = multiprocessing.get_context("fork")
    for epoch in range(3):
        with context.Pool(4) as pool:
            total = sum(pool.map(abs, range(100)))
        run.log({"a": float(total)}, step=epoch)
    run.finish()
    assert [path.name for path in run.folder.iterdir()] == ["run.jsonl"]
    np.testing.assert_array_equal(points(run.path), [4950.0] * 3)


def test_the_file_descriptor_is_not_inherited(tmp_path):
    run = runjson.init(id="r", dir=tmp_path, capture=False)
    listed = subprocess.run(["ls", "-l", "/proc/self/fd"], capture_output=True, text=True, check=True).stdout
    assert "run.jsonl" not in listed
    run.finish()
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 0
