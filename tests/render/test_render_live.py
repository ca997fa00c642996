"""What the stage draws with, on OpenGL: blending, filters compiled ahead, what stands in, sizes that change."""

import queue
from types import SimpleNamespace

import numpy as np
import pytest
from provers import everyone

from vj.audio.features import PULSES
from vj.audio.process import LIVE_DTYPE
from vj.core import resources
from vj.core.errors import ControlError, GraphicsError
from vj.modulation.matrix import Matrix
from vj.render.isf.folder import load_folder
from vj.render.isf.shader import parse
from vj.session.loading import build_registry

pytestmark = pytest.mark.gl


def grey(level, side=8):
    out = np.full((side, side, 4), level, np.uint8)
    out[..., 3] = 255
    return out


def level(texture):
    return float(np.frombuffer(texture.read(), np.uint8).reshape(-1, 4)[:, 0].mean())


def test_each_picture_is_faded_in_over_the_time_until_the_next(ctx):
    from vj.render.compositing.frame_blend import Blend

    blend = Blend(ctx)
    for i in range(20):
        blend.take(grey(100), i * 0.1)
        blend.draw(i * 0.1 + 0.05, 1.0)
    blend.take(grey(200), 2.0)
    seen = [level(blend.draw(t, 1.0)) for t in (2.0, 2.025, 2.05, 2.075, 2.1, 2.2)]
    np.testing.assert_allclose(seen, [100, 125, 150, 175, 200, 200], atol=1.5)
    # The next one comes early: it begins where the picture is, 5/12 of the expected 120 ms from 200 to 0.
    blend.take(grey(0), 2.2)
    blend.draw(2.25, 1.0)
    blend.take(grey(100), 2.25)
    assert level(blend.draw(2.25, 1.0)) == pytest.approx(117, abs=2)
    # Without blending each is there at once.
    blend.take(grey(50), 3.0)
    assert level(blend.draw(3.0, 0.0)) == 50
    blend.release()


@pytest.mark.parametrize("every", [1, 2, 4])
def test_a_picture_is_whole_when_the_next_comes_also_where_they_come_as_fast_as_frames(ctx, every):
    from vj.render.compositing.frame_blend import Blend

    blend, frame_s, seen = Blend(ctx), 0.02, []
    for i in range(240):
        now_s = i * frame_s
        if i % every == 0:
            blend.take(grey(200 if i // every % 2 else 0), now_s)
        seen.append(level(blend.draw(now_s, 1.0, None, frame_s)))
    # The first one has appeared by then.
    whole = seen[120 + every - 1 :: every]
    np.testing.assert_allclose(whole[:20], [200 * ((120 // every + i) % 2) for i in range(20)], atol=2)
    steps = np.abs(np.diff(seen[120:200]))
    np.testing.assert_allclose(steps, 200 / every, atol=2)
    blend.release()


def test_the_first_picture_appears_over_what_stood_in_for_it(ctx):
    from vj.render.compositing.frame_blend import Blend
    from vj.render.isf.filter import Buffer

    blend, stand_in = Blend(ctx), Buffer(ctx, (4, 4))
    stand_in.front.clear(0.2, 0.2, 0.2, 1.0)
    assert level(blend.draw(0.0, 1.0, stand_in.texture)) == 51
    blend.take(grey(151), 1.0)
    assert level(blend.draw(1.0, 1.0, stand_in.texture)) == pytest.approx(51, abs=1)
    assert level(blend.draw(1.5, 1.0, stand_in.texture)) == pytest.approx(101, abs=1)
    assert blend.appearing
    assert level(blend.draw(2.1, 1.0, stand_in.texture)) == 151
    assert not blend.appearing
    for thing in (blend, stand_in):
        thing.release()


def test_a_network_of_another_size_goes_on_from_the_same_picture(ctx):
    from vj.render.compositing.frame_blend import Blend

    blend = Blend(ctx)
    for i in range(30):
        blend.take(grey(100), i * 0.1)
        blend.draw(i * 0.1 + 0.05, 1.0)
    blend.take(grey(200, side=32), 3.0)
    assert level(blend.draw(3.0, 1.0)) == pytest.approx(100, abs=1)
    last = blend.draw(4.0, 1.0)
    assert last.size == (32, 32)
    assert level(last) == 200
    blend.release()


TRAIL = """/*{"ISFVSN": "2", "INPUTS": [{"NAME": "inputImage", "TYPE": "image"}],
"PASSES": [{"TARGET": "kept", "PERSISTENT": true}]}*/
void main() { gl_FragColor = max(IMG_THIS_PIXEL(inputImage), IMG_THIS_PIXEL(kept)); }
"""


def test_what_a_filter_remembers_outlives_another_size(ctx):
    from vj.render.compositing.chain import Chain

    shader = parse(TRAIL, "trail_test")
    p = build_registry([shader]).defaults()
    chain = Chain(ctx, [shader], (64, 32))
    left = grey(0, 32)
    left[:, :16, :3] = 200
    for i in range(2):
        chain.draw(left, 0.0, 0.1, i, p)
    chain.resize((32, 16))
    chain.draw(grey(0, 32), 0.0, 0.1, 2, p)
    rgb = chain.read_rgb()
    assert rgb.shape == (16, 32, 3)
    assert rgb[:, :12].min() > 190
    assert rgb[:, 20:].max() < 10
    chain.release()


def test_shaders_are_compiled_a_step_a_frame_and_swapped_when_all_are_there(ctx):
    from vj.render.isf.shader_cache import ShaderCache

    shaders = load_folder(resources.shaders_dir())
    p = build_registry(tuple(shaders.values())).defaults()
    chain = [shaders[name] for name in ("flow_noise", "trail", "bloom", "grade")]
    shader_cache, seen, steps = ShaderCache(ctx), [], 0
    shader_cache.want(chain)
    while len(seen) < len(chain):
        assert shader_cache.ready(chain) is None
        if compiled := shader_cache.work(p):
            shader_cache.keep(compiled)
            seen.append(compiled.shader.name)
        steps += 1
    # A program of each pass, and each pass drawn, but the first is drawn with the last that was compiled.
    assert steps == sum(2 * len(shader.passes) - 1 for shader in chain) > len(chain)
    assert seen == ["flow_noise", "trail", "bloom", "grade"]
    assert shader_cache.work(p) is None
    assert [one.shader.name for one in shader_cache.ready(chain)] == seen
    shader_cache.release()


def test_what_is_edited_again_is_compiled_as_it_is_now(ctx):
    from vj.render.isf.shader_cache import ShaderCache

    text = (resources.shaders_dir() / "bloom.fs").read_text()
    one, other = (parse(text + "\n" * n, "bloom.fs") for n in range(2))
    p, shader_cache = build_registry([one]).defaults(), ShaderCache(ctx)
    shader_cache.want([one])
    shader_cache.work(p)
    shader_cache.want_proven(other, {})
    found = []
    for _ in range(30):
        if compiled := shader_cache.work(p):
            found.append(compiled.shader)
            shader_cache.keep(compiled)
    assert found == [other]
    assert shader_cache.missing([one]) == [one]
    shader_cache.release()


def test_what_stands_in_moves(ctx):
    from vj.render.compositing.stand_in import SHADER, StandIn

    shaders = load_folder(resources.shaders_dir())
    p = build_registry(tuple(shaders.values())).defaults()
    one = StandIn(ctx, shaders[SHADER])
    first = one.draw(0.0, 0.0, 0, p).read()
    second = one.draw(2.0, 0.1, 1, p).read()
    a, b = (np.frombuffer(x, np.uint8).astype(int) for x in (first, second))
    assert a.std() > 10
    assert np.abs(a - b).mean() > 2
    one.release()


class NoWindow:
    """What a live asks of a window, without one."""

    refresh_hz, full_screen, closed = 60, False, False

    def __init__(self, ctx):
        self.ctx, self.shown = ctx, []

    size, monitor_name, pointer = (64, 36), "", None

    def show_pointer(self, shown):
        pass

    def show(self, texture, gain=1.0, over=(), projection=None):
        self.shown.append(np.frombuffer(texture.read(), np.uint8).reshape(texture.height, texture.width, -1).copy())


class Broken:
    """A layer for which the card has no room."""

    shader = SimpleNamespace(has_further_images=False, name="broken")

    def is_seen(self, p):
        return True

    def replaces(self, p):
        return True

    def draw(self, *_):
        raise GraphicsError("OpenGL: GL_OUT_OF_MEMORY")

    def release(self):
        pass


def test_a_filter_that_cannot_draw_leaves_the_picture(ctx):
    from vj.session.session import Session
    from vj.show.live import LiveShow, PictureConfig
    from vj.show.notices import Notices

    window = NoWindow(ctx)
    session = Session(load_folder(resources.shaders_dir()), "default", (), ("default",))
    notices = Notices()
    live = LiveShow(window, PictureConfig((64, 36), fps=500.0), session, notices, everyone(session))
    for _ in range(12):
        live.step()
    assert len(live.scenes.chain.layers) == 3
    live.scenes.chain.layers = (Broken(),)
    for _ in range(3):
        live.step()
    assert live.scenes.chain.layers == ()
    assert notices.texts() == ["shader broken: OpenGL: GL_OUT_OF_MEMORY; left out of the picture"]
    assert window.shown[-1][..., :3].std() > 5
    # Recalled, it is whole again.
    live.key("x")
    for _ in range(3):
        live.step()
    assert len(live.scenes.chain.layers) == 3
    live.release()


def test_the_chain_is_changed_while_it_plays(ctx):
    from vj.session.session import Session
    from vj.show.live import LiveShow, PictureConfig
    from vj.show.notices import Notices

    window = NoWindow(ctx)
    session = Session(load_folder(resources.shaders_dir()), "default", (), ("default",))
    live = LiveShow(window, PictureConfig((64, 36), fps=500.0), session, Notices(), everyone(session))

    def drawn(*names):
        for name in names:
            live.key(name)
        for _ in range(12):
            live.step()
        return [layer.shader.name for layer in live.scenes.chain.layers]

    assert drawn() == ["flow_noise", "trail", "grade"]
    # Its keys count only while it is seen.
    assert drawn("delete") == ["flow_noise", "trail", "grade"]
    assert drawn("c", "delete") == ["trail", "grade"]
    assert drawn("page down") == ["grade", "trail"]
    assert drawn("l", "down", "enter")[2:] != []
    assert session.current["stage/flash_limit"] == 0.0
    assert drawn("x") == ["flow_noise", "trail", "grade"]
    live.release()


def test_keys_step_through_the_presets_at_once_or_have_them_wait(ctx):
    from vj.session.session import Session, preset_names
    from vj.show.live import LiveShow, PictureConfig
    from vj.show.notices import Notices

    presets = preset_names(resources.presets_dir())
    session = Session(load_folder(resources.shaders_dir()), "default", (), presets)
    live = LiveShow(NoWindow(ctx), PictureConfig((64, 36), fps=500.0), session, Notices(), everyone(session))
    seen = []
    for name in ("right", "n", "n", "left", "p", "p", "p"):
        live.key(name)
        live.step()
        seen.append(session.preset)
    assert seen == [presets[i] for i in (1, 2, 3, 2, 1, 0, -1)]
    live.controls.set_values({"stage/quantise": 1.0})
    live.key("right")
    live.step()
    # No beat falls where nothing is heard; panic does not wait.
    assert (session.preset, session.state.waiting.name) == (presets[-1], presets[0])
    live.key("x")
    live.step()
    assert (session.preset, session.state.waiting) == ("default", None)
    live.release()


def test_no_fault_of_a_handler_or_a_frame_ends_a_show(ctx, tmp_path):
    from vj.core.errors import ShowError
    from vj.session.session import Session
    from vj.show.live import LiveShow, PictureConfig
    from vj.show.notices import Notices

    window = NoWindow(ctx)
    session = Session(load_folder(resources.shaders_dir()), "default", (), ("default",))
    live = LiveShow(window, PictureConfig((64, 36), fps=500.0), session, Notices(lambda data: None), everyone(session))
    live.step()

    def fail(*given, **more):
        raise OSError("handle is closed")

    # A knob while the ears are started again; a key whose handler has a fault; a picture that cannot be made.
    live.osc = live.controls.midi = SimpleNamespace(step=fail, reading=fail)
    live.controls._tell_ears = fail
    live.key("t")
    live.controls.advance = fail
    shown = len(window.shown)
    for _ in range(3):
        live.step()
    assert len(window.shown) == shown + 3
    assert live.edge.counts()["failed"] == {
        "key t": 1, "end of frame": 1, "OSC": 3, "MIDI": 3, "picture": 3,
    }  # fmt: skip
    live.controls.changed(tmp_path / "none.fs")
    live.scenes.work()
    assert live.edge.counts()["refused"]["shader"] == 1
    # What should end it does.
    housekeeper = SimpleNamespace(error=ShowError("song.wav: no sound in it"))
    live.controls.peers = SimpleNamespace(housekeeper=housekeeper, listener=Ears(np.zeros(8)))
    with pytest.raises(ShowError, match="no sound in it"):
        live.step()
    live.release()


class Ears:
    """Rows of features as a listener has them; each look comes 4 rows later."""

    def __init__(self, onsets):
        self.rows = np.zeros(len(onsets), LIVE_DTYPE)
        self.rows["onset"], self.rows["t_air_s"] = onsets, 1.0 + 0.01 * np.arange(len(onsets))
        self.rows["events"][:, PULSES.index("onset")] = np.cumsum(onsets)
        self._at = 0

    def newest(self):
        self._at += 4
        return self.rows[min(self._at, len(self.rows)) - 1]


def peers_that_hear(onsets):
    """Ears alone: a generator that draws nothing, and nothing that is edited."""
    pool = SimpleNamespace(set_values=lambda *given: None, newest=lambda: None)
    keeper = SimpleNamespace(error=None, changed=queue.SimpleQueue(), hearing=SimpleNamespace(ended=False))
    return SimpleNamespace(listener=Ears(onsets), pool=pool, housekeeper=keeper)


def test_the_window_evaluates_once_a_frame_and_misses_no_onset(ctx, tmp_path, monkeypatch):
    from vj.session.session import Session
    from vj.show.live import LiveShow, PictureConfig
    from vj.show.notices import Notices

    (tmp_path / "p.toml").write_text(
        'version = 1\nchain = ["grade"]\n[[modulation]]\nsignal = "onset"\ntarget = "fx/grade/exposure"\ndepth = 1.0\n'
    )
    session = Session(load_folder(resources.shaders_dir()), str(tmp_path / "p.toml"), (), ())
    live = LiveShow(NoWindow(ctx), PictureConfig((64, 36), fps=500.0), session, Notices(), everyone(session))
    asked, drawn = [], []
    apply, draw = Matrix.apply, live.scenes.draw
    monkeypatch.setattr(Matrix, "apply", lambda *given: asked.append(1) or apply(*given))
    monkeypatch.setattr(live.scenes, "draw", lambda source, now: drawn.append(now.p) or draw(source, now))
    onsets = np.zeros(80)
    # One in a row that is looked at, two between two looks, two in rows that nobody sees.
    onsets[[11, 17, 18, 40, 61]] = 1
    live.controls.peers = peers_that_hear(onsets)
    for _ in range(20):
        live.step()
    assert len(asked) == len(drawn) == 20
    raised = [i for i, p in enumerate(drawn) if p["fx/grade/exposure"] > session.current["fx/grade/exposure"]]
    assert raised == [2, 4, 10, 15]
    live.release()


def test_a_trigger_is_pressed_for_one_frame_however_soon_it_is_pressed_again(ctx, monkeypatch):
    from vj.session.session import Session
    from vj.show.live import LiveShow, PictureConfig
    from vj.show.notices import Notices

    session = Session(load_folder(resources.shaders_dir()), "default", (), ("default",))
    live = LiveShow(NoWindow(ctx), PictureConfig((64, 36), fps=500.0), session, Notices(), everyone(session))
    seen, draw = [], live.scenes.draw
    monkeypatch.setattr(live.scenes, "draw", lambda source, now: seen.append(now.p[fire]) or draw(source, now))
    fire = "envelope/1/fire"
    for pressed in (True, False, True, False, False):
        if pressed:
            live.controls.set_values({fire: 1.0})
        live.step()
        assert session.target[fire] == 0.0
    assert seen == [1.0, 0.0, 1.0, 0.0, 0.0]
    live.release()


@pytest.fixture
def live(ctx):
    """A live with all bundled presets, that plays the default one."""
    from vj.session.session import Session, preset_names
    from vj.show.live import LiveShow, PictureConfig
    from vj.show.notices import Notices

    presets = preset_names(resources.presets_dir())
    session = Session(load_folder(resources.shaders_dir()), "default", (), presets)
    one = LiveShow(
        NoWindow(ctx), PictureConfig((64, 36), fps=500.0), session, Notices(lambda data: None), everyone(session)
    )
    one.step()
    yield one
    one.release()


def test_a_call_of_what_plays_puts_nothing_back(live):
    live.controls.act("preset", "nave")
    live.step()
    live.controls.set_values({"noise/sigma": 0.875})
    state = live.session.state
    for _ in range(30):
        live.controls.act("preset", "nave")
        live.step()
    assert live.session.target["noise/sigma"] == 0.875
    assert live.session.state.show is state.show


def test_the_last_call_before_a_frame_wins_and_one_is_read(live, monkeypatch):
    read = []
    recall = live.session.recall
    monkeypatch.setattr(live.session, "recall", lambda name, over: (read.append(name), recall(name, over)))
    for name in ("nave", "tide", "nave", 3.0, "woodcut"):
        live.controls.act("preset", name)
    live.step()
    assert (read, live.session.preset) == (["woodcut"], "woodcut")
    # Steps count from what was called.
    for _ in range(2):
        live.controls.act("preset/previous")
    live.step()
    presets = live.session.presets
    assert live.session.preset == presets[presets.index("woodcut") - 2]
    live.controls.act("preset", "tide")
    live.controls.act("preset", live.session.preset)
    live.step()
    assert len(read) == 2


@pytest.mark.parametrize(("action", "expected"), [("preset/next", "d"), ("preset/previous", "a")])
def test_a_preset_that_will_not_load_is_stepped_over_in_the_direction_of_travel(ctx, tmp_path, action, expected):
    from vj.session.session import Session
    from vj.show.live import LiveShow, PictureConfig
    from vj.show.notices import Notices

    good, bad = "version = 1\n", "version = 0\n"
    texts = {"a": good, "b": bad, "c": 'version = 1\nchain = ["none"]\n', "d": good}
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)
    start = "a" if action == "preset/next" else "d"
    session = Session(load_folder(resources.shaders_dir()), start, (), tuple("abcd"), (tmp_path,))
    quiet = Notices(lambda data: None)
    live = LiveShow(NoWindow(ctx), PictureConfig((64, 36), fps=500.0), session, quiet, everyone(session))
    live.controls.act(action)
    live.step()
    assert session.preset == expected
    # Called by its name it is refused, and what plays goes on.
    live.controls.act("preset", "b")
    live.step()
    assert (session.preset, live.edge.counts()["refused"]["preset"]) == (expected, 1)
    # Where no other will load, nothing is put back.
    (tmp_path / f"{start}.toml").write_text(bad)
    live.controls.set_values({"noise/sigma": 0.875})
    live.controls.act(action)
    live.step()
    assert (session.preset, session.target["noise/sigma"]) == (expected, 0.875)
    live.release()


def test_an_own_shader_that_is_edited_keeps_the_name_it_was_given(ctx, tmp_path):
    from vj.render.isf.folder import load_with_own
    from vj.session.session import Session
    from vj.show.live import LiveShow, PictureConfig
    from vj.show.notices import Notices

    def text(name):
        return (
            f'/*{{"INPUTS": [{{"NAME": "{name}", "TYPE": "float"}},]}}*/ void main() {{ gl_FragColor = vec4({name}); }}'
        )

    own = tmp_path / "own"
    own.mkdir()
    (own / "Bloom.fs").write_text(text("size"))
    shaders, _ = load_with_own(resources.shaders_dir(), [own])
    session, notices = Session(shaders, "default", (), ("default",)), Notices(lambda data: None)
    live = LiveShow(NoWindow(ctx), PictureConfig((64, 36), fps=500.0), session, notices, everyone(session))
    session.edit_chain(["own_bloom"])
    (own / "Bloom.fs").write_text(text("width"))
    live.controls.changed(own / "Bloom.fs")
    while session.shaders["own_bloom"] is shaders["own_bloom"]:
        live.step()
    assert [one.name for one in session.chain] == ["own_bloom"]
    assert "fx/own_bloom/width" in session.registry
    assert "fx/bloom/width" not in session.registry
    assert "fx/bloom/radius" in session.registry
    assert any("Bloom.fs: line 1: a comma too many: left out" in told for told in notices.texts())
    live.release()


def test_values_that_are_set_after_a_call_are_meant_for_what_was_called(live):
    live.controls.set_values({"noise/sigma": 0.125})
    live.controls.act("preset", "nave")
    live.controls.set_values({"noise/sigma": 0.875})
    live.step()
    assert live.session.preset == "nave"
    assert live.session.target["noise/sigma"] == 0.875
    live.controls.act("preset", "tide")
    live.step()
    assert live.session.target["noise/sigma"] != 0.875


def test_a_call_that_waits_for_the_bar_is_called_off_by_what_plays(live):
    live.controls.set_values({"stage/quantise": 2.0})
    for _ in range(3):
        live.controls.act("preset", "nave")
        live.step()
    waiting = live.session.state.waiting
    assert (live.session.preset, waiting.name) == ("default", "nave")
    live.controls.act("preset/next")
    live.step()
    presets = live.session.presets
    assert live.session.state.waiting.name == presets[presets.index("nave") + 1]
    live.controls.act("preset", "default")
    live.step()
    assert live.session.state.waiting is None


def test_taps_are_one_whichever_way_they_come(live, monkeypatch):
    taps = []
    monkeypatch.setattr(live.controls.clock.taps, "pulse", taps.append)
    for tap in (
        lambda: live.controls.act("tap"),
        lambda: live.key("t"),
        lambda: live.controls.set_values({"audio/beat/tap": 1.0}),
    ):
        tap()
        # Held, it is still the same.
        live.controls.set_values({"audio/beat/tap": 1.0})
        live.controls.set_values({"audio/beat/tap": 0.0})
    assert len(taps) == 3


def test_the_stage_knows_every_action_of_the_table(live):
    from vj.params.actions import ACTIONS

    given = {"preset": "nave", "names": ("grade",), "id": "macro/1", "bpm": 120.0, "beat": 4.0,
             "row": ("drums", "noise/sigma", 0.5), "ends": ("drums", "noise/sigma"), "audition": "nave"}  # fmt: skip
    window = live.window
    window.set_full_screen, window.ask_to_close = (lambda full: True), (lambda: None)
    for action in ACTIONS:
        if action.argument == "port":
            continue
        with live.edge.handling(action.id):
            live.controls.act(action.id, given.get(action.argument))
        live.step()
    assert live.edge.counts()["failed"] == {}
    # There is no folder, no MIDI, no last show and no cue list.
    assert set(live.edge.counts()["refused"]) == {
        "preset/save", "preset/last", "preset/order", "learn", "forget", "go",
        "cue/go", "cue/back", "cue/jump", "cue/hold", "cue/autopilot",
    }  # fmt: skip
    with pytest.raises(ControlError, match="is no action"):
        live.controls.act("no such thing")
