"""A cue list on a frame clock: which preset each frame is of, and with which network it is drawn."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vj import demo
from vj.audio.input.file import FileSource
from vj.core import resources
from vj.core.errors import PresetError
from vj.render.isf.folder import load_folder
from vj.render.output.video_check import pictures as shown
from vj.session.session import Session
from vj.show import offline
from vj.show.cue_score import CueScore

SHADERS = load_folder(resources.shaders_dir())
LIST = """version = 1
[[cue]]
preset = "tide"
quantise = "bar"
seconds = 1
[cue.values]
"motion/psi" = 0.25
[[cue]]
preset = "other"
quantise = "off"
transition_s = 0.5
seconds = 1
[[cue]]
preset = "tide"
"""


class Network:
    """Answers as a network's process does, without one."""

    def __init__(self):
        self.asked = 0

    def ask(self, heard, values, dt_s):
        self.asked += 1

    def picture(self):
        return np.zeros((4, 4, 4), np.uint8), 0.0


class Networks(dict):
    """As `offline.Networks`."""

    def of(self, model):
        return self.setdefault(model, Network())


class Sink:
    """A sound track that nobody keeps."""

    def write_audio(self, sound):
        pass


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "other.toml").write_text("version = 1\nchain = ['kaleido']\n")
    (tmp_path / "set.toml").write_text(LIST)
    return tmp_path


def scored(folder, told):
    session = Session(SHADERS, "default", (), ("default", "tide", "other"), (folder, resources.presets_dir()))
    return CueScore(folder / "set.toml", session, lambda name: Path(name or "own"), told.append)


def played(score, fps, networks, seconds=3.0):
    part = offline.Part(demo.track_path(), Fraction(fps), 4.0, seconds)
    timings = offline.Timings()
    clock = offline.FrameClock(FileSource(part.audio), part, score.state.current, timings)
    return [made for _, made in offline.pictures(networks, clock, score, Sink(), timings)]


@pytest.mark.parametrize("fps", [15, 30])
def test_each_cue_lasts_as_long_as_it_says(folder, fps):
    networks = Networks()
    made = played(scored(folder, []), fps, networks)
    presets = [one.state.preset for one in made]
    assert presets[0] == presets[fps - 1] == "tide"
    begin = presets.index("other")
    assert begin == pytest.approx(fps, abs=2)
    assert presets[begin : begin + fps - 1] == ["other"] * (fps - 1)
    assert presets[-1] == "tide"
    lefts = [i for i, one in enumerate(made) if one.values.left is not None]
    assert lefts == [begin, presets.index("tide", begin)]
    assert [made[i].values.left.preset for i in lefts] == ["tide", "other"]
    # The first is there from the first frame on, without a morph; the last has the preset's own value.
    assert made[0].state.current["motion/psi"] == 0.25
    assert made[-1].state.target["motion/psi"] != 0.25
    assert sum(one.asked for one in networks.values()) == len(made)


def test_the_same_list_gives_the_same_values(folder):
    first, second = (played(scored(folder, []), 20, Networks()) for _ in range(2))
    assert all(a.values.p.array.tobytes() == b.values.p.array.tobytes() for a, b in zip(first, second, strict=True))


def test_a_preset_with_a_network_of_its_own_is_drawn_by_it(folder, monkeypatch):
    monkeypatch.setattr("vj.core.resources.models_dir", lambda: folder)
    (folder / "its.safetensors").write_bytes(b"")
    (folder / "other.toml").write_text("version = 1\nmodel = 'its'\n")
    networks = Networks()
    made = played(scored(folder, []), 20, networks)
    of_its_own = sum(one.state.preset == "other" for one in made)
    assert {str(path): one.asked for path, one in networks.items()} == {
        "own": len(made) - of_its_own,
        "its": of_its_own,
    }


def test_a_preset_that_will_not_load_is_stepped_over(folder):
    told = []
    score = scored(folder, told)
    (folder / "other.toml").write_text("version = 1\nchain = 3\n")
    made = played(score, 20, Networks())
    assert {one.state.preset for one in made} == {"tide"}
    assert len(told) == 1
    assert told[0].endswith("stepped over")


def test_a_list_whose_first_cannot_be_played_is_said_before(folder):
    for name in ("tide", "other"):
        (folder / f"{name}.toml").write_text("version = 1\nchain = 3\n")
    with pytest.raises(PresetError, match="no cue after this can be played"):
        scored(folder, [])


def test_a_video_of_a_set(folder, tiny_model, tmp_path):
    (folder / "set.toml").write_text(LIST.replace('"other"', '"tunnel"'))
    out = tmp_path / "set.mp4"
    command = [sys.executable, "-m", "vj", "render", str(demo.track_path()), "-o", str(out), "--start", "4"]
    command += ["--duration", "1.5", "--model", str(tiny_model), "--size", "64x36", "--fps", "10"]
    command += ["--cues", str(folder / "set.toml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    frames = np.array([rgb for _, rgb in shown(out, 100)], np.float32)
    assert len(frames) == 15
    # From the tenth frame on it is on its way to another scene.
    steps = np.abs(np.diff(frames, axis=0)).mean((1, 2, 3))
    assert np.abs(frames[-1] - frames[8]).mean() > 3 * np.median(steps[:8])


def test_a_list_and_a_preset_are_one_line(folder):
    command = [sys.executable, "-m", "vj", "render", str(demo.track_path()), "-o", str(folder / "a.mp4")]
    command += ["--cues", str(folder / "set.toml"), "--preset", "tide"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == "vj render: --cues and --preset: the list says which presets are played\n"
