"""The loop on a toy data set: what it learns, that it resumes to the bit, grows without a seam and stops at NaN."""

import numpy as np
import pytest
import small

from vj.core.errors import TrainingError
from vj.generator import stylegan2
from vj.generator.arch import Arch
from vj.generator.stylegan2 import upsample
from vj.train import initial, loop, networks, pictures, state
from vj.train.fused import Fused, unfused
from vj.train.settings import parse_schedule
from vj.train.tensorflow_step import fuse


def test_teaching_brings_the_pictures_near_those_they_should_be(toy_dataset):
    _, notes = small.run(toy_dataset, small.settings("teach@16x16:2k"), loop.Pace(0.2, 10))
    distances = [means["distance"] for _, _, means, _ in notes.rows]
    assert distances[-1] < 0.6 * distances[0]


def test_a_discriminator_alone_learns_to_tell_real_from_fake(toy_dataset):
    _, notes = small.run(toy_dataset, small.settings("gan@8x8:1.6k", gamma=0.1, rate=0.005), loop.Pace(0.1, 10))
    first, best = notes.rows[0][2]["d_loss"], min(row[2]["d_loss"] for row in notes.rows)
    assert best < 0.8 * first


def test_every_kind_of_step_moves_what_it_should_and_nothing_else(toy_dataset):
    found = small.settings("sharpen@8x8:0.1k", path_weight=2.0)
    feed = loop.Feed.of(found, toy_dataset)
    start = loop.first_checkpoint(feed)
    engine = small.engines()(found, found.stages[0], start.state)
    moved = {}
    for kind in ("teach", "sharpen", "gan", "r1", "path"):
        before = engine.state()
        figures = engine.step(kind, feed.inputs(kind, found.stages[0], 8), 0.5)
        assert all(np.isfinite(v) for v in figures.values())
        after = engine.state()
        moved[kind] = {p for p in ("g.", "d.", "ema.") if any(
            not np.array_equal(before[k], after[k]) for k in before if k.startswith(p)
        )}  # fmt: skip
        fixed = [k for k in before if k.endswith("noise_const")]
        assert all(np.array_equal(before[k], after[k]) for k in fixed)
    everything = {"g.", "d.", "ema."}
    assert moved == {
        "teach": {"g.", "ema."},
        "sharpen": everything,
        "gan": everything,
        "r1": {"d."},
        "path": {"g."},
    }


@pytest.mark.parametrize(("learned", "schedule"), [(True, "gan@8x8:0.1k"), (False, "gan@8x8:0.1k,gan@16x8:0.1k")])
def test_noise_may_be_held_weak_throughout(toy_dataset, learned, schedule):
    found = small.settings(schedule, learn_noise=learned)
    end, _ = small.run(toy_dataset, found)
    strengths = [a for name, a in end.state.items() if name.startswith("g.") and name.endswith("noise_strength")]
    assert strengths
    assert all(np.all(a == np.float32(found.taught_noise)) for a in strengths) == (not learned)


def test_a_relativistic_penalty_is_at_drawn_pictures_too(toy_dataset):
    found = small.settings("gan@8x8:0.1k", relativistic=True)
    feed = loop.Feed.of(found, toy_dataset)
    inputs = feed.inputs("r1", found.stages[0], 8)
    assert {"real", "z"} <= inputs.keys()
    assert loop.Feed.of(small.settings("gan@8x8:0.1k"), toy_dataset).inputs("r1", found.stages[0], 8).keys() == {"real"}
    end, notes = small.run(toy_dataset, found)
    assert all(np.isfinite(list(row[2].values())).all() for row in notes.rows)
    assert end.seen == 104


def test_detail_trains_the_last_blocks_alone_on_parts_of_the_picture(larger_toy_dataset):
    arch = Arch(resolution=64, channels=(12, 8, 8, 6, 4), z_dim=16, w_dim=16, mapping_layers=2)
    found = small.settings("teach@16x8:0.064k,detail@64x8:0.064k", generator=arch, d_channels=(12, 8, 8, 6, 4))
    feed = loop.Feed.of(found, larger_toy_dataset)
    end, notes = small.run(larger_toy_dataset, found)
    assert end.seen == 128
    taught, detailed = notes.kept[-2], notes.kept[-1]
    # The lower blocks are the averaged ones of the stage before, as they were.
    for name in ("mapping.fc0.weight", "synthesis.b4.const", "synthesis.b16.conv1.weight"):
        np.testing.assert_array_equal(detailed.state[f"g.{name}"], taught.state[f"ema.{name}"])
    fresh = state.enter(taught.state, found, found.stages[1], loop.rng_of(found, 64, "enter"))
    for name in ("synthesis.b32.conv0.weight", "synthesis.b64.torgb.bias", "synthesis.b64.conv1.affine.weight"):
        assert not np.array_equal(detailed.state[f"g.{name}"], fresh[f"g.{name}"]), name
    assert "d.b16.fromrgb.weight" in detailed.state
    inputs = feed.inputs("detail", found.stages[1], 64)
    assert inputs["real"].shape == (8, 16, 16, 3)
    assert set(notes.rows[-1][2]) >= {"g_loss", "d_loss", "distance", "r1"}


def test_a_part_is_drawn_as_the_whole_picture_is(larger_toy_dataset):
    arch = Arch(resolution=64, channels=(12, 8, 8, 6, 4), z_dim=16, w_dim=16, mapping_layers=2)
    rng = np.random.default_rng(0)
    tensors = initial.generator(arch, rng)
    p = stylegan2.laid_out(tensors, arch)
    ws = rng.standard_normal((2, arch.num_ws, 16)).astype(np.float32)
    none = [None] * arch.n_conv
    steps = Fused()
    whole = stylegan2.synthesis(p, arch, ws, none, steps=steps)
    cut, at = networks.detail_side(arch), (3, 1)
    start = stylegan2.constant(p, 2)
    x, coarse = stylegan2.blocks(p, arch, (4, 8, 16), ws, none, start, None, steps=steps)
    x, coarse = (networks._part(a, np.array(at, np.int32), cut) for a in (x, coarse))
    _, part = stylegan2.blocks(p, arch, (32, 64), ws, none, x, coarse, steps=steps)
    border = networks.DETAIL_BORDER
    side = 4 * (cut - 2 * border)
    y, x = (4 * (c + border) for c in at)
    inner = np.asarray(part)[:, 4 * border : 4 * border + side, 4 * border : 4 * border + side]
    np.testing.assert_allclose(inner, np.asarray(whole)[:, y : y + side, x : x + side], atol=1e-4)


def test_the_average_follows_the_weights_by_its_decay(toy_dataset):
    found = small.settings("teach@8x8:0.1k")
    feed = loop.Feed.of(found, toy_dataset)
    engine = small.engines()(found, found.stages[0], loop.first_checkpoint(feed).state)
    before = engine.state()
    engine.step("teach", feed.inputs("teach", found.stages[0], 0), 0.75)
    after = engine.state()
    for name in ("mapping.fc0.weight", "synthesis.b8.conv1.weight", "synthesis.b8.torgb.bias"):
        expected = 0.75 * before[f"ema.{name}"] + 0.25 * after[f"g.{name}"]
        np.testing.assert_allclose(after[f"ema.{name}"], expected, rtol=1e-5, atol=1e-7)


def test_the_half_life_of_the_average_grows_with_what_was_seen():
    found = small.settings("gan@8x8:1k", ema_kimg=10.0, ema_ramp=0.05)
    assert loop.ema_decay(found, 8, 0) == pytest.approx(0.0)
    assert loop.ema_decay(found, 8, 16_000) == pytest.approx(0.5 ** (8 / 800))
    assert loop.ema_decay(found, 8, 10_000_000) == pytest.approx(0.5 ** (8 / 10_000))


@pytest.mark.parametrize(
    ("schedule", "changes"),
    [
        ("teach@8x8:0.128k,sharpen@16x8:0.256k", {"path_weight": 2.0}),
        ("gan@8x8:0.32k", {"path_weight": 2.0}),
        ("gan@8x8:0.32k", {"ada_target": 0.01, "ada_kimg": 0.2}),
    ],
)
def test_a_training_that_was_stopped_goes_on_to_the_bit(toy_dataset, tmp_path, schedule, changes):
    from vj.train.checkpoint import load_checkpoint, save_checkpoint

    found = small.settings(schedule, **changes)
    whole, _ = small.run(toy_dataset, found)
    told = iter([False] * 24 + [True] * 100)
    half, _ = small.run(toy_dataset, found, stop=lambda: next(told))
    assert 0 < half.seen < whole.seen
    again = load_checkpoint(save_checkpoint(tmp_path, half))
    # Where there are all kinds of steps, by programs that are made anew, as in another process.
    engine = small.engines(traced={}) if len(found.stages) > 1 else None
    rest, _ = small.run(toy_dataset, found, start=again, engine=engine)
    assert rest.seen == whole.seen
    assert rest.ada == whole.ada
    assert rest.state.keys() == whole.state.keys()
    for name, a in whole.state.items():
        np.testing.assert_array_equal(rest.state[name], a, err_msg=name)


def test_growing_is_seamless(toy_dataset):
    found = small.settings("teach@8x8:0.128k,teach@16x8:0.128k")
    end, _ = small.run(toy_dataset, small.settings("teach@8x8:0.128k"))
    grown = state.enter(end.state, found, found.stages[1], np.random.default_rng(0))
    z = np.random.default_rng(1).standard_normal((4, small.ARCH.z_dim)).astype(np.float32)
    before = pictures.draw(state.part(end.state, "ema."), state.generator_arch(found, 8), z)
    after = pictures.draw(state.part(grown, "ema."), state.generator_arch(found, 16), z)
    doubled = np.asarray(upsample(before.astype(np.float32) - 128.0)) + 128.0
    # Levels were clipped and cut to whole numbers before one and after the other.
    assert np.abs(after - doubled).mean() < 1.5


def test_half_precision_between_the_programs_learns_the_same(toy_dataset):
    found = small.settings("teach@8x8:0.4k")
    exact, _ = small.run(toy_dataset, found)
    half, notes = small.run(toy_dataset, found, engine=small.engines(fuse, "bfloat16"))
    assert notes.rows[-1][2]["distance"] < notes.rows[0][2]["distance"]
    name = "ema.synthesis.b8.conv1.weight"
    assert np.corrcoef(exact.state[name].ravel(), half.state[name].ravel())[0, 1] > 0.999


def test_compiled_and_plain_steps_are_the_same(toy_dataset):
    found = small.settings("sharpen@8x8:0.1k", path_weight=2.0)
    feed = loop.Feed.of(found, toy_dataset)
    start = loop.first_checkpoint(feed)
    plain, compiled = (small.engines(f)(found, found.stages[0], start.state) for f in (unfused, fuse))
    for kind in ("sharpen", "r1", "path"):
        inputs = feed.inputs(kind, found.stages[0], 0)
        ours, theirs = plain.step(kind, inputs, 0.5), compiled.step(kind, inputs, 0.5)
        assert ours == pytest.approx(theirs, rel=1e-3)


def test_augmentation_grows_while_the_discriminator_knows_the_data_set(toy_dataset):
    found = small.settings("gan@8x8:1k", gamma=0.1, rate=0.005, ada_target=0.1, ada_kimg=1.0)
    end, notes = small.run(toy_dataset, found, loop.Pace(0.1, 10))
    told = [means["ada_p"] for _, _, means, _ in notes.rows]
    assert told[0] < 0.1
    assert max(told) > 0.2
    assert notes.kept[-1].ada == end.ada
    assert "aug_real.where" in loop.Feed.of(found, toy_dataset).inputs("gan", found.stages[0], 0, 0.3)
    unaugmented, _ = small.run(toy_dataset, small.settings("gan@8x8:0.1k"))
    assert unaugmented.ada["p"] == 0


def test_a_loss_that_is_not_finite_stops_the_training(toy_dataset):
    found = small.settings("teach@8x8:0.4k", teach_rate=1e12)
    with pytest.raises(TrainingError, match=r"distance became (nan|inf) at \d"):
        small.run(toy_dataset, found)


def test_the_lazy_regularisers_come_in_their_turn():
    found = small.settings("gan@8x8:1k", path_weight=2.0, path_every=4, r1_every=16)
    stage = found.stages[0]
    assert loop.steps_at(found, stage, 0) == ["gan", "path", "r1"]
    assert loop.steps_at(found, stage, 3) == ["gan"]
    assert loop.steps_at(found, stage, 4) == ["gan", "path"]
    teach = parse_schedule("teach@8x8:1k")[0]
    assert loop.steps_at(found, teach, 0) == ["teach"]


def test_the_time_left_counts_every_stage():
    found = small.settings("teach@8x8:1k,teach@16x8:1k,gan@16x8:1k")
    first = found.stages[0]
    # At 100 pictures a second: 5 s of the first, 20 s of the second at twice the cost, 60 s of the third.
    assert loop.left_s(found, first, 504, 100.0) == pytest.approx(4.96 + 20.0 + 60.0, rel=0.02)
    assert loop.left_s(found, found.stages[2], 3000, 100.0) == 0.0
