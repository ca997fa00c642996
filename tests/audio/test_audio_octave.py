"""Twice the tempo that onsets repeat in, where learnt evidence falls on the off-beats too, and not otherwise."""

import numpy as np
import pytest
from sounds import RATE_HZ, clicks

from vj.audio.analyser import Analyser
from vj.audio.features import PARAMS, beat
from vj.audio.octave import Octave, shares
from vj.audio.tempo import PHASES

P = {p.id: p.default for p in PARAMS}


def fold(off_beat=0.0, between=0.0, noise=0.01):
    """Evidence over a beat: 1 on it, and so much elsewhere."""
    out = np.full(PHASES, noise)
    out[[5, 5 + PHASES // 2]] = 1.0, off_beat
    out[[5 + PHASES // 4, 5 + 3 * PHASES // 4]] = between
    return out


def after(looks, bpm=95.0, octave=None):
    octave = octave or Octave()
    for one in looks:
        octave.look(one, bpm)
    return octave


def test_shares_are_those_of_the_off_beat_and_of_what_is_between():
    assert shares(fold(0.5, 0.3)) == pytest.approx((0.5, 0.4))


def test_evidence_on_off_beats_doubles_once_it_has_lasted():
    twice, once = fold(0.9), fold(0.1)
    assert after([twice] * 14).factor == 1.0
    assert after([twice] * 14 + [once] + [twice] * 14).factor == 1.0
    assert after([twice] * 15).factor == 2.0
    assert after([twice] * 15 + [fold(0.45)] * 30).factor == 2.0
    assert after([twice] * 15 + [once] * 15).factor == 1.0


def test_what_is_as_strong_between_tells_nothing_and_no_beat_is_too_quick():
    assert after([fold(0.9, 0.8)] * 30).factor == 1.0
    assert after([fold(0.9)] * 30, bpm=120.0).factor == 1.0


def test_within_a_track_no_beat_changes_its_pace():
    late = after([fold(0.1)] * 100)
    assert after([fold(0.9)] * 100, octave=late).factor == 1.0


def test_another_tempo_is_heard_anew_and_one_that_comes_back_as_it_was():
    octave = after([fold(0.1)] * 110)
    octave.forget()
    assert after([fold(0.9)] * 15, 80.0, octave).factor == 2.0
    octave.moved(2.0)
    assert octave.factor == 1.0
    octave.forget()
    assert after([fold(0.9)] * 99, octave=octave).factor == 1.0


class Taught:
    """A network that is sure of beats at this tempo, half a beat after the stream's begin."""

    def __init__(self, rate_hz, weights, bpm):
        self._hop, self._rate_hz, self._bpm, self._heard, self._told = round(0.02 * rate_hz), rate_hz, bpm, 0, 0

    def feed(self, samples):
        self._heard += len(samples)
        out = []
        while (self._told + 1) * self._hop <= self._heard:
            self._told += 1
            t_s = self._told * self._hop / self._rate_hz
            away = ((t_s - beat.DELAY_S - 0.25) * self._bpm / 60.0 + 0.5) % 1.0 - 0.5
            out.append((t_s, float(np.exp(-((away / 0.06) ** 2))), 0.0))
        return out


@pytest.mark.parametrize("taught_bpm", [92.0, 184.0])
def test_on_sound(taught_bpm, monkeypatch):
    """Strong and weak hits in turns at 184 repeat best at 92; what the network says decides."""
    monkeypatch.setattr(beat, "BeatNetwork", lambda rate_hz, weights: Taught(rate_hz, weights, taught_bpm))
    period_s = 60.0 / 184.0
    strong = np.arange(0.25, 20.0, 2 * period_s)
    sound = clicks(strong, 20.5) + clicks(strong + period_s, 20.5, gain=0.25)
    rows = Analyser(RATE_HZ).process(sound, P | {"audio/beat/preferred_bpm": 90.0})
    late = rows[rows["t_s"] > 12.0]
    np.testing.assert_allclose(late["bpm"], taught_bpm, rtol=0.02)
    beats_s = late["beat_t_s"][late["beat"] > 0]
    assert len(beats_s) == pytest.approx(8.5 * taught_bpm / 60.0, abs=2.0)
    away = ((beats_s - 0.25) * taught_bpm / 60.0 + 0.5) % 1.0 - 0.5
    assert np.abs(away).max() < 0.12
