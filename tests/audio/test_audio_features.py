"""Loudness, chroma, drums and melody, sounds that are learnt, tempo that is tapped, sections that change."""

import numpy as np
import pytest
from sounds import RATE_HZ, chord, clicks, pulse_train

from vj import demo
from vj.audio import features
from vj.audio.analyser import Analyser
from vj.audio.features import FEATURE_DTYPE, components, loudness
from vj.audio.input.file import FileSource
from vj.audio.spectrum import Hop, Setup, Spectrum, to_mono
from vj.bench import ears
from vj.clock.taps import Taps

P = {p.id: p.default for p in features.PARAMS}


def analyse(sound, rate_hz=RATE_HZ, **changes):
    return Analyser(rate_hz).process(
        np.asarray(sound, np.float32), P | {k.replace("__", "/"): v for k, v in changes.items()}
    )


def sine(hz, length_s, rate_hz, gain_db=0.0):
    return 10 ** (gain_db / 20) * np.sin(2 * np.pi * hz * np.arange(round(length_s * rate_hz)) / rate_hz)


def test_at_48_khz_the_filters_are_those_of_the_standard():
    # ITU-R BS.1770-4, tables 1 and 2.
    (b, a), (b2, a2) = loudness.shelf(48_000), loudness.high_pass(48_000)
    assert b == pytest.approx([1.53512485958697, -2.69169618940638, 1.19839281085285], abs=1e-6)
    assert a == pytest.approx([1.0, -1.69065929318241, 0.73248077421585], abs=1e-6)
    assert b2 == pytest.approx([1.0, -2.0, 1.0])
    assert a2 == pytest.approx([1.0, -1.99004745483398, 0.99007225036621], abs=1e-6)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("gain_db", [-23.0, -33.0, -3.0])
def test_a_meter_reads_a_sine_as_the_ebu_says(rate_hz, gain_db):
    # EBU Tech 3341, cases 1 and 2: a stereo sine of 1 kHz at −23 dBFS reads −23 LUFS.
    rows = analyse(sine(1000, 2.0, rate_hz, gain_db), rate_hz)
    assert rows["lufs"][-1] == pytest.approx(gain_db, abs=0.1)


def test_silence_has_the_lowest_loudness_there_is():
    assert analyse(np.zeros(RATE_HZ))["lufs"].max() == -70


@pytest.mark.parametrize(("hz", "expected"), [(440.0, 9), (261.63, 0), (880.0, 9), (1479.98, 6), (123.47, 11)])
def test_a_note_is_its_pitch_class(hz, expected):
    chroma = analyse(chord((hz,), 2.0))["chroma"][-1]
    assert chroma.argmax() == expected
    assert chroma[expected] > 0.9
    assert np.delete(chroma, expected).max() < 0.5 * chroma[expected]


def test_a_chord_is_its_three_pitch_classes_whatever_the_octave():
    chroma = analyse(chord((220.0, 554.37, 1318.51), 2.0))["chroma"][-1]
    assert set(np.argsort(chroma)[-3:]) == {9, 1, 4}
    assert analyse(np.zeros(RATE_HZ))["chroma"].max() == 0


def test_a_chord_is_melody_and_a_click_is_drums():
    held = analyse(chord((440, 554, 660), 3.0))[150:]
    hits = analyse(clicks([0.5, 1.0, 1.5, 2.0], 3.0))
    assert np.median(held["melody_rms"]) > 1.5 * np.median(held["drums_rms"])
    loud = hits["rms"] > 0.5 * hits["rms"].max()
    assert hits["drums_rms"][loud].mean() > hits["melody_rms"][loud].mean()
    assert held["drums_onset"].sum() == 0


def kicks(times_s, seconds):
    """A drop from 180 to 50 Hz that is gone after a tenth of a second, at each time; f32[n]."""
    out, t = np.zeros(round(seconds * RATE_HZ), np.float32), np.arange(round(0.15 * RATE_HZ)) / RATE_HZ
    kick = 0.8 * np.sin(2 * np.pi * np.cumsum(50 + 130 * np.exp(-t / 0.02)) / RATE_HZ) * np.exp(-t / 0.025)
    for at in (np.asarray(times_s) * RATE_HZ).astype(int):
        out[at : at + len(kick)] += kick[: len(out) - at].astype(np.float32)
    return out


def test_a_low_note_is_bass_and_not_melody():
    low, high = analyse(chord((62,), 3.0))[150:], analyse(chord((440, 554, 660), 3.0))[150:]
    assert np.median(low["bass_rms"]) > 3 * np.median(low["melody_rms"])
    assert np.median(high["melody_rms"]) > 3 * np.median(high["bass_rms"])


def test_a_kick_is_no_bass():
    """A bass that rests in every other second, under four kicks in each: it follows the notes, not the kicks."""
    seconds = 8.0
    notes = np.concatenate([chord((80,), 1.0), np.zeros(RATE_HZ, np.float32)] * 4)[: round(seconds * RATE_HZ)]
    rows = analyse(0.5 * notes + kicks(np.arange(0.1, seconds - 0.2, 0.25), seconds))
    t_s = rows["t_s"]
    sounds, rests = (t_s > 2) & (t_s % 2 > 0.15) & (t_s % 2 < 0.95), (t_s > 2) & (t_s % 2 > 1.15)
    assert rows["bass_rms"][sounds].mean() > 4 * rows["bass_rms"][rests].mean()
    # The bands down there have every kick in them.
    low = rows["bands"][:, :2].max(1)
    assert low[sounds].mean() < 3 * low[rests].mean()
    near = [np.abs(t_s[rows["bass_onset"] == 1] - t).min() < 0.12 for t in (2.0, 4.0, 6.0)]
    assert all(near)


def test_melody_has_onsets_of_its_own():
    rows = analyse(np.concatenate([chord((440 * 2 ** (k / 6), 660 * 2 ** (k / 6)), 0.5) for k in range(12)]))
    found = rows["t_s"][rows["melody_onset"] == 1]
    assert np.mean([np.abs(found - t).min() < 0.1 for t in np.arange(1.0, 6.0, 0.5)]) > 0.8


def test_drums_have_onsets_of_their_own():
    times_s = np.arange(1.0, 7.0, 0.5)
    notes = np.concatenate([chord((220 * 2 ** (k / 12),), 0.75) for k in range(11)])
    sound = clicks(times_s, 8.25) + notes[: round(8.25 * RATE_HZ)]
    rows = analyse(sound)
    found = rows["t_s"][rows["drums_onset"] == 1]
    near = [np.abs(found - t).min() < 0.05 for t in times_s]
    assert np.mean(near) > 0.9
    # A note that begins abruptly is a little hit too.
    assert len(found) < 2 * len(times_s)


@pytest.mark.parametrize("detector", [1, 2, 3])
def test_aubios_detectors_can_be_chosen(detector):
    times_s = np.arange(0.5, 5.5, 0.5)
    rows = analyse(clicks(times_s, 6.0), audio__onset__detector=detector)
    found = rows["onset_t_s"][rows["onset"] == 1]
    assert np.mean([np.abs(found - t).min() < 0.05 for t in times_s]) > 0.9
    ours = analyse(clicks(times_s, 6.0))
    assert not np.array_equal(rows["onset"], ours["onset"])
    assert np.array_equal(rows["onset_strength"], ours["onset_strength"])


def low(length_s):
    """A kick: a sine that falls, and dies away."""
    t_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    return 0.8 * np.sin(2 * np.pi * (60 * t_s + 4 * (1 - np.exp(-t_s * 30)))) * np.exp(-t_s * 12)


def test_a_sound_that_was_learnt_is_kept_and_known_again():
    ears, kick, notes = Analyser(RATE_HZ), np.tile(low(0.5), 6).astype(np.float32), chord((440, 554, 659), 3.0)
    ears.process(notes, P)
    ears.process(kick, P | {"audio/components/fit": 5.0})
    spectrum = components_of(ears)._spectra[:, 4].copy()
    for sound in (notes, kick, notes):
        ears.process(sound, P)
    assert np.array_equal(components_of(ears)._spectra[:, 4], spectrum)
    on_kick, on_notes = (ears.process(sound, P)["components"][50:, 4] for sound in (kick, notes))
    assert on_kick.max() > 0.5
    assert np.percentile(on_notes, 90) < 0.3 * on_kick.max()
    ears.process(notes[:4096], P | {"audio/components/forget": 1.0})
    ears.process(notes, P)
    assert not np.array_equal(components_of(ears)._spectra[:, 4], spectrum)


def components_of(ears):
    return next(f for f in ears._features if hasattr(f, "_spectra"))


def test_taps_make_a_tempo_and_begin_anew_after_a_pause():
    taps = Taps()
    for k in range(6):
        assert taps.tapped(True, 0.5 * k)
        assert not taps.tapped(True, 0.5 * k + 0.01)
        taps.tapped(False, 0.5 * k + 0.1)
        assert (taps.bpm is None) == (k < 2)
    assert taps.bpm == pytest.approx(120)
    taps.tapped(True, 20.0)
    assert taps.bpm is None


def test_tapped_beats_rule_while_they_are_fresh():
    sound, _ = pulse_train(120, 20.0)
    ears, hop_s, rows = Analyser(RATE_HZ), Analyser(RATE_HZ).setup.hop_s, []
    tapped_s = 6.0 + 0.7 * np.arange(6)
    hop = ears.setup.hop
    for k in range(len(sound) // hop):
        down = np.abs(k * hop_s - tapped_s).min() < 0.05
        rows.append(ears.process(sound[k * hop : (k + 1) * hop], P | {"audio/beat/tap": float(down)}))
    rows = np.concatenate(rows)
    after = rows[(rows["t_s"] > 10.5) & (rows["t_s"] < 17.0)]
    assert after["bpm"] == pytest.approx(60 / 0.7, rel=0.03)
    beats = after["beat_t_s"][after["beat"] == 1]
    off = (beats - tapped_s[-1] + 0.35) % 0.7 - 0.35
    assert np.abs(off).max() < 0.1


def test_a_breakdown_begins_a_segment_though_the_tempo_stays():
    beat, _ = pulse_train(120, 36.0)
    pad = chord((110, 165, 220), 36.0)
    bright = 0.1 * np.random.default_rng(0).standard_normal(len(beat)).astype(np.float32)
    loud = np.arange(len(beat)) < 20 * RATE_HZ
    sound = np.where(loud, beat + bright, 0) + np.where(loud, 0, pad)
    changes = np.flatnonzero(np.diff(analyse(sound, audio__segment__on_silence=0)["tempo_segment"]))
    times_s = changes * Analyser(RATE_HZ).setup.hop_s
    assert any(20 < t < 24 for t in times_s)
    assert not any(7 < t < 19.9 for t in times_s)
    off = analyse(sound, audio__segment__on_silence=0, audio__segment__on_timbre=0)
    assert np.diff(off["tempo_segment"][: round(23 / Analyser(RATE_HZ).setup.hop_s)]).sum() < len(
        [t for t in times_s if t < 23]
    )


def test_the_cost_of_every_feature_is_told():
    report = ears.run(P, 0.5)
    assert report["us"].keys() == {"spectrum", *(m.__name__.rpartition(".")[2] for m in features.MODULES)}
    assert all(us > 0 for us in report["us"].values())
    assert report["chain_over_fft"] == pytest.approx(sum(report["us"].values()) / report["fft_us"])
    assert "all" in ears.text(report)


def test_components_explain_nearly_as_well_as_a_factorisation_that_saw_it_all():
    """Beside offline NMF of the same rank (Lee and Seung, 2001), on music of which it has heard only the past."""
    source = FileSource(demo.track_path())
    setup, sound = Setup.of(source.rate_hz), to_mono(np.concatenate(list(source.blocks(0.0, 25.0))))
    spectrum, feature = Spectrum(setup), components.Feature(setup)
    heard, error = [], 0.0
    for i in range(4, len(sound) // setup.hop):
        window = sound[(i - 3) * setup.hop - setup.hop : i * setup.hop]
        bands = spectrum.bands(window)
        hop = Hop(i * setup.hop_s, window[-setup.hop :], window, bands, spectrum.compressed(bands, 20.0), 0.1, False)
        row = np.zeros(1, FEATURE_DTYPE)[0]
        row["silent"] = float(np.abs(window).max() < 1e-4)
        spectra = feature._spectra.copy()
        feature.step(hop, row, P)
        if not row["silent"]:
            heard.append(hop.log.astype(float))
            error += np.square(heard[-1] - spectra @ feature._activation).sum()
    v, rng = np.array(heard).T, np.random.default_rng(0)
    w, h = rng.random((len(v), 12)) + 0.1, rng.random((12, v.shape[1])) + 0.1
    for _ in range(200):
        h *= (w.T @ v) / (w.T @ w @ h + 1e-9)
        w *= (v @ h.T) / (w @ h @ h.T + 1e-9)
    ratio = np.sqrt(error / np.square(v - w @ h).sum())
    print(f"{ratio:.3f} times the error of the offline factorisation")
    assert ratio < 1.6
