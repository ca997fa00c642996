"""`vj train` as a person runs it: begins, is interrupted, goes on, and says in one line what is wrong."""

import re
import signal
import subprocess
import sys

import pytest
from conftest import write_toy_dataset

from vj import cli
from vj.generator.weights import read_card
from vj.train import command
from vj.train.checkpoint import load_checkpoint
from vj.train.dataset import open_dataset
from vj.train.feed import Feed
from vj.train.report import read_log

VJ = [sys.executable, "-m", "vj"]


def train(*arguments, timeout=250):
    return subprocess.run([*VJ, "train", *map(str, arguments)], capture_output=True, text=True, timeout=timeout)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_toy_dataset(tmp_path_factory.mktemp("toy") / "data")


def test_ctrl_c_leaves_a_checkpoint_and_the_same_command_goes_on(data, tmp_path, capsys):
    run = tmp_path / "run"
    again_and_again = [
        *VJ, "train", str(data), "-o", str(run), "--schedule", "teach@8x8:100k",
        "--snapshot-kimg", "0.4", "--figures-kimg", "0.2", "--fid", "0", "--precision", "float32",
        "--keep", str(tmp_path / "kept.safetensors"),
    ]  # fmt: skip
    process = subprocess.Popen(again_and_again, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("0.4 kimg, teach@8x8:100k: distance")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    stopped = float(re.search(r"run: ([\d.]+) kimg, stopped", out)[1])
    files = {p.name for p in run.iterdir()}
    assert {"log.csv", "model.safetensors", "samples.png", "taught.png"} <= files
    assert read_card(run / "model.safetensors")[1]["command"].startswith("vj train")

    # A folder on another machine goes on from what was kept.
    settings = load_checkpoint(tmp_path / "kept.safetensors").settings
    plan = command.Plan(data, tmp_path / "elsewhere", keep=tmp_path / "kept.safetensors")
    moved = command.first_state(plan, Feed.of(settings, open_dataset(data)), None)
    # The line says tenths of a thousand.
    assert abs(moved.seen - stopped * 1000) <= 50

    schedule = f"teach@8x8:{stopped + 0.4:.1f}k"
    again = train(*[schedule if a == "teach@8x8:100k" else a for a in again_and_again[len(VJ) + 1 :]])
    assert again.returncode == 0, again.stderr
    assert "done" in again.stdout.splitlines()[-1]
    log = read_log(run / "log.csv")
    rows = [row["kimg"] for row in log if "distance" in row]
    assert next(row["kimg"] for row in log if "r2" in row) == 0.4
    assert rows == sorted(set(rows))
    assert rows[-1] >= stopped + 0.4

    assert "rate was 0.0015, found 0.1" in refused(capsys, data, "-o", run, "--schedule", schedule, "--rate", "0.1")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("nowhere",), "nowhere: no such folder"),
        (("--schedule", "teach@16"), "stage 'teach@16': expected KIND@RESOLUTIONxBATCH:KIMGk"),
        (("--schedule", "gan@32x8:1k"), "pictures of 16×16, the schedule ends at 32×32"),
        (("--schedule", "gan@16x8:1k,gan@8x8:1k"), "a network can only grow"),
        (("--schedule", "gan@16x6:1k"), "multiple of 4"),
        (("--from", "missing.safetensors"), "missing.safetensors: no such file"),
        (("--strategy", "workers", "--schedule", "gan@8x8:1k"), "TF_CONFIG: expected"),
        (("--engine", "jax", "--projected", "--schedule", "gan@8x8:1k"), "engine jax: a projected discriminator is"),
    ],
)
def test_what_is_wrong_is_one_line(data, tmp_path, arguments, expected, capsys, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    first = [] if arguments == ("nowhere",) else [data]
    assert expected in refused(capsys, *first, *arguments, "-o", tmp_path / "run")


def refused(capsys, *arguments):
    """The one line that the command ends with, not 0. It comes before anything is trained, so here in this process."""
    capsys.readouterr()
    assert cli.main(["train", *map(str, arguments)]) == 1
    _, err = capsys.readouterr()
    assert len(err.strip().splitlines()) == 1, err
    return err
