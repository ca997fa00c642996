"""Known pictures' latents are normal, and say which picture they belong to."""

import numpy as np
import pytest
from scipy import stats

from vj.core.errors import ModelError
from vj.train.teacher import Coordinates, attentive


def drawn(n=4000):
    rng = np.random.default_rng(0)
    coordinates = Coordinates(sources=3, known=2, z_dim=80)
    source = rng.integers(0, 3, n).astype(np.int32)
    known = rng.random((n, 2)).astype(np.float32)
    return coordinates, source, known, coordinates.latents(source, known, rng)


def test_latents_of_evenly_drawn_pictures_are_distributed_as_normal_ones():
    _, _, _, z = drawn()
    for i in (0, 1, 2, 16, 17, 10, 79):
        assert stats.kstest(z[:, i], "norm").pvalue > 1e-3, i
    off = np.corrcoef(z.T) - np.eye(80)
    assert np.abs(off).max() < 0.08


def test_a_parameter_is_its_own_coordinate():
    c, _, known, z = drawn()
    for k in range(2):
        assert stats.spearmanr(z[:, c.known_from + k], known[:, k]).statistic > 0.999999


@pytest.mark.parametrize("sources", [1, 2, 3, 7, 12])
def test_latents_of_two_sources_never_share_a_cell_and_all_cells_are_alike(sources):
    rng = np.random.default_rng(0)
    c = Coordinates(sources, 0, 32)
    assert 2 ** (c.forks - 1) < sources <= 2**c.forks
    source = rng.integers(0, sources, 6000).astype(np.int32)
    z = c.latents(source, np.zeros((6000, 0), np.float32), rng)
    for fork in range(c.forks):
        assert stats.kstest(z[:, fork], "norm").pvalue > 1e-3
    low = {s: z[source == s, : c.forks].min(0) for s in range(sources)}
    high = {s: z[source == s, : c.forks].max(0) for s in range(sources)}
    for a in range(sources):
        for b in range(a):
            assert ((high[a] < low[b]) | (high[b] < low[a])).any(), (a, b)


def test_what_is_not_known_stays_free():
    rng = np.random.default_rng(0)
    c = Coordinates(1, 2, 16)
    known = np.full((500, 2), np.nan, np.float32)
    z = c.latents(np.zeros(500, np.int32), known, rng)
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-3
    assert list(c.taught) == [14, 15]


def test_a_network_goes_on_with_more_sources_by_the_same_coordinates():
    few, many = Coordinates(3, 4, 512), Coordinates(12, 9, 512)
    assert few.known_from == many.known_from


def test_more_meanings_than_coordinates_are_refused():
    with pytest.raises(ModelError, match="needs more latent coordinates"):
        Coordinates(12, 9, 12)


def test_an_attentive_layer_hears_the_taught_coordinates_and_keeps_its_variance():
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((300, 200)).astype(np.float32)
    out = attentive(weight, np.array([0, 1, 64]))
    assert np.abs(out[:, 64]).mean() > 20 * np.abs(out[:, 63]).mean()
    z = rng.standard_normal((2000, 200)).astype(np.float32)
    assert (z @ out.T).var() == pytest.approx((z @ weight.T).var(), rel=0.1)
