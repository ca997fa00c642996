"""Ableton Link with a real peer, and a clock that follows it."""

import contextlib
import importlib.util
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import multicast
import pytest

from vj.clock.beat_clock import PARAMS, SOURCES, Clocks, ClockState, step
from vj.clock.link import LinkClock
from vj.core.errors import ControlError
from vj.params.registry import Registry

P = Registry(PARAMS).defaults().with_values({"tempo/source": SOURCES.index("link")})


class Peer:
    """What a peer says of itself."""

    def __init__(self, process):
        self.process, self.lines = process, []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(tuple(float(word) for word in line.split()))


@contextlib.contextmanager
def peer(bpm, quantum=4):
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("link_peer.py")), str(bpm), str(quantum)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            one = Peer(process)
            # Of two that begin within half a second either may win.
            until(lambda: process.poll() is not None or len(one.lines) > 20)
            assert process.poll() is None, "the peer ended"
            yield one
            process.stdin.close()
            process.wait(5)
        finally:
            process.kill()


def until(ready, within_s=60.0):
    end_s = time.monotonic() + within_s
    while not ready():
        assert time.monotonic() < end_s
        time.sleep(0.02)


@pytest.fixture
def link():
    if not importlib.util.find_spec("aalink"):
        assert "CI" not in os.environ, "CI must have aalink"
        pytest.skip("aalink is not installed")
    if not multicast.loops():
        pytest.skip("no multicast on the loopback interface of this machine")
    made = []
    yield lambda: made.append(LinkClock()) or made[0]
    for one in made:
        one.close()


def apart(a, b, whole):
    """How far two beats are apart in a circle of so many."""
    return abs((a - b + whole / 2) % whole - whole / 2)


@pytest.mark.parametrize("per_bar", [4, 3])
def test_two_peers_share_tempo_beat_and_bar(link, per_bar):
    with peer(137.0, per_bar) as other:
        link = link()
        link.beats_per_bar = per_bar
        until(lambda: link.peers == 1 and link.bpm == pytest.approx(137.0, abs=0.01))
        until(lambda: other.lines and other.lines[-1][1] == 1)
        # What is agreed upon takes a moment.
        time.sleep(1.0)
        seen = len(other.lines)
        until(lambda: len(other.lines) > seen + 10)
        far = []
        for _, _, then_s, beat in other.lines[-10:]:
            far.append(apart(link.at(then_s), beat, per_bar))
        # 0.02 beats are 9 ms here.
        assert sorted(far)[5] < 0.02
    until(lambda: link.at(time.monotonic()) is None)
    assert link.bpm == 0.0


class Followed:
    """The beat by all clocks, one step after the other."""

    def __init__(self, clocks):
        self.clocks, self.state = clocks, ClockState()

    def step(self, now_s, p):
        self.state = step(self.state, self.clocks.says(now_s, p), now_s, p)
        return self.state.beat


def test_a_clock_joins_when_it_is_chosen_and_falls_back():
    if not importlib.util.find_spec("aalink") or not multicast.loops():
        pytest.skip("no aalink, or no multicast on the loopback interface of this machine")
    joined = []
    clock = Followed(Clocks(lambda: joined.append(LinkClock()) or joined[-1]))
    clock.step(0.0, Registry(PARAMS).defaults())
    assert not joined
    try:
        with peer(91.0):
            until(lambda: clock.step(time.monotonic(), P).bpm == pytest.approx(91.0, abs=0.01))
            assert (clock.state.ruler, len(joined)) == ("link", 1)
            first_s = time.monotonic()
            first = clock.step(first_s, P)
            time.sleep(1.0)
            later_s = time.monotonic()
            later = clock.step(later_s, P)
            assert later.beats - first.beats == pytest.approx((later_s - first_s) * 91 / 60, abs=0.05)
        until(lambda: clock.step(time.monotonic(), P) and clock.state.ruler != "link")
        # The beat stands where it was, as nothing else is heard.
        assert clock.step(time.monotonic(), P).beats == clock.step(time.monotonic() + 1, P).beats
    finally:
        clock.clocks.close()


def test_without_the_library_it_is_told_once(monkeypatch):
    monkeypatch.setitem(sys.modules, "aalink", None)
    told = []
    clock = Followed(Clocks(LinkClock, told.append))
    for t_s in range(3):
        clock.state = ClockState(clock.state.heard.told(0.5, 120.0, t_s))
        clock.step(t_s, P)
    (line,) = told
    assert line.startswith("tempo/source link: aalink cannot be loaded")
    assert line.endswith("expected it: pip install vj[link]")
    assert clock.state.ruler == "analysis"
    with pytest.raises(ControlError, match="aalink"):
        LinkClock()
