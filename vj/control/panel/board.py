"""What the window and the panel's process tell each other, through shared memory: neither waits for the other.

Values go out once a frame, facts and lists as JSON a few times a second or when they change, pictures while somebody
looks; what panels ask for comes in as packets of OSC. The window makes the memory, so that all of it outlives a server
that is killed.
"""

import contextlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np

from vj.audio.features import PULSES
from vj.core.types import F32, U8
from vj.modulation.matrix import signal_names
from vj.modulation.signals import SIGNALS
from vj.runtime.ring import Ring

#: Parameters that are told of; a bundled show has some hundreds.
MOST_PARAMS = 4096
#: Pixels of a preview, a side.
PREVIEW = 320
#: Bytes of one packet that comes in.
LARGEST_PACKET = 4096
NAMES = signal_names(SIGNALS)
VALUES_ROW = np.dtype(
    [
        ("revision", "u4"), ("count", "u4"), ("heard", "?"), ("beats", "i8"), ("events", "i8", (len(PULSES),)),
        ("signals", "f4", (len(NAMES),)), ("target", "f4", (MOST_PARAMS,)), ("now", "f4", (MOST_PARAMS,)),
    ]
)  # fmt: skip
PICTURE_ROW = np.dtype(
    [("audition", "?"), ("width", "u2"), ("height", "u2"), ("rgb", "u1", (PREVIEW * PREVIEW * 3,))]
)  # fmt: skip
PACKET_ROW = np.dtype([("size", "u4"), ("client", "u4"), ("data", "u1", (LARGEST_PACKET,))])
FACTS_ROW, LISTS_ROW = (np.dtype([("size", "u4"), ("data", "u1", (most,))]) for most in (1 << 17, 1 << 20))
_RINGS = {"values": (VALUES_ROW, 4), "facts": (FACTS_ROW, 3), "lists": (LISTS_ROW, 3), "pictures": (PICTURE_ROW, 4),
          "inbox": (PACKET_ROW, 1024)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """Of the five blocks of memory."""

    values: str
    facts: str
    lists: str
    pictures: str
    inbox: str


class Board:
    """Without `names` the memory is created, with them it is attached. Raises WorkerError where there is none."""

    def __init__(self, names: Names | None = None) -> None:
        with contextlib.ExitStack() as made:
            self.values, self.facts, self.lists, self.pictures, self.inbox = (
                made.enter_context(Ring(dtype, capacity, getattr(names, name) if names else None))
                for name, (dtype, capacity) in _RINGS.items()
            )
            self._memory = made.pop_all()

    @property
    def names(self) -> Names:
        """To be attached by."""
        return Names(*(getattr(self, name).name for name in _RINGS))

    def close(self) -> None:
        """Let go of the memory; its creator removes it."""
        self._memory.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def values_row(
    revision: int, target: F32, now: F32, signals: Mapping[str, Any] | None
) -> np.ndarray[Any, np.dtype[Any]]:
    """One row VALUES_ROW[1]: parameters f32[n] as asked for and as drawn, the signals of the frame or None."""
    row = np.zeros(1, VALUES_ROW)
    n = min(len(target), MOST_PARAMS)
    row["revision"], row["count"] = revision, n
    row["target"][0, :n], row["now"][0, :n] = target[:n], now[:n]
    if signals is not None:
        row["heard"] = True
        row["beats"], row["events"] = int(signals["beats"]), signals["events"]
        row["signals"] = np.concatenate([np.ravel(signals[s.name]) for s in SIGNALS])
    return row


def signals_of(row: Any) -> dict[str, Any] | None:
    """What a row of VALUES_ROW says of the signals, by name, with `beats` and `events`; None where nothing is heard."""
    if not row["heard"]:
        return None
    found: dict[str, Any] = {"beats": int(row["beats"]), "events": row["events"]}
    at = 0
    for signal in SIGNALS:
        part = row["signals"][at : at + signal.width]
        found[signal.name] = part if signal.width > 1 else float(part[0])
        at += signal.width
    return found


def json_row(dtype: np.dtype[Any], tree: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[Any]] | None:
    """A tree as one row, FACTS_ROW[1] or LISTS_ROW[1]; None where it is too large for that."""
    data = zlib.compress(json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode(errors="replace"), 1)
    return _bytes_row(dtype, data)


def json_of(row: Any) -> dict[str, Any]:
    """The tree of such a row."""
    tree: dict[str, Any] = json.loads(zlib.decompress(bytes(row["data"][: int(row["size"])])))
    return tree


def packet_row(packet: bytes, client: int) -> np.ndarray[Any, np.dtype[Any]] | None:
    """A packet of a client, by number, as one row, PACKET_ROW[1]; None where it is too large."""
    row = _bytes_row(PACKET_ROW, packet)
    if row is not None:
        row["client"] = client
    return row


def packets_of(rows: Any) -> list[tuple[bytes, int]]:
    """(packet, number of the client) of rows [n] of PACKET_ROW."""
    return [(bytes(row["data"][: int(row["size"])]), int(row["client"])) for row in rows]


def picture_row(rgb: U8, *, audition: bool = False) -> np.ndarray[Any, np.dtype[Any]]:
    """A picture u8[h, w, 3], at most PREVIEW a side, as one row, PICTURE_ROW[1]."""
    row = np.zeros(1, PICTURE_ROW)
    row["audition"], row["width"], row["height"] = audition, rgb.shape[1], rgb.shape[0]
    row["rgb"][0, : rgb.size] = rgb.reshape(-1)
    return row


def picture_of(row: Any) -> U8:
    """The picture u8[h, w, 3] of such a row."""
    h, w = int(row["height"]), int(row["width"])
    rgb: U8 = row["rgb"][: h * w * 3].reshape(h, w, 3)
    return rgb


def _bytes_row(dtype: np.dtype[Any], data: bytes | Sequence[int]) -> np.ndarray[Any, np.dtype[Any]] | None:
    if len(data) > dtype["data"].shape[0]:
        return None
    row = np.zeros(1, dtype)
    row["size"] = len(data)
    row["data"][0, : len(data)] = np.frombuffer(bytes(data), np.uint8)
    return row
