"""LFOs, envelopes and macros as signals."""

import numpy as np
import pytest

from vj.core.types import Beat
from vj.modulation.sources import MOVES_DTYPE, PARAMS, SHAPES, SIGNALS, SourcesState, at_rest, step, wave
from vj.params.registry import Registry
from vj.params.spec import choice

REGISTRY = Registry([*PARAMS, choice("audio/sawtooth/beats", "1", ("1", "2", "4", "8", "16"), "")])
FRAME_S = 1 / 60


def beat(i, bpm):
    """The beat of a frame, by a clock that began with the first."""
    beats = [k * FRAME_S * bpm / 60 for k in (i - 1, i)]
    last, here = (int(b) for b in (max(beats[0], 0.0), beats[1]))
    return Beat(beats[1], bpm, 4, here - last, here // 4 > last // 4, here)


def run(frames, bpm=120.0, onsets=(), **changes):
    """Rows of a number of frames; an onset in each of the frames `onsets`."""
    p = REGISTRY.defaults().with_values({id.replace("__", "/"): value for id, value in changes.items()})
    state, rows = SourcesState(), []
    for i in range(frames):
        state, row = step(state, p, beat(i, bpm), int(i in onsets), FRAME_S)
        rows.append(row)
    return np.array(rows, MOVES_DTYPE)


@pytest.mark.parametrize("shape", SHAPES)
def test_waves_stay_in_their_range_and_are_the_same_at_each_show(shape):
    x = [wave(shape, t, 1) for t in np.linspace(-3, 50, 2000)]
    assert min(x) >= 0
    assert max(x) <= 1
    assert max(x) - min(x) > 0.8
    assert x == [wave(shape, t, 1) for t in np.linspace(-3, 50, 2000)]


def test_the_walk_has_no_steps_and_the_steps_have():
    walk = np.diff([wave("walk", t) for t in np.linspace(0, 50, 5000)])
    steps = np.diff([wave("steps", t) for t in np.linspace(0, 50, 5000)])
    assert abs(walk).max() < 0.02
    assert np.count_nonzero(steps) == 50
    assert wave("steps", 3.0, 1) != wave("steps", 3.0, 2)


def test_an_lfo_runs_freely_or_on_the_beat():
    free = run(600, lfo__1__rate_hz=0.5)["lfo"][:, 0]
    assert np.count_nonzero(np.diff(free > 0.5)) == 10
    for bpm in (90.0, 180.0):
        rows = run(600, bpm, lfo__2__beats="4 beats", lfo__2__shape="saw")
        assert np.allclose(rows["lfo"][:, 1], rows["bar_phase"], atol=1e-5)


def test_the_phase_of_an_lfo():
    rows = run(10, lfo__1__phase=0.5, lfo__1__beats="one beat")
    assert rows["lfo"][0, 0] == pytest.approx(1.0)


def test_an_envelope_rises_holds_and_falls():
    rows = run(120, onsets=[10], envelope__1__attack_s=0.1, envelope__1__hold_s=0.2, envelope__1__release_s=0.5)
    level = rows["envelope"][:, 0]
    assert level[:10].max() == 0
    assert level[16] == 1.0
    assert level[27] == 1.0
    assert level[29 + 15] == pytest.approx(0.5, abs=0.05)
    assert level[60:].max() == 0


@pytest.mark.parametrize(("source", "times"), [("beat", 8), ("bar", 2), ("hand", 0)])
def test_what_begins_an_envelope(source, times):
    # Of the first frame nobody knows what was before.
    level = run(260, envelope__3__source=source, envelope__3__attack_s=0.0, envelope__3__release_s=0.1)["envelope"][
        :, 2
    ]
    assert np.count_nonzero((level[1:] == 1.0) & (level[:-1] < 1.0)) == times


def test_an_onset_begins_it_anew_while_it_falls_and_however_soon_it_follows():
    level = run(60, onsets=[10, 20, 22], envelope__1__attack_s=0.0, envelope__1__release_s=1.0)["envelope"][:, 0]
    assert np.flatnonzero(level == 1.0).tolist() == [10, 20, 22]
    assert level[21] < 1.0


def test_a_hand_begins_any():
    p, state, levels = REGISTRY.defaults(), SourcesState(), []
    pressed = p.with_values({"envelope/2/fire": 1.0})
    for i in range(20):
        state, row = step(state, pressed if 5 <= i < 9 else p, Beat(0, 120), 0, FRAME_S)
        levels.append(row["envelope"][1])
    assert levels[4] == 0
    assert levels[5] == 1
    assert levels[8] < levels[6] < 1


def test_macros_and_the_clock():
    row = run(31, macro__3=0.25)[-1]
    assert row["macro"].tolist() == [0, 0, 0.25, 0, 0, 0, 0, 0]
    assert (row["bpm"], row["beat_phase"], row["arrived"]) == (120, pytest.approx(0.0, abs=1e-5), 1)


def test_every_signal_is_a_field_of_a_row():
    assert all(at_rest()[signal.name].size == signal.width for signal in SIGNALS)


def test_a_row_is_read_only():
    _, row = step(SourcesState(), REGISTRY.defaults(), Beat(0.0, 120.0), 0, FRAME_S)
    with pytest.raises(ValueError, match="read-only"):
        row["arrived"] = 0.5
