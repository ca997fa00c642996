"""A child process, and everything that can go wrong with one."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import shared_memory
from pathlib import Path

import pytest

from vj.core.errors import ModelError, WorkerError
from vj.runtime.slots import FrameSlots
from vj.runtime.worker import Worker


def test_messages_go_both_ways_in_order():
    with Worker("echo", "worker_jobs", "echo") as worker:
        for i in range(100):
            worker.send(("n", i))
        assert [worker.receive(20)[1] for _ in range(100)] == list(range(100))


def test_an_error_of_ours_arrives_as_itself():
    with Worker("model reader", "worker_jobs", "vj error") as worker, pytest.raises(ModelError, match="made of cheese"):
        worker.receive(20)


def test_any_other_error_arrives_as_one_line():
    with Worker("divider", "worker_jobs", "other error") as worker:
        with pytest.raises(WorkerError) as caught:
            worker.receive(20)
        assert str(caught.value) == "ZeroDivisionError: one"


def test_a_killed_process_is_reported_with_its_signal():
    with (
        Worker("victim", "worker_jobs", "killed") as worker,
        pytest.raises(WorkerError, match=r"victim process ended unexpectedly: killed by SIGKILL"),
    ):
        worker.receive(20)


def test_sending_to_a_dead_process_is_reported_by_the_next_receive():
    with Worker("victim", "worker_jobs", "killed") as worker:
        worker._process.join(20)
        worker.send(("anyone?",))
        with pytest.raises(WorkerError, match="ended unexpectedly"):
            worker.receive(20)


def test_silence_is_an_error_and_closing_ends_even_a_process_that_hangs():
    worker = Worker("sleeper", "worker_jobs", "hangs")
    with pytest.raises(WorkerError, match=r"sleeper gave no answer for 0\.2 s"):
        worker.receive(0.2)
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


PARENT = """
import sys
from vj.runtime.worker import Worker
if __name__ == "__main__":
    worker = Worker("hanging", "worker_jobs", "holds the interpreter")
    print(worker.pid, worker.receive(20), flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
@pytest.mark.parametrize("stopped", [False, True])
def test_a_parent_that_is_killed_takes_those_with_it_that_hang(tmp_path, stopped):
    """One that is stopped, or in a driver that does not return, sees no pipe end."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    with subprocess.Popen(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        pid = int(parent.stdout.readline().split()[0])
        if stopped:
            os.kill(pid, signal.SIGSTOP)
        parent.kill()
        parent.wait(20)
    until_s = time.monotonic() + 20
    while is_there(pid) and time.monotonic() < until_s:
        time.sleep(0.01)
    assert not is_there(pid)


def is_there(pid):
    """Whether a process is there; one that waits for init to take note of its end is not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_a_process_can_be_started_where_the_folder_is_gone(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with Worker("echo", "worker_jobs", "echo") as worker:
        worker.send((1,))
        assert worker.receive(20) == (1,)


def test_ctrl_c_is_left_to_the_parent():
    with Worker("echo", "worker_jobs", "echo") as worker:
        worker.send((1,))
        worker.receive(20)
        os.kill(worker.pid, signal.SIGINT)
        worker.send((2,))
        assert worker.receive(20) == (2,)


def test_pictures_cross_processes_through_shared_memory_and_nothing_is_left_behind():
    with Worker("painter", "worker_jobs", "pictures") as worker:
        (name,) = worker.receive(20)
        with FrameSlots(3, 4, 5, name) as slots:
            assert [int(slots[i].min()) for i in range(3)] == [1, 2, 3]
            assert slots[0].shape == (4, 5, 4)
        worker.send(("done",))
    with pytest.raises(FileNotFoundError):
        shared_memory.SharedMemory(name)
