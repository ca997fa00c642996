"""Mapping files: read whole or not at all, written with what a person put in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vj.control.midi.mapping import Control, Mapping, load, parse, written
from vj.control.midi.mapping_files import READY, MappingFiles, device, forgotten, slug, unit
from vj.core.errors import ControlError
from vj.session.loading import default_registry

TEXT = """# mine
version = 1
name = "Knobs"
ports = ["Knobs"]
colour = "x"
[[control]]
label = "fader"   # the long one
message = "cc"
channel = 1
number = 7
target = "macro/1"
[[control]]
message = "note"
number = 60
target = "action/preset/3"
light = { on = 5 }
"""
GOOD = TEXT.replace('colour = "x"\n', "")


def test_a_file():
    mapping = parse(GOOD)
    fader, pad = mapping.controls
    assert (fader.name, fader.key, fader.takeover, fader.coding) == ("fader", ("cc", 1, 7), True, "absolute")
    assert (pad.channel, pad.light.channel, pad.light.number, pad.light.on) == (0, 1, 60, 5)
    assert mapping.means("USB knobs MIDI 1")
    assert not mapping.means("Keys")


@pytest.mark.parametrize(
    ("old", "new"), [("bend", "pitchwheel"), ("pressure", "aftertouch"), ("key_pressure", "polytouch")]
)
def test_files_in_words_of_earlier_versions_are_read(old, new):
    light = GOOD.replace("on = 5", f'message = "{old}", on = 5')
    fader, pad = parse(light.replace('"cc"', f'"{old}"')).controls
    assert fader.message == pad.light.message == new
    assert parse(written(Mapping("Knobs", ("Knobs",), (fader, pad)))).controls == (fader, pad)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('version = 1', "version = 9"), "version: found 9, expected 1"),
        (('ports = ["Knobs"]', "ports = []"), "ports: found"),
        (('message = "cc"', 'message = "sysex"'), "control 1: message: found 'sysex', expected one of note, "),
        (("number = 7", "number = 128"), "control 1: number: found 128, expected 0..127"),
        (("channel = 1", "channel = 17"), "control 1: channel: found 17, expected 0..16"),
        (("channel = 1", "channel = true"), "control 1: channel: found True, expected a whole number"),
        (('target = "macro/1"', ""), "control 1: target is missing"),
        (('target = "macro/1"', 'target = "action/explode"'), "target: found 'action/explode', expected"),
        (("light = { on = 5 }", "light = { on = 500 }"), "control 2: light: on: found 500, expected 0..127"),
        (("light = { on = 5 }", "lights = 1"), "control 2: unknown key 'lights', expected one of label, "),
        (('message = "note"\nnumber = 60', 'message = "cc"\nchannel = 1\nnumber = 7'), "is there twice"),
        (("name =", "name ="), ""),
    ],
)  # fmt: skip
def test_bad_files_are_one_line(change, says, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace(*change, 1))
    if not says:
        assert load(path).name == "Knobs"
        return
    with pytest.raises(ControlError) as e:
        load(path)
    assert says in str(e.value)
    assert "\n" not in str(e.value)
    assert "bad.toml" in str(e.value)


@given(st.integers(0, len(GOOD)), st.text(max_size=8), st.integers(0, 30))
@settings(max_examples=3000, deadline=None)
def test_mutated_files_are_read_or_refused(at, text, cut):
    try:
        mapping = parse(GOOD[:at] + text + GOOD[at + cut :])
    except ControlError as e:
        lines = str(e).splitlines()
        assert len(lines) == 1
    else:
        assert all(0 <= c.lo <= 1 and 0 <= c.hi <= 1 and 0 <= c.channel <= 16 for c in mapping.controls)


def test_what_a_person_wrote_stays():
    mapping = parse(GOOD)
    new = Control("cc", 2, 9, "motion/mix", takeover=False)
    text = written(Mapping(mapping.name, mapping.ports, (*mapping.controls, new)), TEXT)
    assert text.startswith("# mine\n")
    assert 'colour = "x"' in text
    assert "# the long one" in text
    assert parse(text.replace('colour = "x"\n', "")).controls == (*mapping.controls, new)
    less = written(forgotten(mapping, "macro/1"), TEXT)
    assert "fader" not in less
    assert "light = { on = 5 }" in less


def test_own_mappings_come_before_ready_ones(tmp_path):
    told, ready = [], tmp_path / "ready"
    ready.mkdir()
    (ready / "knobs.toml").write_text(GOOD)
    (ready / "bad.toml").write_text("version = ")
    mappings = MappingFiles(tmp_path / "own", told.append, ready)
    assert len(told) == 1
    assert "bad.toml" in told[0]
    assert len(mappings.of("Knobs MIDI 1").controls) == 2
    mappings.save(forgotten(mappings.of("Knobs MIDI 1"), "macro/1"))
    assert len(mappings.of("Knobs MIDI 1").controls) == 1
    again = MappingFiles(tmp_path / "own", told.append, ready)
    assert len(again.of("Knobs MIDI 1").controls) == 1
    unknown = again.of("Strange Box:Strange Box MIDI 1 20:0")
    assert (unknown.name, unknown.controls) == ("Strange Box", ())
    assert unknown.means("Strange Box:Strange Box MIDI 1 24:0")


def test_names():
    ports = ("nano:nano MIDI 1 20:0", "Launchpad 2", "Twister (3)")
    assert [device(port) for port in ports] == ["nano", "Launchpad", "Twister"]
    assert slug("../../etc/passwd") == "etc_passwd"


@pytest.mark.parametrize(
    ("port", "name", "number"),
    [
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", "nanoKONTROL2", "20"),
        ("a2j:nanoKONTROL2 [20] (capture): nanoKONTROL2 MIDI 1", "nanoKONTROL2", "20"),
        ("Midi-Bridge:nanoKONTROL2:(capture_0) nanoKONTROL2 MIDI 1", "nanoKONTROL2", ""),
        ("Midi-Bridge:nanoKONTROL2 2:(capture_0) nanoKONTROL2 MIDI 1", "nanoKONTROL2", "2"),
        ("Midi-Bridge:APC mini MIDI 1 24:0 (capture)", "APC mini", "24"),
        ("alsa_midi:X-Touch Mini MIDI 1 (out)", "X-Touch Mini", ""),
        ("a2j:Контроллер [28] (capture): Контроллер MIDI 1", "Контроллер", "28"),
        ("Twister (3)", "Twister", "3"),
        ("nanoKONTROL2 1", "nanoKONTROL2", "1"),
    ],
)
def test_a_device_is_the_same_through_every_bridge(port, name, number):
    assert (device(port), unit(port)) == (name, number)


def test_names_of_every_language_are_files_of_their_own(tmp_path):
    names = ("Контроллер", "控制器", "コントローラ", "♥", "♦", "Pad-1", "Pad 1", "Caf\u00e9", "Cafe\u0301 2", "𐐀" * 70)
    mappings = MappingFiles(tmp_path, pytest.fail)
    for number, name in enumerate(names):
        mappings.save(Mapping(name, (name,), (Control("cc", 1, number, "motion/mix"),)))
    assert len(list(tmp_path.iterdir())) == len(names)
    again = MappingFiles(tmp_path, pytest.fail)
    for number, name in enumerate(names):
        assert [one.number for one in again.of(name).controls] == [number], name
    again.save(Mapping("Pad 1", ("Pad 1",), ()))
    assert len(list(tmp_path.iterdir())) == len(names)
    assert not MappingFiles(tmp_path, pytest.fail).of("Pad 1").controls


def test_a_mapping_that_could_not_be_read_is_not_written_over(tmp_path):
    (tmp_path / "box.toml").write_text("version = ")
    told = []
    mappings = MappingFiles(tmp_path, told.append)
    mappings.save(Mapping("Box", ("Box",), ()))
    assert len(told) == 1
    assert (tmp_path / "box.toml").read_text() == "version = "
    assert (tmp_path / "box_2.toml").exists()


@pytest.mark.parametrize("path", sorted(READY.glob("*.toml")), ids=lambda path: path.stem)
def test_every_ready_mapping_plays_what_there_is(path):
    registry, mapping = default_registry(), load(path)
    assert len(mapping.controls) >= 16
    for control in mapping.controls:
        assert control.target.startswith("action/") or control.target in registry, control
    targets = {control.target for control in mapping.controls}
    assert "action/preset/1" in targets
    if any(control.mode == "value" for control in mapping.controls):
        assert {f"macro/{n}" for n in range(1, 9)} <= targets


def test_ready_mappings_are_there():
    assert len(list(READY.glob("*.toml"))) >= 6
