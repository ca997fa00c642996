"""Events are counted in the rows, so that whoever looks sees each of them once: however seldom, and after a restart."""

import numpy as np
import pytest
import soundfile
from sounds import RATE_HZ, song

from vj import demo
from vj.audio import events, features
from vj.audio.analyser import Analyser
from vj.audio.features import PULSES

P = {p.id: p.default for p in features.PARAMS}
FPS = (60, 30, 24, 15, 4)


@pytest.fixture(scope="module")
def rows():
    sound, rate_hz = soundfile.read(demo.track_path(), dtype="float32", frames=30 * RATE_HZ)
    return Analyser(rate_hz).process(sound, P)


def looks(rows, fps, jitter=0.0):
    """The newest row at each frame, from the first row to the last, some frames late."""
    end_s = rows["t_s"][-1]
    times_s = np.arange(rows["t_s"][0], end_s, 1 / fps)
    times_s[1:] += np.random.default_rng(fps).uniform(0, jitter / fps, len(times_s) - 1)
    at = np.searchsorted(rows["t_s"], np.append(times_s, end_s), side="right") - 1
    return rows[np.maximum.accumulate(at)]


def seen(looked):
    """Events of each look, as a list of mappings."""
    before, out = None, []
    for row in looked:
        before, new = events.look(before, row)
        out.append(new)
    return out


def test_each_pulse_is_counted(rows):
    assert sorted(PULSES) == ["bass_onset", "beat", "drums_onset", "melody_onset", "onset"]
    for i, name in enumerate(PULSES):
        assert rows[name].sum() > 20
        assert np.array_equal(rows["events"][:, i], np.cumsum(rows[name]))


@pytest.mark.parametrize("fps", FPS)
@pytest.mark.parametrize("jitter", [0.0, 1.5])
def test_whoever_looks_sees_each_event_once_at_any_rate(rows, fps, jitter):
    new = seen(looks(rows, fps, jitter))
    for name in PULSES:
        assert sum(n[name] for n in new) == rows[name][1:].sum()
        pulses = [events.pulses(n)[name] for n in new]
        assert set(pulses) == {0.0, 1.0}
        assert sum(pulses) == sum(n[name] > 0 for n in new)
    # What was done before: most pulses lie in rows that nobody looks at.
    assert looks(rows, fps, jitter)["onset"].sum() < rows["onset"][1:].sum()


def test_a_first_look_is_told_of_nothing_that_is_over(rows):
    counts, new = events.look(None, rows[-1])
    assert set(new.values()) == {0}
    assert events.look(counts, rows[-1])[1] == new


def test_where_nothing_is_heard_for_a_while_nothing_is_lost(rows):
    counts, _ = events.look(None, rows[0])
    for _ in range(3):
        counts, new = events.look(counts, None)
        assert set(new.values()) == {0}
    assert events.look(counts, rows[-1])[1]["onset"] == rows["onset"][1:].sum()


def test_counting_that_begins_anew_is_no_burst_and_the_next_event_is_seen(rows):
    before, anew = rows[-1], Analyser(RATE_HZ).process(song(), P)
    new = seen([before, *anew])
    assert sum(n["onset"] for n in new) == anew["onset"][1:].sum() > 5
    assert set(new[1].values()) == {0}


def test_ears_that_were_started_again_count_on(rows):
    ears = Analyser(RATE_HZ, rows["events"][-1])
    again = ears.process(song(), P)
    new = seen([rows[-1], *again[40::40], again[-1]])
    for name in PULSES:
        assert sum(n[name] for n in new) == again[name].sum() > 5
    assert events.look(rows["events"][-1], again[-1])[1] == {name: again[name].sum() for name in PULSES}
