"""`vj play` in a real window on a display that is not there: looked at, typed at, robbed of its processes.

The generator is one without a network (`fake_generator`), but for the last test.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import screens
import soundfile
from pythonosc.osc_message import OscMessage
from screens import LEFT, free_port, is_dream, is_text, shown, until_it_moves

from vj.control.osc.server import message
from vj.core import resources
from vj.core.errors import MediaError
from vj.render.compositing.stand_in import SHADER as STAND_IN
from vj.render.output.video import pictures, probe
from vj.session.session import preset_names

PRESETS = preset_names(resources.presets_dir())


def until_it_stands(playing, screen):
    """Wait until the picture has stayed the same for a while."""

    def stands(pixels):
        time.sleep(0.5)
        return (screen.pixels() == pixels).all()

    playing.until(stands)


def test_a_picture_at_once_and_the_network_s_when_it_is_ready(play, screen):
    playing = play(seed=3, fps=None)
    first, took_s = playing.until(lambda pixels: pixels.any())
    print(f"first picture {took_s:.2f} s after the command")
    assert not is_dream(first)
    # Something to look at: it has shape, and moves.
    assert shown(first).std() > 10
    until_it_moves(playing, screen, 0.5)
    playing.until(is_dream)
    status, out, err, report = playing.end()
    assert (status, err) == (0, "")
    assert "frames, p50" in out
    assert report["dreaming"]["state"] == "drawing"


def test_a_trace_says_where_the_time_of_each_frame_went(play, screen, tmp_path):
    playing = play(trace=str(tmp_path / "trace.json"))
    playing.until(is_dream)
    status, _, _, report = playing.end()
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    spans = Counter(e["name"] for e in events if e["ph"] == "X")
    assert status == 0
    # The first frame is drawn before there is a trace, and Ctrl-C comes in the middle of one.
    assert report["frames"] - 2 <= spans["frame"] <= report["frames"]
    assert spans["picture"] > 0
    stages = {"controls", "compile", "values", "network's picture", "draw", "graphics card", "show", "follow", "wait"}
    assert set(spans) == {"frame", "picture", *stages}
    assert all(0 <= spans[name] - spans["frame"] <= 1 for name in stages)


def test_keys_do_what_they_say(play, screen):
    playing = play()
    playing.until(is_dream)
    screen.key("b")
    playing.until(lambda pixels: not pixels.any())
    screen.key("b")
    playing.until(is_dream)
    # A layer of its own.
    screen.key("h")
    playing.until(is_text)
    screen.key("h")
    playing.until(lambda pixels: not is_text(pixels))
    until_it_moves(playing, screen)
    screen.key("space")
    until_it_stands(playing, screen)
    screen.key("space")
    until_it_moves(playing, screen)
    # Another preset looks different; panic brings the default back, out of the black.
    screen.key("b", "n", "x")
    playing.until(is_dream)
    screen.key("question")
    playing.until(is_text)
    screen.key("question")
    playing.until(lambda pixels: not is_text(pixels))
    # One press is a slip.
    screen.key("q")
    playing.until_told("press again to quit")
    assert playing.process.poll() is None
    screen.key("q", "q")
    status, _, err, report = playing.end(None)
    assert status == 0
    assert report["drawing"]["preset"] == "default"
    assert "The default preset, nothing black" in err
    assert err.splitlines()[-1] == "vj: press again to quit"
    assert report["errors"] == {"refused": {}, "failed": {}}


def test_what_is_heard_is_seen(play, screen, tmp_path):
    rate = 48_000
    sound = np.zeros(rate * 2, np.float32)
    for at in (0.5, 1.5):
        i = int(at * rate)
        sound[i : i + 2400] = np.random.default_rng(0).standard_normal(2400) * np.exp(-np.arange(2400) / 600) * 0.5
    soundfile.write(tmp_path / "clicks.wav", sound, rate)
    playing = play(song=str(tmp_path / "clicks.wav"))
    playing.until(is_dream)
    for _ in range(2):
        playing.until(lambda pixels: pixels[LEFT].mean((0, 1))[0] > 60)
        playing.until(lambda pixels: pixels[LEFT].mean((0, 1))[0] < 30)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_behind(play, how):
    playing = play(spare=True)
    playing.until(is_dream)
    children = playing.children()
    # Capture, ears, generator, and Python's own that cleans up.
    assert len(children) >= 4
    memory = playing.memory()
    assert len(memory) >= 4
    status, *_ = playing.end(how)
    assert status == (0 if how != signal.SIGKILL else -9)
    until_s = time.monotonic() + 40
    while time.monotonic() < until_s and any(Path(f"/proc/{pid}").exists() for pid in children):
        time.sleep(0.05)
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    while time.monotonic() < until_s and any(path.exists() for path in memory):
        time.sleep(0.05)
    assert not [path for path in memory if path.exists()]


def test_a_terminal_that_is_closed(play, screen):
    """Under nohup the show goes on when its terminal is closed, and without anybody who reads what it says."""
    playing = play(ignored="SIGHUP", terminal=True)
    playing.until(is_dream)
    workers_of(playing, 3)
    children = playing.children()
    for pid in (playing.process.pid, *children):
        os.kill(pid, signal.SIGHUP)
    playing.process.stderr.close()
    screen.key("q")
    time.sleep(2.0)
    assert children.keys() <= playing.children().keys()
    screen.key("question")
    playing.until(is_text)
    playing.process.stderr = None
    status, _, _, report = playing.end()
    assert status == 0
    assert report["errors"] == {"refused": {}, "failed": {}}


def four_of(playing, without=()):
    """Process numbers of capture, ears, generator and its spare, as soon as all are there and none is in `without`."""
    return workers_of(playing, 4, without)


def workers_of(playing, count, without=()):
    """Process numbers of so many, as soon as all share memory: the picture may be there before the ears or a spare are.

    One that hangs while it still starts is waited for much longer than here.
    """
    until_s = time.monotonic() + 120
    while time.monotonic() < until_s:
        there = [pid for pid, name in playing.children().items() if name.startswith("vj ") and pid not in without]
        found = [pid for pid in there if screens.shared_memory(pid)]
        if len(found) == count:
            return found
        time.sleep(0.2)
    raise AssertionError(f"not all are there: {playing.children()}")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_whoever_is_lost_the_picture_goes_on(play, screen, how):
    playing = play(spare=True)
    playing.until(is_dream)
    killed = four_of(playing)
    for pid in killed:
        os.kill(pid, how)
        until_it_moves(playing, screen)
    playing.until(is_dream)
    # All of them are others, after a while; a spare one is there when the first has drawn again.
    four_of(playing, without=killed)
    until_it_moves(playing, screen)
    playing.until(is_dream)
    status, _, err, report = playing.end()
    assert status == 0
    # More where the spare one had taken over before it was lost itself, or where one starved beside other processes.
    assert report["dreaming"]["restarts"] >= 1
    assert min(report["hearing"]["restarts"], report["hearing"]["ears_restarts"]) >= 1
    assert report["dreaming"]["state"] == "drawing"
    assert "generator: " in err
    print(f"{how.name}: frames {report['frame_ms']}")


GARBAGE = "vec3 this is no shader at all;"


@pytest.fixture
def shaders(tmp_path):
    """A copy of the bundled ones, to be edited."""
    return Path(shutil.copytree(resources.shaders_dir(), tmp_path / "shaders"))


def ends_with(shader, statement):
    """Its main function does this last."""
    text = shader.read_text()
    end = text.rindex("}")
    shader.write_text(text[:end] + statement + text[end:])


def test_a_shader_that_is_edited_while_it_plays(play, screen, shaders):
    playing = play(shaders=str(shaders))
    playing.until(is_dream)
    grade = shaders / "grade.fs"
    text = grade.read_text()
    grade.write_text(text + GARBAGE)
    playing.until_told("grade.fs: line")
    playing.until(is_dream)
    until_it_moves(playing, screen)
    # Repaired, and so that it can be seen.
    grade.write_text(text)
    ends_with(grade, "gl_FragColor = vec4(1.0, 0.0, 1.0, 1.0);")
    playing.until(lambda pixels: (pixels[LEFT].mean((0, 1)) > (200, -1, 200)).all() and pixels[LEFT][..., 1].max() < 60)
    grade.write_text(text)
    playing.until(is_dream)
    # An input that the preset plays gets another name.
    grade.write_text(re.sub(r"\bcontrast\b", "contrasts", text))
    playing.until_told("left out")
    playing.until(is_dream)
    until_it_moves(playing, screen)
    status, _, err, report = playing.end()
    assert status == 0
    assert not report["errors"]["failed"]
    assert "grade.fs: read again; the preset says more of fx/grade/contrast, left out" in err
    assert f"grade.fs: line {len(text.splitlines()) + 1}: " in err
    assert "grade.fs: read again" in err


def test_what_is_seen_is_recorded(play, screen, tmp_path):
    out = tmp_path / "show.mp4"
    playing = play(record=str(out))
    playing.until(is_dream)
    # Only now: its panel darkens the places that `is_dream` looks at.
    screen.key("h")
    playing.until(is_text)
    wait_until(lambda: recorded_s(out) > 2.0, 90)
    screen.key("b")
    # The letters of the HUD stay on the screen.
    playing.until(lambda pixels: np.median(pixels[:180, :320]) < 4)
    time.sleep(1.0)
    status, told, _, report = playing.end()
    assert status == 0
    assert "show.mp4: " in told
    found = probe(out)
    assert (found.width, found.height) == (320, 180)
    # The sound goes on while a busy machine draws nothing, and until the last picture that waits is encoded.
    assert abs(found.duration_s - found.audio_duration_s) < 1.0 + 2.0 * report["worst_frame_ms"] / 1000.0
    seen = [picture for _, picture in pictures(out, 60)]
    bright = [p for p in seen if p[LEFT].mean((0, 1))[1] > 60]
    assert len(bright) > 20
    assert seen[-1].mean() < 8
    # The HUD was on the screen and is not in the file.
    assert not any(is_text(p) for p in seen)


def test_a_recording_of_what_was_killed_plays(play, tmp_path):
    out = tmp_path / "show.mp4"
    playing = play(record=str(out))
    playing.until(is_dream)
    # It plays while it is written.
    wait_until(lambda: recorded_s(out) > 2.0, 90)
    # All at once, so that nobody can finish the file.
    for pid in [*playing.children(), playing.process.pid]:
        os.kill(pid, signal.SIGKILL)
    playing.process.wait()
    assert probe(out).duration_s > 2.0
    assert len(list(pictures(out, 40))) > 20


def recorded_s(path):
    """What can be played of a recording."""
    try:
        return probe(path).duration_s
    except MediaError:
        return 0.0


def wait_until(what, limit_s):
    end_s = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end_s
        time.sleep(0.2)


def test_a_recording_that_cannot_be_is_told_and_the_show_goes_on(play, screen, tmp_path):
    playing = play(record=str(tmp_path / "no" / "such" / "folder.mp4"))
    playing.until(is_dream)
    playing.until_told("recording ended: ")
    until_it_moves(playing, screen)
    status, *_ = playing.end()
    assert status == 0


def test_a_recording_to_a_full_disk_is_no_success(screen, tiny_model, tmp_path):
    full = tmp_path / "full.mp4"
    full.symlink_to("/dev/full")
    command = ["play", "--tone", "-20", "--model", tiny_model, "--size", "160x90", "--no-spare", "--no-midi"]
    command += ["--osc", "0", "--record", full, "--report", tmp_path / "figures.json"]
    with subprocess.Popen(
        [sys.executable, "-m", "vj", *map(str, command)],
        env={**os.environ, **screen.environment(), "HOME": str(tmp_path)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, preexec_fn=screens.heeds_signals,
    ) as show:  # fmt: skip
        try:
            told = next((line for line in show.stderr if "recording ended: " in line), "")
            # The show goes on.
            before = screen.pixels()
            wait_until(lambda: (screen.pixels() != before).any(), 90)
            show.send_signal(signal.SIGINT)
            err = show.communicate(timeout=100)[1]
        finally:
            show.kill()
    assert told.startswith("vj: recording ended: ")
    assert show.returncode == 1, err
    assert err.splitlines()[-1].startswith(f"vj play: {full}: recording ended: ")
    assert "No space left on device" in err
    # Its figures are kept.
    assert json.loads((tmp_path / "figures.json").read_text())["frames"] > 0


def test_a_file_ends_the_show_with_its_end_also_without_speakers(screen, tiny_model, tmp_path, monkeypatch):
    rate = 48_000
    song = tmp_path / "song.wav"
    soundfile.write(song, 0.3 * np.random.default_rng(0).standard_normal((rate * 2, 2)).astype(np.float32), rate)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    command = ["play", str(song), "--model", str(tiny_model), "--size", "160x90", "--no-spare", "--seconds", "120"]
    done = subprocess.run(
        [sys.executable, "-m", "vj", *command], env={**os.environ, **screen.environment(), "PULSE_SERVER": "none"},
        capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "song.wav plays without speakers" in done.stderr
    assert 10 < int(done.stdout.split()[0]) < 1200


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.wav"], "nowhere.wav: no such file"),
        (["--model", "nothing"], "model 'nothing': no such file"),
        (["--preset", "nothing"], "preset 'nothing': no such file"),
        (["--set", "noise/sigma=99"], "noise/sigma: found 99, expected a number 0..4"),
        (["--record", "show.txt"], "show.txt: found extension '.txt'"),
        (["--size", "0x0"], "expected WIDTHxHEIGHT"),
    ],
)
def test_what_is_wrong_is_one_line_before_anything_opens(arguments, told, tmp_path):
    # Without a display: it is told before that is missed.
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-m", "vj", "play", *arguments], env=bare, cwd=tmp_path, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 or "usage:" in done.stderr


def test_with_a_network(play, screen, shaders):
    """The real generator: TensorFlow beside the window."""
    # What stands in for the network's picture is black, so that the two are told apart.
    ends_with(shaders / f"{STAND_IN}.fs", "gl_FragColor = vec4(0.0, 0.0, 0.0, 1.0);")
    playing = play(job="vj.generator.process", shaders=str(shaders))
    playing.until(lambda pixels: shown(pixels).std((0, 1)).max() > 5, 250)
    until_it_moves(playing, screen)
    status, _, err, report = playing.end()
    assert (status, err) == (0, "")
    assert report["dreaming"]["state"] == "drawing"
    assert report["dreaming"]["bad"] == 0


class Asker:
    """Another program that speaks OSC with a show."""

    def __init__(self, port):
        self._to = ("127.0.0.1", port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)

    def send(self, address, *values):
        self._socket.sendto(message(address, *values), self._to)

    def hears(self, address, within_s=60.0):
        """The next message of that address that comes: its arguments."""
        end_s = time.monotonic() + within_s
        while time.monotonic() < end_s:
            try:
                found = OscMessage(self._socket.recv(65_536))
            except TimeoutError:
                continue
            if found.address == address:
                return found.params
        raise AssertionError(f"{address} was not sent within {within_s} s")

    def close(self):
        self._socket.close()


def test_another_program_plays_it(play, screen):
    port, query_port = free_port(), free_port()
    playing, other = play(osc=port, panel=query_port), Asker(port)
    try:
        playing.until(is_dream)
        # The generator hears of it: blue goes with this value.
        other.send("/vj/noise/sigma", 1.0)
        playing.until(lambda pixels: pixels[LEFT].mean((0, 1))[2] > 90)
        other.send("/vj/noise/sigma", "-", 1.0)
        playing.until(lambda pixels: pixels[LEFT].mean((0, 1))[2] < 60)
        other.send("/vj/noise/sigma", "?")
        assert other.hears("/vj/noise/sigma") == [0.0]
        # So does the window.
        other.send("/vj/stage/blackout")
        playing.until(lambda pixels: not pixels.any())
        other.send("/vj/stage/blackout", "off")
        other.send("/vj/fx/gr*/exposure", -3.0)
        playing.until(lambda pixels: pixels[LEFT].mean() < 20)
        other.send("/vj/panic")
        playing.until(is_dream)
        # It tells of everything that changes, and of what it hears.
        other.send("/vj/subscribe")
        assert other.hears("/vj/noise/sigma") == pytest.approx([0.15])
        other.send("/vj/noise/sigma/norm", 0.5)
        assert other.hears("/vj/noise/sigma") == [2.0]
        assert len(other.hears("/vj/signal/level")) == 1
        # And lets itself be browsed.
        with urllib.request.urlopen(f"http://127.0.0.1:{query_port}/vj/noise/sigma?VALUE", timeout=60) as reply:
            assert json.load(reply) == {"VALUE": [2.0]}
        # Chain, preset, and what is wrong.
        other.send("/vj/chain", "grade")
        other.send("/vj/preset", 1)
        other.send("/vj/preset", "../../etc/passwd")
        other.send("/vj/nothing", 1.0)
        playing.until_told("OSC: preset: found")
        until_it_moves(playing, screen)
        status, _, err, report = playing.end()
    finally:
        other.close()
    assert status == 0
    assert report["drawing"]["preset"] == PRESETS[1]
    assert "OSC: preset: found '../../etc/passwd', expected one of default, " in err


@pytest.mark.parametrize(("kind", "name"), [(socket.SOCK_DGRAM, "OSC"), (socket.SOCK_STREAM, "OSCQuery")])
def test_a_port_that_is_taken_ends_no_show(play, kind, name):
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        playing = play(osc=port) if name == "OSC" else play(osc=free_port(), panel=port)
        playing.until(is_dream)
        playing.until_told(f"{name} 127.0.0.1:{port} cannot be opened")
        status, _, err, _ = playing.end()
    assert status == 0
    assert f"{name} 127.0.0.1:{port} cannot be opened" in err
