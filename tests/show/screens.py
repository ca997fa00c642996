"""Displays that are not there, and what can be done to a window on them: looked at, typed at, unplugged from."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import ImageGrab

#: What the script imports its processes import too, unless it does so only where it is the main one.
PLAY = """
import json, sys
from pathlib import Path

if __name__ == "__main__":
    from vj.show import app
    from vj.audio.input.virtual import Virtual
    from vj.control.midi.ports import MidiConfig
    from vj.control.osc.server import OscConfig
    from vj.control.panel.config import PanelConfig

    given = json.loads(sys.argv[1])
    if given["shaders"]:
        app.resources.shaders_dir = lambda: Path(given["shaders"])
    playing = app.ShowConfig(
        Virtual(Path(given["song"]) if given["song"] else None, given["gain_db"]),
        Path(given["model"]), given["preset"],
        tuple(given["settings"]), given["seed"], given["spare"], given["job"],
        osc=OscConfig(port=given["osc"]) if given["osc"] else None,
        panel=PanelConfig(port=given["panel"]) if given["panel"] else None,
        midi=MidiConfig(given["midi"]) if given["midi"] else None,
        config=Path(given["config"]) if given["config"] else None,
        cues=Path(given["cues"]) if given["cues"] else None,
        set_log=Path(given["set_log"]) if given["set_log"] else None,
    )
    look = app.PictureConfig(tuple(given["size"]), given["fps"], given["hud"])
    screen = app.OutputConfig(given["full"], given["monitor"], Path(given["record"]) if given["record"] else None)
    print(app.play(playing, look, screen, given["seconds"], Path(given["report"]),
                   Path(given["trace"]) if given["trace"] else None).summary)
"""
XORG = """
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 256000
EndSection
Section "Monitor"
  Identifier "one"
  HorizSync 5-1000
  VertRefresh 5-200
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "one"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Virtual 1440 480
  EndSubSection
EndSection
"""


class Display:
    """A running X server."""

    def __init__(self, name, process):
        self.name, self.process = name, process

    def environment(self):
        return {**os.environ, "DISPLAY": self.name, "LIBGL_ALWAYS_SOFTWARE": "1"}

    def pixels(self):
        """The whole screen, u8[h, w, 3]."""
        return np.asarray(ImageGrab.grab(xdisplay=self.name).convert("RGB"))

    def tool(self, *command):
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def key(self, *names):
        window = self.tool("xdotool", "search", "--name", "^vj$").split()[-1]
        self.tool("xdotool", "windowfocus", "--sync", window)
        self.tool("xdotool", "key", *names)


@contextlib.contextmanager
def display(*server):
    """An X server, started by its command without the display."""
    if not shutil.which(server[0]):
        import pytest

        assert "CI" not in os.environ, f"CI installs {server[0]}; it must not be missing here"
        pytest.skip(f"needs {server[0]}")
    read, write = os.pipe()
    command = [*server, "-displayfd", str(write), "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as number:
        name = f":{number.readline().strip()}"
    assert name != ":", "the X server does not start"
    try:
        yield Display(name, process)
    finally:
        process.terminate()
        process.wait(10)


def virtual(width=320, height=240):
    # Without the last it begins anew when its first client leaves, and turns others away meanwhile.
    return display("Xvfb", "-noreset", "-screen", "0", f"{width}x{height}x24")


@contextlib.contextmanager
def two_monitors():
    """Xorg with the dummy driver: DUMMY0 of 800×480 and, to its right, DUMMY1 of 640×480."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "xorg.conf"
        config.write_text(XORG)
        with display("Xorg", "-config", str(config), "-logfile", f"{folder}/log", "-noreset", "-novtswitch") as screen:
            modes = (
                ("800x480", "29.50 800 824 896 992 480 483 493 500"),
                ("640x480", "23.75 640 664 720 800 480 483 487 500"),
            )
            for (mode, line), output in zip(modes, ("DUMMY0", "DUMMY1"), strict=True):
                screen.tool("xrandr", "--newmode", f"vj{mode}", *line.split())
                screen.tool("xrandr", "--addmode", output, f"vj{mode}")
            screen.tool("xrandr", "--output", "DUMMY0", "--mode", "vj800x480", "--pos", "0x0", "--primary")
            plug(screen)
            yield screen


def plug(screen):
    screen.tool("xrandr", "--output", "DUMMY1", "--mode", "vj640x480", "--pos", "800x0")
    # A driver that has hardware says of itself that something was plugged in; this one has to be asked.
    screen.tool("xrandr")


def unplug(screen):
    screen.tool("xrandr", "--output", "DUMMY1", "--off")
    screen.tool("xrandr")


def heeds_signals(but=""):
    """For a process that begins: whoever started the tests may ignore signals, in the background or under nohup."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if but:
        signal.signal(signal.Signals[but], signal.SIG_IGN)


def shared_memory(pid):
    """What a process has mapped of shared memory, unless it is gone by now."""
    with contextlib.suppress(OSError):
        maps = Path(f"/proc/{pid}/maps").read_text()
        return {Path(line.split(maxsplit=5)[5]) for line in maps.splitlines() if "/dev/shm/vj_" in line}
    return set()


class Play:
    """`vj play` on a display. What it tells goes to a file, or with `terminal` into a pipe that may be closed."""

    def __init__(self, screen, model, folder, terminal=False, before=(), cwd=None, **given):
        """`before` are words before the command, `cwd` is the folder that it begins in.

        Few frames a second are enough to look at; `fps` None is as many as the display has.
        """
        self.report, self._told = folder / "report.json", folder / "told.txt"
        everything = {
            "song": None, "gain_db": -20.0, "model": str(model), "preset": "default", "settings": [], "seed": 0,
            "spare": False, "osc": None, "panel": 0, "midi": None, "config": None, "cues": None, "set_log": None,
            "job": "fake_generator", "size": (320, 180), "fps": 30.0, "hud": False, "full": False, "monitor": None,
            "shaders": None, "record": None, "trace": None, "ignored": "", "seconds": 0.0,
            "report": str(self.report), **given,
        }  # fmt: skip
        script = folder / "play.py"
        script.write_text(PLAY)
        path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        self.begin_s, self._screen = time.monotonic(), screen
        with self._told.open("w") as told:
            self.process = subprocess.Popen(
                [*before, sys.executable, str(script), json.dumps(everything)], cwd=cwd,
                env={**screen.environment(), "PYTHONPATH": path}, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if terminal else told, text=True,
                preexec_fn=lambda: heeds_signals(everything["ignored"]),
            )  # fmt: skip

    def until(self, what, within_s=120):
        """Look at the screen until `what(pixels)`; returns (pixels, seconds since the start)."""
        begin_s = time.monotonic()
        while time.monotonic() < begin_s + within_s:
            assert self.process.poll() is None, (self.process.communicate(), self.told())
            pixels = self._screen.pixels()
            if what(pixels):
                return pixels, time.monotonic() - self.begin_s
            time.sleep(0.02)
        processes, mean = self.children(), pixels.mean((0, 1))
        self.process.kill()
        raise AssertionError(f"not within {within_s} s; mean of the screen {mean}; {processes}; told: {self.told()}")

    def until_told(self, text):
        """Wait until it has told this."""
        self.until(lambda _: text in self.told())

    def told(self):
        """What it has told so far."""
        return self._told.read_text()

    def children(self):
        """Names of the processes by their numbers."""
        found = {}
        for pid in subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True).stdout.splitlines()[1:]:
            number, parent = map(int, pid.split())
            if parent == self.process.pid:
                # It may be gone by now.
                with contextlib.suppress(OSError):
                    found[number] = Path(f"/proc/{number}/comm").read_text().strip()
        return found

    def memory(self):
        """Files of the shared memory that it and its children have mapped."""
        return {path for pid in (self.process.pid, *self.children()) for path in shared_memory(pid)}

    def end(self, how=signal.SIGINT):
        """End it; returns (exit status, stdout, stderr, report)."""
        if how is not None and self.process.poll() is None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=100)
        report = json.loads(self.report.read_text()) if self.report.exists() else None
        return self.process.returncode, out, err or self.told(), report

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def chromium():
    """Where the system's browser is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        import pytest

        assert "CI" not in os.environ, "CI installs chromium; it must not be missing here"
        pytest.skip("needs chromium")
    return found


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


# The window is 320×180 in the upper left corner.
LEFT, RIGHT = (slice(40, 140), slice(20, 100)), (slice(40, 140), slice(220, 300))


def is_dream(pixels):
    """The network's picture is to be seen: two greens."""
    left, right = pixels[LEFT].mean((0, 1)), pixels[RIGHT].mean((0, 1))
    return left[1] > right[1] + 40 and left[1] > 60 and left[2] < 110


def is_text(pixels):
    """The HUD is to be seen: letters that are nearly white."""
    return int((pixels > 225).all(-1).sum()) > 40


def shown(pixels):
    return pixels[:180, :320].astype(int)


def until_it_moves(playing, screen, by=0.1):
    """Wait until the picture is another one than now, `by` so much of 255 on the mean."""
    before = shown(screen.pixels())
    playing.until(lambda pixels: np.abs(shown(pixels) - before).mean() > by)
