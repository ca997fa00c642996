"""MIDI messages on their way between the window and the process of the ports: in order, and nobody waits."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vj.runtime.ring import Ring

#: Messages that a reader may be behind before the oldest are lost: two seconds of a port that is never silent.
CAPACITY = 8192
#: Names of ports are cut there, in bytes of UTF-8; JACK's are the longest, with 320.
_NAME = 320
#: Exclusive messages are not taken; all others are this short.
_LONGEST = 3
_ROW = np.dtype([("t_s", "f8"), ("port", f"S{_NAME}"), ("length", "u1"), ("data", "u1", (_LONGEST,))])


@dataclass(frozen=True, slots=True)
class Message:
    """One message with its port and when it came, on the monotonic clock."""

    port: str
    t_s: float
    data: bytes


def message_ring(name: str | None = None) -> Ring:
    """A ring of messages: a new one, or that of another process."""
    return Ring(_ROW, CAPACITY, name)


def packed(messages: Iterable[Message]) -> npt.NDArray[np.void]:
    """Messages as rows of the ring, _ROW[n]; those longer than a row holds are left out."""
    short = [one for one in messages if 0 < len(one.data) <= _LONGEST]
    rows = np.zeros(len(short), _ROW)
    for row, one in zip(rows, short, strict=True):
        row["t_s"], row["port"], row["length"] = one.t_s, one.port.encode()[:_NAME], len(one.data)
        row["data"][: len(one.data)] = list(one.data)
    return rows


def unpacked(rows: npt.NDArray[np.void]) -> list[Message]:
    """The messages of rows of the ring, _ROW[n]."""
    return [
        Message(bytes(row["port"]).decode(errors="ignore"), float(row["t_s"]), row["data"][: row["length"]].tobytes())
        for row in rows
    ]


class Reader:
    """Reads a ring from where it stands now on. `lost` counts what was overwritten before it was read."""

    def __init__(self, ring: Ring) -> None:
        self._ring, self._at, self.lost = ring, ring.written, 0

    def take(self) -> list[Message]:
        """What has come since, in order."""
        if self._ring.written == self._at:
            return []
        rows, first = self._ring.since(self._at)
        self.lost += first - self._at
        self._at = first + len(rows)
        return unpacked(rows)
