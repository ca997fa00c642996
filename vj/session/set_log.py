"""What a set was played of, as a file: every frame's time, what was heard, what other clocks said, what hands changed.

A line "vjlog 1", then pieces, each whole in itself, so that a file that was cut off is of use up to there: u32 length,
u32 CRC-32 of what follows, zlib of (u32 length of JSON, JSON, rows of features).

The first holds the head, the others frames. The JSON of a frame is [t_s, dt_s, air_s, clocks, ahead, changes]: times on
the clock of the set, which begins with 0; air_s None where no new row came, else that of the next of the piece's rows;
clocks {name: [beats, bpm]}; ahead [shaders_s, network_s]; changes None, or a table of what is other than in the frame
before (`changes_of`). Nothing of it is executed, and a reader bounds what it unpacks.
"""

import json
import math
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from vj.audio.features import FEATURE_DTYPE
from vj.core.errors import MediaError
from vj.core.files import reason
from vj.core.types import FeatureFrame
from vj.session.state import Entry, SessionState

MAGIC = b"vjlog 1\n"
_SIZES, _LENGTH = struct.Struct("<II"), struct.Struct("<I")
#: A piece of a second is some tens of kB.
_MOST_PACKED, _MOST_UNPACKED = 16 << 20, 64 << 20
#: Sides of a picture, in pixels.
_LARGEST = 8192
_LONGEST_S = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Head:
    """What a set began with.

    seed     of the latents; model: (name, SHA-256) of the network; shaders: name → SHA-256 of its file
    sound    the file that was played, empty where a device was heard; fps: the rate that was asked of the window
    """

    seed: int
    model: tuple[str, str]
    shaders: Mapping[str, str]
    sound: str
    fps: float
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame of a set.

    row     what was heard newly, a scalar of FEATURE_DTYPE, or None; air_s: when it was in the air
    clocks  the clocks besides the analysis, name → (beats, bpm); ahead: (shaders_s, network_s)
    """

    t_s: float
    dt_s: float
    row: FeatureFrame | None = None
    air_s: float = 0.0
    clocks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    ahead: tuple[float, float] = (0.0, 0.0)
    changes: Mapping[str, Any] | None = None


def scene_of(session: SessionState) -> dict[str, Any]:
    """A session as it stands, as JSON holds it: what a preset says, and every value that is not at its default."""
    defaults = session.registry.defaults()
    preset = session.show.preset
    changed = np.flatnonzero(session.target.array != defaults.array)
    ids = [session.registry.params[i].id for i in changed]
    return {
        "preset": session.preset, "model": preset.model, "chain": [shader.name for shader in session.chain],
        "rows": _rows(session), "slews": dict(preset.slews), "locked": sorted(session.locked),
        "values": {id: session.target[id] for id in ids},
    }  # fmt: skip


def changes_of(before: SessionState | None, now: SessionState) -> dict[str, Any] | None:
    """What is other in a session than in the one before, as JSON holds it; None where nothing is.

    scene, cut   another preset was entered, and whether it was there at once; waits: one waits for the beat, or none
    preset, chain, rows, locked, set   of the same preset: its name, shaders, modulations, locks, values
    """
    if before is now:
        return None
    # Whatever puts another preset, or the same anew, in the place of one makes its slews anew, and nothing else does.
    if before is None or now.slew_s is not before.slew_s:
        entered = {"scene": scene_of(now), "cut": before is None or now.morph.arrived >= 1.0}
        return entered | _waits(before, now)
    found: dict[str, Any] = _waits(before, now)
    if now.preset != before.preset:
        found["preset"] = now.preset
    if now.chain != before.chain:
        found["chain"] = [shader.name for shader in now.chain]
    if now.rows != before.rows:
        found["rows"] = _rows(now)
    if now.locked != before.locked:
        found["locked"] = sorted(now.locked)
    if now.target is not before.target:
        other = np.flatnonzero(now.target.array != before.target.array)
        ids = [now.registry.params[i].id for i in other]
        found |= {"set": {id: now.target[id] for id in ids}} if ids else {}
    return found or None


def _waits(before: SessionState | None, now: SessionState) -> dict[str, Any]:
    waiting = now.waiting
    if waiting is (before.waiting if before else None):
        return {}
    return {"waits": _entry(waiting) if waiting else None}


def _entry(entry: Entry) -> dict[str, Any]:
    show, over = entry.show, entry.over
    base = show.base.with_values(over)
    other = np.flatnonzero(base.array != show.registry.defaults().array)
    ids = [show.registry.params[i].id for i in other]
    return {
        "preset": entry.name, "model": show.preset.model, "chain": [shader.name for shader in show.chain],
        "rows": [_row(row) for row in show.matrix.rows], "slews": dict(show.preset.slews), "locked": [],
        "values": {id: base[id] for id in ids}, "over": dict(over),
    }  # fmt: skip


def _rows(session: SessionState) -> list[list[Any]]:
    return [_row(row) for row in session.rows]


def _row(row: Any) -> list[Any]:
    return [row.signal, row.target, row.depth, row.curve, row.attack_s, row.release_s]


def packed_head(head: Head) -> bytes:
    """The beginning of a file."""
    told = {
        "seed": head.seed, "model": head.model, "shaders": dict(head.shaders), "sound": head.sound, "fps": head.fps,
        "size": head.size, "fields": [[name, *_form(FEATURE_DTYPE[name])] for name in FEATURE_DTYPE.names or ()],
    }  # fmt: skip
    return MAGIC + _packed(told, b"")


def packed_frames(frames: Sequence[Frame]) -> bytes:
    """A piece of a file."""
    rows = [frame.row for frame in frames if frame.row is not None]
    told = [
        [frame.t_s, frame.dt_s, None if frame.row is None else frame.air_s, frame.clocks, frame.ahead, frame.changes]
        for frame in frames
    ]
    return _packed(told, b"".join(row.tobytes() for row in rows))


def _form(dtype: np.dtype[Any]) -> tuple[str, list[int]]:
    return dtype.base.str, list(dtype.shape)


def _packed(told: Any, rows: bytes) -> bytes:
    text = json.dumps(told, separators=(",", ":")).encode()
    body = zlib.compress(_LENGTH.pack(len(text)) + text + rows, 1)
    return _SIZES.pack(len(body), zlib.crc32(body)) + body


class SetLog:
    """A file that was written so. Raises MediaError for one that is none.

    duration_s  time of its last frame; whole: whether it ends where a piece does
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                head = self._head(file)
                self.head = _head_of(head, path)
                self._dtype = _dtype_of(head, path)
                self.duration_s, self.frame_count, self.whole = self._measured(file)
        except OSError as e:
            raise MediaError(f"{path}: cannot be read: {reason(e)}") from e
        if not self.frame_count:
            raise MediaError(f"{path}: holds no frame of a set")

    def frames(self) -> Iterator[Frame]:
        """Each frame, in order, up to where the file breaks off."""
        with self.path.open("rb") as file:
            self._head(file)
            for told, rows in _pieces(file):
                yield from self._of_piece(told, rows)

    def _head(self, file: BinaryIO) -> Any:
        if file.read(len(MAGIC)) != MAGIC:
            raise MediaError(f"{self.path}: is no log of a set, expected one that vj play wrote (.vjlog)")
        piece = next(_pieces(file), None)
        if piece is None:
            raise MediaError(f"{self.path}: breaks off before its first frame")
        return piece[0]

    def _measured(self, file: BinaryIO) -> tuple[float, int, bool]:
        last_s, count = 0.0, 0
        end = file.tell()
        for told, rows in _pieces(file):
            for frame in self._of_piece(told, rows):
                last_s, count = frame.t_s, count + 1
            end = file.tell()
        return last_s, count, end == file.seek(0, 2)

    def _of_piece(self, told: Any, rows: bytes) -> Iterator[Frame]:
        try:
            heard = iter(_in_our_form(np.frombuffer(rows, self._dtype)))
            for one in told:
                yield _frame(one, heard)
        except (ValueError, TypeError, KeyError, StopIteration, OverflowError) as e:
            raise MediaError(f"{self.path}: a frame is damaged ({type(e).__name__}: {str(e)[:80]})") from e


def _pieces(file: BinaryIO) -> Iterator[tuple[Any, bytes]]:
    """(JSON, rows) of each piece, up to the first that is not whole."""
    while len(sizes := file.read(_SIZES.size)) == _SIZES.size:
        length, check = _SIZES.unpack(sizes)
        if length > _MOST_PACKED or len(body := file.read(length)) < length or zlib.crc32(body) != check:
            return
        unpack = zlib.decompressobj()
        try:
            whole = unpack.decompress(body, _MOST_UNPACKED)
            (text,) = _LENGTH.unpack_from(whole)
            told = json.loads(whole[_LENGTH.size : _LENGTH.size + text])
        except (zlib.error, struct.error, ValueError, RecursionError):
            return
        yield told, whole[_LENGTH.size + text :]


def _head_of(told: Any, path: Path) -> Head:
    try:
        name, digest = told["model"]
        width, height = told["size"]
        shaders = {str(key): str(value) for key, value in dict(told["shaders"]).items()}
        head = Head(int(told["seed"]), (str(name), str(digest)), shaders, str(told["sound"]), float(told["fps"]),
                    (int(width), int(height)))  # fmt: skip
    except (ValueError, TypeError, KeyError, OverflowError) as e:
        raise MediaError(f"{path}: its head is damaged ({type(e).__name__}: {str(e)[:80]})") from e
    in_range = math.isfinite(head.fps) and 0 <= head.seed < 2**63
    if not in_range or not all(0 < side <= _LARGEST and side % 2 == 0 for side in head.size):
        raise MediaError(f"{path}: its head is damaged (fps {head.fps}, seed {head.seed}, size {head.size})"[:300])
    return head


def _dtype_of(told: Any, path: Path) -> np.dtype[Any]:
    """The form in which rows of features were written: fields may have come and gone since."""
    try:
        fields = [(str(name), np.dtype(_plain(form)), tuple(map(int, shape))) for name, form, shape in told["fields"]]
        dtype = np.dtype(fields)
        if dtype.itemsize > 1 << 16 or len(fields) > 1000:
            raise ValueError(f"rows of {dtype.itemsize} bytes")
    except (ValueError, TypeError, KeyError, OverflowError, MemoryError) as e:
        raise MediaError(f"{path}: its head is damaged ({type(e).__name__}: {str(e)[:80]})") from e
    return dtype


def _plain(form: Any) -> str:
    """A form of numbers: nothing else is read from a file."""
    if not isinstance(form, str) or form[1:] not in ("f4", "f8", "i4", "i8", "u1"):
        raise ValueError(f"found the form {form!r:.20}")
    return form


def _in_our_form(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    out = np.zeros(len(rows), FEATURE_DTYPE)
    for name in FEATURE_DTYPE.names or ():
        if name in (rows.dtype.names or ()) and rows.dtype[name].shape == FEATURE_DTYPE[name].shape:
            values = rows[name]
            out[name] = np.nan_to_num(values) if values.dtype.kind == "f" else values
    return out


def _frame(told: Any, heard: Iterator[FeatureFrame]) -> Frame:
    t_s, dt_s, air_s, clocks, ahead, changes = told
    row = None if air_s is None else next(heard)
    said = {str(name): (_finite(beats), _finite(bpm)) for name, (beats, bpm) in dict(clocks).items()}
    shaders_s, network_s = ahead
    if changes is not None and not isinstance(changes, dict):
        raise TypeError(f"changes are {type(changes).__name__}")
    return Frame(
        _finite(t_s), _finite(dt_s), row, _finite(air_s or 0.0), said, (_finite(shaders_s), _finite(network_s)), changes
    )


def _finite(x: Any) -> float:
    value = float(x)
    if not abs(value) <= _LONGEST_S * 1000:
        raise ValueError(f"found {x!r:.30}")
    return value
