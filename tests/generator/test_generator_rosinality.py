"""Checkpoints of rosinality's stylegan2-pytorch, and folders of networks: what comes in, and what is said of the rest.

With PyTorch and that project's own code (32×32, 512 channels, three mapping layers), pictures differ by 1.1e-5 of their
standard deviation at most, w by 1.2e-6.
"""

import random
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import tiny
from checkpoints import Call, generator, saved
from snapshots import dumped, snapshot

from vj.core.errors import ModelError, UsageError
from vj.generator.importers.network import import_network
from vj.generator.importers.rosinality import import_checkpoint
from vj.generator.model_tools import networks_in, targets_of

MODEL = tiny.model(tiny.SKIP)
#: What a training keeps beside the generator; of the last nothing is run.
BESIDE = {"d": {"a": np.zeros(3)}, "ada_aug_p": 0.5, "args": Call("os.system", "touch RAN")}


@pytest.mark.parametrize("key", ["g_ema", "g"])
def test_a_checkpoint_comes_in_whole_and_nothing_beside_it(tmp_path, monkeypatch, key):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "550000.pt"
    path.write_bytes(saved({**BESIDE, key: generator(MODEL), "latent_avg": MODEL.tensors["mapping.w_avg"]}))
    found = import_network(path)
    assert found.arch == tiny.SKIP
    assert found.tensors.keys() == MODEL.tensors.keys()
    for name, a in MODEL.tensors.items():
        np.testing.assert_array_equal(found.tensors[name], a, err_msg=name)
    assert found.card == {"name": "550000", "origin": "imported from 550000.pt (stylegan2-pytorch by rosinality)"}
    assert [p.name for p in tmp_path.iterdir()] == ["550000.pt"]


def test_the_averaged_one_is_taken():
    other = tiny.model(tiny.SKIP, seed=1)
    found = import_checkpoint(saved({"g": generator(other), "g_ema": generator(MODEL)}), "a.pt")
    np.testing.assert_array_equal(found.tensors["synthesis.b4.const"], MODEL.tensors["synthesis.b4.const"])


def test_without_an_average_it_is_that_of_many_latents():
    found = import_checkpoint(saved({"g_ema": generator(MODEL)}), "a.pt")
    rng = np.random.default_rng(1)
    w = [tiny.reference_mapping(MODEL, rng.standard_normal(12)) for _ in range(4000)]
    off = found.tensors["mapping.w_avg"] - np.mean(w, axis=0)
    assert np.abs(off / np.std(w, axis=0)).max() < 0.08


def test_without_fixed_noise_there_is_some():
    plain = {name: a for name, a in generator(MODEL).items() if not name.startswith("noises.")}
    found = import_checkpoint(saved({"g_ema": plain}), "a.pt")
    assert found.tensors["synthesis.b16.conv1.noise_const"].std() == pytest.approx(1.0, abs=0.2)


def changed(**changes):
    """The generator with tensors that are others, or away."""
    out = {**generator(MODEL), **{name.replace("__", "."): a for name, a in changes.items()}}
    return saved({"g_ema": {name: a for name, a in out.items() if a is not None}})


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (saved({"d": {}}), "no g_ema: expected a checkpoint of rosinality's stylegan2-pytorch"),
        (saved({"g_ema": 3.0}), "no g_ema"),
        (saved([1, 2]), "holds something else than tensors by name"),
        (changed(input__input=None), "tensor input.input is missing"),
        (changed(input__input=np.zeros((1, 8, 4, 7))), r"begins with 4×7, expected 4×4"),
        (changed(style__1__weight=None), "tensor style.1.weight is missing"),
        (changed(convs__0__conv__blur__kernel=np.ones((4, 4)) / 4), r"found another filter than \[1, 3, 3, 1\]"),
        (changed(convs__1__activate__bias=np.zeros(9)), r"convs.1.activate.bias: found shape \(9,\), expected \(6,\)"),
        (changed(to_rgbs__1__bias=None), "tensor to_rgbs.1.bias is missing"),
        (changed(conv1__noise__weight=np.full(1, np.nan)), "holds NaN or infinity"),
        (saved({"g_ema": generator(MODEL)}, zipfile.ZIP_DEFLATED), "is a compressed archive"),
        (saved({"g_ema": generator(MODEL)})[:-300], "damaged archive"),
    ],
)
def test_what_is_none_is_one_line(tmp_path, data, says):
    path = tmp_path / "net.pt"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=says) as e:
        import_network(path)
    assert str(e.value).startswith(f"{path}: ")
    assert "\n" not in str(e.value)


def test_another_zip_is_named_for_what_it_is(tmp_path):
    path = tmp_path / "holiday.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.jpg", b"")
    with pytest.raises(ModelError, match=r"is a zip archive with 0 data\.pkl; torch\.save writes one"):
        import_network(path)


def test_mutated_checkpoints_are_read_or_refused_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data, rng = saved({**BESIDE, "g_ema": generator(MODEL)}), random.Random(3)
    refused = 0
    for _ in range(300):
        mutated = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            # Mostly where names and shapes are, and the archive's own directory.
            at = rng.randrange(len(mutated)) if rng.random() < 0.3 else rng.randrange(12_000)
            mutated[at : at + rng.randint(0, 2)] = bytes(rng.randrange(256) for _ in range(rng.randint(0, 3)))
        try:
            import_checkpoint(bytes(mutated), "a.pt")
        except ModelError:
            refused += 1
    assert refused > 200
    assert not list(tmp_path.iterdir())


def imported(folder, out, directions="--no-directions"):
    command = [sys.executable, "-m", "vj", "model", "import", str(folder), "-o", str(out), directions]
    return subprocess.run(
        [one for one in command if one != "--"], capture_output=True, text=True, timeout=100, check=False
    )


def test_a_folder_comes_in_but_for_what_cannot(tmp_path):
    folder, out = tmp_path / "found", tmp_path / "models"
    (folder / "more").mkdir(parents=True)
    (folder / "one.pkl").write_bytes(dumped(snapshot(MODEL)))
    (folder / "more" / "two.pt").write_bytes(saved({"g_ema": generator(MODEL)}))
    (folder / "page.pkl").write_bytes(b"<html>")
    (folder / "notes.txt").write_text("of no interest")
    done = imported(folder, out)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "page.pkl: is a web page" in done.stderr
    *models, count, trouble = done.stdout.splitlines()
    assert models == [*map(str, (out / "two.safetensors", out / "one.safetensors"))]
    assert (count, f"vj: {trouble}\n") == ("2 of 3 came in", done.stderr)
    assert sorted(path.name for path in out.iterdir()) == ["one.safetensors", "two.safetensors"]


def test_two_of_one_name_go_to_two_files(tmp_path):
    files = [
        "a/net.pkl",
        "b/net.pkl",
        "x/b/net.pkl",
        "y/b/Net.pkl",
        "b/net.pt",
        "c/own.pt",
        "a_b/twin.pt",
        "a/b_twin.pt",
    ]
    names = targets_of([tmp_path / file for file in files], tmp_path, tmp_path / "out")
    assert [path.name.removesuffix(".safetensors") for path in names] == [
        "a_net.pkl", "b_net.pkl", "x_b_net.pkl", "y_b_Net.pkl", "b_net.pt", "own", "twin", "b_twin"
    ]  # fmt: skip
    same = [tmp_path / "a_b" / "net.pt", tmp_path / "a" / "b_net.pt", tmp_path / "a" / "b" / "net.pt"]
    assert [path.name for path in targets_of(same, tmp_path, tmp_path)] == [
        "a_b_net.pt.safetensors", "b_net.safetensors", "a_b_net.pt_2.safetensors"
    ]  # fmt: skip


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "one.pkl").write_bytes(dumped(snapshot(MODEL)))
    (tmp_path / "models").write_text("a file")
    done = imported(tmp_path, tmp_path / "models")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "models: cannot be made: " in done.stderr
    assert (tmp_path / "models").read_text() == "a file"


def test_a_model_whose_directions_cannot_be_kept_came_in(tmp_path):
    (tmp_path / "one.pkl").write_bytes(dumped(snapshot(MODEL)))
    out = tmp_path / "models"
    (out / "one.directions").mkdir(parents=True)
    done = imported(tmp_path, out, "--")
    assert done.returncode == 1
    assert "one.safetensors came in, but its directions were not found: " in done.stderr
    assert "1 of 1 came in" in done.stdout.splitlines()
    assert (out / "one.safetensors").is_file()


def test_a_folder_without_networks_is_one_line(tmp_path):
    with pytest.raises(UsageError, match=r"found no file of a network, expected \.pkl, \.pickle, \.pt, \.pth"):
        networks_in(tmp_path)
