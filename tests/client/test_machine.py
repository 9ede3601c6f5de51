"""What is said of the machine, and of what a program uses of it.

The GPUs are stand-ins, a command `nvidia-smi` and a module `pynvml`, with the arguments, names and answers of the real
ones. Control groups are real where the system lends some, and trees of files besides. The rest is the machine itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import types
from pathlib import Path

import pytest
from runjson.capture import control_group, hardware, machine, usage
from runjson.capture.control_group import ControlGroup, cores
from runjson.capture.gpus import Gpu, Gpus, _chosen
from runjson_schema.decode import fold_file

from tests.client.programs import init, ran, said

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux")

MIB = 1 << 20


def first_points(tmp_path, name="run.jsonl"):
    """Of each series its first points, with the unit, and the values of all."""
    first, values = {}, {}
    for line in (tmp_path / "runs" / "r" / name).read_text().splitlines():
        for series, points in json.loads(line).get("series", {}).items():
            first.setdefault(series, points)
            values.setdefault(series, []).extend(points["values"] if isinstance(points, dict) else [points])
    return first, values


# -- GPUs --------------------------------------------------------------------------------------------------------------

FIELDS = (
    "index", "uuid", "name", "memory.total", "utilization.gpu", "memory.used", "power.draw", "temperature.gpu",
)  # fmt: skip
ROWS = (
    "0, GPU-8932f937-d72c-4106-c12f-20bd9faed9f6, NVIDIA A100-SXM4-80GB, 81920, 97, 40536, 312.45, 61",
    "1, GPU-89aa0c11-0bd5-2f6e-8a5e-53a1f1bb5d20, NVIDIA GB10, [N/A], 0, [N/A], [N/A], 44",
    "2, GPU-c0ffee00-1111-2222-3333-444455556666, NVIDIA T400 4GB, 4096, [N/A], 12, [Unknown Error], 38",
)
DEVICES = [dict(zip(FIELDS, row.split(", "), strict=True)) for row in ROWS]
SAMPLES = [Gpu(97, 40536, 312.45, 61), Gpu(0, None, None, 44), Gpu(None, 12, None, 38)]
NAMES = [("NVIDIA A100-SXM4-80GB", 81920), ("NVIDIA GB10", None), ("NVIDIA T400 4GB", 4096)]

NVIDIA_SMI = f"""
query, form = sys.argv[1:]
assert query.startswith("--query-gpu=") and form == "--format=csv,noheader,nounits", sys.argv
for device in {DEVICES!r}:
    print(", ".join(device[field] for field in query.removeprefix("--query-gpu=").split(",")))
"""

# As the real module does, it takes whole UUIDs alone, says power in milliwatts and memory in bytes, and raises for what
# a device does not support.
PYNVML = f"""
class NVMLError(Exception): pass
class Told:
    def __init__(self, **fields): self.__dict__.update(fields)
devices, ready = {DEVICES!r}, []
def number(handle, field):
    try: return float(handle[field])
    except ValueError: raise NVMLError("Not Supported") from None
def nvmlInit(): ready.append(True)
def nvmlDeviceGetCount():
    if not ready: raise NVMLError("Uninitialized")
    return len(devices)
def nvmlDeviceGetHandleByIndex(index):
    if not 0 <= index < len(devices): raise NVMLError("Invalid Argument")
    return devices[index]
def nvmlDeviceGetHandleByUUID(uuid):
    if uuid == "MIG-5ca1ab1e": return devices[1]
    for handle in devices:
        if handle["uuid"] == uuid: return handle
    raise NVMLError("Not Found")
def nvmlDeviceGetUUID(handle): return handle["uuid"]
def nvmlDeviceGetName(handle): return handle["name"].encode()  # its older versions give bytes
def nvmlDeviceGetUtilizationRates(handle): return Told(gpu=int(number(handle, "utilization.gpu")), memory=3)
def nvmlDeviceGetMemoryInfo(handle):
    total, used = (int(number(handle, f"memory.{{field}}")) << 20 for field in ("total", "used"))
    return Told(total=total, used=used, free=total - used)
def nvmlDeviceGetPowerUsage(handle): return int(number(handle, "power.draw") * 1000)
def nvmlDeviceGetTemperature(handle, sensor):
    assert sensor == 0, sensor
    return int(number(handle, "temperature.gpu"))
"""


def command(tmp_path, program):
    """A stand-in for nvidia-smi, and the environment in which it is found; it counts how often it is asked."""
    path = tmp_path / "bin" / "nvidia-smi"
    path.parent.mkdir()
    path.write_text(f"#!{sys.executable}\nimport sys\nopen({str(tmp_path / 'asked')!r}, 'a').write('x')\n{program}")
    path.chmod(0o755)
    (tmp_path / "pynvml.py").write_text("raise ImportError('not here')\n")
    found = {name: text for name, text in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    return {**found, "PATH": f"{path.parent}{os.pathsep}{os.environ['PATH']}"}


def module(tmp_path, program=PYNVML):
    """A stand-in for pynvml beside the program, and an environment in which it alone answers."""
    env = command(tmp_path, "sys.exit('it is not asked')")
    (tmp_path / "pynvml.py").write_text(program)
    return env


@pytest.fixture(params=["nvidia-smi", "pynvml"])
def devices(request, tmp_path, monkeypatch):
    """The three devices, by one way or the other."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if request.param == "pynvml":
        found = types.ModuleType("pynvml")
        exec(PYNVML, vars(found))
        monkeypatch.setitem(sys.modules, "pynvml", found)
    else:
        monkeypatch.setitem(sys.modules, "pynvml", None)  # not installed
        monkeypatch.setenv("PATH", command(tmp_path, NVIDIA_SMI)["PATH"])
    return request.param


@pytest.mark.parametrize("make", [lambda path: command(path, NVIDIA_SMI), module], ids=["nvidia-smi", "pynvml"])
def test_gpus_are_described_and_sampled_with_units(make, tmp_path):
    _, err = ran(tmp_path, init("hardware", "environment"), env=make(tmp_path))
    record, _ = said(tmp_path)
    assert err == b""
    assert {name: found for name, found in record["environment"].items() if name.startswith("gpu/")} == {
        "gpu/0/name": "NVIDIA A100-SXM4-80GB", "gpu/0/memory/total": 81920,
        "gpu/1/name": "NVIDIA GB10",
        "gpu/2/name": "NVIDIA T400 4GB",
        "gpu/2/memory/total": 4096,
    }  # fmt: skip
    first, _ = first_points(tmp_path)
    found = {name: (points["values"], points["unit"]) for name, points in first.items() if "/gpu/" in name}
    assert found == {
        "system/gpu/0/utilization": ([97], "%"),
        "system/gpu/0/memory/used": ([40536], "MiB"),
        "system/gpu/0/power": ([312.45], "W"),
        "system/gpu/0/temperature": ([61], "Cel"),
        "system/gpu/1/utilization": ([0], "%"),
        "system/gpu/1/temperature": ([44], "Cel"),
        "system/gpu/2/memory/used": ([12], "MiB"),
        "system/gpu/2/temperature": ([38], "Cel"),
    }


@pytest.mark.parametrize(
    ("visible", "chosen"),
    [
        (None, [0, 1, 2]),
        ("1", [1]),
        ("2,0", [2, 0]),
        (" 2 , 0 ", [2, 0]),
        ("GPU-89aa0c11-0bd5-2f6e-8a5e-53a1f1bb5d20", [1]),
        ("GPU-8932,GPU-c", [0, 2]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("1,-1,0", [1]),
        ("0,7,1", [0]),
        ("GPU-89", []),  # of two
        ("8932f937", []),
        ("GPU-", []),
        ("\u00b2", []),  # a digit, and no number
    ],
)
def test_the_visible_devices_are_those_that_cuda_takes(visible, chosen, devices, monkeypatch):
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    gpus = Gpus()
    assert gpus.names() == [NAMES[one] for one in chosen]
    assert gpus.sample() == [SAMPLES[one] for one in chosen]


@pytest.mark.parametrize("visible", ["", "G", "GPU", "-1", "1"])
def test_a_word_that_is_no_device_names_not_even_the_only_one(visible):
    assert _chosen(visible, {0: "GPU-8932f937"}) == []
    assert _chosen("GPU-8", {0: "GPU-8932f937"}) == [0]


def test_a_part_of_a_device_is_asked_by_its_own_uuid(devices, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-5ca1ab1e,0")
    # nvidia-smi lists whole devices alone.
    assert Gpus().sample() == [SAMPLES[1], SAMPLES[0]] if devices == "pynvml" else [SAMPLES[0]]


@pytest.mark.parametrize(
    ("function", "left"),
    [
        ("nvmlInit", {}),
        ("nvmlDeviceGetCount", {}),
        ("nvmlDeviceGetHandleByIndex", {}),
        ("nvmlDeviceGetUUID", {"utilization": 97, "memory/used": 40536, "power": 312.45, "temperature": 61}),
        ("nvmlDeviceGetName", {"utilization": 97, "memory/used": 40536, "power": 312.45, "temperature": 61}),
        ("nvmlDeviceGetUtilizationRates", {"memory/used": 40536, "power": 312.45, "temperature": 61}),
        ("nvmlDeviceGetMemoryInfo", {"utilization": 97, "power": 312.45, "temperature": 61}),
        ("nvmlDeviceGetPowerUsage", {"utilization": 97, "memory/used": 40536, "temperature": 61}),
        ("nvmlDeviceGetTemperature", {"utilization": 97, "memory/used": 40536, "power": 312.45}),
    ],
)
def test_what_a_driver_does_not_say_is_left_out_and_the_rest_is_there(function, left, tmp_path):
    env = module(tmp_path, f"{PYNVML}\ndef {function}(*_): raise NVMLError('Unknown Error')\n")
    _, err = ran(tmp_path, init("hardware", "environment"), env={**env, "CUDA_VISIBLE_DEVICES": "0"})
    assert err == b""
    found = said(tmp_path)[0]["environment"]
    assert found["packages"]
    there = bool(left) and function != "nvmlDeviceGetName"
    assert found.get("gpu/0/name") == ("NVIDIA A100-SXM4-80GB" if there else None)
    _, values = first_points(tmp_path)
    assert values["system/memory/process"]
    prefix = "system/gpu/0/"
    assert {name[len(prefix) :]: one[0] for name, one in values.items() if name.startswith(prefix)} == left


# Three samples, as fast as they come.
SAMPLING = init() + (
    "import threading\nfrom runjson.capture.hardware import Hardware\n"
    "old, written = run._write, threading.Semaphore(0)\n"
    "def write(line, **more):\n    old(line, **more)\n    written.release()\n"
    "run._write = write\nhardware = Hardware(run, interval=0.05)\n"
    "for _ in range(3): assert written.acquire(timeout=20)\nhardware.stop()\n"
)


def test_a_command_that_fails_is_asked_once(tmp_path):
    program = "print('NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.'); sys.exit(9)\n"
    _, err = ran(tmp_path, SAMPLING, env=command(tmp_path, program))
    _, values = first_points(tmp_path)
    assert len(values["system/memory/process"]) >= 3
    assert not [name for name in values if "gpu" in name]
    assert ((tmp_path / "asked").read_text(), err) == ("x", b"")


def test_a_command_that_hangs_is_left_and_asked_once(tmp_path):
    # What it started holds its output open and has left its group: nothing that is done to the command ends that.
    program = (
        "import signal, subprocess\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'], start_new_session=True)\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\nsignal.pause()\n"
    )
    try:
        env = {
            **command(tmp_path, program),
            "PYTHONWARNINGS": "always::ResourceWarning",
        }  # all that it held is given back
        _, err = ran(tmp_path, SAMPLING, env=env)
    finally:
        os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)
    _, values = first_points(tmp_path)
    assert len(values["system/memory/process"]) >= 3
    assert ((tmp_path / "asked").read_text(), err) == ("x", b"")
    assert said(tmp_path)[0]["status"] == "succeeded"


def test_the_end_of_a_run_waits_for_a_command_that_hangs_and_says_all_else(tmp_path):
    _, err = ran(tmp_path, init("hardware", "environment"), env=command(tmp_path, "import time; time.sleep(300)\n"))
    record, points = said(tmp_path)
    assert (record["status"], err) == ("succeeded", b"")
    assert record["environment"]["packages"]["pytest"] == pytest.__version__
    assert len(points["system/memory/used"].values) == 1
    assert (tmp_path / "asked").read_text() == "xx"  # by the description, and by the first sample


def test_a_name_in_odd_bytes_is_read(tmp_path, monkeypatch):
    program = "sys.stdout.buffer.write(b'0, GPU-1, NVIDIA\\xae T4, 16, 1, 2, 3, 4\\nUnable to determine GPU 1\\n')\n"
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", command(tmp_path, program)["PATH"])
    assert Gpus().names() == [("NVIDIA\ufffd T4", 16)]


# -- control groups ----------------------------------------------------------------------------------------------------

NONE_IN_V1 = "9223372036854771712"


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Makes a tree of control groups, by path; `own` is what /proc/self/cgroup says."""

    def make(own, files):
        root, told = tmp_path / "cgroup", tmp_path / "own"
        told.write_text(own)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f"{text}\n")
        monkeypatch.setattr(control_group, "_ROOT", root)
        monkeypatch.setattr(control_group, "_OWN", told)
        return root

    return make


NESTED = {
    "job/cpu.max": "150000 100000",
    "job/cpu.stat": "usage_usec 7250000\nuser_usec 7000000\nsystem_usec 250000",
    "job/memory.max": str(2048 * MIB),
    "job/memory.current": str(1500 * MIB),
    "job/memory.stat": f"anon {400 * MIB}\ninactive_file {1000 * MIB}\nactive_file {100 * MIB}",
    "job/step/cpu.max": "300000 100000",
    "job/step/cpu.stat": "usage_usec 1000000",
    "job/step/memory.max": str(4096 * MIB),
    "job/step/memory.current": str(700 * MIB),
    "job/step/memory.stat": "inactive_file 0",
}


def test_of_nested_groups_the_tightest_limits_count(groups):
    groups("0::/job/step\n", NESTED)
    group = ControlGroup()
    assert (group.quota, group.limit) == (1.5, 2048 * MIB)
    assert group.processor_seconds() == 7.25
    assert group.memory_used() == 500 * MIB


def test_a_limit_of_the_process_own_group_counts(groups):
    groups("0::/job/step\n", {**NESTED, "job/step/cpu.max": "25000 100000", "job/step/memory.max": str(800 * MIB)})
    group = ControlGroup()
    assert (group.quota, group.limit) == (0.25, 800 * MIB)
    assert (group.processor_seconds(), group.memory_used()) == (1.0, 700 * MIB)


def test_without_limits_there_are_none(groups):
    groups("0::/a\n", {"a/cpu.max": "max 100000", "a/memory.max": "max", "a/memory.current": "5"})
    group = ControlGroup()
    assert (group.quota, group.limit) == (None, None)
    assert (group.processor_seconds(), group.memory_used()) == (None, None)


@pytest.mark.parametrize("own", ["", "0::/\n", "0::/gone/long/ago\n", "4:memory:/x\n0::/\n", "nonsense\n"])
def test_without_groups_there_are_no_limits(own, groups):
    groups(own, {})
    group = ControlGroup()
    assert (group.quota, group.limit, group.processor_seconds(), group.memory_used()) == (None, None, None, None)


@pytest.mark.parametrize("own", ["0::/docker/4f5e\n", "0::/../../other\n", "0::/\n"])
def test_in_a_container_the_root_is_the_group(own, groups):
    groups(own, {"cpu.max": "200000 100000", "memory.max": str(MIB), "memory.current": "10"})
    group = ControlGroup()
    assert (group.quota, group.limit, group.memory_used()) == (2.0, MIB, 10)


@pytest.mark.parametrize(
    "place", ["cpu/job/cpuacct.usage", "cpuacct/job/cpuacct.usage", "cpu,cpuacct/job/cpuacct.usage"]
)
def test_version_1_has_a_tree_for_each_controller(place, groups):
    own = "12:cpuset:/\n9:memory:/job/step\n5:cpuacct:/elsewhere\n4:cpu:/job/step\n1:name=systemd:/x\n0::/x\n"
    groups(own, {
        "cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000",
        "cpu/job/cpu.cfs_quota_us": "50000", "cpu/job/cpu.cfs_period_us": "100000",
        "cpu/job/cpu.stat": "nr_periods 7\nnr_throttled 5\nthrottled_time 3",
        "cpu/job/step/cpu.cfs_quota_us": "-1", "cpu/job/step/cpu.cfs_period_us": "100000",
        place: "2500000000",
        "memory/memory.limit_in_bytes": NONE_IN_V1, "memory/memory.usage_in_bytes": "1",
        "memory/job/memory.limit_in_bytes": str(1024 * MIB), "memory/job/memory.usage_in_bytes": str(900 * MIB),
        "memory/job/memory.stat": f"inactive_file {5 * MIB}\ntotal_cache 1\ntotal_inactive_file {600 * MIB}",
        "memory/job/step/memory.limit_in_bytes": NONE_IN_V1, "memory/job/step/memory.usage_in_bytes": "2",
    })  # fmt: skip
    group = ControlGroup()
    assert (group.quota, group.limit) == (0.5, 1024 * MIB)
    assert (group.processor_seconds(), group.memory_used()) == (2.5, 300 * MIB)


def test_version_1_with_two_controllers_in_one_tree(groups):
    groups("3:cpu,cpuacct:/job\n", {
        "cpu,cpuacct/job/cpu.cfs_quota_us": "150000", "cpu,cpuacct/job/cpu.cfs_period_us": "100000",
        "cpu,cpuacct/job/cpuacct.usage": "1000000000",
    })  # fmt: skip
    assert (ControlGroup().quota, ControlGroup().processor_seconds()) == (1.5, 1.0)


def test_both_versions_at_once(groups):
    groups("4:memory:/\n0::/user\n", {
        "memory/memory.limit_in_bytes": NONE_IN_V1, "memory/memory.usage_in_bytes": "1",
        "unified/user/cpu.max": "10000 40000", "unified/user/cpu.stat": "usage_usec 3000000",
    })  # fmt: skip
    group = ControlGroup()
    assert (group.quota, group.limit, group.processor_seconds()) == (0.25, None, 3.0)


def test_cores_are_those_it_may_run_on_and_not_more_than_the_quota(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 4, 6})
    assert [cores(quota) for quota in (None, 0.5, 1.5, 4.0, 64.0)] == [4, 0.5, 1.5, 4, 4]


def test_the_machine_is_described_as_large_as_the_group_allows(groups, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    groups("0::/job\n", {"job/cpu.max": "150000 100000", "job/memory.max": str(64 * MIB), "job/memory.current": "1"})
    found = machine._at_once()
    assert (found["cpu/count"], found["memory/total"]) == (1.5, 64)


def test_utilization_is_of_the_quota_and_memory_of_the_limit(groups, monkeypatch):
    root = groups("0::/job/step\n", {**NESTED, "job/cpu.max": "50000 100000", "job/memory.max": str(MIB)})
    clock = [1000.0]
    monkeypatch.setattr(usage, "time", types.SimpleNamespace(monotonic=lambda: clock[0]))
    measured = usage._Proc()
    clock[0] += 10
    (root / "job/cpu.stat").write_text("usage_usec 9750000\n")  # 2.5 s of the 5 s that it had
    found = measured.sample()
    assert (found["cpu/utilization"], found["memory/used"]) == (50.0, 500.0)


@pytest.fixture
def real_group():
    """A group of the system's own with half a core and 400 MiB: its folders, which a process joins."""
    root, name = Path("/sys/fs/cgroup"), f"runjson-{os.getpid()}"
    if (root / "cgroup.controllers").exists():
        limits = {root / name: {"cpu.max": "50000 100000", "memory.max": str(400 * MIB)}}
    else:
        limits = {
            root / "cpu" / name: {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "50000"},
            root / "cpuacct" / name: {},
            root / "memory" / name: {"memory.limit_in_bytes": str(400 * MIB)},
        }
    made = []
    try:
        try:
            for folder, files in limits.items():
                folder.mkdir()
                made.append(folder)
                for file, text in files.items():
                    (folder / file).write_text(text)
        except OSError as fault:
            # No skip, which CI=true forbids: few systems lend their control groups, and the trees of files are tested.
            pytest.xfail(f"this system lends no control groups with limits: {fault}")
        yield list(limits)
    finally:
        for folder in made:
            folder.rmdir()


def test_a_program_in_a_real_group_is_measured_by_it(real_group, tmp_path):
    program = (
        f"import os\nfor folder in {list(map(str, real_group))!r}:\n"
        "    with open(f'{folder}/cgroup.procs', 'w') as file: file.write(str(os.getpid()))\n"
        "import time\nbegun = time.process_time()\n"
    )
    program += init("hardware", "environment") + (
        "from runjson.capture.control_group import ControlGroup\nheld = b'x' * (50 << 20)\n"
        "with open('file', 'wb') as file:\n    file.write(b'x' * (150 << 20)); file.flush(); os.fsync(file.fileno())\n"
        "while time.process_time() - begun < 0.6: pass\n"
        "spent = time.process_time() - begun\n"
        "run.log({'own': spent, 'group': ControlGroup().processor_seconds()})\n"
    )
    ran(tmp_path, program)
    found = said(tmp_path)[0]["environment"]
    assert (found["cpu/count"], found["memory/total"]) == (0.5, 400)
    _, values = first_points(tmp_path)
    assert values["own"][0] - 0.1 <= values["group"][0] <= values["own"][0] + 1
    # The file lies in memory, too, while nobody needs that.
    assert 50 < values["system/memory/used"][-1] < 150
    assert 0 < values["system/cpu/utilization"][-1] <= 100


# -- processor, memory, disk, network ----------------------------------------------------------------------------------


@pytest.fixture
def texts_of_proc(tmp_path, monkeypatch, groups):
    """Puts texts in place of files of /proc, and a tree in place of /sys; there are no control groups."""
    groups("", {})
    texts = {}
    monkeypatch.setattr(usage, "_lines", lambda path: texts.get(path, "").splitlines())
    monkeypatch.setattr(usage, "_SYS", tmp_path / "sys")
    return texts


def test_the_processor_is_that_of_the_cores_the_process_may_use(texts_of_proc, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2})
    clock = [1000.0]
    monkeypatch.setattr(usage, "time", types.SimpleNamespace(monotonic=lambda: clock[0]))
    head = "cpu  9 9 9 9 9 9 9 9 9 9\n"
    texts_of_proc["/proc/stat"] = (
        head + "cpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\ncpu2 0 0 0 0 0 0 0 0 0 0\n"
    )
    measured = usage._Proc()
    assert "cpu/utilization" not in measured.sample()  # no time has passed
    clock[0] += 10
    # User 50, nice 10, system 10, idle 100, waiting for a disk 20, interrupts 2 and 3, stolen 5; guests are in user.
    texts_of_proc["/proc/stat"] = (
        f"{head}cpu0 50 10 10 100 20 2 3 5 40 10\ncpu1 999 0 0 0 0 0 0 0 0 0\ncpu2 0 0 0 200 0 0 0 0 0 0\nintr 5\n"
    )
    assert measured.sample()["cpu/utilization"] == pytest.approx(100 * 80 / 400)


def test_disks_are_counted_once(texts_of_proc, tmp_path):
    for name in ("sda", "nvme0n1", "loop0", "dm-0", "md127", "zram0", "sr0"):
        (tmp_path / "sys/block" / name).mkdir(parents=True)

    def row(name, read, written):
        return f"   8  0 {name} 11 12 {read} 14 15 16 {written} 18 0 20 21 0 0 0 0 0 0\n"

    names = ("sda", "sda1", "nvme0n1", "nvme0n1p1", "loop0", "dm-0", "md127", "zram0", "sr0")
    texts_of_proc["/proc/diskstats"] = "".join(row(name, 1000, 2000) for name in names)
    measured = usage._Proc()
    assert (measured.sample()["disk/read"], measured.sample()["disk/written"]) == (0, 0)
    texts_of_proc["/proc/diskstats"] = "".join(row(name, 1000 + 2048, 2000 + 4096) for name in names)
    assert (measured.sample()["disk/read"], measured.sample()["disk/written"]) == (2, 4)  # MiB, of two disks


def test_interfaces_are_counted_once(texts_of_proc, tmp_path):
    links = tmp_path / "sys/class/net"
    for name in ("lo", "eth0", "eth1", "bond0", "ib0", "ib0.8001", "docker0", "veth12"):
        (links / name).mkdir(parents=True)
    for name in ("eth0", "eth1"):
        (links / name / "master").symlink_to("../bond0")
        (links / "bond0" / f"lower_{name}").symlink_to(f"../{name}")
    (links / "ib0.8001" / "lower_ib0").symlink_to("../ib0")

    def table(received, sent):
        rows = [
            f"{name:>6}:{received} 2 0 0 0 0 0 0 {sent} 5 0 0 0 0 0 0"
            for name in sorted(one.name for one in links.iterdir())
        ]
        return "\n".join(["Inter-|   Receive", " face |bytes", *rows, ""])

    texts_of_proc["/proc/net/dev"] = table(100, 200)
    measured = usage._Proc()
    texts_of_proc["/proc/net/dev"] = table(100 + MIB, 200 + 3 * MIB)
    found = measured.sample()
    assert (found["network/received"], found["network/sent"]) == (2, 6)  # of bond0 and ib0


def test_what_is_written_to_a_disk_is_seen(tmp_path):
    number = tmp_path.stat().st_dev
    if not Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").exists():
        # No skip, which CI=true forbids: the counters' texts are tested above.
        pytest.xfail("files lie on no disk that this system counts")
    measured = usage._Proc()
    before = measured.sample()["disk/written"]
    with (tmp_path / "file").open("wb") as file:
        file.write(os.urandom(20 * MIB))
        file.flush()
        os.fsync(file.fileno())
    assert measured.sample()["disk/written"] - before >= 19


# A child, started by a thread, that starts another; both hold memory.
FAMILY = (
    "import subprocess, threading\n"
    "child = '''import subprocess, sys\nheld = b'x' * (60 << 20)\n"
    'code = "held = b\\\\"x\\\\" * (60 << 20); print(1, flush=True); input()"\n'
    "subprocess.run([sys.executable, '-c', code])'''\n"
    "started, over = threading.Event(), threading.Event()\n"
    "def begin():\n    global family\n"
    "    family = subprocess.Popen([sys.executable, '-c', child], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
    "    family.stdout.readline()\n    started.set()\n    over.wait()\n"
    "thread = threading.Thread(target=begin)\nthread.start()\nstarted.wait()\n"
    "run.finish()\nover.set()\nfamily.communicate(b'\\n')\n"
)


@pytest.mark.parametrize("way", ["_Proc", "_Psutil"])
def test_the_memory_of_a_process_is_that_of_those_it_started_too(way, tmp_path):
    if way == "_Psutil":
        pytest.importorskip("psutil")
    choose = (
        f"import runjson.capture.hardware as hardware, runjson.capture.usage as usage\nhardware.usage = usage.{way}\n"
    )
    _, err = ran(tmp_path, choose + init("hardware") + FAMILY)
    assert err == b""
    _, values = first_points(tmp_path)
    assert 120 < values["system/memory/process"][-1] < 400


def test_psutil_measures_where_there_is_no_proc(tmp_path):
    psutil = pytest.importorskip("psutil")
    prelude = "import runjson.capture.hardware as hardware, runjson.capture.usage as usage\n"
    ran(tmp_path, f"{prelude}usage.Path = lambda *_: type('None', (), {{'exists': lambda _: False}})()\n"
        + init("hardware") + "sum(i * i for i in range(3_000_000))")  # fmt: skip
    said(tmp_path)
    first, values = first_points(tmp_path)
    assert {name: points["unit"] for name, points in first.items()} == hardware._UNITS
    assert 0 < values["system/cpu/utilization"][-1] <= 100
    assert 100 < values["system/memory/used"][-1] < psutil.virtual_memory().total / MIB
    assert all(0 <= values[f"system/{name}"][-1] < 10_000 for name in ("disk/read", "disk/written", "network/sent"))


def test_without_psutil_and_proc_nothing_is_measured(monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert usage._Psutil().sample() == {}


# -- several processes -------------------------------------------------------------------------------------------------

LAUNCHERS = ("RANK", "WORLD_SIZE", "LOCAL_", "OMPI_", "PMI_", "MPI_", "SLURM_")


@pytest.fixture
def launched(monkeypatch):
    """Sets the variables of a launcher, and no others."""
    for name in list(os.environ):
        if name.startswith(LAUNCHERS):
            monkeypatch.delenv(name)

    def launch(words):
        for name, _, text in (word.partition("=") for word in words.split()):
            monkeypatch.setenv(name, text)

    return launch


@pytest.mark.parametrize(
    ("told", "samples", "several"),
    [
        ("", True, False),
        ("RANK=0 WORLD_SIZE=1 LOCAL_RANK=0 LOCAL_WORLD_SIZE=1", True, False),
        ("RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 LOCAL_WORLD_SIZE=2", True, False),
        ("RANK=1 WORLD_SIZE=2 LOCAL_RANK=1 LOCAL_WORLD_SIZE=2", False, False),
        ("RANK=2 WORLD_SIZE=4 LOCAL_RANK=0 LOCAL_WORLD_SIZE=2", True, True),
        ("RANK=3 WORLD_SIZE=4 LOCAL_RANK=1 LOCAL_WORLD_SIZE=2", False, True),
        ("RANK=0 WORLD_SIZE=2", True, False),
        ("RANK=1 WORLD_SIZE=2", False, False),  # of the first alone it is known that it is the first on a machine
        ("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=8 SLURM_LOCALID=0 SLURM_STEP_NUM_NODES=2", True, True),
        ("SLURM_PROCID=4 SLURM_STEP_NUM_TASKS=8 SLURM_LOCALID=0 SLURM_STEP_NUM_NODES=2", True, True),
        ("SLURM_PROCID=5 SLURM_STEP_NUM_TASKS=8 SLURM_LOCALID=1 SLURM_STEP_NUM_NODES=2", False, True),
        ("SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2 SLURM_LOCALID=1 SLURM_STEP_NUM_NODES=1 SLURM_NNODES=4", False, False),
        ("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1 SLURM_LOCALID=0 SLURM_STEP_NUM_NODES=1", True, False),
        (
            "OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2",
            False, True,
        ),
        ("PMI_RANK=2 PMI_SIZE=4 MPI_LOCALRANKID=0 MPI_LOCALNRANKS=2", True, True),
        # One node of a job, on which torchrun started two processes.
        ("SLURM_NNODES=2 SLURM_LOCALID=0 RANK=1 WORLD_SIZE=2 LOCAL_RANK=1 LOCAL_WORLD_SIZE=2", False, False),
    ],
)  # fmt: skip
def test_one_process_a_machine_samples_and_names_the_host_where_there_are_several(told, samples, several, launched):
    launched(told)
    host = f"{hardware.socket.gethostname()}/"
    assert (hardware.samples_here(), hardware._prefix()) == (samples, host if several else "")


def test_of_four_ranks_on_two_hosts_one_a_host_writes_hardware(launched, tmp_path):
    launched("WORLD_SIZE=4 LOCAL_WORLD_SIZE=2")
    names = {}
    for rank in range(4):
        node = f"node-{rank // 2}"
        named = f"import socket\nsocket.gethostname = lambda: {node!r}\n"
        env = {**os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank % 2)}
        ran(tmp_path, named + init("hardware"), env=env)
        fold = fold_file(tmp_path / "runs/r" / f"rank-{rank}.run.jsonl").fold
        names[rank] = {name for _, name, _ in fold.take_points()}
    assert (names[1], names[3]) == (set(), set())
    for rank, node in ((0, "node-0"), (2, "node-1")):
        assert {f"{node}/system/memory/used", f"{node}/system/memory/process"} <= names[rank]
        assert all(name.startswith(f"{node}/system/") for name in names[rank])
