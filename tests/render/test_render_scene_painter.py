"""A set on a frame clock: scenes one after another, through their transitions, compiled before they are drawn."""

import numpy as np
import pytest
from test_render_scenes import SHADERS

from vj.audio.features import FEATURE_DTYPE
from vj.core.errors import ShaderError
from vj.session.session import Session
from vj.show.frame import Rows, State, frame
from vj.show.painter import Made, ScenePainter, Shown
from vj.show.painter import open_painter as opened

pytestmark = pytest.mark.gl

SIZE, FPS = (16, 8), 10
GREY = np.full((4, 4, 4), 128, np.uint8)
TRUSTED = {name: one for name, one in SHADERS.items() if name != "broken"}


@pytest.fixture(autouse=True)
def unproven(monkeypatch):
    """What is a stranger's is proven elsewhere: these have no files."""
    monkeypatch.setattr("vj.show.painter.prove_all", lambda shaders, size, trusted: None)


class Set:
    """Presets that are recalled between frames, painted at ten frames a second."""

    def __init__(self, folder, chains, transition="linear", shaders=SHADERS, use_shaders=True):
        for name, chain in chains.items():
            (folder / f"{name}.toml").write_text(
                f"version = 1\nchain = {chain!r}\n[values.stage]\ntransition = {transition!r}\ntransition_s = 1.0\n"
            )
        self.folder = folder
        self.session = Session(shaders, str(folder / f"{next(iter(chains))}.toml"), (), ())
        self.state, self.number = State(self.session.state), 0
        self.painter = opened(Shown(self.session.state, self.session.shaders), SIZE, "cover", use_shaders)

    def recall(self, name):
        before = self.session.state
        self.session.recall(str(self.folder / f"{name}.toml"))
        return before

    def frames(self, n, left=None, picture=GREY):
        """Mean colours f[n, 3] of the next frames."""
        out = []
        for _ in range(n):
            row = np.zeros(1, FEATURE_DTYPE)[0]
            state = State(self.session.state, self.state.tempo, t_s=self.state.t_s, gain=self.state.gain)
            self.state, values = frame(state, Rows(self.number / FPS, row, self.number / FPS), 1 / FPS)
            self.session.state = self.state.session
            made = Made(self.state.session, values, np.zeros((0, 2), np.float32))
            if left is not None:
                made = Made(made.state, type(values)(**{**_fields(values), "left": left}), made.sound)
                left = None
            rgb = self.painter.paint(picture, made, self.number / FPS, 1 / FPS, self.number)
            assert rgb.shape == (SIZE[1], SIZE[0], 3)
            out.append(rgb.mean((0, 1)))
            self.number += 1
        return np.array(out)


def _fields(values):
    return {name: getattr(values, name) for name in values.__dataclass_fields__}


@pytest.fixture
def plays(tmp_path):
    made = []

    def start(*given, **more):
        made.append(Set(tmp_path, *given, **more))
        return made[-1]

    yield start
    for one in made:
        one.painter.close()


TWO = {"a": ["red"], "b": ["blue"]}


def test_the_first_frame_is_whole_and_the_way_to_the_next_is_even(plays):
    one = plays(TWO)
    assert one.frames(3).tolist() == [[255, 0, 0]] * 3
    seen = one.frames(15, one.recall("b"))
    np.testing.assert_allclose(seen[:10, 2], 25.5 * np.arange(1, 11), atol=1)
    assert (seen[11:] == [0, 0, 255]).all()


def test_a_cut_is_there_in_its_frame(plays):
    one = plays(TWO, transition="cut")
    one.frames(2)
    assert one.frames(1, one.recall("b"))[0].tolist() == [0, 0, 255]


def test_a_picture_that_is_held_and_one_that_goes_black(plays):
    one = plays({"a": ["grows"]})
    before = one.frames(3)
    one.session.set({"stage/freeze": 1.0})
    assert (one.frames(4) == before[-1]).all()
    one.session.set({"stage/freeze": 0.0, "stage/blackout": 1.0, "stage/blackout_s": 0.4})
    dark = one.frames(5)
    assert (np.diff(dark[:, 0])[:3] < 0).all()
    assert dark[-1].tolist() == [0, 0, 0]


def test_a_scene_that_is_entered_while_the_picture_is_held_comes_through_its_transition(plays):
    one = plays(TWO)
    one.frames(2)
    one.session.set({"stage/freeze": 1.0})
    assert (one.frames(3, one.recall("b")) == [255, 0, 0]).all()
    one.session.set({"stage/freeze": 0.0})
    np.testing.assert_allclose(one.frames(10)[:, 2], 25.5 * np.arange(1, 11), atol=1)


def test_the_networks_picture_is_held_too(plays):
    one = plays(TWO, use_shaders=False)
    one.frames(1)
    one.session.set({"stage/freeze": 1.0})
    assert (one.frames(3, picture=255 - GREY) == 128).all()
    one.session.set({"stage/freeze": 0.0})
    assert one.frames(30, picture=255 - GREY)[-1].tolist() == [127, 127, 127]


def test_what_cannot_be_drawn_is_raised(plays):
    with pytest.raises(ShaderError, match="broken"):
        plays({"a": ["broken"]})
    one = plays({"a": ["red"], "c": ["broken"]})
    one.frames(1)
    with pytest.raises(ShaderError, match="broken"):
        one.frames(1, one.recall("c"))


def test_without_shaders_it_is_the_networks_picture(plays):
    one = plays(TWO, use_shaders=False)
    assert one.frames(2).tolist() == [[128, 128, 128]] * 2
    assert one.painter.limited == 0.0
    assert not isinstance(one.painter, ScenePainter)
