"""The seed algorithm on a stand-in network whose mapping is a fixed rotation: what goes where, and how it moves."""

import itertools

import numpy as np
import pytest

from vj.audio.features import FEATURE_DTYPE
from vj.generator import bending
from vj.generator.latents import motion
from vj.generator.latents.source import SeededLatents
from vj.generator.latents.vectors import slerp
from vj.params.registry import Registry

W_DIM = 16
SHAPE = motion.Shape(num_ws=16, n_noise=15, n_sites=15)  # 512 × 512: 8 blocks
REGISTRY = Registry([*motion.PARAMS, *bending.PARAMS])
ROTATION = np.linalg.qr(np.random.default_rng(0).standard_normal((W_DIM, W_DIM)))[0].astype(np.float32)
W_AVG = np.full(W_DIM, 0.25, np.float32)


def make_latents(seed=1):
    return SeededLatents(seed, W_DIM, lambda z: z @ ROTATION + W_AVG, W_AVG)


def heard(segment=0, components=()):
    row = np.zeros(1, FEATURE_DTYPE)
    row["tempo_segment"] = segment
    row["components"][0, : len(components)] = components
    return row[0]


def at_once(**values):
    """Parameters without smoothing; keyword names use __ for /."""
    given = {"motion/component/smooth_s": 0.0} | {k.replace("__", "/"): v for k, v in values.items()}
    return REGISTRY.defaults().with_values(given)


def run(p, rows, dt_s=0.1, latents=None):
    latents = latents or make_latents()
    state = motion.start(latents)
    made = []
    for row in rows:
        state, given = motion.step(state, row, p, dt_s, latents, SHAPE)
        made.append(given)
    return made


def blocks_of(given):
    """The 8 blocks' latents, one style of each."""
    return given.ws[[0, *range(2, 16, 2)]]


def test_the_base_stack_has_the_segment_in_six_blocks_and_the_component_in_two():
    latents = make_latents()
    (given,) = run(at_once(), [heard(components=[0, 0, 3])], latents=latents)
    blocks = blocks_of(given)
    assert blocks[:6] == pytest.approx(np.tile(latents.w("segment", 0), (6, 1)), abs=1e-6)
    assert blocks[6:] == pytest.approx(np.tile(latents.components[2], (2, 1)), abs=1e-6)


def test_the_second_stack_has_two_segments_and_the_component():
    latents = make_latents()
    (given,) = run(at_once(motion__mix=1.0), [heard(components=[1])], latents=latents)
    blocks = blocks_of(given)
    assert blocks[:4] == pytest.approx(np.tile(latents.w("segment", 0), (4, 1)), abs=1e-6)
    assert blocks[4:6] == pytest.approx(np.tile(latents.w("other", 0), (2, 1)), abs=1e-6)
    assert blocks[6:] == pytest.approx(np.tile(latents.components[0], (2, 1)), abs=1e-6)


def test_mix_is_a_straight_line_between_the_stacks():
    base, half, second = (run(at_once(motion__mix=m), [heard(components=[1])])[0].ws for m in (0.0, 0.5, 1.0))
    assert half == pytest.approx((base + second) / 2, abs=1e-6)


def test_components_are_weighed_to_a_sum_of_one():
    latents = make_latents()
    (given,) = run(at_once(), [heard(components=[3, 0, 0, 1])], latents=latents)
    assert blocks_of(given)[7] == pytest.approx(0.75 * latents.components[0] + 0.25 * latents.components[3], abs=1e-6)


def test_a_new_segment_is_reached_by_slerp_and_never_by_a_jump():
    latents = make_latents()
    p = at_once(motion__slerp_s=1.0)
    rows = [heard(0)] + [heard(1)] * 100 + [heard(2)] * 150
    first = np.array([blocks_of(g)[0] - W_AVG for g in run(p, rows, dt_s=0.01, latents=latents)])
    steps = np.linalg.norm(np.diff(first, axis=0), axis=1)
    whole_way = np.linalg.norm(latents.w("segment", 1) - latents.w("segment", 0))
    assert steps.max() < 0.05 * whole_way
    assert first[0] == pytest.approx(latents.w("segment", 0) - W_AVG, abs=1e-5)
    assert first[100] == pytest.approx(latents.w("segment", 1) - W_AVG, abs=1e-5)
    assert first[-1] == pytest.approx(latents.w("segment", 2) - W_AVG, abs=1e-5)
    # On the arc the length stays between the lengths of its ends; a straight line would cut the corner.
    ends = sorted(np.linalg.norm(first[[0, 100]], axis=1))
    assert ends[0] - 1e-4 <= np.linalg.norm(first[50]) <= ends[1] + 1e-4


def test_a_change_on_the_way_turns_off_from_where_it_is():
    p = at_once(motion__slerp_s=1.0)
    rows = [heard(0)] + [heard(1)] * 50 + [heard(2)] * 150
    first = np.array([blocks_of(g)[0] for g in run(p, rows, dt_s=0.01)])
    assert np.linalg.norm(np.diff(first, axis=0), axis=1).max() < 0.3


def test_the_frame_rate_does_not_change_the_way():
    p = at_once(motion__slerp_s=2.0, motion__drift__depth=0.3, motion__component__smooth_s=0.2)
    slow = run(p, [heard(0), *[heard(1, [1, 2])] * 24], dt_s=1 / 24)[-1]
    fast = run(p, [heard(0), *[heard(1, [1, 2])] * 60], dt_s=1 / 60)[-1]
    assert slow.ws == pytest.approx(fast.ws, abs=0.03)
    assert slow.flow == pytest.approx(fast.flow, abs=0.06)


def test_truncation_pulls_to_the_average():
    none, half, full = (run(at_once(motion__psi=psi), [heard()])[0].ws for psi in (0.0, 0.5, 1.0))
    assert none == pytest.approx(np.tile(W_AVG, (16, 1)))
    assert half - W_AVG == pytest.approx((full - W_AVG) / 2, abs=1e-6)


def test_turning_a_share_never_jumps():
    shares = np.linspace(0, 1, 201)
    stacks = [run(at_once(motion__base__segment_share=s), [heard(components=[1])])[0].ws for s in shares]
    assert max(np.abs(b - a).max() for a, b in itertools.pairwise(stacks)) < 0.3


def test_silence_keeps_the_last_weights():
    given = run(at_once(), [heard(components=[1]), heard()])
    assert given[1].ws == pytest.approx(given[0].ws)


def test_noise_turns_by_the_parameter_and_the_two_layers_of_a_resolution_are_a_quarter_apart():
    a, b = (run(at_once(noise__turns=t, noise__sigma=0.5), [heard()])[0] for t in (0.0, 0.4))
    assert b.noise_turns - a.noise_turns == pytest.approx(np.full(15, 0.4))
    assert abs(a.noise_turns[1] - a.noise_turns[2]) == pytest.approx(0.25)
    assert a.noise_sigma == pytest.approx(np.full(15, 0.5))


def test_tilt_takes_noise_from_one_end():
    coarse, fine = (run(at_once(noise__tilt=t), [heard()])[0].noise_sigma for t in (-1.0, 1.0))
    assert (coarse[0], coarse[-1], fine[0], fine[-1]) == (1, 0, 0, 1)


def test_the_same_seed_dreams_the_same_and_another_another():
    rows = [heard(0, [1]), heard(1, [0, 1])]
    one, same, other = (run(at_once(), rows, latents=make_latents(s))[1] for s in (1, 1, 2))
    assert np.array_equal(one.ws, same.ws)
    assert np.array_equal(one.flow, same.flow)
    assert np.abs(one.ws - other.ws).max() > 0.5


def test_what_goes_to_the_network_is_read_only():
    (given,) = run(at_once(), [heard()])
    assert not any(a.flags.writeable for a in (given.ws, given.noise_turns, given.noise_sigma, given.bends, given.flow))


def test_blocks_of_the_style_inputs():
    assert motion.block_of_style(6) == [0, 1, 1, 2, 2, 2]


def test_a_long_night_does_not_fill_the_memory():
    latents = make_latents()
    for i in range(500):
        latents.w("segment", i)
    assert len(latents._recent) <= 64
    assert np.array_equal(latents.w("segment", 0), make_latents().w("segment", 0))


def in_z(**values):
    return at_once(motion__space="z", **values)


def run_in_z(p, rows, dt_s=0.1, latents=None):
    latents = latents or make_latents()
    state = motion.start(latents, in_z=True)
    made = []
    for row in rows:
        state, given = motion.step(state, row, p, dt_s, latents, SHAPE)
        made.append(given)
    return made


def test_in_z_the_ends_are_the_same_and_the_way_leads_through_the_mapping():
    latents = make_latents()
    rows = [heard(0, [0, 0, 3])] + [heard(1, [0, 0, 3])] * 100
    made = run_in_z(in_z(motion__slerp_s=1.0), rows, dt_s=0.01, latents=latents)
    assert blocks_of(made[0])[0] == pytest.approx(latents.w("segment", 0), abs=1e-5)
    assert blocks_of(made[0])[7] == pytest.approx(latents.components[2], abs=1e-5)
    assert blocks_of(made[-1])[0] == pytest.approx(latents.w("segment", 1), abs=1e-5)
    half = slerp(latents.z("segment", 0), latents.z("segment", 1), 0.5)
    assert blocks_of(made[50])[0] == pytest.approx(latents.map_z(half[None])[0], abs=1e-4)


def test_in_z_components_keep_the_length_of_a_latent():
    latents = make_latents()
    (given,) = run_in_z(in_z(motion__component__norm="length"), [heard(components=[3, 0, 0, 1])], latents=latents)
    z = (3 * latents.components_z[0] + latents.components_z[3]) / np.sqrt(10)
    assert blocks_of(given)[7] == pytest.approx(latents.map_z(z[None])[0], abs=1e-5)
    (silent,) = run_in_z(in_z(), [heard()], latents=latents)
    assert blocks_of(silent)[7] == pytest.approx(W_AVG, abs=1e-6)


def test_the_space_may_be_changed_on_the_way():
    latents = make_latents()
    state = motion.start(latents)
    for p in (at_once(), in_z(), at_once()):
        state, given = motion.step(state, heard(0, [1]), p, 0.1, latents, SHAPE)
        assert blocks_of(given)[0] == pytest.approx(latents.w("segment", 0), abs=1e-5)


def test_what_a_model_names_of_z_is_moved_by_parameters_in_z_alone():
    named = SeededLatents(1, W_DIM, lambda z: z @ ROTATION + W_AVG, W_AVG, ("material", "of no parameter", "hue"))
    for space in (0.0, 1.0):
        p = at_once(motion__space=space)
        moved = p.with_values({"world/hue": 2.0, "world/material": -1.0})
        (rest,), (given,) = (run(q, [heard(components=[1])], latents=named) for q in (p, moved))
        shift = np.zeros(W_DIM, np.float32)
        if space:
            shift[0], shift[2] = -1.0, 2.0
        assert given.ws[0] - rest.ws[0] == pytest.approx(shift @ ROTATION, abs=1e-5)
    # A model that names nothing draws the same.
    assert np.array_equal(run(moved, [heard()])[0].ws, run(p, [heard()])[0].ws)


def test_truncation_of_coarse_and_fine_blocks():
    latents = make_latents()
    plain, coarse, fine = (
        blocks_of(run(at_once(motion__base__segment_share=1.0, **given), [heard()], latents=latents)[0]) - W_AVG
        for given in ({}, {"motion__psi_coarse": 0.0}, {"motion__psi_fine": 2.0, "motion__psi": 0.5})
    )
    share = (coarse / plain).mean(1)
    np.testing.assert_allclose(share[[0, 4, 7]], [0.0, 1.0, 1.0], atol=1e-5)
    assert np.all(np.diff(share[:5]) > 0.1)
    np.testing.assert_allclose((fine / plain).mean(1)[[0, 3, 7]], [0.5, 0.5, 1.0], atol=1e-5)


def test_directions_are_added_after_truncation():
    directions = np.eye(W_DIM, dtype=np.float32)[:3]
    latents = SeededLatents(1, W_DIM, lambda z: z @ ROTATION + W_AVG, W_AVG, directions=directions)
    still = at_once(motion__psi=0.0)
    (given,) = run(still.with_values({"direction/2": 1.5}), [heard()], latents=latents)
    np.testing.assert_allclose(blocks_of(given) - W_AVG, np.tile(1.5 * directions[1], (8, 1)), atol=1e-6)
    (given,) = run(still.with_values({"direction/9": 1.5}), [heard()], latents=latents)
    np.testing.assert_array_equal(blocks_of(given), np.tile(W_AVG, (8, 1)))
