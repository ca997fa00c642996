"""The bundled track: its truth is true, and the file in the repository is what the code composes."""

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import correlate

from vj import demo
from vj.demo import annotation, compose, mix, score, synth

RATE_HZ = score.RATE_HZ
F32 = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def decoded() -> F32:
    return decode(demo.track_path())


@pytest.fixture(scope="module")
def stems() -> dict[str, npt.NDArray[np.float64]]:
    return compose.stems()


@pytest.fixture(scope="module")
def composed(stems: dict[str, npt.NDArray[np.float64]]) -> F32:
    return compose.mixdown(stems)


def decode(path: Path) -> F32:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "stereo", RATE_HZ)
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    return np.concatenate([f.to_ndarray().reshape(-1, 2) for f in frames])


def part(sound: F32, start_s: float, end_s: float) -> F32:
    return sound[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]


def rms_db(sound: F32) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64))) + 1e-9))


def test_stored_truth_is_the_scores() -> None:
    assert demo.truth() == score.truth()


def test_truth_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    path.write_text(annotation.dump(score.truth()), encoding="utf-8")
    assert annotation.load(path) == score.truth()


def test_file_is_small_and_as_long_as_it_says(decoded: F32) -> None:
    assert demo.track_path().stat().st_size < 1.5e6
    assert len(decoded) == round(demo.truth().duration_s * RATE_HZ)


@pytest.mark.parametrize("start_s", [1.0, 9.0, 25.0, 39.0, 50.0, 61.0])
def test_file_is_the_composition_within_a_millisecond(composed: F32, decoded: F32, start_s: float) -> None:
    pad = RATE_HZ // 100
    wanted = part(composed, start_s, start_s + 1.5)[:, 0]
    begin = round(start_s * RATE_HZ) - pad
    heard = decoded[begin : begin + len(wanted) + 2 * pad, 0]
    match = correlate(heard, wanted, "valid")
    assert abs(int(match.argmax()) - pad) <= RATE_HZ // 1000
    assert match.max() > 0.98 * np.linalg.norm(wanted) * np.linalg.norm(heard[match.argmax() :][: len(wanted)])


def test_composing_again_gives_the_same_samples() -> None:
    notes = [n for n in score.notes(score.bars()) if 23.0 < n.t_s < 25.0]
    again = [mix.stems(notes, 27 * RATE_HZ, RATE_HZ, seed) for seed in (1, 1, 2)]
    assert set(again[0]) == {n.instrument for n in notes}
    assert all(np.array_equal(again[0][name], again[1][name]) for name in again[0])
    assert not np.array_equal(again[0]["hat"], again[2]["hat"])


def test_levels(composed: F32, decoded: F32) -> None:
    assert np.isfinite(composed).all()
    assert np.abs(composed).max() < mix.CEILING
    assert np.abs(decoded).max() < 1.0
    assert mix.loudness_lufs(decoded.T.astype(np.float64), RATE_HZ) == pytest.approx(mix.LOUDNESS_LUFS, abs=0.3)
    assert rms_db(composed.mean(axis=1)) > rms_db(composed[:, 0]) - 3, "mono must not lose the music"


def test_loudness_of_the_standards_reference_tone() -> None:
    # BS.1770: a 997 Hz sine of 0 dBFS in one of two channels reads -3.01 LUFS.
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * RATE_HZ) / RATE_HZ)
    assert mix.loudness_lufs(np.stack([tone, 0 * tone]), RATE_HZ) == pytest.approx(-3.01, abs=0.05)


def test_silence_is_silent(composed: F32, decoded: F32) -> None:
    (silence,) = demo.truth().silences
    assert silence.end_s - silence.start_s > 1.5
    assert not part(composed, silence.start_s, silence.end_s).any()
    assert rms_db(part(decoded, silence.start_s + 0.05, silence.end_s - 0.05)) < -70
    assert np.abs(part(composed, 0, score.LEAD_IN_S - 0.001)).max() < 1e-6


def test_kicks_are_heard_where_the_truth_says(decoded: F32) -> None:
    """The kick's own waveform fits best within 2 ms of the truth, in the full mix after the codec."""
    rate_hz, around = RATE_HZ, RATE_HZ // 50
    drum = synth.kick(1.0, rate_hz)[0, : rate_hz // 25]
    mono = decoded.mean(axis=1)
    for t_s in demo.truth().onsets_of("kick"):
        begin = round(t_s * rate_hz) - around
        match = correlate(mono[begin : begin + len(drum) + 2 * around], drum, "valid")
        assert abs(int(match.argmax()) - around) <= 0.002 * rate_hz, f"kick at {t_s} s"


def test_every_onset_is_in_its_stem(stems: dict[str, npt.NDArray[np.float64]]) -> None:
    for name, times_s in demo.truth().onsets_s.items():
        level = np.abs(stems[name]).sum(axis=0)
        for t_s in times_s:
            begin = round(t_s * RATE_HZ)
            before, after = level[begin - 96 : begin].mean(), level[begin : begin + 960].mean()
            assert after > max(1.05 * before, 1e-4), f"{name} at {t_s} s"


def test_stems_are_quiet_outside_their_notes(stems: dict[str, npt.NDArray[np.float64]]) -> None:
    first_kick = demo.truth().onsets_s["kick"][0]
    assert not stems["kick"][:, : round(first_kick * RATE_HZ)].any()


def test_beats_follow_the_tempo_segments() -> None:
    truth = demo.truth()
    assert [s.bpm for s in truth.tempo_segments] == [120, 132]
    for segment in truth.tempo_segments:
        own = truth.beat_times_s[(truth.beat_times_s >= segment.start_s) & (truth.beat_times_s < segment.end_s)]
        np.testing.assert_allclose(np.diff(own), 60 / segment.bpm, atol=2e-6)
        assert own[0] == segment.start_s
    assert len(truth.downbeat_times_s) * 4 == len(truth.beat_times_s)
    assert set(truth.onsets_of("clap")) <= {b.t_s for b in truth.beats if b.in_bar in (2, 4)}


def test_sections_meet_and_chords_fill_them() -> None:
    truth = demo.truth()
    assert all(a.end_s == b.start_s for a, b in zip(truth.sections, truth.sections[1:], strict=False))
    for chord in truth.chords:
        assert all(0 <= pc < 12 for pc in chord.pitch_classes)
        assert not any(s.start_s <= chord.start_s < s.end_s for s in truth.silences)
    silent_s = sum(s.end_s - s.start_s for s in truth.silences)
    assert sum(c.end_s - c.start_s for c in truth.chords) + silent_s == pytest.approx(
        truth.sections[-1].end_s - truth.sections[0].start_s, abs=1e-4
    )


def test_each_chord_is_in_the_sound(stems: dict[str, npt.NDArray[np.float64]]) -> None:
    """Energy of the pads per pitch class: the chord's own classes hold nearly all of it."""
    for chord in demo.truth().chords:
        sound = part(stems["pad"].sum(axis=0), chord.start_s + 0.5, chord.end_s)
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 4 * len(sound))) ** 2
        hz = np.fft.rfftfreq(4 * len(sound), 1 / RATE_HZ)
        heard = (hz > 120) & (hz < 420)
        classes = np.round(69 + 12 * np.log2(hz[heard] / 440)).astype(int) % 12
        per_class = np.bincount(classes, spectrum[heard], 12)
        assert per_class[list(chord.pitch_classes)].sum() > 0.8 * per_class.sum(), chord
