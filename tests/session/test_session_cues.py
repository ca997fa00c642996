"""Cue lists: what is read and refused, and when a cue ends, at any frame rate."""

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from vj.core import resources
from vj.core.errors import PresetError
from vj.session import cues
from vj.session.cues import Cue, Music, Position
from vj.session.loading import default_registry

REGISTRY = default_registry()
PRESETS = ("default", "tide", "tunnel")
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "cues.toml"


def parsed(text):
    return cues.parse("version = 1\n" + text, REGISTRY, PRESETS)


def test_what_a_cue_says():
    one, two = parsed(
        '[[cue]]\nname = "doors"\npreset = "tide"\nbars = 8\nquantise = "bar"\ntransition_s = 2\nprogram = 3\n'
        '[cue.values]\n"motion/psi" = 0.5\n"lfo/1/shape" = "saw"\n[[cue]]\npreset = "tunnel"\n'
    )
    assert (one.name, one.preset, one.bars, one.program, one.waits(0.0)) == ("doors", "tide", 8.0, 3, True)
    assert one.before == {"stage/quantise": 2.0}
    assert one.values["motion/psi"] == 0.5
    assert one.values["stage/transition_s"] == 2.0
    assert REGISTRY["lfo/1/shape"].choices[int(one.values["lfo/1/shape"])] == "saw"
    assert two == Cue("2 tunnel", "tunnel", {}, {})


def test_the_example_is_a_list():
    names = [path.stem for path in resources.presets_dir().glob("*.toml")]
    found = cues.load(EXAMPLE, REGISTRY, names)
    assert len(found) == 5
    assert {cue.program for cue in found} == {0, 1, 2}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "found 0 cues, expected 1 to 1000"),
        ("cues = []", "unknown key 'cues', expected one of version, cue"),
        ("cue = 3", "cue: found 3, expected a list"),
        ("cue = [3]", "cue 1: found 3, expected a table"),
        ("[[cue]]", "cue 1: preset is missing"),
        ('[[cue]]\npreset = "tidy"', "cue 1: unknown preset 'tidy', expected one of default, tide, tunnel"),
        ('[[cue]]\npreset = "tide"\nbars = 3\nseconds = 4', "cue 1: found bars and seconds, expected one of them"),
        ('[[cue]]\npreset = "tide"\nbars = 0', "cue 1: bars: found 0, expected more than 0, up to 4096"),
        ('[[cue]]\npreset = "tide"\nuntil = "lunch"', "cue 1: until: found 'lunch', expected 'segment'"),
        ('[[cue]]\npreset = "tide"\nprogram = 129', "cue 1: program: found 129, expected 1 to 128"),
        ('[[cue]]\npreset = "tide"\nquantise = "day"', "cue 1: stage/quantise"),
        ('[[cue]]\npreset = "tide"\n[cue.values]\n"no/such" = 1', "cue 1: "),
        ('[[cue]]\npreset = "tide"\n[cue.values]\n"motion/psi" = 99', "cue 1: motion/psi"),
        ('[[cue]]\nname = "a"\npreset = "tide"\n[[cue]]\nname = "a"\npreset = "tide"', "name: found 'a' twice"),
        ('[[cue]]\nname = ""\npreset = "tide"', "cue 1: name: found 0 letters, expected 1 to 60"),
    ],
)
def test_what_is_none_is_one_line(tmp_path, text, says):
    path = tmp_path / "set.toml"
    path.write_text("version = 1\n" + text)
    with pytest.raises(PresetError) as e:
        cues.load(path, REGISTRY, PRESETS)
    assert says in str(e.value)
    assert str(e.value).startswith(f"cues {path}: ")
    assert "\n" not in str(e.value)


def test_all_faults_of_a_list_at_once(tmp_path):
    path = tmp_path / "set.toml"
    path.write_text(
        'version = 1\n[[cue]]\npreset = "tidy"\n[[cue]]\npreset = "tide"\n[[cue]]\npreset = "tide"\nbars = 0\n'
    )
    first, second = cues.faults(path, REGISTRY, PRESETS)
    assert first.startswith(f"cues {path}: cue 1: unknown preset 'tidy'")
    assert second.startswith(f"cues {path}: cue 3: bars: found 0")
    assert cues.faults(EXAMPLE, REGISTRY, [path.stem for path in resources.presets_dir().glob("*.toml")]) == []
    for text, says in (("version = 1\ncue = 3", "cue: found 3"), ("[[", "not valid TOML"), ("version = 2", "version")):
        path.write_text(text)
        (one,) = cues.faults(path, REGISTRY, PRESETS)
        assert says in one


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["tide", "bar", "segment", ""])
TREES = st.recursive(LEAVES, lambda t: st.lists(t, max_size=4) | st.dictionaries(st.text(max_size=4), t, max_size=3))


@settings(max_examples=300)
@given(st.lists(st.dictionaries(st.sampled_from([*cues._CUE]), TREES), max_size=3) | TREES)
def test_trees_of_any_kind_are_read_or_refused(found):
    with contextlib.suppress(ValueError, TypeError):
        text = tomlkit.dumps({"version": 1, "cue": found})
        with contextlib.suppress(PresetError):
            assert all(isinstance(cue, Cue) for cue in cues.parse(text, REGISTRY, PRESETS))


LIST = (
    Cue("bars", "tide", {}, {}, bars=4), Cue("seconds", "tide", {}, {}, seconds=2.5),
    Cue("segment", "tide", {}, {}, until="segment"), Cue("by hand", "tide", {}, {}), Cue("end", "tide", {}, {}, bars=1),
)  # fmt: skip


def due_after_s(position, fps, bpm=120.0, until_s=60.0, segment=lambda t_s: 0, per_bar=4):
    """When the cue ends by itself, in seconds; None: not within `until_s`."""
    music = Music(0.0, per_bar, segment(0.0))
    position = cues.entered(position, music)
    for frame in range(1, round(until_s * fps) + 1):
        t_s = frame / fps
        # Beats are counted whole, as they fall.
        music = Music(int(t_s * bpm / 60.0 + 1e-6), per_bar, segment(t_s))
        position, due = cues.stepped(position, LIST, music, 1 / fps)
        if due:
            return t_s
    return None


@pytest.mark.parametrize("fps", [15, 30, 60, 240])
def test_a_cue_lasts_as_long_as_it_says_at_any_rate(fps):
    assert due_after_s(Position(at=0), fps) == pytest.approx(8.0, abs=1.5 / fps)
    assert due_after_s(Position(at=0), fps, per_bar=3) == pytest.approx(6.0, abs=1.5 / fps)
    assert due_after_s(Position(at=1), fps) == pytest.approx(2.5, abs=1.5 / fps)
    changes = lambda t_s: 4 + (t_s > 7.3)  # noqa: E731
    assert due_after_s(Position(at=2), fps, segment=changes) == pytest.approx(7.3, abs=1.5 / fps)


def test_what_ends_by_hand_alone():
    assert due_after_s(Position(at=3), 20) is None
    # Nothing follows the last; nothing ends what is held, or played without the autopilot; nor what has not begun.
    assert due_after_s(Position(at=4), 20) is None
    assert due_after_s(Position(at=0, held=True), 20) is None
    assert due_after_s(Position(at=0, auto=False), 20) is None
    assert cues.stepped(Position(at=1), LIST, Music(0), 100.0) == (Position(at=1), False)


def test_held_over_its_time_it_ends_when_it_is_let_go():
    position = cues.entered(Position(at=1, held=True), Music(0))
    position, due = cues.stepped(position, LIST, Music(0), 9.0)
    assert not due
    assert cues.stepped(replace(position, held=False), LIST, Music(0), 0.01)[1]


def test_a_cue_that_begins_on_the_bar_is_called_just_before_it():
    waiting = (LIST[0], replace(LIST[1], before={"stage/quantise": 2.0}))
    position = cues.entered(Position(at=0), Music(0))
    assert not cues.stepped(position, waiting, Music(15.0), 0.01)[1]
    assert cues.stepped(position, waiting, Music(15.5), 0.01)[1]
    # So does one that says nothing, where the show waits for bars; one that says "off" waits for none.
    assert cues.stepped(position, LIST, Music(15.5, quantise=2.0), 0.01)[1]
    at_once = (LIST[0], replace(LIST[1], before={"stage/quantise": 0.0}))
    assert not cues.stepped(position, at_once, Music(15.5, quantise=2.0), 0.01)[1]


def test_an_edited_list_stays_at_its_cue():
    position = Position(at=2, begun=True)
    assert cues.moved_to(position, LIST, LIST[1:]).at == 1
    assert cues.moved_to(position, LIST, LIST[:2]).at == 1
    assert cues.moved_to(Position(), LIST, LIST[:2]).at == -1


def test_cues_by_name_and_number():
    assert cues.index_of(LIST, "segment") == 2
    assert cues.index_of(LIST, "3") == cues.index_of(LIST, 3.0) == 2
    for wrong in ("nobody", "0", 6, "99999999", -1.0):
        with pytest.raises(PresetError):
            cues.index_of(LIST, wrong)
