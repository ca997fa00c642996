"""Plays a part of a file in a window, with its sound: the offline steps against a clock.

A first look at the instrument, for `vj demo`. Sound sets the time where there is a device for it. When the network is
slower than the pictures' rate, ticks are left out and the next picture makes the longer step; sound never waits.
"""

import contextlib
import importlib
import time
from collections import deque
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from vj.audio.sources import FileSource
from vj.offline import AHEAD, FrameClock, Generator, Look, Part, Timings
from vj.params.registry import Snapshot
from vj.render.chain import Chain
from vj.render.window import Window
from vj.show import Show
from vj.types import F32, U8, FeatureFrame


def play(show: Show, part: Part, look: Look, seed: int, title: str) -> str:
    """Show `part` until its end or until the window is closed; returns what to tell the person. Raises VjError."""
    source = FileSource(part.audio)
    with contextlib.ExitStack() as stack:
        window = Window(title, (look.width, look.height))
        stack.callback(window.close)
        generator = Generator(look.model, show, seed)
        stack.callback(generator.close)
        chain = Chain(window.ctx, show.chain, (look.width, look.height), look.fit)
        stack.callback(chain.release)
        _show_waiting(window, chain, show, generator)
        heard = list(FrameClock(source, part, show.base, Timings()))
        sound = stack.enter_context(_playing(np.concatenate([block for _, block in heard]), source.rate_hz))
        rows = [row for row, _ in heard if row is not None]
        shown = _run(window, chain, generator, show, rows, part.fps)
    return f"{shown} pictures in {len(rows) / float(part.fps):.0f} s {'with' if sound else 'without'} sound"


def _show_waiting(window: Window, chain: Chain, show: Show, generator: Generator) -> None:
    """A dark picture while the network is compiled: the window is there at once."""
    dark = np.zeros((8, 8, 4), np.uint8)
    dark[..., 3] = 255
    while not window.closed and not generator.ready(0.05):
        chain.draw(dark, 0.0, 0.05, 0, show.base)
        window.show(chain.texture)


def _run(
    window: Window, chain: Chain, generator: Generator, show: Show, rows: list[FeatureFrame], fps: Fraction
) -> int:
    """The loop: ask for the picture that is due, show the one that has come. Returns how many were shown."""
    began = last_drawn = time.monotonic()
    asked: deque[Snapshot] = deque()
    shown, last_tick = 0, -1
    latest: tuple[U8, Snapshot] | None = None
    while not window.closed:
        now = time.monotonic()
        tick = int((now - began) * fps)
        if tick >= len(rows):
            break
        if tick > last_tick and len(asked) < AHEAD - 1:
            asked.append(show.matrix.apply(show.base, rows[tick]))
            generator.ask(rows[tick], asked[-1].array, (tick - last_tick) / float(fps))
            last_tick = tick
        if asked and generator.has_picture(0.0 if latest else 0.05):
            picture, _ = generator.picture()
            latest = picture.copy(), asked.popleft()
            shown += 1
        if latest is not None:
            chain.draw(latest[0], now - began, now - last_drawn, shown, latest[1])
            window.show(chain.texture)
            last_drawn = now
        # Software drivers do not wait for the display; without a pause the loop would take a core from the network.
        time.sleep(max(0.0, 1.0 / (2.0 * float(fps)) - (time.monotonic() - now)))
    return shown


@contextlib.contextmanager
def _playing(samples: F32, rate_hz: int) -> Iterator[bool]:
    """Plays samples f32[n, channels] in the background; gives False, and silence, where there is no device."""
    try:
        sounddevice = importlib.import_module("sounddevice")
    except OSError:  # PortAudio itself is missing
        yield False
        return
    try:
        sounddevice.play(samples, rate_hz)
    except sounddevice.PortAudioError:
        yield False
        return
    try:
        yield True
    finally:
        sounddevice.stop(ignore_errors=True)
