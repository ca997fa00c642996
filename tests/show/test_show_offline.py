"""The whole chain on a tiny network: frame counts, sound, repeatability, and what is left when something goes wrong."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from vj import demo
from vj.audio import events, features
from vj.audio.analyser import Analyser
from vj.audio.input.file import FileSource
from vj.render.output.video_check import pictures, probe
from vj.session.loading import load_show
from vj.session.state import begun
from vj.show.frame import Rows, State, frame
from vj.show.offline import FrameClock, Part, Timings
from vj.show.painter import Made, PlainPainter
from vj.show.summary import timings_text

P = {p.id: p.default for p in features.PARAMS}
RATE_HZ = 22050


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """2.55 s of clicks over a tone, so that the last frame is a matter of rounding."""
    t = np.arange(round(2.55 * RATE_HZ)) / RATE_HZ
    sound = 0.2 * np.sin(2 * np.pi * 220 * t)
    for k in range(5):
        at = round(0.5 * k * RATE_HZ)
        sound[at : at + 400] += 0.6 * np.random.default_rng(k).uniform(-1, 1, 400)
    path = tmp_path_factory.mktemp("clip") / "clip.wav"
    soundfile.write(path, sound, RATE_HZ)
    return path


def render(clip, out, tiny_model, *more, script=("-m", "vj")):
    command = [sys.executable, *script, "render", clip, "-o", out, "--model", tiny_model, "--size", "64x36"]
    command = [*map(str, command), "--fps", "20", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def rendered(clip, tiny_model, tmp_path_factory):
    out = tmp_path_factory.mktemp("video") / "a.mp4"
    render(clip, out, tiny_model)
    return out


def frames_of(path):
    return [rgb for _, rgb in pictures(path, 10**6)]


def fingerprint(path):
    return hashlib.sha256(b"".join(np.ascontiguousarray(f).tobytes() for f in frames_of(path))).hexdigest()


def test_the_video_is_exactly_as_long_as_the_sound(rendered):
    found = probe(rendered)
    assert found.frames == round(2.55 * 20)
    assert (found.width, found.height, found.fps, found.pix_fmt) == (64, 36, 20, "yuv420p")
    assert found.audio_start_s == 0
    assert found.audio_duration_s == pytest.approx(2.55, abs=0.001)


def test_the_pictures_move_and_are_not_black(rendered):
    frames = np.array(frames_of(rendered), np.float32)
    assert frames.std() > 10
    assert np.abs(np.diff(frames, axis=0)).mean((1, 2, 3)).min() > 0.05


# Spawned children run the main script anew; only a file with a guard may start them.
WATCH = """
import sys
import vj.cli

if __name__ == "__main__":
    status = vj.cli.main(sys.argv[1:])
    print("loaded:", *(m for m in ("tensorflow", "keras", "jax") if m in sys.modules))
    sys.exit(status)
"""


def test_the_same_seed_gives_the_same_frames_in_a_process_without_tensorflow(clip, tiny_model, rendered, tmp_path):
    (tmp_path / "watch.py").write_text(WATCH)
    done = render(clip, tmp_path / "same.mp4", tiny_model, script=(tmp_path / "watch.py",))
    assert done.stdout.splitlines()[-1] == "loaded:"
    assert fingerprint(tmp_path / "same.mp4") == fingerprint(rendered)


def test_another_seed_gives_others(clip, tiny_model, rendered, tmp_path):
    render(clip, tmp_path / "other.mp4", tiny_model, "--seed", "5", "--duration", "0.5")
    others = frames_of(tmp_path / "other.mp4")
    assert len(others) == 10
    assert all(np.abs(a - b.astype(int)).mean() > 1 for a, b in zip(others, frames_of(rendered), strict=False))


def test_a_preset_a_setting_a_part_and_no_shaders(clip, tiny_model, tmp_path):
    out = tmp_path / "part.mp4"
    more = ("--preset", "undertow", "--set", "noise/sigma=0", "--start", "1", "--duration", "0.5", "--no-shaders")
    render(clip, out, tiny_model, *more)
    assert probe(out).frames == 10


@pytest.mark.parametrize("stop", [signal.SIGINT])
def test_ctrl_c_leaves_a_whole_file_or_none(tiny_model, tmp_path, stop):
    out = tmp_path / "long.mp4"
    command = [sys.executable, "-m", "vj", "render", str(demo.track_path()), "-o", str(out), "--model", str(tiny_model)]
    # Where the tests themselves run in the background, a shell may have told them to ignore it.
    heed = lambda: signal.signal(stop, signal.SIG_DFL)  # noqa: E731
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed)
    partial = tmp_path / "long.partial.mp4"
    deadline = time.monotonic() + 100
    while process.poll() is None and time.monotonic() < deadline and not (partial.exists() and partial.stat().st_size):
        time.sleep(0.1)
    process.send_signal(stop)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.strip().endswith("interrupted")
    assert "Traceback" not in told
    assert all(probe(p).frames > 0 for p in tmp_path.iterdir())


def children(pid):
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find the worker")
def test_a_killed_generator_is_one_line_and_leaves_nothing(tiny_model, tmp_path):
    out = tmp_path / "killed.mp4"
    command = [sys.executable, "-m", "vj", "render", str(demo.track_path()), "-o", str(out), "--model", str(tiny_model)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 100
    while process.poll() is None and time.monotonic() < deadline and not list(tmp_path.iterdir()):
        time.sleep(0.1)
    time.sleep(1.0)
    for child in children(process.pid):
        name = Path(f"/proc/{child}/cmdline").read_text()
        if "spawn_main" in name:
            os.kill(child, signal.SIGKILL)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "generator process ended unexpectedly: killed by SIGKILL" in told
    assert "Traceback" not in told
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("hz", "told"), [(10, "flashes held back in"), (1, "")])
def test_a_render_tells_in_how_much_of_it_flashes_were_held_back(hz, told):
    painter, timings, state = PlainPainter((64, 36), "cover"), Timings(), State(begun("default", load_show()))
    made = Made(state.session, frame(state, Rows(0.0, None, 0.0), 0.0)[1], np.zeros((0, 2), np.float32))
    for i in range(90):
        picture = np.full((36, 64, 4), 255 * (int(i / 30 * 2 * hz) % 2), np.uint8)
        painter.paint(picture, made, i / 30, 1 / 30, i)
        timings.add_frame(painter.limited)
    text = timings_text(Path("out.mp4"), timings)
    assert timings.frames == 90
    assert timings.limited_frames / 90 == pytest.approx(timings.limited_share)
    assert (0.5 < timings.limited_share < 0.9) == bool(told)
    assert ("flashes" in text) == bool(told)
    assert told in text


class TestFrameClock:
    def walk(self, path, fps, **part):
        source = FileSource(path)
        clock = FrameClock(source, Part(path, Fraction(fps), **part), P, Timings())
        return list(clock), source

    @pytest.mark.parametrize("fps", ["24", "30", "60", "30000/1001", "25.5"])
    def test_frames_and_samples_add_up(self, clip, fps):
        given, source = self.walk(clip, fps)
        frames = [row for row, _ in given if row is not None]
        samples = np.concatenate([sound for _, sound in given])
        assert len(frames) == round(2.55 * Fraction(fps))
        assert np.array_equal(samples, np.concatenate(list(source.blocks())))

    def test_a_frame_knows_what_was_heard_by_its_middle_and_no_more(self, clip):
        given, _ = self.walk(clip, 20)
        for k, (row, _) in enumerate(given):
            if row is not None and k:
                middle_s = (k + 0.5) / 20
                assert middle_s - 0.025 < row["t_s"] <= middle_s

    @pytest.mark.parametrize(("fps", "start_s"), [(60, 0.0), (24, 3.0), (15, 0.0)])
    def test_each_event_falls_in_one_frame(self, fps, start_s):
        """From the first frame on, which is as long as any other, whatever came in the run-in."""
        path = demo.track_path()
        source = FileSource(path)
        clock = FrameClock(source, Part(path, Fraction(fps), start_s, 10.0), P, Timings())
        new, before = [], None
        for row, _ in clock:
            before = clock.before["events"] if before is None else before
            before, found = events.look(before, row)
            new.append(found)
        rows = Analyser(source.rate_hz).process(np.concatenate(list(source.blocks(0.0, start_s + 10.0))), P)
        last_s = start_s + 10.0 - 0.5 / fps
        part = rows[(rows["t_s"] > start_s) & (rows["t_s"] <= last_s)]
        assert len(new) == 10 * fps
        for name in features.PULSES:
            assert sum(n[name] for n in new) == part[name].sum() > 10

    def test_a_part_hears_as_the_whole_does(self):
        """The run-in lets tempo and levels settle: a part begins as the whole would be there."""
        path = demo.track_path()
        whole, _ = self.walk(path, 20, duration_s=14.0)
        part, _ = self.walk(path, 20, start_s=13.0, duration_s=1.0)
        assert len(part) == 20
        for (a, sound_a), (b, sound_b) in zip(whole[260:], part, strict=True):
            assert sound_b == pytest.approx(sound_a, abs=2e-3)
            assert b["bpm"] == pytest.approx(a["bpm"], rel=0.01)
            assert b["level"] == pytest.approx(a["level"], abs=0.1)

    def test_a_part_of_less_than_a_frame_is_one_frame(self, clip):
        given, _ = self.walk(clip, 20, start_s=1.0, duration_s=0.01)
        assert len([row for row, _ in given if row is not None]) == 1
