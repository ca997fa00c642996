"""One beat from many clocks."""

from dataclasses import replace

import numpy as np
import pytest

from vj.clock.beat_clock import (
    PARAMS,
    SOURCES,
    AnalysisClock,
    Clocks,
    ClockState,
    MidiClock,
    PulseClock,
    all_clocks,
    step,
)
from vj.params.registry import Registry

REGISTRY = Registry(PARAMS)


def given(**changes):
    return REGISTRY.defaults().with_values({f"tempo/{id}": value for id, value in changes.items()})


def test_the_analysis_phase_becomes_a_count():
    heard = AnalysisClock()
    for i in range(1000):
        t_s = i * 0.016
        heard = heard.told(t_s * 2.0 % 1.0, 120.0, t_s)
    assert heard.at(1000 * 0.016) == pytest.approx(32.0, abs=0.01)


def test_ticks_with_jitter_give_a_steady_beat():
    rng, clock = np.random.default_rng(1), MidiClock()
    clock.take("start", 0.0)
    seen = []
    for i in range(24 * 16):
        clock.take("clock", i * 60 / 128 / 24 + rng.normal(0, 0.002))
        seen.append(clock.bpm)
    assert seen[-1] == pytest.approx(128.0, abs=0.7)
    assert clock.at(i * 60 / 128 / 24) == pytest.approx(i / 24, abs=0.01)


def test_song_position_stop_and_continue():
    clock = MidiClock()
    clock.take("songpos", 0.0, 64)
    clock.take("continue", 0.0)
    assert clock.running
    for i in range(25):
        clock.take("clock", i / 48)
    assert clock.at(24 / 48) == pytest.approx(17.0)
    clock.take("stop", 0.6)
    assert not clock.running
    clock.take("continue", 10.0)
    for i in range(25):
        clock.take("clock", 10.0 + i / 48)
    # The first tick after it is the one after the last.
    assert clock.at(10.0 + 24 / 48) == pytest.approx(18.0 + 1 / 24)
    clock.take("start", 20.0)
    for i in range(25):
        clock.take("clock", 20.0 + i / 48)
    assert clock.at(20.0 + 24 / 48) == pytest.approx(1.0)


def test_a_clock_that_falls_silent_leaves_the_beat_to_the_analysis():
    clocks, state, p = Clocks(), ClockState(), given(source="midi")
    for i in range(600):
        heard = state.heard.told(i * 0.01 * 2 % 1, 120.0, i * 0.01)
        if i < 200:
            clocks.midi.take("clock", i * 0.01)
        state = step(replace(state, heard=heard), clocks.says(i * 0.01, p), i * 0.01, p)
        if i == 199:
            assert state.ruler == "midi"
            assert state.beat.bpm == pytest.approx(250.0, rel=0.01)
            assert list(all_clocks(state.heard, clocks.says(1.99, p), 1.99)) == ["analysis", "midi"]
    assert state.ruler == "analysis"
    assert state.beat.bpm == 120.0


def test_offset_bars_and_the_first_beat_of_one():
    state = ClockState(AnalysisClock().told(0.0, 120.0, 0.0))
    assert step(state, {}, 1.0, given(offset_ms=250.0)).beat.beats == pytest.approx(2.5)
    assert step(state, {}, 1.0, given(beats_per_bar=3)).beat.per_bar == 3
    state = step(step(state, {}, 1.0, given()), {}, 1.1, given(downbeat=1.0))
    assert state.beat.beats == pytest.approx(0.2)
    assert step(state, {}, 1.6, given()).beat.beats == pytest.approx(1.2)


def test_taps_and_told_tempos():
    taps = PulseClock(1, most=8, enough=3)
    for i in range(5):
        taps.pulse(i * 0.4)
    assert taps.bpm == pytest.approx(150.0)
    assert taps.at(1.8) == pytest.approx(4.5)
    told = PulseClock(1, most=4, enough=2, silent_s=4.0)
    told.tempo(90.0)
    told.begin(8.0)
    told.pulse(0.0)
    assert told.at(1.0) == pytest.approx(9.5)


def test_garbage_of_a_clock_is_no_beat():
    clocks = Clocks()
    heard = AnalysisClock().told(float("nan"), 120.0, 0.0).told(0.5, float("inf"), 0.0)
    assert heard == AnalysisClock()
    for _ in range(50):
        clocks.midi.take("clock", 1.0)
    for source in SOURCES:
        p = given(source=source)
        assert np.isfinite(step(ClockState(heard), clocks.says(1.0, p), 1.0, p).beat.beats)
    clocks.midi.take("songpos", 0.0, 1 << 20)
    clocks.midi.take("clock", -1e9)
    p = given(source="midi")
    assert np.isfinite(step(ClockState(heard), clocks.says(2.0, p), 2.0, p).beat.beats)


def beats_of(times_s, says, **given_):
    """(beats that fell, whether one begins a bar) of each frame, by a MIDI clock that says so many beats."""
    state, out, p = ClockState(), [], given(source="midi", **given_)
    for now_s, beats in zip(times_s, says, strict=True):
        state = step(state, {"midi": (beats, 120.0)}, now_s, p)
        out.append((state.beat.fell, state.beat.begins_bar))
    assert state.beat.number == sum(fell for fell, _ in out)
    return out


def test_each_beat_falls_once_and_the_first_of_a_bar_is_known():
    t_s = np.arange(0, 5, 0.02)
    found = beats_of(t_s, t_s * 2.0 + 0.01, beats_per_bar=3)
    assert [i for i, (fell, _) in enumerate(found) if fell] == [25 * n for n in range(1, 10)]
    assert [i for i, (_, bar) in enumerate(found) if bar] == [75, 150, 225]


def test_a_clock_that_is_corrected_over_a_beat_does_not_tell_it_twice():
    found = beats_of([0.0, 0.01, 0.02, 0.03, 0.04], [3.97, 4.01, 3.98, 4.005, 4.02])
    assert [fell for fell, _ in found] == [0, 1, 0, 0, 0]


def test_a_late_look_sees_all_beats_and_a_jump_is_no_burst():
    found = beats_of([0.0, 2.0, 2.02, 2.04, 2.06, 2.5], [0.5, 4.5, 68.9, 68.95, 1.2, 2.1], beats_per_bar=4)
    assert [fell for fell, _ in found][:2] == [0, 4]
    assert found[2][0] == 1
    # Back to the beginning of the song: it goes on from there.
    assert [fell for fell, _ in found][3:] == [0, 0, 1]


def test_another_clock_or_another_first_beat_is_no_beat():
    heard = AnalysisClock().told(0.5, 120.0, 0.0)
    state = step(ClockState(heard), {"midi": (7.2, 90.0)}, 0.1, given())
    assert (state.ruler, state.beat.fell) == ("analysis", 0)
    state = step(state, {"midi": (7.21, 90.0)}, 0.11, given(source="midi"))
    assert (state.ruler, state.beat.fell) == ("midi", 0)
    state = step(state, {"midi": (7.22, 90.0)}, 0.12, given(source="midi", downbeat=1.0))
    assert (state.beat.beats, state.beat.fell) == (pytest.approx(4.22), 0)


def test_ticks_and_stops_while_it_stands_do_not_move_the_place_where_it_goes_on():
    clock = MidiClock()
    clock.take("start", 0.0)
    for i in range(24):
        clock.take("clock", i / 48)
    clock.take("stop", 0.5)
    for i in range(24, 40):
        clock.take("clock", i / 48)
    clock.take("stop", 40 / 48)
    clock.take("continue", 40 / 48)
    for i in range(40, 65):
        clock.take("clock", i / 48)
    assert clock.at(64 / 48) == pytest.approx(2.0)


def heard_bars(state, begin, frames, first, sure, p, bpm=120.0):
    """A show's beats, bar by bar, while the analysis hears a bar begin on each beat `first` of four."""
    out = []
    for i in range(begin, begin + frames):
        t_s = i * 0.01
        beats = t_s * bpm / 60.0
        state = step(state.with_heard(beats % 1.0, bpm, t_s, (beats - first) % 4 / 4, sure), {}, t_s, p)
        out.append(state)
    return out


def test_bars_begin_where_they_are_heard_to_and_only_where_that_is_sure():
    shown = heard_bars(ClockState(), 0, 400, 3, 0.9, given())
    assert [i for i, state in enumerate(shown) if state.beat.begins_bar] == [150, 350]
    # Not sure of another: the count stays.
    unsure = heard_bars(shown[-1], 400, 400, 1, 0.2, given())
    assert [i for i, state in enumerate(unsure, 400) if state.beat.begins_bar] == [550, 750]
    sure = heard_bars(unsure[-1], 800, 400, 1, 0.8, given())
    assert [i for i, state in enumerate(sure, 800) if state.beat.begins_bar] == [850, 1050]
    assert sum(state.beat.fell for state in (*shown, *unsure, *sure)) == 23


def test_a_hand_says_where_bars_begin_until_the_tempo_is_another():
    shown = heard_bars(ClockState(), 0, 400, 3, 0.9, given())
    marked = heard_bars(shown[-1], 400, 1, 3, 0.9, given(downbeat=1.0))
    after = heard_bars(marked[-1], 401, 400, 3, 0.9, given())
    assert [i for i, state in enumerate(after, 401) if state.beat.begins_bar] == [600, 800]
    faster = heard_bars(after[-1], 801, 600, 2, 0.9, given(), bpm=150.0)
    beats = np.array([i * 0.025 for i, state in enumerate(faster, 801) if state.beat.begins_bar])
    np.testing.assert_allclose((beats - 2) % 4, 0.0, atol=0.03)


def test_bars_of_another_length_are_not_those_of_the_analysis():
    shown = heard_bars(ClockState(), 0, 400, 3, 0.9, given(beats_per_bar=3))
    assert [i for i, state in enumerate(shown) if state.beat.begins_bar] == [150, 300]
