"""BeatNet in NumPy: the original's arithmetic, any cut of the stream, any level, and what is no file of its weights."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from vj.audio.beat_network import BANDS, SHAPES, BeatNetwork, Layers, filterbank, load_weights
from vj.audio.features.beat import WEIGHTS
from vj.core.errors import ModelError

RATE = 48_000


@pytest.fixture(scope="module")
def weights():
    return load_weights(WEIGHTS)


def clicks(seconds=12.0, bpm=120.0):
    """Noise bursts on the beat, with an accent on every fourth."""
    sound = np.zeros(round(seconds * RATE), np.float32)
    burst = np.random.default_rng(0).standard_normal(4800) * np.exp(-np.arange(4800) / 900)
    for i, at in enumerate(np.arange(0.0, seconds - 0.2, 60.0 / bpm)):
        begin = round(at * RATE)
        sound[begin : begin + 4800] += (0.3 if i % 4 else 0.6) * burst.astype(np.float32)
    return sound


def test_the_layers_say_what_the_original_says(weights):
    """PyTorch's outputs for the original's weights and this input; the difference is half precision's."""
    frames = np.abs(np.random.default_rng(0).standard_normal((20, 2 * BANDS))).astype(np.float32)
    layers = Layers(weights)
    said = np.array([layers.step(frame) for frame in frames])
    expected = [
        [0.15223175, 0.8091218, 0.03864642], [0.53855324, 0.39984712, 0.06159966], [0.80962694, 0.13576925, 0.05460379],
    ]  # fmt: skip
    np.testing.assert_allclose(said[[0, 5, 19]], expected, atol=3e-3)


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000, 96_000])
def test_the_bands_are_those_of_the_original_at_any_rate(rate_hz):
    filters = filterbank(rate_hz / round(0.064 * rate_hz))
    assert filters.shape == (BANDS, 705)
    np.testing.assert_allclose(filters.sum(1), 1.0, atol=1e-5)
    # Each band's middle lies above the one before.
    middles = (filters * np.arange(705)).sum(1)
    assert (np.diff(middles) > 0).all()


@pytest.mark.parametrize("every", [1, 2])
def test_evidence_stands_on_the_beats(weights, every):
    """At the rate of a CD or more, and at half of it."""
    t_s, evidence, _ = np.array(BeatNetwork(RATE / every, weights).feed(clicks()[::every])).T
    late = t_s > 4.0
    phase = ((t_s[late] - 0.037) / 0.5 + 0.1) % 1.0
    on, off = evidence[late][phase < 0.2].mean(), evidence[late][phase >= 0.2].mean()
    assert on > 5.0 * off


def test_any_cut_of_the_stream_is_the_same_to_the_bit(weights):
    sound, cut = clicks(3.0), BeatNetwork(RATE, weights)
    whole = BeatNetwork(RATE, weights).feed(sound)
    parts, at = [], 0
    for size in np.random.default_rng(1).integers(0, 5000, 200):
        parts += cut.feed(sound[at : at + size])
        at += size
    assert parts == whole
    assert len(whole) == 150


@pytest.mark.parametrize("gain_db", [-30.0, 12.0])
def test_the_level_does_not_matter(weights, gain_db):
    plain, louder = (
        np.array(BeatNetwork(RATE, weights).feed(clicks() * np.float32(gain)))[:, 1]
        for gain in (1.0, 10.0 ** (gain_db / 20.0))
    )
    np.testing.assert_allclose(louder, plain, atol=1e-3)


def test_silence_is_no_beat_and_stays_finite(weights):
    evidence = np.array(BeatNetwork(RATE, weights).feed(np.zeros(RATE * 2, np.float32)))[:, 1]
    assert np.isfinite(evidence).all()
    assert evidence[50:].max() < 0.5


def test_other_files_are_refused(tmp_path, weights):
    with pytest.raises(ModelError, match=r"none\.safetensors: cannot be read"):
        load_weights(tmp_path / "none.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(ModelError, match="cannot be read"):
        load_weights(tmp_path / "bad.safetensors")
    for change in ({"linear.bias": np.zeros(2, np.float32)}, {"linear.bias": np.full(3, np.nan, np.float32)}):
        save_file({**weights, **change}, tmp_path / "other.safetensors")
        with pytest.raises(ModelError, match="not the weights of BeatNet"):
            load_weights(tmp_path / "other.safetensors")
    assert weights.keys() == SHAPES.keys()
