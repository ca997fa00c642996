"""The pass sheet before doors: what works is said, what does not is named, and one fault hides no other."""

import json
import math
import os
import subprocess
import sys
import threading
from collections import namedtuple

import pytest

from vj.audio.input.virtual import Virtual
from vj.core import resources
from vj.core.errors import PresetError
from vj.render.isf.folder import load_folder
from vj.session.session import Session
from vj.show import rig_check
from vj.show.rig_check import CHECKS, Finding, Rig, findings, line, verdict

SHADERS = load_folder(resources.shaders_dir())


@pytest.fixture
def rig(tmp_path, tiny_model):
    (tmp_path / "good.toml").write_text('version = 1\nchain = ["grade"]\n')

    def make(presets=("good",), **given):
        session = Session(SHADERS, "good", (), presets, (tmp_path, resources.presets_dir()))
        usual = {"source": Virtual(gain_db=-20.0), "size": (64, 36), "config": tmp_path, "record": tmp_path / "a.mp4"}
        its_own = lambda name: resources.find("model", name, tmp_path, ".safetensors")  # noqa: E731
        return Rig(session, lambda name: its_own(name) if name else tiny_model, **{**usual, **given})

    return make


def found(part, rig):
    return list(CHECKS[part](rig))


def test_sound_that_comes_and_silence(rig):
    (loud,) = found("sound", rig())
    assert (loud.verdict, loud.part) == ("ok", "sound")
    assert "48000 Hz" in loud.text
    (quiet,) = found("sound", rig(source=Virtual(gain_db=-math.inf)))
    assert quiet.verdict == "look"
    assert "nothing louder than -60 dB came in 3 s" in quiet.text


def test_presets_are_drawn_and_bad_ones_named(rig, tmp_path):
    (tmp_path / "bad.toml").write_text('version = 1\nchain = ["nobody"]\n')
    (tmp_path / "lost.toml").write_text('version = 1\nmodel = "gone"\n')
    good, bad, lost = found("preset", rig(("good", "bad", "lost")))
    assert good.verdict in ("ok", "look")
    assert good.text.startswith("good: ")
    assert "ms a frame at 64x36" in good.text
    assert (bad.verdict, lost.verdict) == ("fail", "fail")
    assert "unknown shader 'nobody'" in bad.text
    assert "model 'gone': no such file" in lost.text


def test_networks_of_presets_are_run_and_damaged_ones_named(rig, tmp_path):
    (tmp_path / "broken.safetensors").write_bytes(b"no model")
    (tmp_path / "its.toml").write_text(f'version = 1\nmodel = "{tmp_path}/broken.safetensors"\n')
    ours, broken = found("network", rig(("good", "its")))
    assert "pictures a second, there after" in ours.text
    assert broken.verdict == "fail"
    assert broken.text.startswith("broken: ")


def test_a_network_that_is_killed_is_followed_by_the_spare_one(rig):
    (one,) = found("worker", rig())
    assert one.verdict == "ok"
    assert "the spare one drew after" in one.text


def test_cues_are_read(rig, tmp_path):
    (tmp_path / "set.toml").write_text('version = 1\n[[cue]]\npreset = "good"\n')
    assert found("cues", rig(cues=tmp_path / "set.toml")) == [Finding("cues", "ok", "set.toml: 1")]
    assert found("cues", rig()) == []
    (tmp_path / "set.toml").write_text("version = 1\ncue = 3\n")
    with pytest.raises(PresetError):
        found("cues", rig(cues=tmp_path / "set.toml"))


def test_room_on_the_disk(rig, monkeypatch):
    usage = namedtuple("usage", "total used free")
    for free, expected in ((1 << 30, "look"), (80 << 30, "ok")):
        monkeypatch.setattr(rig_check.shutil, "disk_usage", lambda folder, free=free: usage(0, 0, free))
        (one,) = found("disk", rig())
        assert one.verdict == expected
    assert one.text == "80 GB free: 10.0 h of recording"


def test_a_folder_that_is_not_there(rig, tmp_path):
    (one,) = found("disk", rig(record=tmp_path / "no" / "a.mp4"))
    assert one.verdict == "fail"
    assert one.text.endswith("no: No such file or directory")


@pytest.mark.parametrize(
    ("told", "verdicts"),
    [
        ("Screen Saver:\n  timeout:  600    cycle:  600\nDPMS (Energy Star):\n  DPMS is Enabled\n", ["look", "look"]),
        ("Screen Saver:\n  timeout:  0    cycle:  600\nDPMS (Energy Star):\n  DPMS is Disabled\n", ["ok"]),
        ("", []),
    ],
)
def test_what_would_darken_the_screen(told, verdicts):
    assert [one.verdict for one in rig_check._screen_saver(told)] == verdicts


READY = """version = 1
name = "box"
ports = ["box"]
[[control]]
message = "cc"
number = 21
target = "noise/sigma"
[[control]]
message = "note"
number = 60
target = "stage/blackout"
mode = "momentary"
label = "pad"
"""


def test_controls_that_were_moved_and_one_that_was_not(rig, tmp_path, monkeypatch):
    from jack import Controller, server

    from vj.control.midi.ports import MidiConfig

    (tmp_path / "midi").mkdir()
    (tmp_path / "midi" / "box.toml").write_text(READY)
    with server() as jack:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", jack.name)
        box = Controller(jack, "box")
        over = threading.Event()

        def turn():
            while not over.wait(0.1):
                box.send([0xB0, 21, 64], 0.01, [0xB0, 21, 65])

        turning = threading.Thread(target=turn)
        turning.start()
        try:
            (one,) = found("MIDI", rig(midi=MidiConfig("jack"), touch_s=6.0))
            (plain,) = found("MIDI", rig(midi=MidiConfig("jack")))
        finally:
            over.set()
            turning.join()
            box.close()
    assert one.verdict == "look"
    assert one.text.endswith("of 2 controls 1 were not moved: pad")
    assert plain.verdict == "ok"
    assert plain.text.endswith("2 controls are learnt")


def test_one_fault_hides_no_other(rig, monkeypatch):
    def broken(rig):
        raise PresetError("is broken")
        yield

    def unasked(rig):
        raise subprocess.TimeoutExpired("xset", 10)
        yield

    monkeypatch.setattr(rig_check, "CHECKS", {"a": broken, "power": unasked, "disk": CHECKS["disk"]})
    first, odd, second = findings(rig())
    assert (odd.part, odd.verdict) == ("power", "look")
    assert "cannot be asked: TimeoutExpired: " in odd.text
    assert first == Finding("a", "fail", "is broken")
    assert second.part == "disk"
    assert line(first) == "fail  a        is broken"
    assert verdict([first, second]) == "1 of 2 will not work, 0 to look at"
    assert verdict([second]) == "all 1 work"


def test_the_whole_page(screen, tiny_model, tmp_path):
    (tmp_path / "vj" / "presets").mkdir(parents=True)
    (tmp_path / "vj" / "presets" / "mine.toml").write_text('version = 1\nchain = ["nobody"]\n')
    command = [sys.executable, "-m", "vj", "check", "--tone", "-20", "--model", str(tiny_model), "--size", "64x36"]
    done = subprocess.run(
        [*command, "--no-midi", "--json"], capture_output=True, text=True, timeout=250, check=False,
        env={**os.environ, **screen.environment(), "XDG_CONFIG_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    page = json.loads(done.stdout)
    assert {one["part"] for one in page} >= {
        "sound",
        "MIDI",
        "monitor",
        "OpenGL",
        "preset",
        "network",
        "worker",
        "disk",
    }
    assert [one["text"].split(":")[0] for one in page if one["verdict"] == "fail"] == ["mine"]
