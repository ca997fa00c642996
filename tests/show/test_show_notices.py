"""Notices reach the terminal, and no terminal holds up or ends a show."""

import errno
import os
import subprocess
import sys
import threading
import time

import pytest

from vj.show import notices as module
from vj.show.notices import Notices


def test_notices_are_written_in_order_and_shown():
    written = []
    one = Notices(written.append)
    for text in ("a", "b", "a"):
        one.tell(text)
    one.say("keys:\n  q  quit")
    one.close()
    assert b"".join(written) == b"vj: a\nvj: b\nkeys:\n  q  quit\n"
    assert one.texts() == ["b", "a"]


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF])
def test_a_terminal_that_takes_nothing_raises_nothing(number):
    def write(data):
        raise OSError(number, os.strerror(number))

    one = Notices(write)
    one.tell("a")
    one.close()
    assert one.dropped == 1
    assert one.texts() == ["a"]


def test_a_terminal_that_stands_still_holds_nobody_up(monkeypatch):
    """Ctrl-S: a write does not come back."""
    monkeypatch.setattr(module, "_PATIENCE_S", 0.05)
    go_on, written = threading.Event(), []

    def write(data):
        go_on.wait(30)
        written.append(data)

    one = Notices(write)
    for i in range(1000):
        one.say(str(i))
    assert one.dropped >= 1000 - 101
    one.close()
    assert not written
    go_on.set()


SHOW = """
import sys, time
from vj.show.notices import Notices
one = Notices()
for i in range(20_000):
    one.tell(f"{i} " + "x" * 100)
one.close()
print("went on", one.dropped)
"""


def ended(stderr, **given):
    done = subprocess.run(
        [sys.executable, "-c", SHOW], stdout=subprocess.PIPE, stderr=stderr, timeout=60, check=False, **given
    )
    return done.returncode, done.stdout.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Unix")
def test_processes_whose_standard_error_is_a_pipe_nobody_reads_or_that_is_broken():
    reader, writer = os.pipe()
    # It is full after 64 KiB, and a write to it then never comes back.
    began_s = time.monotonic()
    status, said = ended(writer)
    assert status == 0
    assert said.startswith("went on ")
    assert int(said.split()[2]) > 0
    assert time.monotonic() - began_s < 30
    os.close(reader)
    status, said = ended(writer)
    assert status == 0
    assert said.startswith("went on ")
    os.close(writer)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a disk that is always full")
def test_a_process_whose_standard_error_is_on_a_full_disk():
    with open("/dev/full", "wb") as full:
        status, said = ended(full)
    assert status == 0
    assert said.startswith("went on ")
