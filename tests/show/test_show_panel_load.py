"""What panels, and strangers at their door, cost the window. Measured by `make panels`; times are not judged here.

The frames of a show are looked at in turns: with nobody there, with 200 values a second by OSC, with four panels that
send the same, with nobody, under hostile requests. So what the machine does meanwhile comes to all alike.
"""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import screens

from vj.audio.input.virtual import Virtual
from vj.control.osc.server import OscConfig
from vj.control.panel.config import PanelConfig
from vj.demo import track_path
from vj.show import app
from vj.show.live import PictureConfig

SECONDS = float(os.environ.get("VJ_PANELS_S", "3"))
REQUESTS = int(os.environ.get("VJ_PANELS_REQUESTS", "300"))
MODEL = os.environ.get("VJ_PANELS_MODEL")


@pytest.fixture
def display(monkeypatch):
    with screens.virtual() as one:
        for name, value in one.environment().items():
            monkeypatch.setenv(name, value)
        yield one


class Watched:
    """A show whose frames are timed."""

    def __init__(self, show):
        self.show = show

    @property
    def live(self):
        return self.show.live

    def until(self, is_so, within_s=120.0):
        """Frame after frame; returns the times between them in seconds, f64[n]."""
        times = self.live.meters.times
        began_s, first = app.time.monotonic(), times.count
        while not is_so():
            assert app.time.monotonic() - began_s < within_s
            self.live.step()
        return np.asarray(times.intervals_s[-(times.count - first) :])

    def beside(self, kind, much):
        """(times between frames while that runs in a process of its own, what it says)."""
        port = self.live.osc._osc.port if kind == "values" else self.live.panel.link.port
        command = [sys.executable, str(Path(__file__).with_name("panel_load.py")), str(port), kind]
        with subprocess.Popen([*command, str(much)], stdout=subprocess.PIPE, text=True) as one:
            times = self.until(lambda: one.poll() is not None, 600.0)
            assert one.returncode == 0
            return times, json.loads(one.stdout.read())

    def alone(self):
        end_s = app.time.monotonic() + SECONDS
        return self.until(lambda: app.time.monotonic() > end_s, SECONDS + 60.0)


@contextlib.contextmanager
def opened(tiny_model):
    model, job = (Path(MODEL), app.GENERATOR) if MODEL else (tiny_model, "fake_generator")
    playing = app.ShowConfig(
        Virtual(track_path()), model.absolute(), "default", job=job, osc=OscConfig(port=0),
        panel=PanelConfig(port=0), spare=False,
    )  # fmt: skip
    with app.opened(playing, PictureConfig((640, 360)), app.OutputConfig()) as show:
        watched = Watched(show)
        watched.until(lambda: show.live.panel.link.port and show.housekeeper.dreaming.fps > 0, 300.0)
        yield watched


def p99_ms(times):
    return float(np.quantile(times, 0.99) * 1000.0)


def test_panels_and_strangers_cost_the_window_little(display, tiny_model):
    with opened(tiny_model) as show:
        show.alone()
        before = show.alone()
        by_osc, _ = show.beside("values", SECONDS)
        with_panels, told = show.beside("panels", SECONDS)
        between = show.alone()
        under_fire, answers = show.beside("hostile", REQUESTS)
        after = show.alone()
        errors = show.live.edge.counts()
        restarts = show.live.panel.link.restarts
    p99 = {"before": p99_ms(before), "between": p99_ms(between), "after": p99_ms(after), "values": p99_ms(by_osc),
           "panels": p99_ms(with_panels), "hostile": p99_ms(under_fire)}  # fmt: skip
    print(json.dumps({"p99_ms": p99, "panels": told, "hostile": answers}, indent=2))  # fmt: skip
    assert told["sent"] > 10 * SECONDS
    assert told["pictures"] > 8 * SECONDS
    # None was served, and none did any harm.
    assert not [status for status in answers["answers"] if status.startswith(("1", "2"))]
    assert sum(answers["answers"].values()) > REQUESTS / 2
    assert restarts == 0
    assert errors["failed"] == {}
