"""Pickles of strangers: networks come in, everything else is refused, and nothing is ever run."""

import os
import pickle
import random
import struct
from collections import Counter
from datetime import datetime
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import tiny
from snapshots import Named, dumped, module, snapshot, storage

from vj.core.errors import ModelError
from vj.generator.importers import pickle_machine, pickle_reader, stylegan2_ada
from vj.generator.importers.stylegan2_ada import import_discriminator, import_snapshot
from vj.generator.weights import Model
from vj.train.discriminator import DiscriminatorArch
from vj.train.given import given_weights

REFERENCES = Path(__file__).parents[3] / "shared" / "data" / "models"


@pytest.mark.parametrize("arch", tiny.ALL)
def test_a_snapshot_comes_in_whole(tmp_path, arch):
    model = tiny.model(arch)
    (tmp_path / "net.pkl").write_bytes(dumped(snapshot(model)))
    found = import_snapshot(tmp_path / "net.pkl")
    assert found.arch == arch
    assert all(np.array_equal(found.tensors[k], v) for k, v in model.tensors.items())


def discriminator(shapes, **state):
    """A discriminator as a snapshot has it, and its tensors by name."""
    rng = np.random.default_rng(2)
    tensors = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    blocks = {}
    for name, array in tensors.items():
        block, layer, kind = name.split(".")
        blocks.setdefault(block, {}).setdefault(layer, {})[kind] = array
    inner = {
        b: module("Block", {}, {name: module("Layer", own) for name, own in layers.items()})
        for b, layers in blocks.items()
    }
    return module("Discriminator", {}, inner, c_dim=0, img_channels=3, **state), tensors


def test_the_discriminator_of_a_snapshot_comes_along(tmp_path):
    model, shape = tiny.model(tiny.SKIP), DiscriminatorArch(16, (7, 6, 5))
    found, tensors = discriminator(shape.tensors(), img_resolution=16)
    (tmp_path / "net.pkl").write_bytes(dumped(snapshot(model) | {"D": found}))
    channels, read = import_discriminator(tmp_path / "net.pkl")
    assert channels == (7, 6, 5)
    assert read.keys() == tensors.keys()
    assert all(np.array_equal(read[name], a) for name, a in tensors.items())
    given = given_weights(tmp_path / "net.pkl")
    assert {name for name in given.weights if name.startswith("d.")} == {f"d.{name}" for name in tensors}


def test_a_discriminator_of_another_kind_is_left_out_and_a_broken_one_refused(tmp_path):
    model, shapes = tiny.model(tiny.SKIP), DiscriminatorArch(16, (7, 6, 5)).tensors()
    path = tmp_path / "net.pkl"
    labelled, _ = discriminator(shapes, img_resolution=16, architecture="skip")
    path.write_bytes(dumped(snapshot(model) | {"D": labelled}))
    assert import_discriminator(path) is None
    del shapes["b8.skip.weight"]
    broken, _ = discriminator(shapes, img_resolution=16)
    path.write_bytes(dumped(snapshot(model) | {"D": broken}))
    with pytest.raises(ModelError, match=r"net\.pkl: the discriminator's b8\.skip\.weight is missing"):
        given_weights(path)


def test_source_text_in_a_snapshot_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.pkl").write_bytes(dumped(snapshot(tiny.model(tiny.SKIP))))
    import_snapshot(tmp_path / "net.pkl")
    assert [p.name for p in tmp_path.iterdir()] == ["net.pkl"]


class Attack:
    def __reduce__(self):
        return os.system, ("touch RAN",)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_calls_os_system_is_refused_by_name_and_nothing_runs(tmp_path, monkeypatch, protocol):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(Attack(), protocol))
    with pytest.raises(ModelError, match=r"evil\.pkl: it asks for '(posix|os|nt)\.system'.*nothing was run") as caught:
        import_snapshot(tmp_path / "evil.pkl")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "RAN").exists()


@pytest.mark.parametrize(
    "name",
    [
        "builtins.eval",
        "builtins.getattr",
        "torch.load",
        "torch.FloatStorage",
        "torch._utils._rebuild_tensor_v2.__globals__",
    ],
)
def test_other_globals_are_refused_too(name):
    found = pickle_reader.read(dumped({"a": Named(name, "1 + 1")}))["a"]
    assert (type(found), found.name, found.args, found.state) == (pickle_machine.Foreign, name, (), None)
    with pytest.raises(ModelError, match="asks for"):
        raise found.refusal()


@pytest.mark.parametrize("held", [lambda a: a, lambda a: {"G_ema": a}, lambda a: (a, a), lambda a: {"G": a}])
def test_a_foreign_object_in_the_generators_place_is_refused_by_name(tmp_path, held):
    path = tmp_path / "evil.pkl"
    path.write_bytes(dumped(held(Named("builtins.eval", "1 + 1"))))
    with pytest.raises(ModelError, match=r"asks for 'builtins\.eval'.*nothing was run"):
        import_snapshot(path)


def test_foreign_objects_beside_the_generator_are_passed_over(tmp_path, monkeypatch):
    """Optimisers, paths, arrays and settings of forks; an attack among them is passed over, too: nothing is called."""
    monkeypatch.chdir(tmp_path)
    model = tiny.model(tiny.SKIP)
    beside = {
        "optimiser": Named("torch.optim.adam.Adam", 1, {"lr": 0.002}),
        "path": PurePosixPath("runs/1"),
        "when": datetime(2020, 1, 1),
        "counts": Counter("abc"),
        "array": np.arange(5),
        "attack": Attack(),
    }
    path = tmp_path / "fork.pkl"
    path.write_bytes(dumped(beside | snapshot(model) | {"more": beside}))
    found = import_snapshot(path)
    assert all(np.array_equal(found.tensors[k], v) for k, v in model.tensors.items())
    assert [p.name for p in tmp_path.iterdir()] == ["fork.pkl"]


def test_a_generator_by_itself_comes_in(tmp_path):
    model = tiny.model(tiny.SKIP)
    (tmp_path / "bare.pkl").write_bytes(dumped(snapshot(model)["G_ema"]))
    found = import_snapshot(tmp_path / "bare.pkl")
    assert all(np.array_equal(found.tensors[k], v) for k, v in model.tensors.items())


@pytest.mark.parametrize("colours", [1, 4])
@pytest.mark.parametrize("arch", [tiny.SKIP, tiny.RESNET])
def test_grey_and_transparent_networks_draw_their_colours(tmp_path, arch, colours):
    """All three channels of a grey one are its one; of a transparent one the three colours are as they were."""
    model = tiny.model(arch)
    ends = ("torgb.weight", "torgb.bias")
    theirs = {
        name: np.concatenate([a, a[:1]])[:colours] if name.endswith(ends) else a for name, a in model.tensors.items()
    }
    held = snapshot(Model(arch, theirs, {}))
    held["G_ema"].args[0]["state"]["img_channels"] = colours
    (tmp_path / "net.pkl").write_bytes(dumped(held))
    found = import_snapshot(tmp_path / "net.pkl")
    for name, a in model.tensors.items():
        expected = np.repeat(a[:1], 3, 0) if colours == 1 and name.endswith(ends) else a
        assert np.array_equal(found.tensors[name], expected), name


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (dumped(tuple(Named("dnnlib.tflib.network.Network") for _ in range(3))), "StyleGAN of TensorFlow 1"),
        (dumped({"G_ema": Named("dnnlib.tflib.network.Network", "G")}), "StyleGAN of TensorFlow 1"),
        (b"PK\x03\x04" + bytes(99), "zip archive, as PyTorch's own torch.save"),
        (b"\n <!DOCTYPE html>\n<html><title>Google Drive</title>", "a web page"),
        (b"<html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS"),
        (b"\x1f\x8b\x08" + bytes(20), "a compressed archive"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"", "is empty: the download did not end"),
        (b"\x89PNG\r\n\x1a\n", "is a picture"),
        (b"\xff\xd8\xff\xe0", "is a picture"),
        (b"RIFF\x00\x01\x00\x00WEBPVP8 ", "is a picture"),
        (b"\x08\x08\x12\x07pytorch\x1a\x051.9.0", "is an ONNX network"),
        (struct.pack("<Q", 20) + b'{"a":{}}' + bytes(20), "a safetensors file"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_what_people_have_instead_is_named_for_what_it_is(tmp_path, data, says):
    (tmp_path / "net.pkl").write_bytes(data)
    with pytest.raises(ModelError, match=says) as caught:
        import_snapshot(tmp_path / "net.pkl")
    assert "\n" not in str(caught.value)
    assert "expected a pickle of stylegan2-ada-pytorch" in str(caught.value)


def test_a_stylegan3_is_named():
    layers = {f"L{i}_36_8": module("SynthesisLayer") for i in range(3)}
    parts = {"mapping": module("MappingNetwork"), "synthesis": module("SynthesisNetwork", {}, layers)}
    held = pickle_reader.read(dumped({"G_ema": module("Generator", {}, parts, img_channels=3)}))
    with pytest.raises(ModelError, match="is a StyleGAN3 network"):
        stylegan2_ada._find_generator(held)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.2, 0.5, 0.9, 0.9999])
def test_a_truncated_snapshot_is_one_line(tmp_path, share):
    data = dumped(snapshot(tiny.model(tiny.SKIP)))
    (tmp_path / "cut.pkl").write_bytes(data[: int(share * len(data))])
    with pytest.raises(ModelError, match=r"cut\.pkl: ") as caught:
        import_snapshot(tmp_path / "cut.pkl")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("obj", "says"),
    [
        ({"a": 1}, "no generator"),
        ([1, 2], "no generator"),
        ({"G_ema": module("Discriminator")}, "is a Discriminator, expected a Generator"),
        ({"G_ema": module("Generator", img_channels=3)}, "no mapping and synthesis"),
    ],
)
def test_a_pickle_of_something_else(tmp_path, obj, says):
    (tmp_path / "other.pkl").write_bytes(dumped(obj))
    with pytest.raises(ModelError, match=says):
        import_snapshot(tmp_path / "other.pkl")


def test_a_tensor_larger_than_its_storage_is_refused():
    held = Named("torch.storage._load_from_bytes", storage(np.zeros(4)))
    for size, stride in (((5,), (1,)), ((2, 2), (3, 1)), ((10**9,), (0,)), ((2,), (-1,)), ((2,), (1, 1))):
        with pytest.raises(ModelError):
            pickle_reader.read(dumped(Named("torch._utils._rebuild_tensor_v2", held, 0, size, stride, False, {})))


def test_bombs_are_refused():
    for data in (
        b"\x80\x04" + b"]" + b"\x94" + b"r\xff\xff\xff\xff" * 10 + b".",  # a memo index of four thousand million
        b"\x80\x04B\xff\xff\xff\x7f",  # a text of two thousand megabytes that is not there
        b"\x80\x04" + b"(" * 100_000 + b".",
        b"\x80\x04}" + b")" + b"\x85" * 50_000 + b"K\x01s.",  # a deeply nested tuple as a key
    ):
        try:
            pickle_reader.read(data)
        except ModelError:
            continue


def test_a_small_file_cannot_name_its_tensor_a_thousand_times():
    def named(module, name):
        return b"".join(b"\x8c" + bytes([len(t)]) + t.encode() for t in (module, name)) + b"\x93"

    data = storage(np.zeros(10_000, np.float32))
    held = named("torch.storage", "_load_from_bytes") + b"B" + struct.pack("<i", len(data)) + data + b"\x85R"
    again = b"h\x00(h\x01K\x00M\x10\x27\x85K\x01\x85tR"  # the tensor f32[10000] of the storage kept at 1
    start = b"\x80\x04" + named("torch._utils", "_rebuild_tensor_v2") + b"q\x00" + held + b"q\x01"
    assert pickle_reader.read(start + 3 * again + b".").shape == (10_000,)
    with pytest.raises(ModelError, match="4 times as large as the file"):
        pickle_reader.read(start + 1000 * again + b".")


def test_a_number_too_long_to_print_is_named_by_its_kind(tmp_path):
    parts = {"mapping": module("MappingNetwork"), "synthesis": module("SynthesisNetwork")}
    (tmp_path / "long.pkl").write_bytes(dumped({"G_ema": module("Generator", {}, parts, img_channels=10**5000)}))
    with pytest.raises(ModelError, match="img_channels: found a value of type int"):
        import_snapshot(tmp_path / "long.pkl")


def test_mutated_snapshots_are_read_or_refused_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = dumped(snapshot(tiny.model(tiny.CLAMPED)))
    rng = random.Random(7)
    path = tmp_path / "mutated.pkl"
    for _ in range(400):
        mutated = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(mutated))
            mutated[at : at + rng.randint(0, 2)] = bytes(rng.randrange(256) for _ in range(rng.randint(0, 3)))
        path.write_bytes(bytes(mutated))
        try:
            import_snapshot(path)
        except ModelError:
            continue


@pytest.mark.shared_data
def test_real_snapshots_come_in():
    if not REFERENCES.is_dir():
        pytest.skip("no reference networks beside the checkout (shared/data/models)")
    found = {path.stem: import_snapshot(path).arch for path in REFERENCES.glob("*.pkl")}
    assert found["tiny_resnet_32"].architecture == "resnet"
    assert found["small_skip_128_clamp"].conv_clamp == 256.0
