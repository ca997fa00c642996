"""Encodes a show while it runs: a process of its own, which takes what pictures and sound it can and drops the rest.

Both come through shared memory with the time at which they were seen and heard; those times, not their number, place
them in the file. The file is written in pieces, so that it plays whoever is killed.
"""

import os
import time
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import av
import numpy as np

from vj.audio.blocks import block_ring
from vj.core.errors import MediaError
from vj.core.types import F32
from vj.render.output.encoder import Encoder
from vj.runtime.native import signal_at_parents_end
from vj.runtime.ring import Ring

#: Pictures that may wait for the encoder; any more are dropped.
WAITING = 12
_POLL_S = 0.01
_TELL_S = 0.5
#: Sound may stray so far from its place before samples are left out or silence is put in.
_TOLERANCE_S = 0.05
#: Where no sound comes, silence follows the pictures at this distance.
_BEHIND_S = 1.0


@dataclass(frozen=True, slots=True)
class Recording:
    """What is recorded: the file, (width, height) and rate of the pictures, names of the memories they come through."""

    path: Path
    size: tuple[int, int]
    fps: Fraction
    pictures_name: str
    blocks_name: str
    nice: int = 5


def shown_ring(size: tuple[int, int], name: str | None = None) -> Ring:
    """A ring of pictures as they were seen at `t_s`, lowest row first: a new one, or that of another process."""
    row = np.dtype([("t_s", "f8"), ("rgb", "u1", (size[1], size[0], 3))], align=True)
    return Ring(row, WAITING, name)


class Timeline:
    """Puts blocks of sound where they belong, in samples from the first picture on. Pure."""

    def __init__(self, begin_s: float, rate_hz: int) -> None:
        self._begin_s, self.rate_hz, self._at = begin_s, rate_hz, 0

    def block(self, samples: F32, t_air_s: float) -> F32:
        """What to write for a block f32[n, channels]: with silence before it, without its beginning, or as it is."""
        gap = round((t_air_s - self._begin_s) * self.rate_hz) - self._at
        if gap > _TOLERANCE_S * self.rate_hz:
            samples = np.concatenate([np.zeros((gap, samples.shape[1]), np.float32), samples])
        elif gap < -_TOLERANCE_S * self.rate_hz:
            samples = samples[-gap:]
        self._at += len(samples)
        return samples

    def silence(self, until_s: float) -> F32:
        """The silence that is missing until then, f32[n, 2]."""
        missing = max(round((until_s - self._begin_s) * self.rate_hz) - self._at, 0)
        self._at += missing
        return np.zeros((missing, 2), np.float32)

    def at_rate(self, rate_hz: int) -> "Timeline":
        """The same for sound at another rate."""
        other = Timeline(self._begin_s, rate_hz)
        other._at = round(self._at * rate_hz / self.rate_hz)
        return other


def run(pipe: Connection, wanted: Recording) -> None:
    """The process, until the pipe is closed or ("end",) comes. Tells ("recorded", pictures, dropped).

    The last time, when the file is whole, it is ("finished", pictures, dropped). Picture n of the file was seen
    n / fps after the first. Raises MediaError.
    """
    if hasattr(os, "nice"):
        os.nice(wanted.nice)
    # Should the window be killed the file is finished all the same; this wakes a recorder that was stopped.
    signal_at_parents_end("SIGCONT")
    with shown_ring(wanted.size, wanted.pictures_name) as shown, block_ring(wanted.blocks_name) as blocks:
        writer = _Writer(wanted, shown, blocks)
        try:
            _follow(pipe, writer)
            writer.take()
            writer.close()
        except (OSError, av.FFmpegError) as e:
            raise MediaError(f"{wanted.path}: cannot be written: {getattr(e, 'strerror', None) or e}") from None
    pipe.send(("finished", writer.pictures, writer.dropped))


def _follow(pipe: Connection, writer: "_Writer") -> None:
    told_s = 0.0
    while True:
        try:
            if pipe.poll(_POLL_S):
                pipe.recv()
                return
        except (EOFError, OSError):
            # Whoever showed the pictures is gone; what was recorded is kept.
            return
        writer.take()
        if time.monotonic() - told_s > _TELL_S:
            told_s = time.monotonic()
            pipe.send(("recorded", writer.pictures, writer.dropped))


class _Writer:
    def __init__(self, wanted: Recording, shown: Ring, blocks: Ring) -> None:
        self._wanted, self._shown, self._blocks = wanted, shown, blocks
        self._next_picture, self._next_block = shown.written, blocks.written
        self._encoder: Encoder | None = None
        self._timeline: Timeline | None = None
        self._begin_s, self._number = 0.0, -1
        self.pictures = self.dropped = 0

    def take(self) -> None:
        """Encode what has come."""
        found, first = self._shown.since(self._next_picture)
        self.dropped += first - self._next_picture
        self._next_picture = first + len(found)
        for row in found:
            self._picture(row)
        if self._encoder and self._timeline:
            self._sound(self._encoder, self._timeline)
            if len(found):
                self._encoder.sound(self._timeline.silence(float(found[-1]["t_s"]) - _BEHIND_S))

    def _picture(self, row: Any) -> None:
        if self._encoder is None:
            self._begin(float(row["t_s"]))
        number = round((float(row["t_s"]) - self._begin_s) * self._wanted.fps)
        if number > self._number and self._encoder:
            self._encoder.picture(np.ascontiguousarray(row["rgb"][::-1]), number)
            self._number = number
            self.pictures += 1

    def _begin(self, t_s: float) -> None:
        self._begin_s = t_s
        newest = self._blocks.newest()
        rate_hz = int(newest["rate_hz"]) if newest is not None else 48_000
        self._timeline = Timeline(t_s, rate_hz)
        self._encoder = Encoder(self._wanted.path, self._wanted.size, self._wanted.fps, rate_hz, 2, live=True)

    def _sound(self, encoder: Encoder, timeline: Timeline) -> None:
        blocks, first = self._blocks.since(self._next_block)
        self._next_block = first + len(blocks)
        for block in blocks:
            if int(block["rate_hz"]) != timeline.rate_hz:
                timeline = self._timeline = timeline.at_rate(int(block["rate_hz"]))
                encoder.change_rate(timeline.rate_hz)
            samples = timeline.block(block["samples"][: int(block["frames"])], float(block["t_air_s"]))
            if len(samples):
                encoder.sound(samples)

    def close(self) -> None:
        """Finish the file. Raises MediaError where it is gone."""
        if self._encoder and self._timeline:
            self._encoder.sound(self._timeline.silence(self._begin_s + (self._number + 1) / float(self._wanted.fps)))
            self._encoder.close(complete=True)
            if not self._wanted.path.exists():
                raise MediaError("the file was removed while it was written")
