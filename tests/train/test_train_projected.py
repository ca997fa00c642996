"""A projected discriminator: what its heads see, how steep they may be, that a training with it resumes to the bit."""

import lite0
import numpy as np
import pytest
import small

from vj.core.errors import TrainingError
from vj.generator import ops
from vj.train import efficientnet, loop, losses, networks, projected
from vj.train.fused import Fused
from vj.train.projected import HeadsArch, Projection
from vj.train.settings import Settings, parse_schedule
from vj.train.tensorflow_step import gradient


@pytest.fixture(scope="module")
def projection():
    return Projection.of(efficientnet.folded(lite0.tensors()), 0, pictures(32))


def pictures(n, side=16, seed=3):
    coarse = np.random.default_rng(seed).uniform(-1, 1, (n, side // 4, side // 4, 3)).astype(np.float32)
    return coarse.repeat(4, axis=1).repeat(4, axis=2)


def heads(seed=0):
    return projected.fresh_heads(HeadsArch(), np.random.default_rng(seed))


def test_what_heads_see_has_mean_0_and_variance_1_over_the_data_set(projection):
    for x, side in zip(projection.features(pictures(32), Fused()), (16, 8, 4, 2), strict=True):
        assert x.shape[1:3] == (side, side)
        np.testing.assert_allclose(np.mean(x, axis=(0, 1, 2)), 0, atol=1e-3)
        np.testing.assert_allclose(np.std(x, axis=(0, 1, 2)), 1, atol=1e-3)


def test_mixing_is_of_the_seed_alone():
    frozen = efficientnet.folded(lite0.tensors())
    once, again, other = (Projection.of(frozen, seed, pictures(4)) for seed in (5, 5, 6))
    for a, b, c in zip(
        once.within + once.across, again.within + again.across, other.within + other.across, strict=True
    ):
        np.testing.assert_array_equal(a, b)
        assert np.abs(a - c).max() > 0.1


def test_each_head_sees_its_depth_and_the_deeper_ones(projection, monkeypatch):
    d, arch, shown = heads(), HeadsArch(), pictures(2)
    taps = [np.asarray(x) for x in efficientnet.taps(projection.frozen, projected.seen(shown), Fused())]

    def logits(changed=None):
        moved = [x + 1.0 if i == changed else x for i, x in enumerate(taps)]
        monkeypatch.setattr(efficientnet, "taps", lambda *_: moved)
        features = projection.features(shown, Fused())
        return [np.asarray(projected.judged_by(d, arch, i, x, Fused())) for i, x in enumerate(features)]

    plain = logits()
    for depth in range(4):
        moved = [not np.array_equal(a, b) for a, b in zip(plain, logits(depth), strict=True)]
        assert moved == [head <= depth for head in range(4)]


@pytest.mark.parametrize("shape", [(4, 4, 8, 16), (3, 3, 64, 1), (1, 1, 5, 5), (4, 4, 2, 64)])
def test_kernels_have_a_spectral_norm_of_1(shape):
    kernel = np.random.default_rng(1).standard_normal(shape).astype(np.float32) * 7
    kernel[..., 0] *= 1.01
    unit = np.asarray(projected.with_unit_norm(kernel))
    assert np.linalg.svd(unit.reshape(-1, shape[3]), compute_uv=False)[0] == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(unit * np.linalg.norm(kernel) / np.linalg.norm(unit), kernel, rtol=1e-3, atol=1e-4)


def test_a_kernel_gains_nothing_by_growing():
    kernel = np.random.default_rng(2).standard_normal((3, 3, 4, 6)).astype(np.float32)
    to = np.random.default_rng(3).standard_normal(kernel.shape).astype(np.float32)
    slope = gradient(lambda k: ops.sum(projected.with_unit_norm(k) * to), ops.convert_to_tensor(kernel))
    # Along itself nothing changes: the gradient is at right angles to it.
    assert abs(np.sum(np.asarray(slope) * kernel)) < 1e-3 * np.linalg.norm(slope) * np.linalg.norm(kernel)


def test_hinge_losses_by_hand():
    fake, real = np.array([[-3.0, 0.5], [-1.0, -0.25]]), np.array([[2.0, 0.0], [1.0, -1.0]])
    g, d = losses.hinge_losses(fake, real)
    assert float(g) == pytest.approx(3.75 / 4)
    assert float(d) == pytest.approx((0 + 1.5 + 0 + 0.75) / 4 + (0 + 1 + 0 + 2) / 4)


def test_colours_that_no_screen_shows_cost_what_they_are_beyond():
    assert float(losses.overshoot(np.array([-1.5, 0.3, 1.0, 3.0], np.float32))) == pytest.approx(2.5 / 4)


def test_the_penalty_at_features_is_the_squared_slope_of_the_mean_logit():
    features = [ops.convert_to_tensor(np.ones((2, 2, 2, 3), np.float32) * k) for k in (1.0, 2.0)]

    def logits(x):
        return ops.stack([3.0 * ops.sum(x[0], axis=(1, 2, 3)), ops.sum(x[1] ** 2, axis=(1, 2, 3))], axis=1)

    # Half of 3 at the 12 numbers of the first, half of 2 · 2 at the 12 of the second.
    assert float(losses.feature_penalty(logits, features, gradient)) == pytest.approx(12 * 1.5**2 + 12 * 2.0**2)


def test_heads_learn_to_tell_real_from_drawn_and_a_generator_to_please_them(toy_dataset, projection):
    values = {"projected": True, "gamma": 0.0, "mixing": 0.0}
    engine, pace = small.engines(projection=projection), loop.Pace(0.04, 10)
    told = small.settings("gan@16x8:0.24k", rate=1e-6, **values)
    end, notes = small.run(toy_dataset, told, pace, engine=engine)
    assert notes.rows[-1][2]["d_loss"] < notes.rows[0][2]["d_loss"] - 0.05
    assert {"g_loss", "d_loss", "clipped"} <= notes.rows[0][2].keys()
    # Heads that know what is drawn, and stay as they are.
    held = small.settings("gan@16x8:0.24k", heads_rate=0.0, **values)
    feed = loop.Feed.of(held, toy_dataset)
    given = {name: a for name, a in end.state.items() if name.startswith(("g.", "d."))}
    _, notes = small.run(toy_dataset, held, pace, start=loop.first_checkpoint(feed, given), engine=engine)
    first, last = (notes.rows[i][2] for i in (0, -1))
    print(first, last)
    assert last["fake_logit"] > first["fake_logit"]


def test_the_penalty_moves_heads_alone(toy_dataset, projection):
    found = small.settings("sharpen@16x8:0.1k", projected=True, gamma=10.0)
    feed = loop.Feed.of(found, toy_dataset)
    engine = small.engines(projection=projection)(found, found.stages[0], loop.first_checkpoint(feed).state)
    before = engine.state()
    figures = engine.step("r1", feed.inputs("r1", found.stages[0], 8))
    after = engine.state()
    assert figures["r1"] > 0
    moved = {name for name in before if not np.array_equal(before[name], after[name])}
    assert moved
    assert all(name.startswith(("d.head", "m.d.head", "v.d.head", "step.d")) for name in moved)


def test_a_training_through_a_projection_goes_on_to_the_bit(toy_dataset, projection, tmp_path):
    from vj.train.checkpoint import load_checkpoint, save_checkpoint

    found = small.settings("sharpen@8x4:0.024k", projected=True, gamma=1.0, r1_every=2)
    engine = small.engines(projection=projection)
    whole, _ = small.run(toy_dataset, found, engine=engine)
    told = iter([False] * 3 + [True] * 100)
    half, _ = small.run(toy_dataset, found, stop=lambda: next(told), engine=engine)
    assert 0 < half.seen < whole.seen
    again = load_checkpoint(save_checkpoint(tmp_path, half))
    assert again.settings == found
    rest, _ = small.run(toy_dataset, found, start=again, engine=engine)
    assert rest.state.keys() == whole.state.keys()
    assert "d.head3.out.weight" in whole.state
    assert not any(name.startswith("d.b") for name in whole.state)
    for name, a in whole.state.items():
        np.testing.assert_array_equal(rest.state[name], a, err_msg=name)


def test_settings_keep_it_and_older_ones_do_without():
    found = small.settings("gan@16x8:1k", projected=True, heads_rate=0.0005)
    assert Settings.from_dict(found.as_dict()) == found
    older = small.settings("gan@16x8:1k").as_dict()
    del older["projected"], older["heads_rate"]
    assert not Settings.from_dict(older).projected
    assert "projected was False, found True" in found.continues(small.settings("gan@16x8:1k", heads_rate=0.0005), 0)


@pytest.mark.parametrize(
    ("schedule", "other", "expected"),
    [
        ("gan@32x8:1k,detail@64x8:1k", {}, "stage detail@64x8:1k: a projected discriminator sees whole pictures"),
        ("gan@16x8:1k", {"relativistic": True}, "without the relativistic loss"),
        ("gan@16x8:1k", {"ada_target": 0.6}, "without augmentation"),
    ],
)
def test_what_does_not_go_with_it_is_one_line(schedule, other, expected):
    with pytest.raises(TrainingError, match=expected) as e:
        Settings(stages=parse_schedule(schedule), projected=True, **other)
    assert "\n" not in str(e.value)


def test_pictures_are_seen_as_on_a_screen(projection):
    shown = pictures(2)
    beyond = shown * 3
    nets = networks.Networks(None, HeadsArch(), Fused(), projection=projection)
    ours, theirs = (np.asarray(nets.logits(heads(), x, {}, "fake")) for x in (beyond, np.clip(beyond, -1, 1)))
    np.testing.assert_array_equal(ours, theirs)
    assert projected.seen(np.zeros((1, 8, 8, 3), np.float32)).shape[1] == 64
    assert projected.seen(np.zeros((1, 64, 64, 3), np.float32)).shape[1] == 128
    assert projected.seen(np.zeros((1, 256, 256, 3), np.float32)).shape[1] == 256
