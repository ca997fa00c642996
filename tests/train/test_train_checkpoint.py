"""Checkpoints: what is refused, and that nothing is lost when one cannot be written."""

import errno
from dataclasses import replace

import numpy as np
import pytest
import small
from safetensors.numpy import load_file, save_file

from vj.core.errors import ModelError, TrainingError
from vj.generator.arch import Arch
from vj.generator.weights import load_model, save_model
from vj.train import checkpoint, export
from vj.train.feed import Feed
from vj.train.given import given_weights
from vj.train.loop import first_checkpoint
from vj.train.state import discriminator_arch, part


@pytest.fixture
def found(toy_dataset):
    return first_checkpoint(Feed.of(small.settings("gan@16x8:1k"), toy_dataset))


def test_all_of_it_comes_back(tmp_path, found):
    again = checkpoint.load_checkpoint(checkpoint.save_checkpoint(tmp_path, replace(found, seen=64, ada={"p": 0.25})))
    assert (again.settings, again.seen, again.ada, again.dataset) == (found.settings, 64, {"p": 0.25}, found.dataset)
    assert again.state.keys() == found.state.keys()
    for name, a in found.state.items():
        np.testing.assert_array_equal(again.state[name], a)
        assert again.state[name].shape == a.shape


def test_a_packed_one_is_small_and_goes_on_with_adam_at_rest(tmp_path, found):
    trained = found.state | {k: np.full_like(a, 0.5) for k, a in found.state.items() if k.startswith(("m.", "step"))}
    whole = checkpoint.save_checkpoint(tmp_path, replace(found, seen=64, state=trained))
    packed = tmp_path / "training.safetensors"
    checkpoint.pack_checkpoint(packed, replace(found, seen=64, state=trained))
    assert packed.stat().st_size < 0.3 * whole.stat().st_size
    again = checkpoint.load_checkpoint(packed)
    assert (again.settings, again.seen, again.dataset) == (found.settings, 64, found.dataset)
    assert again.state.keys() == found.state.keys()
    for name, a in found.state.items():
        if name.startswith(("g.", "d.", "ema.")):
            np.testing.assert_allclose(again.state[name], a, rtol=1e-3, atol=1e-3)
        elif name != "path_mean":
            assert not again.state[name].any()


def test_the_last_three_are_kept(tmp_path, found):
    for seen in (8, 16, 24, 32, 1000):
        checkpoint.save_checkpoint(tmp_path, replace(found, seen=seen))
    assert [p.name for p in checkpoint.checkpoints(tmp_path)] == [
        f"checkpoint-{seen:09d}.safetensors" for seen in (24, 32, 1000)
    ]


def test_a_state_with_nan_is_not_saved_and_the_last_good_one_is_named(tmp_path, found):
    kept = checkpoint.save_checkpoint(tmp_path, found)
    broken = found.state | {"g.synthesis.b4.const": np.full_like(found.state["g.synthesis.b4.const"], np.nan)}
    with pytest.raises(TrainingError, match=rf"g\.synthesis\.b4\.const holds NaN.*after 8 pictures.*{kept.name}"):
        checkpoint.save_checkpoint(tmp_path, replace(found, seen=8, state=broken))
    assert checkpoint.checkpoints(tmp_path) == [kept]


def test_a_full_disk_is_one_line_and_leaves_the_earlier_checkpoint(tmp_path, found, monkeypatch):
    kept = checkpoint.save_checkpoint(tmp_path, found)

    def full(tensors, path, metadata):
        path.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(TrainingError, match=rf"cannot be written: No space left.*{kept.name}") as e:
        checkpoint.save_checkpoint(tmp_path, replace(found, seen=8))
    assert "\n" not in str(e.value)
    assert list(tmp_path.iterdir()) == [kept]


def test_a_damaged_checkpoint_is_one_line(tmp_path, found):
    path = checkpoint.save_checkpoint(tmp_path, found)
    whole = path.read_bytes()
    for data in (b"", whole[: len(whole) // 2], b"PK" + whole):
        path.write_bytes(data)
        with pytest.raises(TrainingError, match=path.name) as e:
            checkpoint.load_checkpoint(path)
        assert "\n" not in str(e.value)
    with pytest.raises(TrainingError, match="no such file"):
        checkpoint.load_checkpoint(tmp_path / "checkpoint-000000001.safetensors")


def test_a_checkpoint_of_another_architecture_names_the_tensor(tmp_path, found):
    path = checkpoint.save_checkpoint(tmp_path, found)
    tensors = load_file(path)
    about = checkpoint.json.dumps({
        "settings": replace(found.settings, generator=replace(small.ARCH, channels=(12, 9, 8))).as_dict(),
        "seen": 0, "ada": {}, "dataset": "x",
    })  # fmt: skip
    save_file(tensors, path, {"vj_training": "1", "about": about})
    with pytest.raises(TrainingError, match=r"tensor \S+: found shape \(.*\), expected shape \("):
        checkpoint.load_checkpoint(path)


def test_settings_that_are_not_ours_are_refused(tmp_path, found):
    path = checkpoint.save_checkpoint(tmp_path, found)
    tensors = load_file(path)
    table = found.settings.as_dict()
    for wrong in ({**table, "shell": "rm"}, {**table, "stages": 3}, {**table, "generator": {"channels": "no"}}, []):
        about = checkpoint.json.dumps({"settings": wrong, "seen": 0, "ada": {}, "dataset": "x"})
        save_file(tensors, path, {"vj_training": "1", "about": about})
        with pytest.raises(TrainingError, match=path.name):
            checkpoint.load_checkpoint(path)


def test_the_averaged_generator_is_what_is_exported(tmp_path, found, toy_dataset):
    state = found.state | {k: a + 1 for k, a in found.state.items() if k.startswith("ema.")}
    done = replace(found, seen=640, state=state)
    export.export(tmp_path / "m.safetensors", done, export.card(done, toy_dataset, "toy", "vj train data -o run"))
    model = load_model(tmp_path / "m.safetensors")
    assert model.arch == small.ARCH
    np.testing.assert_allclose(
        model.tensors["synthesis.b8.conv1.weight"], state["ema.synthesis.b8.conv1.weight"], rtol=2e-3, atol=1e-3
    )
    assert model.card["command"] == "vj train data -o run"
    assert model.card["training"] == "trained adversarially at 16×16 on 0.64 thousand pictures"
    assert "disc, wave" in model.card["training_data"]


def test_weights_to_go_on_from_come_from_a_model_or_a_training(tmp_path, found, toy_dataset):
    checkpoint.save_checkpoint(tmp_path, found)
    model = export.model_of(found, {"name": "x"})
    save_model(tmp_path / "m.safetensors", model)
    for path, has_d in ((tmp_path, True), (tmp_path / "m.safetensors", False)):
        given = given_weights(path)
        assert given.arch == small.ARCH
        assert any(name.startswith("d.") for name in given.weights) == has_d
        tuned = replace(found.settings, seed=3, generator=given.arch, d_channels=given.d_channels)
        begun = first_checkpoint(Feed.of(tuned, toy_dataset), given.weights)
        for name, a in part(found.state, "ema.").items():
            np.testing.assert_array_equal(begun.state[f"g.{name}"], a)
            np.testing.assert_array_equal(begun.state[f"ema.{name}"], a)
        same = all(np.array_equal(begun.state[f"d.{k}"], found.state[f"d.{k}"]) for k in part(found.state, "d."))
        assert same == has_d


def test_weights_of_another_shape_are_refused(found, toy_dataset):
    other = replace(found.settings, generator=Arch(16, (12, 9, 8), 16, 16, 2))
    with pytest.raises(ModelError, match="expected"):
        first_checkpoint(Feed.of(other, toy_dataset), {f"g.{k}": a for k, a in part(found.state, "g.").items()})


def test_a_folder_without_checkpoints_is_refused(tmp_path):
    with pytest.raises(TrainingError, match="without checkpoints"):
        given_weights(tmp_path)


def test_the_discriminator_has_the_names_of_the_original(found):
    names = set(discriminator_arch(found.settings, 16).tensors())
    assert {"b16.fromrgb.weight", "b8.conv0.bias", "b8.skip.weight", "b4.conv.weight", "b4.fc.bias"} <= names
    assert "b8.fromrgb.weight" not in names


def test_a_card_tells_every_kind_of_stage(toy_dataset):
    schedule = "teach@16x8:0.1k,sharpen@32x8:0.1k,gan@32x8:0.1k,detail@64x8:0.1k"
    arch = Arch(resolution=64, channels=(12, 8, 8, 6, 4), z_dim=16, w_dim=16, mapping_layers=2)
    found = small.settings(schedule, generator=arch, d_channels=arch.channels)
    told = export.training_text(found, 350).split("; ")
    assert [part.rpartition(" at ")[2] for part in told] == [
        "16×16 on 0.1 thousand pictures",
        "32×32 on 0.1 thousand pictures",
        "32×32 on 0.1 thousand pictures",
        "64×64 on 0.05 thousand pictures",
    ]
    assert export.training_text(found, 0) == "none"
