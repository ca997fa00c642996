"""Distances whose value is known, variety, precision and recall, artefacts."""

import families
import numpy as np
import pytest
from scipy.linalg import sqrtm

from vj.train import artefacts, pictures
from vj.train.features import features
from vj.train.perceptual import perceptual_distances, perceptual_maps, variety
from vj.train.quality import (
    RunningFid,
    Statistics,
    chosen,
    feature_statistics,
    frechet,
    precision_recall,
    statistics,
)


def normal(mean, covariance):
    return Statistics(np.asarray(mean, np.float64), np.asarray(covariance, np.float64), 100)


def random_statistics(seed, d=12, rank=None):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((d, rank or 2 * d))
    return normal(rng.standard_normal(d), root @ root.T)


def test_the_distance_of_normal_distributions_in_one_dimension_is_as_on_paper():
    assert frechet(normal([1], [[4]]), normal([4], [[25]])) == pytest.approx(3**2 + (2 - 5) ** 2)


def test_the_distance_is_that_of_a_general_matrix_root():
    a, b = random_statistics(0), random_statistics(1)
    root = sqrtm(a.covariance @ b.covariance).real
    expected = ((a.mean - b.mean) ** 2).sum() + np.trace(a.covariance + b.covariance - 2 * root)
    assert frechet(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet(b, a) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("rank", [3, None])
def test_equal_statistics_have_no_distance(rank):
    a = random_statistics(0, rank=rank)
    assert frechet(a, a) == pytest.approx(0, abs=1e-6)


def test_with_fewer_pictures_than_features_it_is_still_a_number():
    a, b = (statistics(families.pictures(10, seed=seed)) for seed in (0, 1))
    assert np.isfinite(frechet(a, b))
    assert frechet(a, b) > 0


def test_statistics_are_those_of_numpy():
    x = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
    found = feature_statistics(x)
    assert np.allclose(found.covariance, np.cov(x.T.astype(np.float64)))
    assert found.count == 50


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="same size"):
        frechet(statistics(families.pictures(4, 16)), statistics(families.pictures(4, 32)))
    with pytest.raises(ValueError, match="2 or more"):
        statistics(families.pictures(1))


class Counted:
    """A data set that counts how often it is read."""

    def __init__(self, images):
        self.images, self.count, self.read = images, len(images), 0

    def batch(self, indices, side):
        self.read += 1
        k = self.images.shape[1] // side
        n = len(indices)
        return families.u8(self.images[indices].reshape(n, side, k, side, k, 3).mean((2, 4)))


def test_the_running_distance_reads_the_data_set_once_for_each_size():
    data = Counted(families.pictures(60))
    fid = RunningFid(data, 60)
    assert fid(data.images) == pytest.approx(0, abs=1e-6)
    worse = fid(families.blurred(data.images, 1))
    assert worse > fid(families.blurred(data.images, 0.5)) > 0
    assert data.read == 1
    assert fid(families.pictures(60, 16)) > 0
    assert data.read == 2


def test_the_same_pictures_are_chosen_again_and_none_twice():
    assert np.array_equal(chosen(100, 20, 3), chosen(100, 20, 3))
    assert len(set(chosen(100, 20, 3).tolist())) == 20
    assert len(chosen(10, 20, 3)) == 10


def test_precision_falls_with_strange_pictures_and_recall_with_lost_ones():
    data, same = features(families.pictures(200)), features(families.pictures(200, seed=1))
    blurred = features(families.blurred(families.pictures(200, seed=1), 2))
    few = features(families.pictures(200, seed=1, families=("waves",)))
    assert precision_recall(data, data) == (1, 1)
    p, r = precision_recall(data, same)
    assert min(p, r) > 0.8
    assert precision_recall(data, blurred)[0] < p - 0.2
    assert precision_recall(data, few)[0] > 0.8
    assert precision_recall(data, few)[1] < r - 0.4


def test_the_perceptual_distance_forgives_a_small_shift_and_not_another_picture():
    image = families.pictures(40, 64)
    shifted = np.roll(image, 1, axis=2)
    maps, moved = perceptual_maps(image), perceptual_maps(shifted)
    apart = ((maps - moved) ** 2).sum(1)
    assert apart.mean() < 0.3 * perceptual_distances(maps).mean()


def test_perceptual_distances_are_of_every_two():
    maps = perceptual_maps(families.pictures(5))
    expected = [((maps[i] - maps[j]) ** 2).sum() for j in range(5) for i in range(j)]
    assert np.allclose(perceptual_distances(maps), expected, rtol=1e-4)


def test_variety_falls_with_collapse():
    data = families.pictures(64)
    grey = data.mean(0)
    assert variety(np.repeat(data[:1], 8, 0)) == 0
    full = variety(data)
    assert variety(families.pictures(64, seed=1)) == pytest.approx(full, rel=0.15)
    assert variety(families.u8(0.5 * data + 0.5 * grey)) < 0.6 * full
    twice = np.repeat(data[:32], 2, 0)
    # Of the 2,016 pairs of 64 pictures, 32 are now of a picture with itself.
    assert variety(twice) == pytest.approx(variety(data[:32]) * 4 * 496 / 2016, rel=1e-3)


@pytest.mark.parametrize("period", [1, 2, 4])
def test_a_faint_grid_stands_out(period):
    images = families.pictures(64, 64)
    board = (np.indices((64, 64)) // period).sum(0) % 2 * 2 - 1
    plain = artefacts.checkerboard_db(artefacts.traces(images))
    assert artefacts.checkerboard_db(artefacts.traces(families.u8(images + 2 * board[:, :, None]))) > plain + 10


def test_octaves_tell_blur_from_noise():
    images = families.pictures(32, 64)
    data = artefacts.traces(images)
    soft = artefacts.octaves_db(artefacts.traces(families.blurred(images, 1.5)), data)
    noisy = families.u8(images + np.random.default_rng(0).normal(0, 10, images.shape))
    rough = artefacts.octaves_db(artefacts.traces(noisy), data)
    assert len(soft) == 4
    assert artefacts.octaves_db(data, data) == [0, 0, 0, 0]
    assert soft[0] < -3
    assert soft[0] < soft[-1]
    assert rough[0] > 3
    assert abs(rough[-1]) < 1


def test_what_is_in_every_picture_and_at_its_edge_is_found():
    images = families.pictures(64, 64)
    data = artefacts.traces(images)
    pattern = 6 * np.random.default_rng(0).standard_normal((64, 64, 1))
    assert data.fixed < 0.1
    assert artefacts.traces(families.u8(images + pattern)).fixed > 0.5
    assert artefacts.traces(np.repeat(images[:1], 4, 0)).fixed == pytest.approx(1)
    framed = images.copy()
    framed[:, :2] = framed[:, -2:] = framed[:, :, :2] = framed[:, :, -2:] = 0
    found = artefacts.traces(framed)
    assert found.frame < data.frame - 0.3
    assert found.edge > 1.5 * data.edge


def test_what_is_explained_is_all_of_the_same_pictures_and_nothing_of_their_mean() -> None:
    data = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    assert pictures.explained(data, data) == 1.0
    mean = np.repeat(data.mean(0, keepdims=True), 40, 0).round().astype(np.uint8)
    assert abs(pictures.explained(mean, data)) < 0.02
    assert pictures.explained(data[::-1], data) < 0.0
