"""A network that is worked out draws what its formulas say."""

import numpy as np
import pytest

from vj.generator import stylegan2
from vj.train.built import controls, liquid, mapping, piecewise, places, waves
from vj.train.built.model import measured_controls, tensors
from vj.train.built.wiring import DEAD, GAIN, ONE, Channels, Controls, Row, Style, layer


@pytest.fixture(scope="module")
def of():
    return measured_controls(np.random.default_rng(0))


def test_sines_of_hinges_are_close_to_sines():
    at = piecewise.knots(-7.0, 7.0, 14)
    v = np.linspace(-6.5, 6.5, 500)
    got = piecewise.leaky(v[:, None] - at) @ piecewise.sums(np.sin, at, 7.0)
    assert np.sqrt(np.square(got - np.sin(v)).mean()) < 0.1


def test_sines_of_folded_phases_are_sines_however_far_the_phase_goes():
    bank, v = waves.second_bank(""), np.linspace(-8.8, 8.8, 500)
    wave = bank[-1]
    folded = wave.constant + piecewise.leaky(v[:, None] - wave.at) @ np.array(list(wave.weights.values()))
    np.testing.assert_allclose(folded, np.arcsin(np.sin(v)), atol=1e-4)
    got = piecewise.leaky(folded[:, None] - waves.BENDS) @ np.array(list(wave.sine().values()))
    np.testing.assert_allclose(got, np.sin(v), atol=0.04)


def test_dye_is_folded_for_cosines_and_those_of_twice_the_phase():
    wave, v = waves.dye_bank("")[0], np.linspace(-6.9, 6.9, 500)
    folded = wave.constant + piecewise.leaky(v[:, None] - wave.at) @ np.array(list(wave.weights.values()))
    bends = piecewise.leaky(folded[:, None] - waves.BENDS)
    np.testing.assert_allclose(bends @ np.array(list(wave.sine().values())), np.cos(v), atol=0.04)
    np.testing.assert_allclose(bends @ np.array(list(wave.doubled().values())), -np.cos(2 * v), atol=0.15)


def test_a_curve_goes_through_its_knots():
    at = np.array([-1.0, -0.2, 0.5, 1.0], np.float32)
    hinges = np.concatenate([np.ones((4, 1)), piecewise.leaky(at[:, None] - at[:-1])], 1)
    np.testing.assert_allclose(hinges @ piecewise.through(at), np.eye(4), atol=1e-6)


def test_a_tent_is_level_outside_of_its_knots():
    at, values = np.array([-0.5, 0.0, 0.5], np.float32), np.array([0.0, 1.0, 0.0])
    weights = piecewise.level_outside(at, values)
    v = np.array([-3.0, -0.5, -0.25, 0.0, 0.5, 2.0])
    got = np.concatenate([piecewise.leaky(v[:, None] - at), np.ones((6, 1))], 1) @ weights
    np.testing.assert_allclose(got, [0.0, 0.0, 0.5, 1.0, 0.0, 0.0], atol=1e-6)


def test_places_reach_the_edges_at_the_next_size():
    taps = places.taps(places.products(8), places.wanted(16))
    m = [places._upsampled(8, tap) for tap in range(3)]
    got = sum(
        taps[:, i, down, across, None, None] * (m[down] @ below @ m[across].T)
        for i, below in enumerate(places.products(8))
        for down in range(3)
        for across in range(3)
    )
    np.testing.assert_allclose(got, places.wanted(16), atol=2e-3)


def test_rows_of_a_group_share_one_scale_and_others_are_what_their_norm_says():
    of = Controls(("a",), np.array([2.0], np.float32), np.array([1.0], np.float32), 8)
    below = Channels(dict.fromkeys(DEAD, 1.0) | {ONE: 0.5, "x": 2.0}, 6)
    rows = [Row("alone", {"x": 3.0}), Row("p", {"x": 1.0, ONE: 1.0}, "g"), Row("q", {"x": 1.0, ONE: -5.0}, "g")]
    _, out = layer("l", below, 8, rows, {"x": Style(0.0, {"a": 1.0})}, of)
    # The style of x has mean 2 and deviation 1.
    assert out.scales["alone"] == pytest.approx(GAIN / (1.5 * np.sqrt(5.0)), rel=1e-5)
    assert out.scales["p"] == out.scales["q"]


def test_too_many_rows_for_a_layer_are_refused():
    of = Controls((), np.zeros(0, np.float32), np.zeros(0, np.float32), 8)
    below = Channels(dict.fromkeys(DEAD, 1.0) | {ONE: 1.0}, 5)
    with pytest.raises(ValueError, match="found 7 channels, expected at most 6"):
        layer("l", below, 6, [Row(f"r{i}", {ONE: 1.0}) for i in range(3)], {}, of)


def test_symmetry_makes_the_waves_of_a_ring_one():
    z = np.random.default_rng(1).standard_normal((1, controls.Z_DIM)).astype(np.float32)
    z[0, controls.NAMED.index("symmetry")] = -2.0
    said = dict(zip(controls.names(), controls.of(z)[0], strict=True))
    assert said["dye0"] == pytest.approx(said["dye1"]) == pytest.approx(said["dye2"])
    assert said["strength3"] == pytest.approx(0.0)  # of the ring of five nothing is left


def test_controls_are_continuous_in_z():
    rng = np.random.default_rng(2)
    z = rng.standard_normal((64, controls.Z_DIM)).astype(np.float32)
    near = z + 1e-3 * rng.standard_normal(z.shape).astype(np.float32)
    assert np.abs(controls.of(z) - controls.of(near)).max() < 0.1


def test_the_network_draws_the_formula(of):
    """The bands of its 128×128 block beside phases, flow and dye computed without layers."""
    arch, z = liquid.ARCH, np.random.default_rng(3).standard_normal((6, controls.Z_DIM)).astype(np.float32)
    said, layers = controls.of(z), []

    def seen(_, activated):
        layers.append(np.asarray(activated))
        return activated

    p = stylegan2.prepare(_whole(of), arch)
    stylegan2.synthesis(p, arch, _styles(of, said), [None] * arch.n_conv, seen)
    one, band = (layers[_BANDS_AT][..., len(DEAD) + i] for i in (0, 2))
    wanted = np.stack([_bands(dict(zip(of.names, map(float, row), strict=True))) for row in said])
    alike = np.corrcoef(_inner(band / one), _inner(wanted))[: len(z), len(z) :]
    assert np.diag(alike).min() > 0.9, np.diag(alike)
    assert np.abs(alike[~np.eye(len(z), dtype=bool)]).max() < 0.5


def test_the_mapping_is_taught_what_w_should_say(of):
    rng = np.random.default_rng(4)
    by = mapping.pairs(1024, of, rng)
    taught = mapping.taught(liquid.ARCH, by, 16, 0)
    whole = _whole(of) | taught
    assert {name: a.shape for name, a in whole.items()} == liquid.ARCH.tensors()
    z, wanted = next(mapping.pairs(64, of, rng))
    w = np.asarray(stylegan2.mapping(stylegan2.prepare(whole, liquid.ARCH), liquid.ARCH, z))
    phases = slice(0, 3 * waves.COUNT)
    error = np.square(w[:, phases] - wanted[:, phases]).mean()
    assert error < 0.75
    assert not w[:, len(of.names) :].any()


def _whole(of):
    found = tensors(of, np.random.default_rng(0))
    return {n: found.get(n, np.zeros(shape, np.float32)) for n, shape in liquid.ARCH.tensors().items()}


def _styles(of, said):
    w = np.zeros((len(said), of.w_dim), np.float32)
    w[:, : len(of.names)] = (said - of.mean) / of.deviation
    return np.repeat(w[:, None], liquid.ARCH.num_ws, axis=1)


#: Which convolution makes the bands.
_BANDS_AT = 10


def _bands(said, side=128):
    def numbers(what):
        return np.array([said[f"{what}{i}"] for i in range(waves.COUNT)])

    x = (np.arange(side) + 0.5) / side - 0.5
    at = np.stack(np.meshgrid(x, x), -1)
    across = np.stack([-waves.FLOW[:, 1], waves.FLOW[:, 0]], 1) / np.linalg.norm(waves.FLOW, axis=1)[:, None]
    for phase in ("first", "second"):
        at = at + (np.sin(at @ waves.FLOW.T + numbers(phase)) * numbers("carry")) @ across
    phase = at @ waves.DYE.T + numbers("dye")
    mixed = -np.cos(2 * phase) @ (numbers("strength") * (waves.RING < 2))
    return np.sin((np.cos(phase) @ numbers("strength") + 0.3 * mixed) * said["banding"])


def _inner(pictures):
    """f[n, side, side] without edges, a row each."""
    return pictures[:, 10:-10, 10:-10].reshape(len(pictures), -1)
