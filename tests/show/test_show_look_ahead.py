"""A click track and the beat on the screen: sound, ears, frames and network by a clock that the test moves."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from vj.audio.analyser import Analyser
from vj.clock.beat_clock import Ahead
from vj.core import resources
from vj.render.isf.folder import load_folder
from vj.session.session import Session
from vj.show.frame import Rows, State, frame
from vj.show.look_ahead import LookAhead

RATE_HZ, BPM, SECONDS = 48_000, 137.0, 80.0
BEATS_S = np.arange(0.4, SECONDS, 60.0 / BPM)
#: From the air to a row of features, and what the window and the network take for a picture, with their jitter.
HEARD_S, DRAW_S, DRAW_JITTER_S, NETWORK_S, NETWORK_JITTER_S = 0.006, 0.012, 0.003, 0.055, 0.008


@pytest.fixture(scope="module")
def rows():
    """What is heard of the clicks."""
    sound, rng = np.zeros(round(SECONDS * RATE_HZ), np.float32), np.random.default_rng(0)
    hit = rng.standard_normal(round(0.03 * RATE_HZ)) * np.exp(-np.arange(round(0.03 * RATE_HZ)) / RATE_HZ / 0.01)
    for beat_s in BEATS_S:
        at = round(beat_s * RATE_HZ)
        sound[at : at + len(hit)] += 0.4 * hit.astype(np.float32)[: len(sound) - at]
    p = {param.id: param.default for param in session().registry}
    return Analyser(RATE_HZ).process(sound, p)


def session():
    return Session(load_folder(resources.shaders_dir()), "default", (), ("default",))


@dataclass
class Picture:
    """When its values were worked out, how many beats fell until then, when it is there."""

    told_s: float
    beats: int
    done_s: float


class Network:
    """Draws a picture after the other by the values that it finds when it begins."""

    def __init__(self, rng):
        self._rng, self._told, self._drawing, self.newest = rng, [(0.0, 0)], Picture(0.0, 0, 0.1), None

    def is_told(self, now_s, beats):
        self._told.append((now_s, beats))

    def take(self, now_s):
        """The newest picture at this time, if there is a new one."""
        new = None
        while self._drawing.done_s <= now_s:
            new, began_s = self._drawing, self._drawing.done_s
            told = [one for one in self._told if one[0] <= began_s][-1]
            self._drawing = Picture(*told, began_s + NETWORK_S + self._rng.uniform(-1, 1) * NETWORK_JITTER_S)
            del self._told[: self._told.index(told)]
        return new


class Blend:
    """As `vj.render.compositing.frame_blend` blends, here the number of beats that fell."""

    def __init__(self, share):
        self._share, self._before, self._newest, self._came_s, self._interval_s = share, 0.0, 0.0, 0.0, 0.05
        self._drawn = 0.0

    @property
    def fade_s(self):
        return self._interval_s * self._share

    def take(self, picture, now_s):
        self._before, self._newest = self._drawn, picture.beats
        self._interval_s += 0.2 * (now_s - self._came_s - self._interval_s)
        self._came_s = now_s

    def draw(self, now_s, frame_s):
        k = min((now_s + frame_s - self._came_s) / self.fade_s, 1.0) if self.fade_s else 1.0
        self._drawn = self._before + (self._newest - self._before) * k
        return self._drawn


class Screen:
    """When each beat was seen: `shaders_s` and `network_s`, by the number of beats that fell."""

    def __init__(self):
        self.shaders_s, self.network_s = {}, {}

    def shows(self, shown_s, beats, blended):
        self.shaders_s.setdefault(beats, shown_s)
        self.network_s.setdefault(round(blended), shown_s)


def show(rows, fps, blend, ahead=None):
    """The screen after a show, as `LiveShow` draws it. `ahead`: that, and not what is measured."""
    rng, state, look, screen = np.random.default_rng(1), State(session().state), LookAhead(), Screen()
    now_s, due_s, network, blended = 0.05, 0.05, Network(rng), Blend(blend)
    while now_s < SECONDS - 0.5:
        at = int(np.searchsorted(rows["t_s"], now_s - HEARD_S, side="right")) - 1
        heard = rows[at] if at >= 0 else None
        air_s = 0.0 if heard is None else float(heard["t_s"])
        given = Rows(now_s, heard, air_s, ahead=look.ahead if ahead is None else ahead)
        state, values = frame(state, given, 1 / fps)
        network.is_told(now_s, int(values.network_moves["beats"]))
        if picture := network.take(now_s):
            blended.take(picture, now_s)
        shown_s = now_s + DRAW_S + rng.uniform(-1, 1) * DRAW_JITTER_S
        screen.shows(shown_s, int(values.moves["beats"]), blended.draw(now_s, 1 / fps))
        look.shown(now_s, shown_s, {"t_told_s": picture.told_s} if picture else None, blended.fade_s)
        due_s += 1 / fps
        now_s = max(due_s, shown_s)
    return screen, look.ahead


def late_ms(seen_s):
    """How late the beats of the second half were seen, in ms; negative: early."""
    shown_s = np.array([t_s for t_s in seen_s.values() if t_s > SECONDS / 2])
    return np.array([1000 * (t_s - BEATS_S[np.abs(BEATS_S - t_s).argmin()]) for t_s in shown_s])


@pytest.mark.parametrize("fps", [60, 45, 30])
@pytest.mark.parametrize("blend", [1.0, 0.3, 0.0])
def test_beats_are_seen_when_they_are_heard(rows, fps, blend):
    screen, ahead = show(rows, fps, blend)
    for seen_s in (screen.shaders_s, screen.network_s):
        late = late_ms(seen_s)
        assert len(late) == pytest.approx((SECONDS / 2 - 0.5) * BPM / 60, abs=2)
        assert abs(np.median(late)) <= 8.0
        # A picture of the network stands for 60 ms, a frame for up to 33.
        assert np.percentile(np.abs(late), 90) <= 45.0
    assert ahead.shaders_s == pytest.approx(DRAW_S + 0.5 / fps, abs=0.004)


def test_without_it_both_are_late(rows):
    screen, _ = show(rows, 60, 1.0, Ahead())
    assert np.median(late_ms(screen.shaders_s)) > 12.0
    assert np.median(late_ms(screen.network_s)) > 60.0


def test_the_performers_offset_is_on_top(rows):
    state, beats = State(session().state), {}
    for offset_ms in (0.0, 50.0):
        p = state.session.target.with_values({"tempo/offset_ms": offset_ms})
        told = replace(state, session=replace(state.session, target=p))
        after, _ = frame(told, Rows(10.0, rows[900], float(rows[900]["t_s"]), ahead=Ahead(0.02, 0.1)), 0.02)
        beats[offset_ms] = np.array([after.tempo.shaders.beat.beats, after.tempo.network.beat.beats])
    bpm = float(rows[900]["bpm"])
    np.testing.assert_allclose(beats[50.0] - beats[0.0], 0.05 * bpm / 60.0, rtol=1e-6)
    assert beats[0.0][1] - beats[0.0][0] == pytest.approx(0.08 * bpm / 60.0)


def test_a_change_of_the_measured_time_tells_no_beat_twice_and_leaves_none_out(rows):
    state, numbers = State(session().state), []
    for i in range(600):
        ahead = Ahead(0.02 + 0.01 * np.sin(i), 0.08 + 0.06 * np.sin(i / 7))
        row = rows[1200 + i]
        state, values = frame(state, Rows(float(row["t_s"]), row, float(row["t_s"]), ahead=ahead), 1 / 60)
        numbers.append((int(values.moves["beats"]), int(values.network_moves["beats"])))
    gone = np.diff(np.array(numbers), axis=0)
    assert gone.min() >= 0
    assert gone.max() == 1
    played = float(rows["t_s"][1799] - rows["t_s"][1200]) * BPM / 60.0
    assert gone.sum(0) == pytest.approx([played, played], abs=1.2)


def test_what_is_no_latency_is_not_counted():
    look = LookAhead()
    for i in range(200):
        look.shown(i / 60, i / 60 + 0.012)
    assert look.ahead.shaders_s == pytest.approx(0.012 + 0.5 / 60, abs=1e-3)
    assert look.ahead.network_s == 0.0
    # The window stood still for a minute, and a generator that has heard of no values yet draws.
    look.shown(70.0, 70.1, {"t_told_s": 0.0}, 0.05)
    look.shown(70.11, 70.12, {"t_told_s": 9.0}, 0.05)
    assert look.ahead.shaders_s < 0.03
    assert look.ahead.network_s == 0.0
