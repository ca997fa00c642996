"""Scenes one after another, through transitions and cuts, on OpenGL."""

from pathlib import Path

import numpy as np
import pytest
from provers import Trusting
from render_pictures import shader

from vj.audio.features import FEATURE_DTYPE
from vj.core.edge import Edge
from vj.core.errors import GraphicsError
from vj.modulation.matrix import fields
from vj.modulation.sources import at_rest
from vj.session.session import Session
from vj.session.state import moved

pytestmark = pytest.mark.gl

SIZE, DATE = (16, 8), (2000.0, 1.0, 1.0, 0.0)
LINEAR = (
    '"INPUTS": [{"NAME": "startImage", "TYPE": "image"}, {"NAME": "endImage", "TYPE": "image"},'
    '{"NAME": "progress", "TYPE": "float"}]'
)
LEVEL = '"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}, {"NAME": "level", "TYPE": "float", "DEFAULT": 1.0}]'
SHADERS = {
    **{
        name: shader(f"void main() {{ gl_FragColor = vec4(level * {colour}, 1.0); }}", LEVEL, name)
        for name, colour in {"red": "vec3(1, 0, 0)", "green": "vec3(0, 1, 0)", "blue": "vec3(0, 0, 1)"}.items()
    },
    "linear": shader(
        "void main() { gl_FragColor = mix(IMG_THIS_PIXEL(startImage), IMG_THIS_PIXEL(endImage), progress); }",
        LINEAR, "linear",
    ),
    "grows": shader(
        "void main() { gl_FragColor = IMG_THIS_PIXEL(kept) + vec4(vec3(0.1), 1.0); }",
        '"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}], "PASSES": [{"TARGET": "kept", "PERSISTENT": true}]',
        "grows",
    ),
    "broken": shader("void main() { x; }", name="broken"),
}  # fmt: skip


class Played:
    """Scenes over a black picture, at ten frames a second."""

    def __init__(self, ctx, folder, chains, transition="linear", transition_s=1.0):
        from vj.show.admission import Admission
        from vj.show.scenes import Scenes

        for name, chain in chains.items():
            (folder / f"{name}.toml").write_text(
                f"version = 1\nchain = {chain!r}\n[values.stage]\n"
                f"transition = {transition!r}\ntransition_s = {transition_s}\n"
            )
        self.folder, self.told, self.prover, self.edits = folder, [], Trusting(), []
        admission = Admission(self.prover, SHADERS.values())
        self.session = Session(SHADERS, str(folder / f"{next(iter(chains))}.toml"), (), ())
        self.scenes = Scenes(ctx, self.session, SIZE, Edge(self.told.append), admission)
        self.scenes.on_edited = lambda shader, lost: self.edits.append((shader.name, lost))
        self.source = ctx.texture((4, 4), 4, bytes(64))
        self._frame = 0
        self.signals = fields(np.zeros(1, FEATURE_DTYPE)[0], at_rest())

    def edit(self, new):
        """The file of a shader's name holds this one now."""
        self.prover.given[new.file] = new
        self.scenes.edited(Path(new.file))

    def recall(self, name, cut=False):
        before = self.session.state
        self.session.recall(str(self.folder / f"{name}.toml"))
        if cut:
            self.scenes.cut()
        else:
            self.scenes.leave(before)

    def frames(self, n):
        """Mean colours u8[n, 3] of the next frames."""
        from vj.show.scenes import Now

        out = []
        for _ in range(n):
            self.scenes.work()
            self.session.state, p = moved(self.session.state, self.signals, 0.1)
            self.scenes.draw(self.source, Now(self._frame / 10, 0.1, self._frame, DATE, p, self.signals, None))
            self._frame += 1
            out.append(mean(self.scenes.texture))
        return np.array(out)

    def close(self):
        self.scenes.release()
        self.source.release()


def mean(texture):
    return np.frombuffer(texture.read(), np.uint8).reshape(-1, 4)[:, :3].mean(0)


@pytest.fixture
def played(ctx, tmp_path):
    opened = []

    def start(chains, **given):
        opened.append(Played(ctx, tmp_path, chains, **given))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


TWO = {"a": ["red"], "b": ["blue"], "c": ["green"]}


def test_the_way_goes_evenly_from_one_to_the_next(played):
    one = played(TWO)
    assert one.frames(4)[-1].tolist() == [255, 0, 0]
    one.recall("b")
    seen = one.frames(16)
    begin = int(np.argmax(seen[:, 2] > 0))
    assert begin <= 3, "compiling takes a frame each"
    assert (seen[:begin] == [255, 0, 0]).all()
    np.testing.assert_allclose(seen[begin : begin + 10, 2], 25.5 * np.arange(1, 11), atol=1)
    np.testing.assert_allclose(seen[:, 0] + seen[:, 2], 255, atol=1)
    assert (seen[begin + 10 :] == [0, 0, 255]).all()


def test_the_scene_that_is_left_keeps_its_values(played):
    one = played({"a": ["red"], "b": ["red", "blue"]})
    one.session.set({"fx/red/level": 0.5})
    one.frames(4)
    one.recall("b")
    seen = one.frames(8)
    assert ((seen[:, 0] > 0) & (seen[:, 0] <= 128)).all()


def test_the_picture_before_is_known_all_the_way(played):
    one = played(TWO)
    before = one.frames(3)[-1]
    for i in range(60):
        if i in (3, 9, 30):
            one.recall("bca"[i % 3])
        if i == 40:
            one.scenes.resize((8, 4))
        now = one.frames(1)[0]
        np.testing.assert_allclose(mean(one.scenes.before), before, atol=1)
        before = now


def test_one_that_is_interrupted_stands_still_and_nothing_jumps(played):
    one = played(TWO)
    one.frames(4)
    one.recall("b")
    seen = list(one.frames(8))
    one.recall("c")
    seen += list(one.frames(20))
    assert np.abs(np.diff(seen, axis=0)).max() <= 27
    assert seen[-1].tolist() == [0, 255, 0]


@pytest.mark.parametrize("given", [{"transition": "cut"}, {"transition_s": 0.0}])
def test_a_cut(played, given):
    one = played(TWO, **given)
    one.frames(4)
    one.recall("b")
    seen = one.frames(6).tolist()
    assert {tuple(colour) for colour in seen} <= {(255.0, 0.0, 0.0), (0.0, 0.0, 255.0)}
    assert seen[-1] == [0, 0, 255]
    assert not one.scenes.crossing


def test_panic_cuts_a_transition_short(played):
    one = played(TWO)
    one.frames(4)
    one.recall("b")
    one.frames(6)
    one.recall("c", cut=True)
    assert one.frames(3)[-1].tolist() == [0, 255, 0]


def test_what_shaders_remember_begins_anew_with_the_scene_but_not_with_an_edit(played):
    one = played({"a": ["grows"], "b": ["grows", "red"]}, transition="cut")
    first = one.frames(6)[:, 0]
    assert first[-1] > first[0] > 0
    one.session.edit_chain(["red", "grows"])
    assert (one.frames(3)[:, 0] > first[-1]).all()


def test_a_shader_that_does_not_compile_leaves_the_scene_before(played):
    one = played({"a": ["red"], "b": ["broken"]})
    one.frames(4)
    one.recall("b")
    assert (one.frames(8) == [255, 0, 0]).all()
    assert one.told == ["shader: broken.fs: line 2: `x' undeclared"]
    one.recall("a")
    assert (one.frames(20)[-1] == [255, 0, 0]).all()


def test_an_edit_during_a_transition(played):
    one = played(TWO)
    one.frames(4)
    one.recall("b")
    one.frames(6)
    edited = shader("void main() { gl_FragColor = vec4(1.0); }", LEVEL, "red")
    one.edit(edited)
    assert one.frames(4)[-1].tolist() == [0, 0, 255]
    one.recall("a")
    assert one.frames(20)[-1].tolist() == [255, 255, 255]


def test_an_edit_that_does_not_compile_changes_neither_the_picture_nor_the_parameters(played):
    one = played(TWO)
    one.frames(4)
    registry, wanted = one.session.registry, one.session.target
    renamed = LEVEL.replace("level", "loudness")
    one.edit(shader("void main() { x; }", renamed, "red"))
    assert one.frames(4)[-1].tolist() == [255, 0, 0]
    assert one.told == ["shader: red.fs: line 2: `x' undeclared"]
    assert one.edits == []
    assert one.session.registry is registry
    assert one.session.target is wanted
    assert one.frames(4)[-1].tolist() == [255, 0, 0]


def test_an_input_that_is_renamed_while_its_preset_plays(played):
    one = played(TWO)
    (one.folder / "a.toml").write_text("version = 1\nchain = ['red']\n[values.fx.red]\nlevel = 0.5\n")
    one.recall("a", cut=True)
    one.session.land()
    assert one.frames(4)[-1].tolist() == [128, 0, 0]
    for name in ("loudness", "level"):
        inputs = LEVEL.replace("level", name)
        edited = shader(f"void main() {{ gl_FragColor = vec4({name}, 0.0, 0.0, 1.0); }}", inputs, "red")
        one.edit(edited)
        assert one.frames(4)[-1].tolist() == [255, 0, 0]
    assert one.edits == [("red", ("fx/red/level",)), ("red", ())]


def fails(layer):
    def draw(*given):
        raise KeyError("fx/blue/gone")

    layer.draw = draw


def test_one_shader_that_cannot_be_drawn_is_left_out_and_the_others_are_drawn(played):
    one = played({"a": ["green", "red", "grows"], "b": ["green"]})
    one.frames(4)
    before = one.frames(1)[-1]
    fails(one.scenes.chain.layers[1])
    after = one.frames(2)[-1]
    assert [layer.shader.name for layer in one.scenes.chain.layers] == ["green", "grows"]
    assert before[0] == after[0] or after[1] > 0
    assert one.told == ["shader red: KeyError: 'fx/blue/gone'; left out of the picture"]
    # It is tried again when the chain is laid anew.
    one.session.edit_chain(["red"])
    assert one.frames(3)[-1].tolist() == [255, 0, 0]


class Laps:
    """A stopwatch on which everything takes 0.3 s."""

    def lap(self):
        return 0.3


def test_a_stranger_s_shader_that_turns_slow_is_left_out(played):
    one = played({"a": ["green", "red"]})
    one.frames(4)
    watches = [chain._watch for chain in (one.scenes.chain, one.scenes._other)]
    one.scenes.chain._watch = one.scenes._other._watch = Laps()
    one.frames(10)
    assert one.told == [], "those that were trusted from the beginning are not timed"
    one.edit(shader("void main() { gl_FragColor = vec4(0.5, 0.0, 0.0, 1.0); }", LEVEL, "red"))
    one.scenes.chain._watch, one.scenes._other._watch = watches
    seen = one.frames(4)
    assert np.abs(seen[-1] - [128, 0, 0]).max() <= 1
    one.scenes.chain._watch = one.scenes._other._watch = Laps()
    # Twice as long as it may, at the second frame.
    seen = one.frames(4)
    assert np.abs(seen[:2] - [128, 0, 0]).max() <= 1
    assert (seen[2:] == [0, 255, 0]).all()
    assert one.told == ["shader red: a frame takes 300 ms at 16x8, expected at most 100 ms; left out of the picture"]


def test_an_error_of_the_driver_is_traced_to_its_shader(played, ctx):
    """The first error comes from nobody knows where; then each layer is asked."""
    from vj.render.compositing import chain as module

    one = played({"a": ["green", "red"]})
    one.frames(4)
    state = {"bad": False}
    layers = one.scenes.chain.layers
    draw = layers[1].draw

    def spoils(*given):
        draw(*given)
        state["bad"] = True

    def check(context, doing):
        bad, state["bad"] = state["bad"], False
        if bad:
            raise GraphicsError(f"OpenGL: out of memory while {doing}")

    layers[1].draw = spoils
    real, module.check_gl = module.check_gl, check
    try:
        assert one.frames(4)[-1].tolist() == [0, 255, 0]
    finally:
        module.check_gl = real
    assert [text.split(":")[0] for text in one.told] == ["picture", "shader red"]


def test_a_transition_that_cannot_be_drawn_is_over(played):
    one = played(TWO)
    one.frames(4)
    one.recall("b")
    one.frames(6)
    assert one.scenes.crossing

    def draw(*given):
        raise ValueError("no")

    one.scenes._crossing.draw = draw
    assert one.frames(3)[-1].tolist() == [0, 0, 255]
    assert one.told == ["transition: ValueError: no; preset " + one.session.preset + " is there at once"]
