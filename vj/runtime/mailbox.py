"""Pictures and parameter values on their way to another process: the newest counts, nobody waits."""

import numpy as np

from vj.modulation.sources import MOVES_DTYPE
from vj.runtime.ring import Ring

#: Pictures that the memory holds: the one being read, the newest, the one being written.
SLOTS = 4


def picture_ring(side: int, name: str | None = None) -> Ring:
    """A ring of square pictures: a new one, or that of another process.

    seq        number of the picture; t_audio_s  when the sound that it answers was in the air
    t_done_s   when it was there, both on the monotonic clock; gen_ms  what it cost
    bad        pictures that were no numbers and were left out so far
    """
    row = np.dtype(
        [("seq", "u8"), ("t_audio_s", "f8"), ("t_done_s", "f8"), ("gen_ms", "f4"), ("bad", "u4"),
         ("rgba", "u1", (side, side, 4))],
        align=True,
    )  # fmt: skip
    return Ring(row, SLOTS, name)


def values_ring(count: int, name: str | None = None) -> Ring:
    """A ring of parameter values f32[count] and what moves them besides the sound: a new one, or another process's."""
    return Ring(np.dtype([("values", "f4", (count,)), ("moves", MOVES_DTYPE)]), SLOTS, name)
