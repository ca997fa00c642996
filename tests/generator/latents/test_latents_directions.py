"""Directions of w: that they are found where they are known, and what sliders do with them."""

import numpy as np
import pytest

from vj.generator.latents import directions
from vj.params.registry import Registry

REGISTRY = Registry(directions.PARAMS)
RNG = np.random.default_rng(3)
#: An orthogonal basis of eight numbers.
BASIS = np.linalg.qr(RNG.standard_normal((8, 8)))[0].astype(np.float32)
BLOCKS = RNG.standard_normal((6, 8)).astype(np.float32)


def p(**values):
    return REGISTRY.defaults().with_values({f"direction/{name}": value for name, value in values.items()})


def test_the_widest_spread_comes_first():
    widths = np.array([0.1, 5.0, 2.0, 0.5, 1.0, 0.2, 0.3, 0.4], np.float32)
    w = (RNG.standard_normal((20_000, 8)).astype(np.float32) * widths) @ BASIS + 7.0
    units = directions.by_variance(w, 3)
    for found, k in zip(units, (1, 2, 4), strict=True):
        assert abs(found @ BASIS[k]) == pytest.approx(1.0, abs=0.01)
        assert found[np.abs(found).argmax()] > 0
    steps = directions.in_deviations(units, w)
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), [5.0, 2.0, 1.0], rtol=0.03)


def test_what_most_channels_answer_comes_first():
    # Of 60 channels 30 read the first direction, 20 the second, 10 the third, whatever their gain.
    rows = BASIS[np.repeat([4, 0, 6], [30, 20, 10])] * RNG.uniform(0.1, 50.0, (60, 1)).astype(np.float32)
    mixed = rows[RNG.permutation(60)]
    units = directions.by_weights([mixed[:25], mixed[25:]], 3)
    for found, k in zip(units, (4, 0, 6), strict=True):
        assert abs(found @ BASIS[k]) == pytest.approx(1.0, abs=1e-5)


def test_there_are_no_more_than_numbers():
    assert directions.by_weights([RNG.standard_normal((40, 5)).astype(np.float32)]).shape == (5, 5)
    assert directions.by_variance(RNG.standard_normal((40, 32)).astype(np.float32)).shape == (16, 32)


def test_at_rest_nothing_is_touched():
    assert directions.moved(BLOCKS, p(), BASIS[:4]) is BLOCKS
    # Nor by a slider for which the model has no direction.
    assert directions.moved(BLOCKS, p(**{"7": 2.0}), BASIS[:4]) is BLOCKS


def test_sliders_add_up_in_all_blocks():
    moved = directions.moved(BLOCKS, p(**{"1": 2.0, "3": -0.5}), BASIS[:4])
    np.testing.assert_allclose(moved - BLOCKS, np.tile(2 * BASIS[0] - 0.5 * BASIS[2], (6, 1)), atol=1e-5)


def test_a_stretch_of_blocks_begins_and_ends_within_blocks():
    moved = directions.moved(BLOCKS, p(**{"1": 1.0, "from": 0.25, "to": 0.75}), BASIS[:1])
    share = ((moved - BLOCKS) @ BASIS[0]).round(4)
    np.testing.assert_allclose(share, [0.0, 0.5, 1.0, 1.0, 0.5, 0.0], atol=1e-4)
    # Turned by a little it moves by a little.
    again = directions.moved(BLOCKS, p(**{"1": 1.0, "from": 0.26, "to": 0.75}), BASIS[:1])
    assert 0.0 < np.abs(again - moved).max() < 0.07
    nowhere = directions.moved(BLOCKS, p(**{"1": 1.0, "from": 0.8, "to": 0.2}), BASIS[:1])
    np.testing.assert_array_equal(nowhere, BLOCKS)
