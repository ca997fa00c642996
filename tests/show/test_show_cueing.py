"""A cue list while it plays, on a clock that the test moves."""

import pytest

from vj.core import resources
from vj.core.errors import ControlError, PresetError, VjError
from vj.render.isf.folder import load_folder
from vj.session.cues import Music
from vj.session.session import Session
from vj.session.state import advanced, entered
from vj.show.cueing import Cueing

SHADERS = load_folder(resources.shaders_dir())
LIST = """version = 1
[[cue]]
name = "a"
preset = "tide"
bars = 2
[cue.values]
"motion/psi" = 0.25
[[cue]]
name = "b"
preset = "tunnel"
quantise = "bar"
transition_s = 3.0
seconds = 1
[[cue]]
name = "c"
preset = "tunnel"
program = 5
[cue.values]
"motion/psi" = 0.5
"""


class Show:
    """Plays as `Controls` do, on bars of four beats."""

    def __init__(self, tmp_path, text=LIST):
        self.file = tmp_path / "set.toml"
        self.file.write_text(text)
        self.session = Session(SHADERS, "default", (), ("default", "tide", "tunnel"))
        self.told, self.t_s = [], 0.0
        self.cueing = Cueing(self.file, self.session, self.told.append)

    def enter(self, preset, over):
        waits = self.session.target["stage/quantise"] >= 0.5
        (self.session.recall_on_beat if waits else self.session.recall)(preset, over)

    def set_values(self, values):
        self.session.set(values)

    def act(self, id, argument=None):
        self.cueing.act(id, argument, self.t_s)

    def frames(self, count, fps=20, bpm=120.0):
        for _ in range(count):
            try:
                self.cueing.carry_out(self)
            except VjError as e:
                self.told.append(str(e))
            before, self.t_s = self.t_s, self.t_s + 1 / fps
            waiting = self.session.state.waiting
            if waiting and int(before * bpm / 240 + 1e-6) != int(self.t_s * bpm / 240 + 1e-6):
                self.session.state = entered(self.session.state, waiting)
            quantise = self.session.target["stage/quantise"]
            self.cueing.frame(Music(self.t_s * bpm / 60, quantise=quantise), 1 / fps)


@pytest.fixture
def show(tmp_path):
    return Show(tmp_path)


def test_go_plays_the_next_with_what_it_sets(show):
    show.frames(5)
    assert show.cueing.reading() == "0/3   next a"
    show.act("cue/go")
    show.frames(1)
    assert (show.session.preset, show.session.target["motion/psi"]) == ("tide", 0.25)
    assert show.cueing.reading() == "1/3 a   2 bars   next b"


def test_the_autopilot_goes_through_the_list(show):
    show.act("cue/go")
    show.frames(1)
    # Two bars of two seconds each; the next begins on a bar, at 6 s, as the first began a frame after one.
    show.frames(100)
    assert show.session.preset == "tunnel"
    assert show.session.target["stage/transition_s"] == 3.0
    show.frames(40)
    # The third is the same preset with another value.
    assert show.session.target["motion/psi"] == 0.5
    assert show.cueing.reading() == "3/3 c   the last"
    show.frames(400)
    assert show.session.preset == "tunnel"


def test_go_is_once_in_three_tenths_of_a_second(show):
    show.act("cue/go")
    show.frames(2)
    show.act("cue/go")
    show.frames(2)
    assert show.session.preset == "tide"
    show.frames(4)
    show.act("cue/go")
    show.frames(60)
    assert show.session.preset == "tunnel"
    show.act("cue/back")
    show.frames(1)
    assert show.cueing.facts()["at"] in (0, 1)


def test_hold_and_by_hand(show):
    show.act("cue/go")
    show.act("cue/hold")
    show.frames(200)
    assert show.session.preset == "tide"
    assert show.cueing.reading().endswith("held")
    show.act("cue/autopilot")
    show.act("cue/hold")
    show.frames(200)
    assert show.session.preset == "tide"
    assert show.cueing.reading() == "1/3 a   next b   by hand"
    show.act("cue/autopilot")
    show.frames(60)
    assert show.session.preset == "tunnel"


def test_jumps_by_name_number_and_program(show):
    show.act("cue/jump", "a")
    show.frames(1)
    assert show.session.preset == "tide"
    show.act("cue/jump", 3)
    show.frames(60)
    assert show.session.target["motion/psi"] == 0.5
    assert show.cueing.program(5) == "c"
    assert show.cueing.program(6) is None
    assert show.cueing.facts() == {
        "names": ["a", "b", "c"], "presets": ["tide", "tunnel", "tunnel"], "at": 2, "auto": True, "held": False,
        "left": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("id", "argument", "says"),
    [
        ("cue/back", None, "there is no cue before this"),
        ("cue/jump", "nobody", "unknown cue"),
        ("cue/jump", 4, "there are 3"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(show, id, argument, says):
    with pytest.raises((ControlError, PresetError), match=says):
        show.act(id, argument)
    show.frames(3)
    assert show.session.preset == "default"


def test_without_a_list_it_is_said():
    session = Session(SHADERS, "default", (), ("default",))
    none = Cueing(None, session, print)
    none.frame(Music(1.0), 0.1)
    none.carry_out(None)
    assert (none.reading(), none.facts()) == ("", None)
    with pytest.raises(ControlError, match="there is no cue list"):
        none.act("cue/go", None, 0.0)


def test_it_is_edited_while_it_plays_and_a_bad_file_changes_nothing(show):
    show.act("cue/jump", "b")
    show.frames(50)
    show.file.write_text(
        LIST.replace('name = "a"\npreset = "tide"\nbars = 2', 'name = "z"\npreset = "default"')
        + """
[[cue]]
preset = "tide"
"""
    )
    show.cueing.reload()
    assert show.told == ["set.toml: 4 cues, read again"]
    assert show.cueing.facts()["names"][show.cueing.facts()["at"]] in ("b", "c")
    before = show.cueing.facts()
    show.file.write_text("version = 1\n[[cue]]\npreset = 3\n")
    with pytest.raises(PresetError, match=r"set\.toml: cue 1: preset: found 3"):
        show.cueing.reload()
    assert show.cueing.facts() == before


def test_a_file_that_is_none_is_said_at_the_start(tmp_path):
    with pytest.raises(PresetError, match="cue 1: preset is missing"):
        Show(tmp_path, "version = 1\n[[cue]]\n")


TWO_BARS = """version = 1
[[cue]]
name = "a"
preset = "tide"
quantise = "bar"
bars = 2
[[cue]]
name = "b"
preset = "tunnel"
bars = 2
[[cue]]
name = "c"
preset = "tide"
"""


@pytest.mark.parametrize("fps", [17, 60])
def test_cues_that_inherit_the_bar_last_what_they_say(tmp_path, fps):
    show, begins = Show(tmp_path, TWO_BARS), []
    show.act("cue/go")
    for _ in range(12 * fps):
        before = show.session.preset
        show.frames(1, fps)
        if show.session.preset != before:
            begins.append(show.t_s)
    assert begins == pytest.approx([2.0, 6.0, 10.0], abs=1.5 / fps)


ONE_PRESET = """version = 1
[[cue]]
name = "a"
preset = "tide"
transition_s = 4.0
[cue.values]
"motion/psi" = 0.25
"stage/blackout_s" = 3.0
[[cue]]
name = "b"
preset = "tide"
"""


def test_what_a_cue_sets_ends_with_it_and_morphs(tmp_path):
    show = Show(tmp_path, ONE_PRESET)
    plain = show.session.auditioned("tide").target
    show.act("cue/go")
    show.frames(1)
    before = show.session.current["motion/psi"]
    assert (show.session.target["motion/psi"], show.session.target["stage/blackout_s"]) == (0.25, 3.0)
    assert before != 0.25
    show.session.state = advanced(show.session.state, 2.0)
    assert show.session.current["motion/psi"] == pytest.approx((before + 0.25) / 2, abs=1e-6)
    show.frames(10)
    show.act("cue/go")
    show.frames(1)
    assert show.session.target["motion/psi"] == plain["motion/psi"]
    show.frames(10)
    show.act("cue/back")
    show.frames(1)
    assert show.session.target["motion/psi"] == 0.25


def test_what_hands_locked_stays_in_a_cue(tmp_path):
    show = Show(tmp_path, ONE_PRESET)
    show.session.set({"motion/psi": 0.9})
    show.session.lock("motion/psi", lock=True)
    show.act("cue/go")
    show.frames(1)
    assert show.session.target["motion/psi"] == pytest.approx(0.9)


def test_a_cue_that_will_not_load_is_stepped_over(show, monkeypatch):
    whole = show.session._load
    monkeypatch.setattr(show.session, "_load", lambda name, *more: whole(name if name != "tunnel" else "gone", *more))
    show.act("cue/go")
    show.frames(1)
    # Both cues after it play a preset that is gone: nothing is named as playing that does not, and nobody asks again.
    show.frames(200)
    assert show.session.preset == "tide"
    assert show.cueing.facts()["at"] == 0
    assert show.session.target["stage/quantise"] == 0.0
    assert [line for line in show.told if line.endswith("; stepped over")] == show.told[:2]
    assert show.told[2:] == ["no cue after this can be played"]
    assert show.cueing.reading().endswith("held")
    show.act("cue/jump", "b")
    show.frames(1)
    assert "gone" in show.told[-1]
    assert show.cueing.facts()["at"] == 0


def test_a_cue_that_will_not_load_between_two_that_do(tmp_path, monkeypatch):
    show = Show(tmp_path, TWO_BARS.replace('quantise = "bar"\n', ""))
    whole = show.session._load
    monkeypatch.setattr(show.session, "_load", lambda name, *more: whole(name if name != "tunnel" else "gone", *more))
    show.act("cue/go")
    show.frames(100)
    assert show.cueing.facts()["at"] == 2
    show.act("cue/back")
    show.frames(1)
    assert (show.cueing.facts()["at"], len(show.told)) == (0, 2)


def test_a_cue_that_is_called_in_each_frame_begins_once(show):
    show.act("cue/jump", "a")
    show.frames(1)
    show.session.set({"motion/psi": 0.7})
    for _ in range(50):
        show.act("cue/jump", 1)
        show.frames(1)
    assert show.session.target["motion/psi"] == pytest.approx(0.7)


def test_a_list_edited_while_a_cue_waits_for_its_bar(tmp_path):
    show = Show(tmp_path, TWO_BARS)
    show.act("cue/go")
    show.frames(3)
    show.file.write_text(TWO_BARS.replace("bars = 2", 'bars = 2\n[cue.values]\n"motion/psi" = 0.3', 1))
    show.cueing.reload()
    show.frames(60)
    assert (show.session.preset, show.session.target["motion/psi"]) == ("tide", pytest.approx(0.3))
    assert show.cueing.over == {"motion/psi": pytest.approx(0.3)}


def test_hands_that_call_another_preset_do_not_stop_the_list(tmp_path):
    show = Show(tmp_path, TWO_BARS)
    show.act("cue/go")
    show.frames(3)
    show.session.recall("default")
    show.frames(130)
    assert (show.session.preset, show.cueing.over) == ("tunnel", {})
