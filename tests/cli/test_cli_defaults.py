"""Options that are left out mean what the packages take by themselves."""

import inspect
from dataclasses import fields
from pathlib import Path

import pytest

from vj.cli import defaults, parser
from vj.control.osc.server import OscConfig
from vj.session.loading import DEFAULT_PRESET
from vj.train.command import Plan
from vj.train.dataset_build import Request
from vj.train.loop import Pace
from vj.train.world.pictures import write_world


def usual(config: type) -> dict[str, object]:
    return {field.name: field.default for field in fields(config)}


def test_osc():
    found = usual(OscConfig)
    assert (found["host"], found["port"], found["rate_hz"]) == (
        defaults.OSC_HOST, defaults.OSC_PORT, defaults.OSC_RATE_HZ,
    )  # fmt: skip


def test_presets():
    assert defaults.PRESET == DEFAULT_PRESET


def test_data_sets_and_trainings():
    request = Request(Path("data"), defaults.DATA_SIDE, seed=defaults.SEED, time=defaults.DATA_TIME_S,
                      supersample=defaults.DATA_SUPERSAMPLE, distinct=defaults.DATA_DISTINCT,
                      spread=defaults.DATA_SPREAD)  # fmt: skip
    assert request == Request(Path("data"))
    plan = Plan(Path("data"), Path("run"), pace=Pace(defaults.FIGURES_KIMG, defaults.SNAPSHOT_KIMG),
                fid_of=defaults.FID_OF)  # fmt: skip
    assert plan == Plan(Path("data"), Path("run"))
    assert inspect.signature(write_world).parameters["flow"].default in (inspect.Parameter.empty, defaults.DATA_FLOW)


@pytest.mark.parametrize(
    "words",
    ["render a.wav -o b.mp4", "play", "listen", "analyse a.wav -o b.npz", "dataset -o d", "train d -o r", "bench",
     "model sheet m", "model quality m --data d"],
)  # fmt: skip
def test_every_command_is_complete_without_options(words):
    assert callable(parser().parse_args(words.split()).run)
