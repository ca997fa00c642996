"""The log file has what happened; where it cannot be written nothing is held up and nothing raised."""

import logging
import os
import re
import signal
import subprocess
import sys

import pytest

from vj.core.errors import WorkerError
from vj.core.logs import ENVIRONMENT, new_file, of_shows, to_file
from vj.runtime.worker import Worker

LOG = logging.getLogger("vj.test")


def test_tracebacks_are_in_the_file(tmp_path, capfd):
    path = tmp_path / "state" / "vj.log"
    with to_file(path):
        try:
            raise ValueError("of no use")
        except ValueError:
            LOG.exception("key n")
    text = path.read_text()
    assert "vj.test ERROR: key n" in text
    assert "ValueError: of no use" in text
    assert capfd.readouterr() == ("", "")
    assert [type(one) for one in logging.getLogger("vj").handlers] == [logging.NullHandler]


def test_a_second_show_writes_after_the_first(tmp_path):
    for word in ("first", "second"):
        with to_file(tmp_path / "vj.log"):
            LOG.error(word)
    assert [line.split()[-1] for line in (tmp_path / "vj.log").read_text().splitlines()] == ["first", "second"]


def test_each_show_has_a_log_and_the_oldest_make_room(tmp_path):
    path = new_file(tmp_path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d \d+\.log", path.name)
    old = [tmp_path / f"2020-01-{day:02} 20.00.00 7.log" for day in range(1, 26)]
    for one in [*old, tmp_path / f"{old[0].name}.1", tmp_path / "notes.log"]:
        one.write_text("")
    assert of_shows(tmp_path) == old
    new_file(tmp_path).write_text("")
    assert of_shows(tmp_path) == [*old[-19:], path]
    # What had grown too long goes with it, and what is no show's log stays.
    assert {one.name for one in tmp_path.iterdir()} == {one.name for one in of_shows(tmp_path)} | {"notes.log"}
    assert of_shows(tmp_path / "none") == []


@pytest.mark.parametrize("path", ["/dev/full", "/proc/none/vj.log"])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a disk that is always full")
def test_where_it_cannot_be_written(path, capfd):
    from pathlib import Path

    with to_file(Path(path)):
        for _ in range(3000):
            LOG.error("x" * 1000)
    assert capfd.readouterr() == ("", "")


@pytest.mark.process
def test_what_a_process_fails_at_is_there_with_its_lines(tmp_path):
    path = tmp_path / "vj.log"
    with to_file(path), Worker("test", "worker_jobs", "other error") as worker, pytest.raises(WorkerError):
        worker.receive(20)
    text = path.read_text()
    assert "vj test vj ERROR: the test failed" in text
    assert "worker_jobs.py" in text
    assert ENVIRONMENT not in os.environ


@pytest.mark.process
def test_a_process_that_crashes_says_where(tmp_path):
    path = tmp_path / "vj.log"
    code = "import os, signal; from vj.core import logs; logs.join(); os.kill(os.getpid(), signal.SIGSEGV)"
    with to_file(path):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGSEGV
    assert "Fatal Python error: Segmentation fault" in path.read_text()
