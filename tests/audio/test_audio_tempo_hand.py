"""What a hand corrects of the tempo that is heard, on sound and by itself."""

import numpy as np
import pytest
from sounds import RATE_HZ, pulse_train

from vj.audio.analyser import Analyser
from vj.audio.features import PARAMS
from vj.audio.tempo_change import TempoChange
from vj.audio.tempo_hand import TempoHand

P = {p.id: p.default for p in PARAMS}


def heard(sound, presses=(), p=P):
    """Rows of a sound during which buttons are pressed, (time in s, id) each."""
    analyser, rows, size = Analyser(RATE_HZ), [], 441
    for at in range(0, len(sound), size):
        down = {id: 1.0 for t_s, id in presses if t_s <= at / RATE_HZ < t_s + 0.05}
        rows.append(analyser.process(sound[at : at + size], p | down))
    return np.concatenate(rows)


def between(rows, from_s, to_s):
    return rows[(rows["t_s"] > from_s) & (rows["t_s"] < to_s)]


def test_half_and_double_and_the_off_beat():
    sound, times_s = pulse_train(100, 20.0)
    rows = heard(sound, [(8.0, "audio/beat/double"), (12.0, "audio/beat/half"), (13.0, "audio/beat/half"),
                         (17.0, "audio/beat/double"), (18.0, "audio/beat/shift")])  # fmt: skip
    for (from_s, to_s), bpm in {(6, 8): 100, (8.1, 12): 200, (13.1, 17): 50, (17.1, 20): 100}.items():
        np.testing.assert_allclose(between(rows, from_s, to_s)["bpm"], bpm, rtol=0.02)
        fell = between(rows, from_s, to_s)["beat"].sum()
        assert fell == pytest.approx((to_s - from_s) * bpm / 60, abs=1.01)
    late = between(rows, 18.3, 20)
    off_beats_s = late["beat_t_s"][late["beat"] > 0]
    assert all(np.abs(times_s + 0.3 - t_s).min() < 0.03 for t_s in off_beats_s)
    # Beats go on: none is told twice.
    assert np.diff(rows["t_s"][rows["beat"] > 0]).min() > 0.15


def test_another_tempo_or_a_silence_is_heard_as_it_is():
    slow, _ = pulse_train(100, 12.0)
    fast, _ = pulse_train(140, 16.0)
    rows = heard(np.concatenate([slow, fast]), [(8.0, "audio/beat/double")])
    assert between(rows, 9, 12)["bpm"] == pytest.approx(200, rel=0.02)
    assert rows["bpm"][-1] == pytest.approx(140, rel=0.02)
    gap = np.zeros(RATE_HZ, np.float32)
    rows = heard(np.concatenate([slow, gap, slow]), [(8.0, "audio/beat/double")])
    assert rows["bpm"][-1] == pytest.approx(100, rel=0.02)
    keeps = heard(
        np.concatenate([slow, gap, slow]), [(8.0, "audio/beat/double")], P | {"audio/segment/on_silence": 0.0}
    )
    assert keeps["bpm"][-1] == pytest.approx(200, rel=0.02)


def test_what_was_wanted_is_a_tempo_and_not_a_factor():
    """Heard at 105, doubled by hand; then the analysis finds 210 by itself: nothing is doubled again."""
    hand, beats, told = TempoHand(), 0.0, []
    for i in range(4000):
        heard_bpm = 105.0 if i < 2000 else 195.0
        beats += heard_bpm / 60 * 0.01
        hand.press(heard_bpm, 1.0, P | {"audio/beat/double": float(i == 500)})
        told.append((hand.beats(beats, heard_bpm), heard_bpm * hand.factor))
    counted, bpm = np.array(told).T
    assert bpm[[400, 600, 3000]].tolist() == [105.0, 210.0, 195.0]
    assert np.abs(np.diff(counted)).max() < 0.55
    # Once the music is another, beats that are heard are beats again, not the off-beats of a half tempo.
    hand.press(195.0, 1.0, P | {"audio/beat/half": 1.0})
    hand.beats(beats + 1.3, 195.0)
    hand.forget()
    assert (hand.beats(beats, 195.0) - beats) % 1.0 == pytest.approx(0.0, abs=1e-9)


def test_taps_may_be_quicker_than_what_can_be_heard():
    sound, _ = pulse_train(105, 14.0)
    taps = [(8.0 + i * 60 / 210, "audio/beat/tap") for i in range(8)]
    rows = heard(sound, taps)
    assert rows["bpm"][-1] == pytest.approx(210, rel=0.02)


def test_beyond_what_a_tempo_can_be_nothing_is_doubled():
    hand = TempoHand()
    for down in (1.0, 0.0) * 4:
        hand.press(150.0, 1.0, P | {"audio/beat/double": down})
        hand.beats(1.0, 150.0)
    assert hand.factor == 2.0


def test_a_change_lasts_before_it_counts():
    change, heard_bpm = TempoChange(0.01), [120.0] * 300 + [140.0] * 150 + [120.0] * 100 + [140.0] * 300
    found = [change.step(bpm, 1.0, P, silent=False) for bpm in heard_bpm]
    assert np.flatnonzero(found).tolist() == [pytest.approx(550 + 200, abs=1)]
