"""Measures that are not to be flattered: known sets of pictures and features first."""

import numpy as np
import pytest

from vj.core.types import F32, U8
from vj.train import unflattered


def data(n: int = 200, d: int = 24, seed: int = 0) -> F32:
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


def test_pictures_that_are_all_one_have_a_vendi_score_of_one() -> None:
    assert unflattered.vendi(np.repeat(data()[:1], 50, 0), data()) == pytest.approx(1.0)


def test_two_kinds_in_equal_numbers_score_two() -> None:
    features = data()
    away = (features[:1] - features.mean(0)) * features.std(0)
    kinds = np.concatenate([np.repeat(features.mean(0) + away, 25, 0), np.repeat(features.mean(0) - away, 25, 0)])
    # Opposite kinds share an axis of which the cosine kernel sees one; turned to right angles they are two.
    turned = np.zeros((2, 24), np.float32)
    turned[0, 0] = turned[1, 1] = 1.0
    at_right_angles = np.repeat(features.mean(0) + turned * features.std(0), 25, 0)
    assert unflattered.vendi(at_right_angles, features) == pytest.approx(2.0, rel=1e-3)
    assert unflattered.vendi(kinds, features) < 2.0


def test_a_collapsed_set_does_not_pass_for_a_various_one() -> None:
    features = data()
    nearly_one = features[:1] + 0.02 * data(100, seed=1)
    assert unflattered.vendi(nearly_one, features) < 1.5
    assert unflattered.vendi(features[:100], features) > 15.0


def noise(n: int, seed: int = 0) -> U8:
    return np.random.default_rng(seed).integers(0, 256, (n, 32, 32, 3), dtype=np.uint8)


def test_layout_is_shared_where_all_pictures_have_one_whatever_their_colours() -> None:
    one = noise(1)[0].astype(float)
    light = np.linspace(0.4, 1.0, 20)[:, None, None, None]
    assert unflattered.shared_layout((one * light).astype(np.uint8)) > 0.98
    assert abs(unflattered.shared_layout(noise(60))) < 0.01


def test_layout_is_compared_at_sixteen_pixels_a_side() -> None:
    with pytest.raises(ValueError, match="24 pixels a side"):
        unflattered.shared_layout(np.zeros((3, 24, 24, 3), np.uint8))


def test_an_even_walk_has_even_steps_and_a_jump_is_told() -> None:
    a, b = noise(2).astype(float)
    even = np.stack([a + (b - a) * t for t in np.linspace(0, 1, 17)]).astype(np.uint8)
    jump = np.concatenate([np.repeat(even[:1], 3, 0), even[8:]])
    assert unflattered.unevenness(even) < 3.0
    assert unflattered.unevenness(jump) > 3.0
