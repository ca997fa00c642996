"""Every bend: neutral is the identity, only the chosen channels change, and it does what its name says."""

import numpy as np
import pytest
from scipy import ndimage

from vj.gan import bending
from vj.gan.bending.primitives import bend_layer

RNG = np.random.default_rng(4)
X = RNG.standard_normal((1, 16, 16, 8)).astype(np.float32)
FLOW = RNG.uniform(-1, 1, (16, 16, 2)).astype(np.float32)
SITES = 4
NEUTRAL = {p.id: p.default for p in bending.PARAMS}
NAMES = [b.name for b in bending.BENDS]


def bent(x=X, site=2, flow=FLOW, **values):
    p = NEUTRAL | {f"bend/{k.replace('__', '/')}": v for k, v in values.items()}
    return np.asarray(bend_layer(x, site, bending.pack(p, SITES), flow))


def strong(bend, **more):
    first = bend.amounts[0]
    amount = first.default + 0.7 * (first.hi - first.default)
    return {first.id.removeprefix("bend/").replace("/", "__"): amount, f"{bend.name}__layer": 0.5, **more}


def test_the_fourteen_of_the_design_are_there():
    expected = "translate rotate zoom shear flip mirror erode dilate threshold invert gain ablate inject displace"
    assert set(NAMES) >= set(expected.split())


def test_everything_neutral_changes_nothing_to_the_bit():
    for site in range(SITES + 1):
        assert np.array_equal(np.asarray(bend_layer(X, site, bending.neutral(), FLOW)), X)


@pytest.mark.parametrize("bend", bending.BENDS, ids=NAMES)
class TestContract:
    def test_shape_kind_and_finite(self, bend):
        out = bent(**strong(bend))
        assert out.shape == X.shape
        assert out.dtype == np.float32
        assert np.isfinite(out).all()
        assert np.abs(out - X).max() > 0.05

    def test_other_layers_are_left_alone(self, bend):
        assert np.array_equal(bent(site=1, **strong(bend)), X)

    def test_a_range_of_channels(self, bend):
        out = bent(**strong(bend, **{f"{bend.name}__channels_lo": 0.25, f"{bend.name}__channels_hi": 0.5}))
        changed = np.abs(out - X).max((0, 1, 2)) > 0
        assert changed.tolist() == [False, False, True, True, False, False, False, False]

    def test_a_shuffled_set_of_channels(self, bend):
        sets = set()
        for seed in (1.0, 2.0, 3.0):
            out = bent(**strong(bend, **{f"{bend.name}__channels_hi": 0.5, f"{bend.name}__channels_seed": seed}))
            sets.add(tuple(np.abs(out - X).max((0, 1, 2)) > 0))
        assert len(sets) > 1

    def test_ranges_and_names(self, bend):
        assert all(p.id.startswith(f"bend/{bend.name}/") and p.doc for p in bend.params)


def picture(shape=(16, 16)):
    """A smooth picture, so that resampling is comparable, in all channels."""
    y, x = np.mgrid[: shape[0], : shape[1]] / shape[0]
    return np.repeat((np.sin(5 * y + 1) + np.cos(4 * x) * y)[None, :, :, None], 3, axis=3).astype(np.float32)


def test_translate_moves_down_and_right_and_mirrors_what_enters():
    out = bent(translate__y=4 / 16, translate__x=-2 / 16, translate__layer=0.5)
    assert out[0, 4:, :-2] == pytest.approx(X[0, :-4, 2:], abs=1e-4)
    assert out[0, 3, :-2] == pytest.approx(X[0, 0, 2:], abs=1e-4)


def test_a_quarter_turn_is_clockwise():
    out = bent(rotate__turns=0.25, rotate__layer=0.5)
    assert out[0] == pytest.approx(np.rot90(X[0], -1), abs=1e-3)


def test_a_small_turn_equals_scipys():
    p = picture((32, 32))
    ours = np.asarray(bent(p, rotate__turns=0.05, rotate__layer=0.5))[0, 8:-8, 8:-8, 0]
    scipys = ndimage.rotate(p[0, :, :, 0], -18, reshape=False, order=1)[8:-8, 8:-8]
    assert ours == pytest.approx(scipys, abs=2e-3)


def test_zoom_by_two_shows_the_middle():
    p = picture((32, 32))
    out = bent(p, zoom__ratio=2.0, zoom__layer=0.5)[0, :, :, 0]
    middle = ndimage.map_coordinates(p[0, :, :, 0], np.mgrid[0:32, 0:32] / 2 + 7.75, order=1)
    assert out == pytest.approx(middle, abs=1e-3)


def test_shear_slides_rows():
    p = picture((32, 32))
    out = bent(p, shear__x=0.5, shear__layer=0.5)[0]
    row = 24  # (2 · 24 + 1) / 32 − 1 = 0.53 below the middle: moved right by half of that, in half pictures
    shift = 0.5 * ((2 * row + 1) / 32 - 1) * 16
    at = np.clip(np.arange(32) - shift, 0, 31)
    assert out[row, 8:, 0] == pytest.approx(np.interp(at, np.arange(32), p[0, row, :, 0])[8:], abs=1e-3)


def test_flips():
    assert bent(flip__y=1.0, flip__layer=0.5) == pytest.approx(X[:, ::-1], abs=1e-4)
    assert bent(flip__x=0.6, flip__layer=0.5) == pytest.approx(X[:, :, ::-1], abs=1e-4)
    assert bent(flip__x=0.4, flip__layer=0.5) == pytest.approx(X, abs=1e-4)


def test_a_full_mirror_is_symmetric():
    out = bent(mirror__x=1.0, mirror__layer=0.5)
    assert out == pytest.approx(out[:, :, ::-1], abs=1e-4)
    assert out[:, :, 8:] == pytest.approx(X[:, :, 8:], abs=1e-4)


def test_displacement_follows_the_flow_field():
    flow = np.zeros((16, 16, 2), np.float32)
    flow[..., 0], flow[..., 1] = 0.5, -0.25
    out = bent(flow=flow, displace__amount=0.5, displace__layer=0.5)
    assert out[0, 2:, :-1] == pytest.approx(X[0, :-2, 1:], abs=1e-4)


def test_growing_and_shrinking_equal_scipys_filters():
    for name, function in (("dilate", ndimage.maximum_filter), ("erode", ndimage.minimum_filter)):
        for amount, size in ((1.0, 3), (2.0, 7)):
            out = bent(**{f"{name}__amount": amount, f"{name}__layer": 0.5})
            assert out == pytest.approx(function(X, (1, size, size, 1), mode="nearest"), abs=1e-6)


def test_value_by_value_bends():
    assert bent(gain__db=6.0206, gain__layer=0.5) == pytest.approx(2 * X, rel=1e-4)
    assert bent(invert__amount=1.0, invert__layer=0.5) == pytest.approx(1 - X, abs=1e-6)
    assert not bent(ablate__amount=1.0, ablate__layer=0.5).any()
    mask = bent(threshold__amount=1.0, threshold__level=0.2, threshold__layer=0.5)
    assert np.array_equal(mask, (X > 0.2).astype(np.float32))


def test_injected_noise_is_normal_and_turns_smoothly():
    x = np.zeros((1, 64, 64, 8), np.float32)
    a, b, c = (bent(x, inject__sigma=0.5, inject__phase=t, inject__layer=0.5) for t in (0.0, 0.02, 0.25))
    assert a.mean() == pytest.approx(0, abs=0.02)
    assert a.std() == pytest.approx(0.5, rel=0.05)
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.95
    assert abs(np.corrcoef(a.ravel(), c.ravel())[0, 1]) < 0.1
    neighbours = np.corrcoef(a[0, :, :-1].ravel(), a[0, :, 1:].ravel())[0, 1]
    assert abs(neighbours) < 0.1


def test_bends_on_one_layer_follow_each_other():
    both = bent(invert__amount=1.0, invert__layer=0.5, flip__x=1.0, flip__layer=0.5)
    assert both == pytest.approx(1 - X[:, :, ::-1], abs=1e-4)


def test_each_bend_finds_its_own_layer():
    values = {"invert__amount": 1.0, "invert__layer": 0.25, "flip__x": 1.0, "flip__layer": 0.75}
    assert bent(site=1, **values) == pytest.approx(1 - X, abs=1e-6)
    assert bent(site=3, **values) == pytest.approx(X[:, :, ::-1], abs=1e-4)
    assert np.array_equal(bent(site=2, **values), X)
