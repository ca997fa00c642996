"""What augmentation does to pictures, against a slow reference in float64; how often; and what adapts it."""

import numpy as np
import pytest

from vj.train import ada, augment

N = 4000


def pictures(n=3, side=16):
    return np.random.default_rng(1).uniform(-1, 1, (n, side, side, 3)).astype(np.float32)


def matrix(*rows):
    return np.array([rows], np.float32)


PLAIN = np.eye(3, 4, dtype=np.float32)[None]


def warped(x, where):
    return np.asarray(augment.warped(x, np.repeat(where, len(x), 0)))


def keys(d):
    """Keys' kernel of 1981 with a = −½, by its definition."""
    d = abs(d)
    if d < 1:
        return 1.5 * d**3 - 2.5 * d**2 + 1
    return -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2 if d < 2 else 0.0


def reference(picture, where):
    """One picture, pixel by pixel, from a copy with mirrored borders."""
    h, w, _ = picture.shape
    pad = 3 * h
    large = np.pad(picture.astype(np.float64), ((pad, pad), (pad, pad), (0, 0)), "reflect")
    out = np.zeros(picture.shape)
    for i in range(h):
        for j in range(w):
            x, y = where.astype(np.float64) @ [(j + 0.5) / w - 0.5, (i + 0.5) / h - 0.5, 1]
            column, row = (x + 0.5) * w - 0.5, (y + 0.5) * h - 0.5
            for r in range(int(np.floor(row)) - 1, int(np.floor(row)) + 3):
                for c in range(int(np.floor(column)) - 1, int(np.floor(column)) + 3):
                    out[i, j] += keys(row - r) * keys(column - c) * large[r + pad, c + pad]
    return out


def test_with_nothing_drawn_pictures_stay_to_the_bit():
    drawn = augment.draw(np.random.default_rng(0), 3, 0.0, 16)
    assert np.array_equal(drawn["where"], np.repeat(np.eye(2, 3, dtype=np.float32)[None], 3, 0))
    assert np.array_equal(drawn["colour"], np.repeat(PLAIN, 3, 0))
    x = pictures()
    np.testing.assert_allclose(np.asarray(augment.augment(x, drawn)), x, atol=1e-6)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (matrix([-1, 0, 0], [0, 1, 0]), lambda x: x[:, :, ::-1]),
        (matrix([0, -1, 0], [1, 0, 0]), lambda x: np.rot90(x, 1, (1, 2))),
        (matrix([1, 0, 3 / 16], [0, 1, 0]), lambda x: np.pad(x, ((0, 0), (0, 0), (0, 3), (0, 0)), "reflect")[:, :, 3:]),
        (matrix([1, 0, 0], [0, 1, -2 / 16]), lambda x: np.pad(x, ((0, 0), (2, 0), (0, 0), (0, 0)), "reflect")[:, :-2]),
    ],
)
def test_what_lands_on_pixels_keeps_their_values(where, expected):
    x = pictures()
    np.testing.assert_allclose(warped(x, where), expected(x), atol=2e-5)


@pytest.mark.parametrize("seed", range(3))
def test_sampling_is_cubic_convolution_with_mirrored_borders(seed):
    x = pictures(1, 8)
    where = augment.draw(np.random.default_rng(seed), 1, 0.9, 8, ("blit", "geometry"))["where"]
    np.testing.assert_allclose(warped(x, where)[0], reference(x[0], where[0]), atol=2e-5)


def test_its_gradient_is_that_of_a_linear_map():
    tf = pytest.importorskip("tensorflow")
    x = pictures()
    drawn = {k: tf.constant(a) for k, a in augment.draw(np.random.default_rng(2), 3, 0.8, 16).items()}
    y = np.random.default_rng(3).standard_normal(x.shape).astype(np.float32)
    at = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(at)
        value = tf.reduce_sum(augment.augment(at, drawn) * y)
    slope = tape.gradient(value, at).numpy()
    offset = float(tf.reduce_sum(augment.augment(tf.zeros_like(at), drawn) * y))
    assert float((slope * x).sum()) == pytest.approx(float(value) - offset, rel=1e-4, abs=1e-3)


def share(differs):
    return float(np.mean(differs))


def test_each_happens_as_often_as_asked():
    rng, p = np.random.default_rng(4), 0.4
    blit = augment.draw(rng, N, p, 64, ("blit",))["where"].astype(float)
    square = blit[:, :, :2]
    # Of the chosen, half are mirrored, and three quarters are turned.
    assert share(np.linalg.det(square) < 0) == pytest.approx(p / 2, abs=0.03)
    turned = np.abs(square[:, 0, 1]) > 0.5
    assert share(turned) == pytest.approx(p / 2, abs=0.03)
    assert share(np.abs(blit[:, :, 2]).max(1) > 1e-6) == pytest.approx(p, abs=0.03)
    assert np.allclose(np.abs(square).sum(2), 1, atol=1e-6)
    assert np.allclose(blit[:, :, 2] * 64, np.round(blit[:, :, 2] * 64), atol=1e-4)
    geometry = augment.draw(rng, N, p, 64, ("geometry",))["where"].astype(float)
    area = np.linalg.det(geometry[:, :, :2])
    assert share(np.abs(area - 1) > 1e-6) == pytest.approx(p, abs=0.03)
    # log2 of the size has a deviation of 0.2, and so half the area's.
    assert np.log2(area[np.abs(area - 1) > 1e-6]).std() == pytest.approx(0.4, rel=0.1)
    untouched = np.abs(geometry[:, :, :2] - np.eye(2)).max((1, 2)) < 1e-6
    assert share(untouched) == pytest.approx((1 - p) ** 3, abs=0.03)


def test_colours_are_turned_about_grey():
    rng = np.random.default_rng(5)
    colour = augment.draw(rng, N, 0.3, 16, ("colour",))["colour"].astype(float)
    linear, offset = colour[:, :, :3], colour[:, :, 3]
    # Every transformation leaves greys grey and treats no primary unlike a turned one.
    grey = linear @ np.ones(3)
    assert np.allclose(grey, grey[:, :1], atol=1e-5)
    assert np.allclose(offset, offset[:, :1], atol=1e-5)
    assert share(np.abs(offset[:, 0]) > 1e-7) == pytest.approx(0.3, abs=0.03)
    assert share(grey[:, 0] < 0) == pytest.approx(0.15, abs=0.03)
    contrast = np.abs(grey[:, 0])
    assert share(np.abs(contrast - 1) > 1e-5) == pytest.approx(0.3, abs=0.03)
    assert np.log2(contrast[np.abs(contrast - 1) > 1e-5]).std() == pytest.approx(0.5, rel=0.1)
    # What is left beside greys is saturation and a turn: half of its singular values are equal.
    values = np.linalg.svd(linear - grey[:, :1, None] / 3, compute_uv=False)
    assert np.allclose(values[:, 0], values[:, 1], atol=1e-4)
    saturation = values[:, 0] / contrast
    assert share(np.abs(saturation - 1) > 1e-4) == pytest.approx(0.3, abs=0.03)
    same = augment.draw(rng, 9, 1.0, 16, ("blit",))["colour"]
    assert np.array_equal(same, np.repeat(PLAIN, 9, 0))


def heard(start, sign, steps, **more):
    found = start
    for _ in range(steps):
        found = ada.heard(found, sign, **{"batch": 8, "target": 0.6, "kimg": 1.0, **more})
    return found


def test_p_follows_what_the_discriminator_knows_and_stays_within_bounds():
    up = heard(ada.START, 0.9, 100)
    # 800 pictures of 1,000 from nothing to all.
    assert up["p"] == pytest.approx(0.8)
    assert heard(up, 0.9, 100)["p"] == 1.0
    assert heard(up, 0.2, 48)["p"] == pytest.approx(0.8 - 0.384)
    assert heard(up, 0.2, 400)["p"] == 0.0
    assert heard(ada.START, 0.9, 3)["p"] == 0.0
    assert heard(ada.START, 0.9, 3) == {"p": 0.0, "signs": pytest.approx(2.7), "count": 3.0}
    assert heard(ada.START, 0.9, 50, target=0.0) == ada.START
