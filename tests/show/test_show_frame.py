"""A show frame by frame, with a clock that the test moves: pulses, beats, presets, what is drawn. No window."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vj import demo
from vj.audio.analyser import Analyser
from vj.audio.features import FEATURE_DTYPE, PULSES
from vj.audio.input.file import FileSource
from vj.clock.beat_clock import SOURCES, Clocks
from vj.core import resources
from vj.modulation.matrix import Matrix
from vj.modulation.signals import Seen
from vj.render.isf.folder import load_folder
from vj.render.isf.shader import parse
from vj.session.session import Session, preset_names
from vj.session.state import moved
from vj.show import offline
from vj.show.frame import Rows, State, frame
from vj.show.score import OnePreset

SHADERS = load_folder(resources.shaders_dir())
FPS = (60, 30, 24, 15)
#: Who sees everything, from the first row on.
FIRST = Seen(np.zeros(len(PULSES), np.int64), 0)
PULSED = """version = 1
chain = ["grade"]
[values.envelope.1]
source = "onset"
attack_s = 0.0
release_s = 30.0
[values.stage]
transition_s = 2.0
[[modulation]]
signal = "onset"
target = "noise/sigma"
depth = 1.0
[[modulation]]
signal = "beat"
target = "fx/grade/exposure"
depth = 1.0
"""
OTHER = PULSED.replace('source = "onset"', 'source = "beat"').replace("release_s = 30.0", "release_s = 0.1")


@pytest.fixture(scope="module")
def rows():
    """What is heard in half a minute of the bundled track."""
    source = FileSource(demo.track_path())
    p = {param.id: param.default for param in Session(SHADERS, "default", (), ()).registry}
    return Analyser(source.rate_hz).process(np.concatenate(list(source.blocks(0.0, 30.0))), p)


@pytest.fixture
def session(tmp_path):
    (tmp_path / "a.toml").write_text(PULSED)
    (tmp_path / "b.toml").write_text(OTHER)
    return Session(SHADERS, str(tmp_path / "a.toml"), (), ("default",), [tmp_path, resources.presets_dir()])


def played(state, rows, fps, late_s=0.0):
    """(state, values) of each frame, which sees the newest row that is `late_s` old."""
    out = []
    for now_s in np.arange(rows["t_s"][0], rows["t_s"][-1] + late_s, 1 / fps):
        at = int(np.searchsorted(rows["t_s"], now_s - late_s, side="right")) - 1
        heard = rows[at] if at >= 0 else None
        state, values = frame(state, Rows(now_s, heard, 0.0 if heard is None else float(heard["t_s"])), 1 / fps)
        out.append((state, values))
    return out


def beating(state, frames, bpm=120.0, fps=50, begin=0):
    """Frames of a steady beat that the analysis hears, and nothing else."""
    out = []
    for i in range(begin, begin + frames):
        row = np.zeros(1, FEATURE_DTYPE)[0]
        row["bpm"], row["beat_phase"] = bpm, i / fps * bpm / 60 % 1.0
        state, values = frame(state, Rows(i / fps, row, i / fps), 1 / fps)
        out.append((state, values))
    return out


class TestPulses:
    @pytest.mark.parametrize("fps", FPS)
    def test_each_event_moves_one_frame_and_begins_the_envelope(self, session, rows, fps):
        shown = played(State(session.state, seen=FIRST), rows, fps)
        # The last row may come after the last frame.
        heard = rows[rows["t_s"] <= rows["t_s"][0] + (len(shown) - 1) / fps + 1e-9]
        onsets = np.diff([0] + [state.seen.events[PULSES.index("onset")] for state, _ in shown])
        beats = np.diff([0] + [state.seen.beats for state, _ in shown])
        for name, new, id in (("onset", onsets, "noise/sigma"), ("beat", beats, "fx/grade/exposure")):
            assert new.sum() == heard[name].sum() > 50
            raised = np.array([values.p[id] > state.session.current[id] for state, values in shown])
            assert np.array_equal(raised, new > 0)
        levels = np.array([values.moves["envelope"][0] for _, values in shown])
        assert np.array_equal(levels == 1.0, onsets > 0)

    def test_two_that_look_at_different_rates_each_see_all(self, session, rows):
        """As the generator at 20 pictures a second beside the window at 60."""
        totals = []
        for fps in (60, 20):
            state, _ = played(State(session.state, seen=FIRST), rows, fps)[-1]
            totals.append([*state.seen.events, state.seen.beats])
        np.testing.assert_allclose(*totals, atol=1)

    def test_the_beat_that_is_seen_is_that_of_the_clock_that_rules(self, session, rows):
        """Every one of the MIDI clock's, none of the analysis'; a song position that jumps is no burst."""
        session.set({"tempo/source": SOURCES.index("midi")})
        state, seen = State(session.state), []
        for i in range(600):
            clocks = {"midi": ((i + 0.5) / 60 * 2.5 + (100.0 if i >= 300 else 0.0), 150.0)}
            row = rows[100 + i]
            state, values = frame(state, Rows(i / 60, row, float(row["t_s"]), clocks), 1 / 60)
            seen.append((values.signals["beat"], values.signals["beat_phase"], values.moves["beats"]))
        beats, phases, numbers = np.array(seen).T
        assert np.flatnonzero(np.diff(phases) < -0.5).tolist() == [i - 1 for i in np.flatnonzero(beats) if i != 300]
        assert np.array_equal(numbers, np.cumsum(beats))
        assert beats.sum() == 25

    def test_ears_that_begin_anew_are_neither_a_burst_nor_deafness(self, session, rows):
        shown = played(State(session.state), rows[:1000], 60)
        state, _ = frame(shown[-1][0], Rows(20.0, None, 0.0), 1 / 60)
        again = played(state, rows[1000:2000], 60)
        anew = rows[1000:2000].copy()
        anew["events"] -= anew["events"][0]
        afresh = played(state, anew, 60)
        counted = [sum(values.signals["onset"] for _, values in of) for of in (again, afresh)]
        assert counted[0] > 10
        assert counted[1] in (counted[0], counted[0] - 1)
        assert afresh[0][1].signals["onset"] == 0.0


class TestPresetsThatWait:
    @pytest.mark.parametrize(("quantise", "beats"), [("beat", 1), ("bar", 4)])
    def test_it_is_entered_in_the_frame_in_which_the_beat_falls(self, session, tmp_path, quantise, beats):
        session.set({"stage/quantise": {"beat": 1.0, "bar": 2.0}[quantise]})
        state, _ = beating(State(session.state), 10)[-1]
        session.state = state.session
        session.recall_on_beat(str(tmp_path / "b.toml"))
        shown = beating(replace(state, session=session.state), 200, begin=10)
        (entered,) = [i for i, (_, values) in enumerate(shown, 10) if values.left is not None]
        # 25 frames a beat; the frame of the beat itself.
        assert entered == 25 * beats
        assert shown[entered - 10][1].left.preset.endswith("a.toml")
        assert [state.session.preset.endswith("b.toml") for state, _ in shown] == [i >= entered for i in range(10, 210)]

    def test_the_morph_lasts_what_it_should(self, session, tmp_path):
        state, _ = beating(State(session.state), 5)[-1]
        session.state = state.session
        session.recall(str(tmp_path / "b.toml"))
        shown = beating(replace(state, session=session.state), 150, begin=5)
        arrived = np.array([values.moves["arrived"] for _, values in shown])
        np.testing.assert_allclose(arrived[:100], np.arange(1, 101) / 100, atol=1e-5)
        assert (arrived[99:] == 1.0).all()
        release_s = [state.session.current["envelope/1/release_s"] for state, _ in shown]
        assert np.all(np.diff(release_s[:100]) < 0)
        assert release_s[-1] == pytest.approx(0.1)

    def test_in_bars_it_keeps_to_the_beat(self, session, tmp_path):
        session.set({"stage/transition_bars": 2.0})
        session.recall(str(tmp_path / "b.toml"))
        session.set({"stage/transition_bars": 2.0})
        shown = beating(State(session.state), 250)
        # Two bars of four beats at 120 bpm are four seconds.
        arrived = next(i for i, (_, values) in enumerate(shown) if values.moves["arrived"] >= 1.0)
        assert arrived == pytest.approx(199, abs=1)

    def test_presets_one_after_another(self, rows):
        """Every bundled preset is entered from the one before it, half a second each, while music plays."""
        bundled = preset_names(resources.presets_dir())
        session = Session(SHADERS, bundled[0], ("stage/transition_s=0.25",), bundled)
        state, at = State(session.state), 1000
        lo, hi = (np.array([getattr(p, end) for p in session.registry], np.float32) for end in ("lo", "hi"))
        for name in [*bundled[1:], bundled[0]]:
            assert name == session.neighbour(1)
            session.recall(session.neighbour(1))
            shown = played(replace(state, session=session.state), rows[at : at + 47], 60)
            values = np.array([values.p.array for _, values in shown])
            assert np.isfinite(values).all()
            assert ((values >= lo - 1e-6) & (values <= hi + 1e-6)).all()
            assert len(np.unique(values, axis=0)) > 25, "it moves"
            session.state = (state := shown[-1][0]).session
            assert np.array_equal(session.current.array, session.target.array)
            at += 47

    def test_a_midi_clock_with_jitter_is_the_beat_that_presets_wait_for(self, session, tmp_path):
        """Ticks of 150 bpm, some milliseconds early or late, from a start at one second; a preset waits for the bar."""
        session.set({"tempo/source": SOURCES.index("midi"), "stage/quantise": 2.0})
        clocks, rng, tick_s = Clocks(), np.random.default_rng(1), 60 / 150 / 24
        ticks = [1.0 + i * tick_s + rng.normal(0, 0.002) for i in range(24 * 12)]
        clocks.midi.take("start", 0.99)
        session.recall_on_beat(str(tmp_path / "b.toml"))
        state, entered, bpm = State(session.state), [], []
        for now_s in np.arange(0.0, 5.6, 1 / 60):
            while ticks and ticks[0] <= now_s:
                clocks.midi.take("clock", ticks.pop(0))
            says = clocks.says(now_s, state.session.target)
            state, values = frame(state, Rows(now_s, None, 0.0, says), 1 / 60)
            bpm.append(values.moves["bpm"])
            if values.left:
                entered.append(now_s)
        assert state.tempo.ruler == "midi"
        assert bpm[-1] == pytest.approx(150.0, abs=1.0)
        # The second bar begins four beats after the start: in the frame after that, give or take the jitter.
        assert entered == [pytest.approx(1.0 + 4 * 0.4, abs=0.025)]


class TestWhatIsDrawn:
    def test_a_held_picture_stops_the_time_of_the_show_and_not_the_beat(self, session):
        state = beating(State(session.state), 50)[-1][0]
        session.set({"stage/freeze": 1.0})
        held = beating(replace(state, session=session.state), 50, begin=50)
        assert [values.t_s for _, values in held] == pytest.approx([1.0] * 50)
        assert all(values.frozen for _, values in held)
        assert held[-1][0].tempo.beat.beats == pytest.approx(99 / 25)

    @pytest.mark.parametrize("fps", [60, 15])
    def test_a_shader_sees_each_press_in_one_frame(self, tmp_path, fps):
        """Also where a hand holds it for 50 ms, three frames at 60 a second: an ISF event is true in one of them."""
        shader = parse(
            '/*{"ISFVSN": "2", "INPUTS": [{"NAME": "inputImage", "TYPE": "image"}, {"NAME": "hit", "TYPE": "event"}]}*/'
            "void main() { gl_FragColor = vec4(hit); }",
            "struck",
        )
        (tmp_path / "x.toml").write_text('version = 1\nchain = ["struck"]\n')
        session = Session({**SHADERS, "struck": shader}, str(tmp_path / "x.toml"), (), ())
        state, seen = State(session.state), []
        for i in range(2 * fps):
            pressed = any(0.0 <= i / fps - press_s < 0.05 for press_s in (0.5, 0.7, 1.5))
            if pressed != (session.current["fx/struck/hit"] == 1.0):
                session.set({"fx/struck/hit": float(pressed)})
            state, values = frame(replace(state, session=session.state), Rows(i / fps, None, 0.0), 1 / fps)
            session.state = state.session
            seen.append(values.p["fx/struck/hit"])
        assert sum(seen) == 3
        # Also for a scene that is left while it is pressed.
        session.set({"fx/struck/hit": 1.0})
        left, drawn = session.state, []
        for _ in range(5):
            left, p = moved(left, values.signals, 1 / fps)
            drawn.append(p["fx/struck/hit"])
        assert drawn == [1.0, 0.0, 0.0, 0.0, 0.0]

    def test_black_comes_and_goes_in_its_time(self, session):
        session.set({"stage/blackout": 1.0, "stage/blackout_s": 0.5})
        state, values = beating(State(session.state), 25)[-1]
        assert values.gain == pytest.approx(0.0, abs=1e-9)
        session.set({"stage/blackout": 0.0})
        back = beating(replace(state, session=session.state), 25, begin=25)
        assert back[12][1].gain == pytest.approx(0.52)
        assert back[-1][1].gain == pytest.approx(1.0)

    def test_where_nothing_is_heard_it_goes_on_and_says_so(self, session):
        state, values = frame(State(session.state), Rows(0.0, None, 0.0), 0.02)
        assert not values.heard
        assert values.signals["level"] == 0.0
        assert frame(state, Rows(0.02, None, 0.0), 0.02)[1].t_s == pytest.approx(0.04)

    def test_another_clock_moves_the_lfos_and_the_saws(self, session):
        session.set({"tempo/source": 2.0, "lfo/1/beats": 3.0, "lfo/1/shape": 2.0})
        _, values = frame(State(session.state), Rows(5.0, None, 0.0, {"midi": (7.25, 140.0)}), 0.02)
        assert values.moves["bpm"] == 140.0
        assert values.moves["lfo"][0] == pytest.approx(0.25)
        assert values.signals["sawtooth"] == pytest.approx(0.25)


class TestOneFunction:
    def test_the_same_arguments_give_the_same_and_change_nothing(self, session, rows):
        state = played(State(session.state), rows[:400], 30)[-1][0]
        taken = (state.session.current.array.tobytes(), state.session.stands.tobytes(), state.seen.events.tobytes())
        given = Rows(5.0, rows[420], float(rows[420]["t_s"]))
        (first, a), (second, b) = frame(state, given, 0.03), frame(state, given, 0.03)
        assert a.p.array.tobytes() == b.p.array.tobytes()
        assert a.moves.tobytes() == b.moves.tobytes()
        assert first.sources == second.sources
        assert first.tempo == second.tempo
        assert (
            state.session.current.array.tobytes(),
            state.session.stands.tobytes(),
            state.seen.events.tobytes(),
        ) == taken

    def test_what_it_gives_is_read_only(self, session, rows):
        state, values = played(State(session.state), rows[:60], 30)[-1]
        arrays = [state.seen.events, values.p.array, *(x for x in values.signals.values() if isinstance(x, np.ndarray))]
        assert len(arrays) > 6
        for array in arrays:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1

    def test_modulation_is_evaluated_once_a_frame(self, session, rows, monkeypatch):
        asked, apply = [], Matrix.apply
        monkeypatch.setattr(Matrix, "apply", lambda *given: asked.append(1) or apply(*given))
        played(State(session.state), rows[:200], 30)
        assert len(asked) == len(np.arange(rows["t_s"][0], rows["t_s"][199], 1 / 30))

    def test_a_scene_that_is_left_goes_on_from_where_its_rows_stood(self, session, rows):
        state = played(State(session.state), rows[:400], 30)[-1][0]
        _, values = frame(state, Rows(5.0, rows[401], 5.0), 0.03)
        left, p = moved(state.session, values.signals, 0.03)
        assert p.array.tobytes() == values.p.array.tobytes()
        assert left.stands.tobytes() == frame(state, Rows(5.0, rows[401], 5.0), 0.03)[0].session.stands.tobytes()

    @pytest.mark.parametrize("fps", FPS)
    def test_the_renderer_plays_as_the_window_would(self, session, fps):
        """On a frame clock: the values that the network is asked with are those of the same frames, to the bit."""
        path = demo.track_path()
        part = offline.Part(path, Fraction(fps), 2.0, 4.0)
        network, timings, score = Network(), offline.Timings(), OnePreset(session.show, Path("none"))
        clock = offline.FrameClock(FileSource(path), part, session.current, timings)
        out = list(offline.pictures(network, clock, score, Sink(), timings))
        assert len(out) == len(network.asked) == 4 * fps
        state = State(session.state, seen=Seen(clock.before["events"], 0))
        for heard, values, dt_s in network.asked:
            t_s = float(heard["t_s"])
            state, expected = frame(state, Rows(t_s, heard, t_s), dt_s)
            assert expected.p.array.tobytes() == values.tobytes()
        last = network.asked[-1][0]["events"] - clock.before["events"]
        assert last[PULSES.index("onset")] > 4


class Network:
    """Answers as the network's process does, without one."""

    def __init__(self):
        self.asked = []

    def of(self, model):
        return self

    def ask(self, heard, values, dt_s):
        self.asked.append((heard, values, dt_s))

    def picture(self):
        return np.zeros((2, 2, 4), np.uint8), 0.0


class Sink:
    """A video that nobody sees."""

    def write_audio(self, sound):
        pass
