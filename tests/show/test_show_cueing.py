"""A cue list while it plays, on a clock that the test moves."""

import pytest

from vj.core import resources
from vj.core.errors import ControlError, PresetError
from vj.render.isf.folder import load_folder
from vj.session.cues import Music
from vj.session.session import Session
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
    """Plays what is called a frame later, or when `enter` is called where the session waits for the bar."""

    def __init__(self, tmp_path, text=LIST):
        self.file = tmp_path / "set.toml"
        self.file.write_text(text)
        self.session = Session(SHADERS, "default", (), ("default", "tide", "tunnel"))
        self.told, self.called, self.waiting, self.t_s = [], None, None, 0.0
        self.cueing = Cueing(self.file, self.session, self.told.append)

    def call(self, preset, way=0):
        self.called = preset if preset != self.session.preset else None

    def set_values(self, values):
        self.session.set(values)

    def act(self, id, argument=None):
        self.cueing.act(id, argument, self, self.t_s)

    def frames(self, count, fps=20, bpm=120.0):
        for _ in range(count):
            preset, self.called = self.called, None
            if preset and self.session.target["stage/quantise"] >= 0.5:
                self.waiting = preset
            elif preset:
                self.session.recall(preset)
            before, self.t_s = self.t_s, self.t_s + 1 / fps
            if self.waiting and int(before * bpm / 240) != int(self.t_s * bpm / 240):
                self.session.recall(self.waiting)
                self.waiting = None
            self.cueing.frame(Music(self.t_s * bpm / 60), 1 / fps, self)


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
    # The third is the same preset with another value, which it has at once.
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
    none.frame(Music(1.0), 0.1, None)
    assert (none.reading(), none.facts()) == ("", None)
    with pytest.raises(ControlError, match="there is no cue list"):
        none.act("cue/go", None, None, 0.0)


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
