"""Pictures, parameter values and modulations on their way to another process: the newest counts, nobody waits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vj.modulation.matrix import CURVES, MOST_ROWS, Row
from vj.modulation.sources import MOVES_DTYPE
from vj.runtime.ring import Ring

#: Pictures that the memory holds: the one being read, the newest, the one being written.
SLOTS = 4
#: A modulation row in numbers: places of the signal and of the target among their names, and of the curve in CURVES.
ROW_DTYPE = np.dtype(
    [("signal", "u2"), ("target", "u2"), ("curve", "u1"), ("depth", "f4"), ("attack_s", "f4"), ("release_s", "f4")]
)
PackedRows = npt.NDArray[np.void]


def picture_ring(side: int, name: str | None = None) -> Ring:
    """A ring of square pictures: a new one, or that of another process.

    seq        number of the picture; t_audio_s  when the sound that it answers was in the air
    t_told_s   when the values were worked out that it was made with, 0: none were yet
    t_done_s   when it was there, all on the monotonic clock; gen_ms  what it cost
    bad        pictures that were no numbers and were left out so far
    """
    row = np.dtype(
        [("seq", "u8"), ("t_audio_s", "f8"), ("t_told_s", "f8"), ("t_done_s", "f8"), ("gen_ms", "f4"), ("bad", "u4"),
         ("rgba", "u1", (side, side, 4))],
        align=True,
    )  # fmt: skip
    return Ring(row, SLOTS, name)


def values_ring(count: int, name: str | None = None) -> Ring:
    """What a generator is told, whole in each row: a new ring, or another process's.

    t_s           when they were worked out, on the monotonic clock
    values        of its parameters, before modulation, f32[count]; moves  what moves them besides the sound
    rows          the first `n_rows` modulations, and the `n_leaving` that fade out while a morph is under way
    rows_version  another number for other modulations
    """
    row = np.dtype(
        [("t_s", "f8"), ("values", "f4", (count,)), ("moves", MOVES_DTYPE), ("rows_version", "u4"), ("n_rows", "u2"),
         ("n_leaving", "u2"), ("rows", ROW_DTYPE, (MOST_ROWS,)), ("leaving", ROW_DTYPE, (2 * MOST_ROWS,))]
    )  # fmt: skip
    return Ring(row, SLOTS, name)


def packed(rows: Sequence[Row], signals: Sequence[str], targets: Sequence[str]) -> PackedRows:
    """Modulations as ROW_DTYPE[n]. Raises ValueError for a signal, target or curve that is not among those given."""
    found = [
        (signals.index(r.signal), targets.index(r.target), CURVES.index(r.curve), r.depth, r.attack_s, r.release_s)
        for r in rows
    ]
    return np.array(found, ROW_DTYPE)


def unpacked(rows: PackedRows, signals: Sequence[str], targets: Sequence[str]) -> tuple[Row, ...]:
    """The modulations that ROW_DTYPE[n] says."""
    return tuple(
        Row(signals[int(row["signal"])], targets[int(row["target"])], float(row["depth"]), CURVES[int(row["curve"])],
            float(row["attack_s"]), float(row["release_s"]))
        for row in rows
    )  # fmt: skip


class Told:
    """The writer's side of `values_ring`, in one thread: values every frame, modulations when they change."""

    def __init__(self, signals: Sequence[str], targets: Sequence[str]) -> None:
        self._signals, self._targets = tuple(signals), tuple(targets)
        self._ring = values_ring(len(self._targets))
        self._row: Any = np.zeros(1, self._ring.dtype)

    @property
    def name(self) -> str:
        """The name under which another process attaches."""
        return self._ring.name

    def use_rows(self, rows: Sequence[Row], leaving: Sequence[Row] = ()) -> None:
        """These modulations, beside which others fade out, go with the next values."""
        row = self._row[0]
        row["n_rows"], row["n_leaving"] = len(rows), len(leaving)
        row["rows"][: len(rows)] = packed(rows, self._signals, self._targets)
        row["leaving"][: len(leaving)] = packed(leaving, self._signals, self._targets)
        row["rows_version"] += 1

    def write(self, values: npt.NDArray[np.float32], moves: np.void, now_s: float) -> None:
        """Values before modulation, f32[n_params], and what moves them besides the sound (MOVES_DTYPE), as of now."""
        self._row["values"][0], self._row["moves"][0], self._row["t_s"] = values, moves, now_s
        self._ring.write(self._row)

    def close(self) -> None:
        """Let go of the memory, and remove it."""
        self._ring.close()
