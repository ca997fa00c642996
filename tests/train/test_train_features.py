"""What the features are of pictures that can be reasoned about, and that a set's distance grows with what is wrong."""

import families
import numpy as np
import pytest

from vj.train.features import features, grouped_features, opponents, pyramid, slopes
from vj.train.quality import frechet, statistics


@pytest.mark.parametrize(("side", "expected"), [(16, 211), (32, 258), (50, 258), (64, 306), (256, 405)])
def test_as_many_as_promised_and_all_finite(side, expected):
    found = features(families.pictures(4, side))
    assert found.shape == (4, expected)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_flat_pictures_have_features_too(level):
    found = grouped_features(np.full((2, 32, 32, 3), level, np.uint8))
    assert all(np.isfinite(part).all() for part in found.values())
    assert np.allclose(found["correlation"], 0)
    assert np.ptp(found["energy"]) == 0


def test_a_picture_has_the_same_features_among_others():
    images = families.pictures(300, 32)
    alone = np.concatenate([features(images[i : i + 1]) for i in (0, 1, 299)])
    assert np.allclose(features(images)[[0, 1, 299]], alone, atol=1e-4)


def test_every_band_is_what_the_next_scale_cannot_say():
    x = opponents(families.pictures(2, 64))
    bands = list(pyramid(x))
    assert [band.shape[2] for band, _ in bands] == [64, 32, 16, 8]
    assert [left.shape[2] for _, left in bands] == [32, 16, 8, 4]
    for band, left in bands:
        # A blur keeps the mean, so nothing of it is left in a band.
        assert np.abs(band.mean((2, 3))).max() < 0.02
        assert np.allclose(left.mean((2, 3)), x.mean((2, 3)), atol=0.03)


def test_a_checkerboard_is_all_in_the_finest_band():
    board = np.indices((64, 64)).sum(0) % 2 * 255
    image = np.repeat(board[None, :, :, None], 3, 3).astype(np.uint8)
    powers = [float((band[:, 0] ** 2).mean()) for band, _ in pyramid(opponents(image))]
    assert powers[0] > 0.2
    assert max(powers[1:]) < 1e-3


def test_slopes_know_directions():
    stripes = np.tile(np.float32([0, 1]), (1, 16, 8))
    right, below, across, other = slopes(stripes)[0].mean((1, 2))
    assert below == 0
    assert right == pytest.approx(15 / 16)
    assert across > 0.9
    assert other > 0.9


def test_a_palette_of_one_colour_is_one_and_all_palettes_are_whole():
    grey = grouped_features(np.full((1, 16, 16, 3), 255, np.uint8))["palette"] / 4
    mixed = grouped_features(families.pictures(5))["palette"] / 4
    assert np.allclose((grey**2).sum(), 1, atol=1e-5)
    assert (grey > 0.01).sum() <= 4
    assert np.allclose((mixed**2).sum(1), 1, atol=1e-5)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 32, 32, 3), np.float32),
        np.zeros((2, 32, 32, 4), np.uint8),
        np.zeros((32, 32, 3), np.uint8),
        np.zeros((2, 8, 8, 3), np.uint8),
        np.zeros((0, 32, 32, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(images):
    with pytest.raises(ValueError, match="expected"):
        features(images)


IMAGES = families.pictures(240, seed=1)
NOISE = np.random.default_rng(2).standard_normal(IMAGES.shape)
OTHER = np.random.default_rng(3).permutation(IMAGES)
WAVES = families.pictures(180, 32, 5, ("waves",))
BOARD = (np.indices((32, 32)).sum(0) % 2 * 2 - 1)[:, :, None]
WORSE = {
    "blur": lambda a: families.blurred(IMAGES, 2 * a),
    "noise": lambda a: families.u8(IMAGES + 40 * a * NOISE),
    "colour shift": lambda a: families.u8(IMAGES + 60 * a * np.array([1, 0, -1])),
    "desaturation": lambda a: families.u8(IMAGES + a * (IMAGES.mean(3, keepdims=True) - IMAGES)),
    "blending": lambda a: families.u8(IMAGES + 0.5 * a * (OTHER.astype(np.float32) - IMAGES)),
    "a checkerboard": lambda a: families.u8(IMAGES + 8 * a * BOARD),
    "lost families": lambda a: families.pictures(240, 32, 1, families.FAMILIES[: 4 - round(3 * a)]),
    "too much of one": lambda a: np.concatenate([WAVES[: round(180 * a)], IMAGES[round(180 * a) :]]),
    "repetition": lambda a: IMAGES[np.arange(240) % round(240 * (1.05 - a))],
}


@pytest.fixture(scope="module")
def data():
    return statistics(families.pictures(240, seed=0))


@pytest.fixture(scope="module")
def at_best(data):
    return frechet(data, statistics(IMAGES))


@pytest.mark.parametrize("what", WORSE)
def test_the_distance_grows_with(what, data, at_best):
    assert np.array_equal(WORSE[what](0), IMAGES)
    found = [at_best, *(frechet(data, statistics(WORSE[what](amount))) for amount in (1 / 3, 2 / 3, 1))]
    assert found == sorted(found)
    assert found[-1] > 1.5 * found[0]
