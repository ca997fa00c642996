"""A set that was played is played again: every decision, at its own rate and at others, with its sound."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import soundfile

from vj import demo
from vj.audio.analyser import Analyser
from vj.audio.features import PULSES
from vj.audio.input.file import FileSource
from vj.core import resources
from vj.core.errors import MediaError, PresetError
from vj.modulation.matrix import Row
from vj.render.isf.folder import load_folder
from vj.session.session import Session
from vj.session.set_log import Frame, Head, SetLog, packed_frames, packed_head
from vj.show.frame import Rows, State, frame
from vj.show.replay import Replay, ReplayClock, sound_starts_s
from vj.show.set_recorder import SETS, About, SetRecorder, new_file, of_sets

SHADERS = load_folder(resources.shaders_dir())
PRESETS = ("default", "tide", "tunnel", "mandala")
FPS, SECONDS = 60, 12


@pytest.fixture(scope="module")
def rows():
    source = FileSource(demo.track_path())
    sound = np.concatenate(list(source.blocks(20.0, SECONDS)))
    p = Session(SHADERS, "default", (), PRESETS).current
    return Analyser(source.rate_hz).process(sound, p)


def edited(session):
    session.edit_chain([*[shader.name for shader in session.chain], "edge_glow"])
    session.set_row(Row("level", "noise/sigma", 0.25, "square"))
    session.lock("motion/psi", lock=True)


def on_the_bar(session):
    session.set({"stage/quantise": "bar"})
    session.recall_on_beat("tunnel", {"motion/psi": 0.875})


def at_once(session):
    session.set({"stage/blackout": False, "stage/quantise": "off"})
    session.recall("mandala")


#: What is done before a frame of the set, by its number.
HANDS = {
    30: lambda session: session.set({"motion/psi": 0.4, "noise/sigma": 0.25}),
    60: lambda session: session.set({"tempo/downbeat": 1.0}),
    61: lambda session: session.set({"tempo/downbeat": 0.0}),
    90: lambda session: session.recall("tide"),
    130: on_the_bar,
    330: edited,
    400: lambda session: session.set({"stage/freeze": True}),
    430: lambda session: session.set({"stage/freeze": False, "stage/blackout": True}),
    460: at_once,
    640: lambda session: session.panic(),
}


def played(rows, path):
    """A set, written down as it was played: (sessions, values) after each frame."""
    session = Session(SHADERS, "default", (), PRESETS)
    about = About(3, resources.models_dir() / "default.safetensors", "default", SHADERS, None, 60.0, (64, 36))
    recorder, state, out = SetRecorder(path, about, pytest.fail), State(session.state), []
    for number in range(FPS * SECONDS):
        now_s = 100.0 + number / FPS
        if number in HANDS:
            HANDS[number](session)
        heard = rows[np.searchsorted(rows["t_s"], number / FPS, side="right") - 1] if number > 20 else None
        air_s = 100.0 + float(heard["t_s"]) if heard is not None else now_s
        given = session.state
        clocks = {"link": (number / 40, 90.0)} if number < 200 else {}
        seen = Rows(now_s, heard, air_s, clocks)
        state, values = frame(replace(state, session=given), seen, 1 / FPS)
        session.state = state.session
        recorder.frame(seen, 1 / FPS, given, session.state)
        if number % 50 == 0:
            recorder.write()
        out.append((state, values))
    recorder.close()
    return out


@pytest.fixture(scope="module")
def live(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("set") / "a.vjlog"
    return path, played(rows, path)


def replayed(path, fps, told=None):
    """(states, values, scenes left) of each frame of a replay."""
    told = [] if told is None else told
    log = SetLog(path)
    replay = Replay(log, Session(SHADERS, "default", (), PRESETS).registry, SHADERS, lambda name: name, told.append)
    clock, state, out = ReplayClock(log, Fraction(fps), None, 0.0, None), State(replay.state), []
    for number, (features, _) in enumerate(clock):
        left = replay.before(number / fps)
        seen = replay.rows(features)
        state, values = frame(replace(state, session=replay.state), seen, 1 / fps)
        replay.after(state, seen.heard, 1 / fps)
        out.append((state, replace(values, left=left or values.left)))
    return out


def test_at_its_own_rate_every_value_is_the_same(live):
    path, was = live
    told = []
    again = replayed(path, FPS, told)
    assert not told
    # The last frame's time is the log's length.
    assert len(again) == len(was) - 1
    for number, ((theirs, p), (ours, q)) in enumerate(zip(was, again, strict=False)):
        assert ours.session.preset == theirs.session.preset, number
        np.testing.assert_allclose(q.p.array, p.p.array, rtol=0, atol=1e-5, err_msg=str(number))
        assert (ours.tempo.beat.number, ours.gain) == (theirs.tempo.beat.number, pytest.approx(theirs.gain)), number
        assert [shader.name for shader in ours.session.chain] == [shader.name for shader in theirs.session.chain]
        assert ours.session.rows == theirs.session.rows
        assert ours.session.locked == theirs.session.locked
    assert {state.session.preset for state, _ in again} == set(PRESETS)


@pytest.mark.parametrize("fps", [24, 50, 120])
def test_at_another_rate_the_decisions_are_the_same(live, fps):
    path, was = live
    again = replayed(path, fps)

    def entries(out, rate):
        names = [state.session.preset for state, _ in out]
        return [(k / rate, name) for k, name in enumerate(names) if k == 0 or name != names[k - 1]]

    theirs, ours = entries(was, FPS), entries(again, fps)
    assert [name for _, name in ours] == [name for _, name in theirs]
    np.testing.assert_allclose([t for t, _ in ours], [t for t, _ in theirs], atol=1 / fps + 1 / FPS)
    counted = lambda out: out[-1][0].seen.events - next(s.seen.events for s, _ in out if s.seen.events is not None)  # noqa: E731
    assert np.abs(counted(again) - counted(was))[PULSES.index("onset")] <= 1
    assert abs(again[-1][0].tempo.beat.number - was[-1][0].tempo.beat.number) <= 1
    # A press that was let go of in the next frame is seen, however long the frames are.
    assert sum(values.p["tempo/downbeat"] >= 0.5 for _, values in again) == 1
    left = [values.left.preset for _, values in again if values.left is not None]
    assert left == ["default", "tide", "tunnel"]


def test_two_replays_are_the_same_to_the_bit(live):
    path, _ = live
    first, second = replayed(path, 30), replayed(path, 30)
    assert all(a[1].p.array.tobytes() == b[1].p.array.tobytes() for a, b in zip(first, second, strict=True))


def test_what_there_is_not_any_more_is_left_out_and_told(live, monkeypatch):
    path, _ = live
    fewer = {name: shader for name, shader in SHADERS.items() if name not in ("edge_glow", "kaleido")}
    told = []
    log, registry = SetLog(path), Session(fewer, "nebula", (), ()).registry
    replay = Replay(log, registry, fewer, lambda name: name, told.append)
    for number in range(1, 60 * SECONDS):
        replay.before(number / 60)
    assert any("edge_glow" in line and line.endswith("left out") for line in told)
    assert len(told) < 12


def test_changes_of_any_kind_are_taken_or_told(live, monkeypatch):
    path, _ = live
    scene = next(SetLog(path).frames()).changes["scene"]
    odd = [
        {"scene": 3}, {"scene": {**scene, "rows": [[1]]}}, {"scene": {**scene, "slews": 4}}, {"waits": []},
        {"scene": {**scene, "values": {"motion/psi": "x"}}}, {"set": {"motion/psi": 1e99}}, {"chain": 5}, {"rows": 3},
        {"locked": 3}, {"set": [1]}, {"scene": {**scene, "rows": [["level", "motion/psi", 1, "none", 0, 0]]}},
    ]  # fmt: skip
    for changes in odd:
        told = []
        log = SetLog(path)
        replay = Replay(log, Session(SHADERS, "default", (), ()).registry, SHADERS, lambda name: name, told.append)
        replay._next = replace(replay._next, t_s=0.1, changes=changes)
        before = replay.state
        replay.before(0.1)
        assert len(told) == 1, changes
        assert replay.state.registry is before.registry


@pytest.mark.parametrize("changes", [None, {}, {"scene": 3}, {"scene": {}}, {"scene": {"values": []}}])
def test_a_log_that_begins_with_no_scene_is_one_line(tmp_path, changes):
    head = Head(0, ("default", ""), {}, "", 60.0, (64, 36))
    (tmp_path / "a.vjlog").write_bytes(packed_head(head) + packed_frames([Frame(0.0, 0.1, changes=changes)]))
    registry = Session(SHADERS, "default", (), ()).registry
    with pytest.raises(PresetError, match="does not begin with a scene") as e:
        Replay(SetLog(tmp_path / "a.vjlog"), registry, SHADERS, lambda name: name, pytest.fail)
    assert "\n" not in str(e.value)


class TestRecorder:
    ABOUT = About(0, resources.models_dir() / "gone.safetensors", "gone", {}, None, 60.0, (2, 2))

    def seen(self, session, number):
        return Rows(number / 60, None, number / 60), 1 / 60, session.state, session.state

    def test_a_disk_that_is_full_is_told_once_and_nothing_more_is_kept(self, tmp_path):
        told, session = [], Session(SHADERS, "default", (), ())
        full = tmp_path / "full.vjlog"
        full.symlink_to("/dev/full")
        recorder = SetRecorder(full, self.ABOUT, told.append)
        for number in range(5):
            recorder.frame(*self.seen(session, number))
            recorder.write()
        recorder.close()
        assert told == ["full.vjlog: cannot be written: No space left on device; the show goes on without it"]

    def test_it_is_bounded(self, tmp_path, monkeypatch):
        monkeypatch.setattr("vj.show.set_recorder.MOST_BYTES", 3000)
        told, session = [], Session(SHADERS, "default", (), ())
        recorder = SetRecorder(tmp_path / "a.vjlog", self.ABOUT, told.append)
        for number in range(4000):
            recorder.frame(*self.seen(session, number))
            if number % 10 == 0:
                recorder.write()
        recorder.close()
        assert len(told) == 1
        assert (tmp_path / "a.vjlog").stat().st_size < 4000
        assert SetLog(tmp_path / "a.vjlog").whole

    def test_where_none_can_be_is_one_line(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(MediaError, match="cannot be written"):
            SetRecorder(tmp_path / "file" / "a.vjlog", self.ABOUT, pytest.fail)

    def test_the_last_ones_are_kept(self, tmp_path):
        for day in range(10, 10 + SETS + 3):
            (tmp_path / f"2026-01-{day} 10.00.00.vjlog").write_text("")
        (tmp_path / "mine.vjlog").write_text("")
        new = new_file(tmp_path)
        assert len(of_sets(tmp_path)) == SETS - 1
        assert (tmp_path / "mine.vjlog").exists()
        assert new.suffix == ".vjlog"


class TestClock:
    @pytest.mark.parametrize(("starts_s", "at"), [(0.0, 0.0), (0.5, 0.5), (-0.25, 0.0)])
    def test_the_sound_is_where_it_was(self, live, tmp_path, starts_s, at):
        path, _ = live
        ramp = np.linspace(0.0, 0.9, 8000).astype(np.float32)
        soundfile.write(tmp_path / "ramp.wav", ramp, 4000, subtype="FLOAT")
        clock = ReplayClock(SetLog(path), Fraction(30), FileSource(tmp_path / "ramp.wav"), starts_s, 3.0)
        sound = np.concatenate([block for _, block in clock])[:, 0]
        assert len(sound) == 3 * 4000
        silent = round(-min(starts_s, 0) * 4000)
        assert not sound[:silent].any()
        begin = round(at * 4000)
        np.testing.assert_array_equal(sound[silent : silent + 8000 - begin], ramp[begin:])
        assert not sound[silent + 8000 - begin :].any()

    def test_where_the_file_was(self, live, rows):
        path, _ = live
        # The set began with the file: rows say so by their own times.
        assert sound_starts_s(SetLog(path)) == pytest.approx(0.0, abs=1e-6)


def fingerprint(path):
    from vj.render.output.video_check import pictures

    return hashlib.sha256(b"".join(np.ascontiguousarray(rgb).tobytes() for _, rgb in pictures(path, 10**6))).hexdigest()


def run(*arguments):
    command = [sys.executable, "-m", "vj", "replay", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)


def test_a_video_of_a_set_twice_the_same(live, tiny_model, tmp_path):
    path, _ = live
    outs = []
    for name in "ab":
        outs.append(tmp_path / f"{name}.mp4")
        more = ("--size", "64x36", "--fps", "15", "--duration", "3", "--model", tiny_model)
        done = run(path, "-o", outs[-1], *more)
        assert done.returncode == 0, done.stderr
        assert "a device was heard, whose sound is not in the log" in done.stderr
    from vj.render.output.video_check import probe

    found = probe(outs[0])
    assert (found.frames, found.width, found.height) == (45, 64, 36)
    assert fingerprint(outs[0]) == fingerprint(outs[1])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_text("no log"), "is no log of a set"),
        (lambda path: None, "cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_replayed_is_one_line(tmp_path, make, says):
    make(tmp_path / "a.vjlog")
    done = run(tmp_path / "a.vjlog", "-o", tmp_path / "a.mp4")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert not (tmp_path / "a.mp4").exists()
