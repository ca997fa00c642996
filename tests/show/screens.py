"""Displays that are not there, and what can be done to a window on them: looked at, typed at, unplugged from."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import ImageGrab

PLAY = """
import json, sys
from pathlib import Path
from vj.show import app
from vj.audio.input.virtual import Virtual
from vj.control.midi.ports import MidiConfig
from vj.control.osc.server import OscConfig
from vj.show.live import PictureConfig

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    playing = app.ShowConfig(
        Virtual(Path(given["song"]) if given["song"] else None, given["gain_db"]),
        Path(given["model"]), given["preset"],
        tuple(given["settings"]), given["seed"], given["spare"], given["job"],
        osc=OscConfig(port=given["osc"], query_port=given["osc_query"]) if given["osc"] else None,
        midi=MidiConfig(given["midi"]) if given["midi"] else None,
        config=Path(given["config"]) if given["config"] else None,
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
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def key(self, *names):
        window = self.tool("xdotool", "search", "--name", "^vj$").split()[-1]
        self.tool("xdotool", "windowfocus", "--sync", window)
        for name in names:
            self.tool("xdotool", "key", name)


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


def _before(ignored):
    # Whoever started the tests may ignore them: in the background, or under nohup.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if ignored:
        signal.signal(signal.Signals[ignored], signal.SIG_IGN)


class Play:
    """`vj play` on a display. What it tells goes to a file, or with `terminal` into a pipe that may be closed."""

    def __init__(self, screen, model, folder, terminal=False, **given):
        self.report, self._told = folder / "report.json", folder / "told.txt"
        everything = {
            "song": None, "gain_db": -20.0, "model": str(model), "preset": "default", "settings": [], "seed": 0,
            "spare": False, "osc": None, "osc_query": 0, "midi": None, "config": None,
            "job": "fake_generator", "size": (320, 180), "fps": None, "hud": False, "full": False, "monitor": None,
            "record": None, "trace": None, "ignored": "", "seconds": 0.0, "report": str(self.report), **given,
        }  # fmt: skip
        script = folder / "play.py"
        script.write_text(PLAY)
        path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        self.begin_s, self._screen = time.monotonic(), screen
        with self._told.open("w") as told:
            self.process = subprocess.Popen(
                [sys.executable, str(script), json.dumps(everything)],
                env={**screen.environment(), "PYTHONPATH": path}, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if terminal else told, text=True,
                preexec_fn=lambda: _before(everything["ignored"]),
            )  # fmt: skip

    def until(self, what, within_s=60):
        """Look at the screen until `what(pixels)`; returns (pixels, seconds since the start)."""
        begin_s = time.monotonic()
        while time.monotonic() < begin_s + within_s:
            assert self.process.poll() is None, (self.process.communicate(), self.told())
            pixels = self._screen.pixels()
            if what(pixels):
                return pixels, time.monotonic() - self.begin_s
            time.sleep(0.02)
        self.process.kill()
        mean = pixels.mean((0, 1))
        raise AssertionError(f"not within {within_s} s; the mean of the screen is {mean}; told: {self.told()}")

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

    def end(self, how=signal.SIGINT):
        """End it; returns (exit status, stdout, stderr, report)."""
        if how is not None and self.process.poll() is None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=60)
        report = json.loads(self.report.read_text()) if self.report.exists() else None
        return self.process.returncode, out, err or self.told(), report

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
