"""The ears on sounds of known content: causal, indifferent to block sizes, rates and gains."""

import numpy as np
import pytest
from sounds import RATE_HZ, chord, clicks, pulse_train, song

from vj.audio import features
from vj.audio.analyser import Analyser
from vj.audio.spectrum import Setup, filterbank

P = {p.id: p.default for p in features.PARAMS}


def analyse(sound, rate_hz=RATE_HZ, p=P):
    return Analyser(rate_hz).process(sound, p)


def same(a, b):
    return a.tobytes() == b.tobytes()


@pytest.fixture(scope="module")
def whole():
    return analyse(song())


@pytest.mark.parametrize("size", [1, 64, 65, 128, 8193])
def test_the_block_size_changes_nothing(whole, size):
    sound = song()
    # A block of one sample is slow in Python; a second, many windows long, shows as much.
    sound = sound[:RATE_HZ] if size == 1 else sound
    ears = Analyser(RATE_HZ)
    rows = np.concatenate([ears.process(sound[i : i + size], P) for i in range(0, len(sound), size)])
    assert same(rows, whole[: len(rows)])
    assert len(rows) == len(sound) // ears.setup.hop


def test_an_empty_block_is_no_block():
    assert len(Analyser(RATE_HZ).process(np.zeros((0, 2), np.float32), P)) == 0


def test_a_reset_forgets_everything(whole):
    ears = Analyser(RATE_HZ)
    ears.process(clicks([0.5, 1.1, 1.2], 3.0), P)
    ears.reset()
    assert same(ears.process(song(), P), whole)


def test_the_past_does_not_know_the_future(whole):
    sound = song()
    cut = 5 * RATE_HZ
    sound[cut:] = 0
    rows = analyse(sound)
    past = rows["t_s"] <= cut / RATE_HZ
    assert same(rows[past], whole[past])


def test_every_value_is_finite_and_in_its_signals_range(whole):
    for s in features.SIGNALS:
        values = whole[s.name]
        if s.name.endswith("_t_s"):
            values = values[~np.isnan(values)]
        assert np.isfinite(values).all(), s.name
        assert values.min() >= s.lo, s.name
        assert values.max() <= s.hi, s.name


def test_time_is_counted_from_the_first_sample_to_the_end_of_the_hop(whole):
    hop = Setup.of(RATE_HZ).hop
    assert whole["t_s"] == pytest.approx((np.arange(len(whole)) + 1) * hop / RATE_HZ)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
def test_hops_last_alike_at_every_rate(rate_hz):
    setup = Setup.of(rate_hz)
    assert 0.005 < setup.hop_s < 0.017
    assert setup.hop & (setup.hop - 1) == 0
    assert np.isfinite(filterbank(setup)).all()
    assert filterbank(setup).sum(1).min() > 0


@pytest.mark.parametrize(("rate_hz", "bpm"), [(8000, 90), (11025, 72), (22050, 150), (44100, 100), (96000, 125)])
def test_tempo_and_beats_of_a_pulse_train(rate_hz, bpm):
    sound, times_s = pulse_train(bpm, 14.0, rate_hz)
    rows = analyse(sound, rate_hz)
    assert rows["bpm"][-1] == pytest.approx(bpm, rel=0.02)
    beats_s = rows["beat_t_s"][rows["beat"] > 0]
    beats_s = beats_s[beats_s > 8]
    assert len(beats_s) >= 6 * bpm / 60 * 0.8
    late_s = np.array([b - times_s[np.abs(times_s - b).argmin()] for b in beats_s])
    assert np.abs(late_s).max() < 0.045
    assert abs(np.median(late_s)) < 0.006


def test_onsets_are_found_where_they_are_and_soon():
    times_s = np.array([0.7, 1.1, 1.9, 2.15, 3.0, 3.6])
    rows = analyse(clicks(times_s, 4.5))
    hits = rows[rows["onset"] > 0]
    assert len(hits) == len(times_s)
    assert hits["onset_t_s"] == pytest.approx(times_s, abs=0.015)
    assert (hits["t_s"] - times_s).max() < 0.035


def test_a_held_chord_has_one_onset_and_no_drums():
    rows = analyse(np.concatenate([np.zeros(RATE_HZ // 2, np.float32), chord((220, 330, 440), 3.0)]))
    assert rows["onset"].sum() <= 2
    later = rows["t_s"] > 1.5
    assert rows["drums_rms"][later].max() < 0.25 * rows["rms"][later].mean()
    hits = analyse(clicks([1.0, 2.0], 3.0))
    assert hits["drums_rms"].max() > 0.5 * hits["rms"].max()


def test_silence_stays_dark_and_standing():
    rows = analyse(np.concatenate([song(4.0), np.zeros(3 * RATE_HZ, np.float32)]))
    dark = rows["t_s"] > 4.5
    for name in ("level", "bands", "drums", "components", "onset"):
        assert not rows[name][dark].any(), name
    assert rows["silent"][dark].all()
    # The beat goes on.
    assert rows["beat"][dark].sum() >= 3


@pytest.mark.parametrize("gain_db", [-30, -12, 12])
def test_the_automatic_gain_makes_loud_and_quiet_alike(gain_db):
    gain = np.float32(10 ** (gain_db / 20))
    reference, scaled = analyse(song()), analyse(song() * gain)
    later = (reference["t_s"] > 1) & (scaled["silent"] == reference["silent"])
    assert later.mean() > 0.85
    assert scaled["level"][later] == pytest.approx(reference["level"][later], abs=0.05)
    assert scaled["rms_db"][later].max() - reference["rms_db"][later].max() == pytest.approx(gain_db, abs=0.1)


def test_the_plateau_holds_and_the_peak_falls():
    rows = analyse(clicks([1.0], 2.5), p=P | {"audio/onset/hold_s": 0.3})
    at = np.searchsorted(rows["t_s"], [1.05, 1.25, 2.2])
    plateau, peak = rows["onset_plateau"][at], rows["onset_peak"][at]
    assert plateau[0] == plateau[1] > 0.5
    assert peak[1] < 0.6 * peak[0]
    assert max(plateau[2], peak[2]) < 0.05


def test_a_change_of_tempo_begins_one_segment():
    first, _ = pulse_train(100, 14.0)
    second, _ = pulse_train(126, 16.0)
    rows = analyse(np.concatenate([first, second]))
    assert rows["tempo_segment"][-1] == 1
    changed_s = rows["t_s"][np.flatnonzero(np.diff(rows["tempo_segment"]))[0]]
    assert 14 < changed_s < 23


def test_sound_after_silence_begins_a_segment_and_the_switch_turns_that_off():
    assert analyse(song())["tempo_segment"][-1] == 1
    assert analyse(song(), p=P | {"audio/segment/on_silence": 0.0})["tempo_segment"][-1] == 0


def test_components_tell_chords_apart():
    """Two chords in turn: what is active in one differs from what is active in the other."""
    sound = np.concatenate([chord((220, 277, 330), 2), chord((196, 247, 294), 2)] * 3)
    rows = analyse(sound)
    second, third = (
        rows["components"][(rows["t_s"] > 8.5) & (rows["t_s"] < 9.9)],
        rows["components"][rows["t_s"] > 10.5],
    )
    a, b = second.mean(0), third.mean(0)
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert cosine < 0.8


def test_the_sawtooth_can_last_a_bar(whole):
    rows = analyse(song(), p=P | {"audio/sawtooth/beats": 2.0})
    assert np.sum(np.diff(rows["sawtooth"]) < -0.5) == pytest.approx(
        np.sum(np.diff(whole["sawtooth"]) < -0.5) / 4, abs=1
    )


def test_samples_that_are_no_numbers_are_silence():
    sound = song()
    sound[1000:1010] = np.nan
    sound[2000] = np.inf
    rows = analyse(sound)
    assert np.isfinite(rows["rms"]).all()


def test_channels_are_mixed():
    sound = song()
    stereo = np.stack([sound * 2, sound * 0], axis=1)
    assert same(analyse(stereo), analyse(sound))


def test_speed_of_the_whole_chain(benchmark):
    """Run with --benchmark-enable: time of one second of sound."""
    sound = song(1.0)
    ears = Analyser(RATE_HZ)
    benchmark(lambda: ears.process(sound, P))
