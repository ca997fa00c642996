"""Shared memory that is not there: one line, never a bus error later, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np
import pytest

from vj.core.errors import WorkerError
from vj.runtime.memory import remove_left, shared_memory
from vj.runtime.ring import Ring
from vj.runtime.slots import FrameSlots

SHM = Path("/dev/shm")
needs_fallocate = pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system cannot set memory aside")


def test_memory_is_shared_by_its_name():
    memory = shared_memory(1000)
    other = shared_memory(1000, memory.name)
    memory.buf[999] = 7
    assert other.buf[999] == 7
    other.close()
    memory.close()
    memory.unlink()
    with pytest.raises(WorkerError, match=r"no shared memory of 0\.001 MB is to be had.*: No such file"):
        shared_memory(1000, memory.name)


@needs_fallocate
def test_memory_that_was_promised_and_is_not_there(monkeypatch):
    """A full file system says so when pages are set aside; without that whoever writes to them is killed."""
    made = []

    def full(fd, offset, size):
        made.append((offset, size))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    for make in (lambda: Ring(np.dtype("u1"), 1_000_000), lambda: FrameSlots(2, 1000, 500)):
        with pytest.raises(WorkerError, match=r"no shared memory of .* MB is to be had.*: No space left on device"):
            make()
    assert made[1] == (0, 4_000_000)
    assert not [path for path in SHM.glob("vj_*") if path.stat().st_size in (4_000_000, 16_000_064)]


HOLDER = """
import sys
from vj.runtime.memory import shared_memory
block = shared_memory(100, sys.argv[1] if len(sys.argv) > 1 else None)
print(block.name, flush=True)
sys.stdin.read()
"""


def aged(name):
    """As if it had been made an hour ago."""
    path = SHM / name
    os.utime(path, (time.time() - 3600,) * 2)
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere blocks are no files")
def test_what_those_who_were_all_killed_left_behind_is_removed():
    def holder(*names):
        started = subprocess.Popen(
            [sys.executable, "-c", HOLDER, *names], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        return started, started.stdout.readline().strip()

    first, name = holder()
    second, _ = holder(name)
    own = shared_memory(100)
    path = aged(name)
    aged(own.name)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    remove_left()
    # Somebody has it still.
    assert path.exists()
    assert (SHM / own.name).exists()
    os.killpg(second.pid, signal.SIGKILL)
    second.wait()
    os.utime(path)
    remove_left()
    # It may just have been made.
    assert path.exists()
    aged(name)
    assert remove_left() >= 1
    assert not path.exists()
    assert (SHM / own.name).exists()
    own.close()
    own.unlink()


TRACKED = """
import errno, mmap, os, signal, sys
from multiprocessing import resource_tracker
from vj.core.errors import WorkerError
from vj.runtime.memory import shared_memory
block = shared_memory(100)
if sys.argv[1] == "killed":
    pid = resource_tracker._resource_tracker._pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
elif sys.argv[1] == "removed it":
    os.unlink("/dev/shm/" + block.name)
else:
    def none(*args):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    mmap.mmap = none
    try:
        shared_memory(100)
    except WorkerError as e:
        print(e)
block.close()
block.unlink()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere blocks are no files")
@pytest.mark.parametrize("how", ["killed", "removed it", "no file is left"])
def test_python_s_tracker_says_nothing_of_its_own(how):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TRACKED, how], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not done.stdout or "no shared memory of 0.0001 MB is to be had in /dev/shm: Too many open" in done.stdout


FULL = """
from vj.core.errors import WorkerError
from vj.runtime.ring import Ring
import numpy as np
small = Ring(np.dtype("u1"), 1000)
small.write(np.ones(1000, "u1"))
try:
    Ring(np.dtype("u1"), 1_000_000)
except WorkerError as e:
    print(e)
small.close()
"""


@needs_fallocate
def test_a_full_file_system():
    """A real one of 100 kB, where the system lets one be made."""
    inside = 'mount -t tmpfs -o size=100k tmpfs /dev/shm && exec "$0" -c "$1"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", inside, sys.executable, FULL],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("file systems cannot be mounted here")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "no shared memory of 16 MB is to be had in /dev/shm: No space left on device\n"


def test_what_python_calls_it():
    """The number of the file is asked for by a name that Python does not promise."""
    memory = SharedMemory(create=True, size=10)
    try:
        assert os.name == "nt" or os.fstat(memory._fd).st_size == 10
    finally:
        memory.close()
        memory.unlink()
