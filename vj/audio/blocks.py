"""Sound on its way from whatever captures it to the analyser: blocks in a ring in shared memory."""

import time

import numpy as np

from vj.core.types import F32
from vj.runtime.ring import Ring

#: Samples in a row of the ring. Larger blocks take several rows.
FRAMES = 256
#: Rows: more than five seconds at 48 kHz.
CAPACITY = 1024
CHANNELS = 2
#: start      number of the block's first sample since its run began
#: t_air_s    when that sample was in the air, on this machine's monotonic clock
#: run        which opening of a device it comes from
#: frames     samples in it; the rest of the row means nothing
#: overflows  times that PortAudio said samples were lost, in this run
BLOCK = np.dtype(
    [
        ("start", "u8"),
        ("t_air_s", "f8"),
        ("rate_hz", "f8"),
        ("run", "u4"),
        ("frames", "u4"),
        ("overflows", "u4"),
        ("samples", "f4", (FRAMES, CHANNELS)),
    ],
    align=True,
)


def block_ring(name: str | None = None) -> Ring:
    """The ring of blocks: a new one, or that of another process."""
    return Ring(BLOCK, CAPACITY, name)


class BlockWriter:
    """Puts sound of one run into the ring. Allocates nothing that grows and waits for nobody: fit for a callback."""

    def __init__(self, ring: Ring, run: int, rate_hz: float) -> None:
        self._ring = ring
        self._row = np.zeros(1, BLOCK)
        self._row["run"], self._row["rate_hz"] = run, rate_hz
        self._rate_hz, self._start = rate_hz, 0

    def write(self, samples: F32, t_air_s: float, overflows: int = 0) -> None:
        """Append f32[n, 1] (both sides alike) or f32[n, 2], whose first sample was in the air at `t_air_s`."""
        row = self._row
        for at in range(0, len(samples), FRAMES):
            part = samples[at : at + FRAMES]
            row["start"], row["frames"], row["overflows"] = self._start, len(part), overflows
            row["t_air_s"] = t_air_s + at / self._rate_hz
            row["samples"][0, : len(part)] = part
            self._ring.write(row)
            self._start += len(part)
        self.lives()

    def lives(self) -> None:
        """The source works, whether or not there is sound (`vj.audio.input.watchdog`)."""
        self._ring.beat(time.monotonic())
