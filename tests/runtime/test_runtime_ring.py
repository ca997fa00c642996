"""Rows in shared memory: order, late readers, a reader beside a writer that never rests, nothing left behind."""

import multiprocessing
import subprocess
import sys
from multiprocessing import shared_memory

import numpy as np
import pytest

from vj.runtime.clock import StreamClock
from vj.runtime.ring import Ring

DTYPE = np.dtype([("a", "u8"), ("b", "f4", (50,))])


def rows(first, count):
    out = np.zeros(count, DTYPE)
    out["a"] = np.arange(first, first + count)
    out["b"] = out["a"][:, None]
    return out


@pytest.fixture
def ring():
    with Ring(DTYPE, 16) as ring:
        yield ring


def test_rows_come_as_they_were_written(ring):
    assert ring.newest() is None
    ring.write(rows(0, 5))
    with Ring(DTYPE, 16, ring.name) as reader:
        found, first = reader.since(0)
        assert first == 0
        assert np.array_equal(found, rows(0, 5))
        ring.write(rows(5, 4))
        found, first = reader.since(5)
        assert (first, found["a"].tolist()) == (5, [5, 6, 7, 8])
        assert reader.newest()["a"] == 8
        assert len(reader.since(9)[0]) == 0
    assert ring.written == 9


def test_a_late_reader_skips_and_knows_how_many(ring):
    ring.write(rows(0, 100))
    found, first = ring.since(3)
    assert first == 100 - 15
    assert found["a"].tolist() == list(range(85, 100))


def hammer(name, count):
    with Ring(DTYPE, 16, name) as writer:
        for k in range(0, count, 7):
            writer.write(rows(k, 7))


def test_no_row_is_ever_half_of_one_and_half_of_another(ring):
    writer = multiprocessing.get_context("spawn").Process(target=hammer, args=(ring.name, 70_000))
    writer.start()
    at = seen = 0
    while writer.is_alive() or at < ring.written:
        found, first = ring.since(at)
        assert first >= at
        assert np.array_equal(found["a"], np.arange(first, first + len(found)))
        assert (found["b"] == found["a"][:, None]).all()
        at, seen = first + len(found), seen + len(found)
    writer.join(30)
    assert writer.exitcode == 0
    assert at == 70_000
    assert seen > 100


def test_the_memory_goes_with_its_maker(ring):
    name = ring.name
    ring.beat(3.5)
    assert ring.beat_s == 3.5
    ring.close()
    with pytest.raises(FileNotFoundError):
        shared_memory.SharedMemory(name)
    with pytest.raises(ValueError, match="closed"):
        ring.newest()
    # So that the fixture can close it again.
    ring.__init__(DTYPE, 16)


KILLED = """
import os, signal
import numpy as np
from vj.runtime.ring import Ring
ring = Ring(np.dtype([("a", "u8")]), 4)
print(ring.name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_memory_goes_when_its_maker_is_killed():
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, timeout=60)
    assert done.returncode == -9
    # The resource tracker, a process of its own, ends when its pipe does: the pipe of stderr too.
    with pytest.raises(FileNotFoundError):
        shared_memory.SharedMemory(done.stdout.strip())


def test_late_callbacks_do_not_move_the_clock():
    rng = np.random.default_rng(0)
    clock = StreamClock(48_000)
    for k in range(400):
        late_s = rng.exponential(0.004) if k % 3 else 0.0
        clock.heard(256 * k, 100.0 + 256 * k / 48_000 + late_s)
        if k > 5:
            assert abs(clock.at(256 * k) - (100.0 + 256 * k / 48_000)) < 1e-9


def test_the_clock_follows_a_sound_card_that_drifts():
    clock = StreamClock(48_000)
    # A card that is 100 parts in a million slow, for ten minutes.
    for k in range(112_500):
        clock.heard(256 * k, 256 * k / 48_000 * 1.0001)
    assert abs(clock.at(256 * k) - 256 * k / 48_000 * 1.0001) < 0.0001


def test_the_clock_notices_that_a_stream_stood_still():
    clock = StreamClock(48_000)
    for k in range(200):
        clock.heard(256 * k, 256 * k / 48_000 + (1.5 if k >= 100 else 0.0))
    assert clock.at(256 * 110) == pytest.approx(256 * 110 / 48_000 + 1.5)
    # A backlog after a late callback does not move it for longer than it lasts.
    for k in range(200, 300):
        late_s = max(0.3 - (k - 250) * 256 / 48_000, 0.0) if k >= 250 else 0.0
        clock.heard(256 * k, 256 * k / 48_000 + 1.5 + late_s)
    for k in range(300, 310):
        clock.heard(256 * k, 256 * k / 48_000 + 1.5)
    assert clock.at(0) == pytest.approx(1.5)
