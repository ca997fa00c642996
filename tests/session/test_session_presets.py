"""Preset files: what is accepted, and the one line that says what is wrong."""

import random

import pytest

from vj.core.errors import PresetError
from vj.core.types import Signal
from vj.params.registry import Registry
from vj.params.spec import Param, choice
from vj.session.presets import load, parse

REGISTRY = Registry([Param("noise/sigma", 1.0, 0, 4), choice("motion/norm", "sum", ("sum", "length"), "")])
SIGNALS = (Signal("level", 0, 1),)
GOOD = """
version = 1
doc = "calm"
chain = ["trail"]
[values.noise]
sigma = 0.5
[values.motion]
norm = "length"
[[modulation]]
signal = "level"
target = "noise/sigma"
depth = 1
"""


def read(text):
    return parse(text, "calm", REGISTRY, SIGNALS, ("trail", "zoom"))


def test_a_whole_preset():
    preset = read(GOOD)
    assert preset.values == {"noise/sigma": 0.5, "motion/norm": 1.0}
    assert preset.chain == ("trail",)
    assert preset.rows[0].depth == 1.0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version = 1", "version = 0", "version: found 0, expected 1"),
        ("version = 1", 'version = "1"', "version: found '1', expected 1"),
        ("version = 1", "", "version: found None"),
        ('doc = "calm"', "tempo = 3", "unknown key 'tempo'"),
        ('doc = "calm"', "tags = 7", "tags: found 7"),
        ('doc = "calm"', "tags = [7]", "tags: found 7, expected words"),
        ('doc = "calm"', f'tags = ["{"a" * 40}"]', "tags: found 'aaa"),
        ("sigma = 0.5", "sigmma = 0.5", "did you mean 'noise/sigma'"),
        ("sigma = 0.5", "sigma = 9", "found 9, expected a number 0..4"),
        ("sigma = 0.5", "sigma = [", "not valid TOML"),
        ('"length"', '"median"', "expected one of sum, length"),
        ('["trail"]', '["tail"]', "unknown shader 'tail', expected any of trail, zoom"),
        ('["trail"]', '["trail", "trail"]', "a shader may stand in a chain once"),
        ('["trail"]', "3", "chain: found 3, expected a list"),
        ("depth = 1", "", "modulation 1: depth missing"),
        ("depth = 1", 'depth = "deep"', "depth: found 'deep', expected a number"),
        ("depth = 1", "depth = 1e300", "depth: found 1e"),
        ("depth = 1", "depth = nan", "depth: found nan"),
        ("depth = 1", "depth = 1\ndelay = 2", "unknown key 'delay'"),
        ('"level"', '"loudness"', "unknown signal 'loudness'"),
    ],
)
def test_every_fault_is_named(old, new, says):
    with pytest.raises(PresetError, match=says):
        read(GOOD.replace(old, new))


def test_the_file_is_named(tmp_path):
    with pytest.raises(PresetError, match=r"preset .*gone\.toml: cannot be read"):
        load(tmp_path / "gone.toml", REGISTRY, SIGNALS, ())
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PresetError, match=r"binary\.toml: not UTF-8"):
        load(tmp_path / "binary.toml", REGISTRY, SIGNALS, ())


def test_mutated_presets_are_read_or_refused_and_nothing_else():
    rng = random.Random(5)
    for _ in range(3000):
        text = list(GOOD)
        for _ in range(rng.randint(1, 6)):
            i = rng.randrange(len(text))
            text[i : i + rng.randint(0, 3)] = rng.choice(["", "[", "=", '"', "\n", "\0", "é", "9e999", "inf", "{}"])
        try:
            preset = read("".join(text))
        except PresetError:
            continue
        assert all(REGISTRY[i].lo <= v <= REGISTRY[i].hi for i, v in preset.values.items())
