"""What each bend does, against scipy and numpy in float64."""

import numpy as np
import pytest
import scipy.ndimage as nd
from bend_tools import SHAPE, STILL, amounts, bent, features

H, W = SHAPE[1:3]
CENTRE = np.array([(H - 1) / 2, (W - 1) / 2])


def affine(x, matrix, offset_px=(0.0, 0.0)):
    """Output position o reads input position matrix · (o − centre) + centre + offset, mirrored beyond the border."""
    matrix = np.asarray(matrix, np.float64)
    offset = CENTRE - matrix @ CENTRE + np.asarray(offset_px)
    return over_maps(x, lambda m: nd.affine_transform(m, matrix, offset, order=1, mode="reflect"))


def over_maps(x, function):
    """A function of one feature map [h, w] over all of [n, h, w, c]."""
    maps = x.astype(np.float64).transpose(0, 3, 1, 2)
    return np.stack([[function(m) for m in sample] for sample in maps]).transpose(0, 2, 3, 1)


def close(found, expected):
    np.testing.assert_allclose(found, expected, atol=3e-5)


@pytest.mark.parametrize(("y", "x"), [(0.25, 0.0), (0.0, -0.5), (0.13, 0.37), (1.0, -0.9)])
def test_translate_moves_down_and_right(y, x):
    f = features()
    close(
        bent(f, amounts("translate", y, x)),
        over_maps(f, lambda m: nd.shift(m, (y * H, x * W), order=1, mode="reflect")),
    )


def test_translate_by_a_quarter_moves_a_pixel_three_of_twelve():
    f = np.zeros(SHAPE, np.float32)
    f[:, 6, 4] = 1
    assert np.argwhere(bent(f, amounts("translate", 0.25, 0.25))[0, :, :, 0] > 0.99).tolist() == [[9, 7]]


@pytest.mark.parametrize("turns", [0.25, -0.25, 0.5, 0.07, -0.31])
def test_rotate(turns):
    f = features()
    a = 2 * np.pi * turns
    close(bent(f, amounts("rotate", turns)), affine(f, [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]))


def test_rotate_turns_clockwise():
    f = features()
    close(bent(f, amounts("rotate", 0.25)), np.rot90(f, k=-1, axes=(1, 2)))


@pytest.mark.parametrize("ratio", [0.25, 0.6, 1.5, 4.0])
def test_zoom(ratio):
    f = features()
    close(bent(f, amounts("zoom", ratio)), affine(f, np.eye(2) / ratio))


@pytest.mark.parametrize(("y", "x"), [(0.5, 0.0), (0.0, 1.0), (-0.7, 0.3)])
def test_shear(y, x):
    f = features()
    close(bent(f, amounts("shear", y, x)), affine(f, [[1, -y], [-x, 1]]))


def test_flip_is_a_switch():
    f = features()
    close(bent(f, amounts("flip", 1.0, 0.0)), f[:, ::-1])
    close(bent(f, amounts("flip", 0.0, 1.0)), f[:, :, ::-1])
    close(bent(f, amounts("flip", 1.0, 1.0)), f[:, ::-1, ::-1])
    close(bent(f, amounts("flip", 0.49, 0.51)), f[:, :, ::-1])


def test_mirror_folds_one_half_onto_the_other():
    f = features()
    upper = np.concatenate([f[:, H // 2 :][:, ::-1], f[:, H // 2 :]], axis=1)
    close(bent(f, amounts("mirror", 1.0, 0.0)), upper)
    left = np.concatenate([f[:, :, W // 2 :][:, :, ::-1], f[:, :, W // 2 :]], axis=2)
    close(bent(f, amounts("mirror", 0.0, 1.0)), left)


@pytest.mark.parametrize(("name", "function"), [("dilate", nd.maximum_filter), ("erode", nd.minimum_filter)])
def test_dilate_and_erode(name, function):
    f = features()
    three = over_maps(f, lambda m: function(m, 3, mode="nearest"))
    seven = over_maps(f, lambda m: function(m, 7, mode="nearest"))
    close(bent(f, amounts(name, 1.0)), three)
    close(bent(f, amounts(name, 2.0)), seven)
    close(bent(f, amounts(name, 0.4)), 0.6 * f + 0.4 * three)


@pytest.mark.parametrize("level", [-0.5, 0.0, 1.2])
def test_threshold(level):
    f = features()
    mask = (f > level).astype(np.float64)
    close(bent(f, amounts("threshold", 1.0, level, 1.0)), mask)
    close(bent(f, amounts("threshold", 0.3, level, 2.5)), 0.7 * f + 0.3 * 2.5 * mask)


def test_value_bends():
    f = features()
    close(bent(f, amounts("invert", 1.0, 0.5)), 1 - f)
    close(bent(f, amounts("invert", 1.0, 0.0)), -f)
    close(bent(f, amounts("invert", 0.5, 0.25)), np.full_like(f, 0.25))
    close(bent(f, amounts("gain", 12.0)), f * 10 ** (12 / 20))
    close(bent(f, amounts("gain", -6.0)), f * 10 ** (-6 / 20))
    close(bent(f, amounts("ablate", 1.0)), 0 * f)
    close(bent(f, amounts("ablate", 0.25)), 0.75 * f)


def test_displace_by_an_even_field_translates():
    f = features()
    flow = STILL + np.float32([0.5, -0.25])
    # Amount 1 moves by half a picture where the field is 1.
    expected = over_maps(
        f, lambda m: nd.shift(m, (0.5 * 0.5 * H * 0.6, -0.25 * 0.5 * W * 0.6), order=1, mode="reflect")
    )
    close(bent(f, amounts("displace", 0.6), flow), expected)


def test_displace_reads_the_field_between_its_points():
    f = features()
    flow = np.random.default_rng(2).uniform(-1, 1, STILL.shape).astype(np.float32)
    at = [(np.arange(n) + 0.5) * 16 / n - 0.5 for n in (H, W)]
    grid = np.stack(np.meshgrid(*at, indexing="ij"))
    moved = np.stack(
        [nd.map_coordinates(flow[..., i].astype(np.float64), grid, order=1, mode="nearest") for i in (0, 1)]
    )
    pixels = np.stack(np.meshgrid(np.arange(H), np.arange(W), indexing="ij")) - 0.8 * moved * (H / 2)
    close(
        bent(f, amounts("displace", 0.8), flow),
        over_maps(f, lambda m: nd.map_coordinates(m, pixels, order=1, mode="reflect")),
    )


def injected(sigma, phase=0.0, seed=0.0, shape=(1, 64, 64, 8)):
    p = amounts("inject", sigma, phase) | {"bend/inject/channels_seed": seed}
    return bent(np.zeros(shape, np.float32), p)


def test_injected_noise_is_normal_and_without_pattern():
    n = injected(2.0)
    assert abs(n.mean()) < 0.05
    assert abs(n.std() - 2.0) < 0.05
    assert abs((n**4).mean() / 2.0**4 - 3.0) < 0.2
    for axis in (1, 2, 3):
        a, b = np.split(n, [n.shape[axis] - 1], axis=axis)[0], np.split(n, [1], axis=axis)[1]
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.02
    power = np.abs(np.fft.fft2(n[0], axes=(0, 1))) ** 2 / (64 * 64 * 4)
    assert power.max() < 20, "no frequency stands out: white noise stays below about 11"


def test_injected_noise_turns_smoothly_and_comes_round():
    still, near, quarter, half, round_ = (injected(1.0, t) for t in (0.0, 0.01, 0.25, 0.5, 1.0))
    np.testing.assert_array_equal(still, injected(1.0, 0.0))
    np.testing.assert_allclose(round_, still, atol=1e-4)
    np.testing.assert_allclose(half, -still, atol=1e-4)
    assert abs(np.corrcoef(still.ravel(), quarter.ravel())[0, 1]) < 0.02
    assert np.abs(near - still).max() < 0.4
    assert abs(np.corrcoef(still.ravel(), injected(1.0, 0.0, seed=1.0).ravel())[0, 1]) < 0.02


def test_more_value_bends():
    f = features()
    close(bent(f, amounts("bias", -0.75)), f - 0.75)
    close(bent(f, amounts("clamp", 1.0, 0.5)), np.clip(f, -0.5, 0.5))
    close(bent(f, amounts("clamp", 0.25, 0.5)), 0.75 * f + 0.25 * np.clip(f, -0.5, 0.5))
    steps = np.floor(f / 0.7 + 0.5) * 0.7
    close(bent(f, amounts("posterise", 1.0, 0.7)), steps)
    close(bent(f, amounts("posterise", 0.4, 0.7)), 0.6 * f + 0.4 * steps)


def around_the_centre(f, turn, mode="reflect"):
    """Each pixel read from where it is turned to, counter-clockwise, by turn(distance, angle) in radians."""
    y, x = (2 * np.arange(n) / n + 1 / n - 1 for n in (H, W))
    y, x = np.meshgrid(y, x, indexing="ij")
    away, angle = np.hypot(y, x), np.arctan2(y, x)
    to = angle + turn(away, angle)
    places = [(away * np.sin(to) + 1) * H / 2 - 0.5, (away * np.cos(to) + 1) * W / 2 - 0.5]
    return over_maps(f, lambda m: nd.map_coordinates(m, places, order=1, mode=mode))


@pytest.mark.parametrize("turns", [0.3, -1.4])
def test_swirl(turns):
    f = features()
    close(
        bent(f, amounts("swirl", turns)),
        around_the_centre(f, lambda r, _: -2 * np.pi * turns * np.clip(1 - r, 0, 1) ** 2),
    )


def test_swirl_turns_the_middle_clockwise_and_leaves_the_rim():
    f = features(1, 40, 40, 2)
    swirled = bent(f, amounts("swirl", 0.25))
    np.testing.assert_allclose(swirled[:, 0], f[:, 0], atol=0.06)
    # As far as at a distance of .1 nearly a whole quarter.
    spot = np.zeros((1, 40, 40, 1), np.float32)
    spot[0, 17:19, 19:21] = 1.0
    found = np.argwhere(bent(np.repeat(spot, 8, 3), amounts("swirl", 0.25))[0, :, :, 0] > 0.3).mean(0)
    assert found[1] > 20.5
    assert abs(found[0] - 19.5) < 1.5


@pytest.mark.parametrize("mirrors", [1, 3, 6])
def test_kaleidoscope(mirrors):
    f = features()
    sector = np.pi / mirrors
    folded = around_the_centre(f, lambda _, angle: np.abs(np.mod(angle, 2 * sector) - sector) - angle)
    # Read by one rule in float32 and float64, places on a sector's edge may differ: those are few.
    off = np.abs(bent(f, amounts("kaleidoscope", 1.0, mirrors)) - folded)
    assert np.quantile(off, 0.98) < 1e-3


def test_a_kaleidoscope_of_four_is_symmetric_both_ways():
    k = bent(features(1, 16, 16, 8), amounts("kaleidoscope", 1.0, 2.0))
    np.testing.assert_allclose(k, k[:, ::-1], atol=1e-3)
    np.testing.assert_allclose(k, k[:, :, ::-1], atol=1e-3)


def test_blur_and_sharpen():
    f = features()
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    wide = np.zeros((5, 5))
    wide[::2, ::2] = kernel
    once = over_maps(f, lambda m: nd.convolve(m, kernel, mode="nearest"))
    twice = over_maps(once, lambda m: nd.convolve(m, wide, mode="nearest"))
    close(bent(f, amounts("blur", 1.0)), once)
    close(bent(f, amounts("blur", 0.3)), 0.7 * f + 0.3 * once)
    close(bent(f, amounts("blur", 2.0)), twice)
    close(bent(f, amounts("sharpen", 2.5)), f + 2.5 * (f - once))


def test_roll():
    f = features()
    close(bent(f, amounts("roll", 0.25)), np.roll(f, 2, axis=-1))
    close(bent(f, amounts("roll", -0.125)), np.roll(f, -1, axis=-1))
    close(bent(f, amounts("roll", 0.3125)), (np.roll(f, 2, axis=-1) + np.roll(f, 3, axis=-1)) / 2)


def test_shuffle_is_a_permutation_that_the_seed_chooses():
    f = features(1, 4, 4, 40)
    orders = set()
    for seed in range(12):
        shuffled = bent(f, amounts("shuffle", 1.0, float(seed)))
        order = [int(np.flatnonzero(np.abs(f - shuffled[..., [k]]).max((0, 1, 2)) < 1e-6)[0]) for k in range(40)]
        assert sorted(order) == list(range(40))
        orders.add(tuple(order))
    assert len(orders) == 12
    close(bent(f, amounts("shuffle", 0.4, 3.0)), 0.6 * f + 0.4 * bent(f, amounts("shuffle", 1.0, 3.0)))


def test_rewrite_adds_a_random_mixture_of_the_same_size():
    f = features(1, 16, 16, 64)
    added = bent(f, amounts("rewrite", 1.0, 5.0)) - f
    assert added.std() == pytest.approx(1.0, abs=0.1)
    assert abs(np.corrcoef(added.ravel(), f.ravel())[0, 1]) < 0.1
    # It is linear: a fixed matrix, of this seed.
    matrix = np.linalg.lstsq(f.reshape(-1, 64), added.reshape(-1, 64), rcond=None)[0]
    np.testing.assert_allclose(f.reshape(-1, 64) @ matrix, added.reshape(-1, 64), atol=1e-3)
    close(bent(f, amounts("rewrite", -0.5, 5.0)), f - 0.5 * added)
    assert np.abs(bent(f, amounts("rewrite", 1.0, 6.0)) - f - added).std() > 0.5


@pytest.mark.parametrize(("border", "mode"), [(1.0, "grid-wrap"), (2.0, "nearest")])
def test_borders(border, mode):
    f = features()
    shift = (0.5 * H, -0.25 * W)
    found = bent(f, amounts("translate", 0.5, -0.25) | {"bend/border": border})
    close(found, over_maps(f, lambda m: nd.shift(m, shift, order=1, mode=mode)))
    swirled = bent(f, amounts("zoom", 0.5) | {"bend/border": border})
    middle = swirled[:, H // 4 : 3 * H // 4, W // 4 : 3 * W // 4]
    assert np.abs(middle - bent(f, amounts("zoom", 0.5))[:, H // 4 : 3 * H // 4, W // 4 : 3 * W // 4]).max() < 1.5
    assert np.abs(swirled - bent(f, amounts("zoom", 0.5))).max() > 0.1
