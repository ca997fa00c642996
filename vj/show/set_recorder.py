"""Writes down what a set is played of (`vj.session.set_log`), so that `vj replay` can render it again.

The window leaves references and goes on; what they mean is worked out, and written, on the supervisor's thread. A disk
that is full or slow costs frames of the log, never of the show.
"""

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from vj.audio.features import FEATURE_DTYPE
from vj.core.errors import MediaError
from vj.core.files import reason
from vj.core.types import FeatureFrame
from vj.render.isf.shader import IsfShader
from vj.session.set_log import Frame, Head, changes_of, packed_frames, packed_head
from vj.session.state import SessionState
from vj.show.frame import Rows

#: What a set may take on the disk, some ten hours; and how many sets are kept where they are written by themselves.
MOST_BYTES, SETS = 512 << 20, 10
#: Frames that wait for the disk: more than a minute.
_MOST_WAITING = 6_000
#: Frames of a piece.
_PIECE = 600


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a set before it begins.

    model    the network's file, and its name where it is a bundled one
    sound    the file that is played, None where a device is heard
    """

    seed: int
    model: Path
    model_name: str
    shaders: Mapping[str, IsfShader]
    sound: Path | None
    fps: float
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    rows: Rows
    dt_s: float
    given: SessionState
    after: SessionState


class SetRecorder:
    """`frame` belongs to the window's thread, `write` and `close` to another. tell: is told where it ends early.

    The file is made with the first frame. Raises MediaError where there cannot be one.
    """

    def __init__(self, path: Path, about: About, tell: Callable[[str], None]) -> None:
        self.path, self._about, self._tell = path, about, tell
        self._waiting: deque[_Seen] = deque(maxlen=_MOST_WAITING)
        self._began_s: float | None = None
        self._before: SessionState | None = None
        self._air_s = 0.0
        self._bytes = 0
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO | None = path.open("wb")
        except OSError as e:
            raise MediaError(f"{path}: cannot be written: {reason(e)}") from e

    def frame(self, rows: Rows, dt_s: float, given: SessionState, after: SessionState) -> None:
        """A frame was worked out from this, with this session, and left that one."""
        self._waiting.append(_Seen(rows, dt_s, given, after))

    def write(self) -> None:
        """Write what came since the last call."""
        with self._lock:
            self._write()

    def close(self) -> None:
        """Write the rest, and end."""
        with self._lock:
            self._write()
            if self._file:
                self._file.close()
                self._file = None

    def _write(self) -> None:
        if self._file is None:
            return
        try:
            if not self._bytes:
                self._put(self._file, packed_head(_head(self._about)))
            while self._waiting and self._bytes < MOST_BYTES:
                count = min(len(self._waiting), _PIECE)
                self._put(self._file, packed_frames([self._told(self._waiting.popleft()) for _ in range(count)]))
            if self._bytes >= MOST_BYTES:
                self._end(f"holds {MOST_BYTES >> 20} MB, and ends here; the show goes on")
        except OSError as e:
            self._end(f"cannot be written: {reason(e)}; the show goes on without it")

    def _put(self, file: BinaryIO, data: bytes) -> None:
        file.write(data)
        # A show that crashes replays to where it ended.
        file.flush()
        self._bytes += len(data)

    def _end(self, why: str) -> None:
        if self._file:
            with suppress(OSError):
                self._file.close()
        self._file = None
        self._waiting.clear()
        self._tell(f"{self.path.name}: {why}")

    def _told(self, seen: _Seen) -> Frame:
        rows = seen.rows
        if self._began_s is None:
            self._began_s = rows.now_s
        changes, self._before = changes_of(self._before, seen.given), seen.after
        row, air_s = None, rows.air_s - self._began_s
        if rows.heard is not None and rows.air_s != self._air_s:
            row, self._air_s = _plain(rows.heard), rows.air_s
        ahead = rows.ahead.shaders_s, rows.ahead.network_s
        return Frame(rows.now_s - self._began_s, seen.dt_s, row, air_s, dict(rows.clocks), ahead, changes)


def _plain(heard: Any) -> FeatureFrame:
    """A row of features without what only a live one has."""
    out = np.zeros(1, FEATURE_DTYPE)
    for name in FEATURE_DTYPE.names or ():
        out[name] = heard[name]
    row: FeatureFrame = out[0]
    return row


def _head(about: About) -> Head:
    shaders = {name: digest(Path(shader.file)) for name, shader in about.shaders.items()}
    model = about.model_name, digest(about.model)
    return Head(about.seed, model, shaders, str(about.sound or ""), about.fps, about.size)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def new_file(folder: Path) -> Path:
    """A path for the log of a set that begins now; the oldest in the folder make room for it."""
    with suppress(OSError):
        for path in of_sets(folder)[: -(SETS - 1)]:
            path.unlink()
    return folder / f"{time.strftime('%Y-%m-%d %H.%M.%S')}.vjlog"


def of_sets(folder: Path) -> Sequence[Path]:
    """The logs in a folder, from the oldest on."""
    return sorted(_logs(folder))


def _logs(folder: Path) -> Iterator[Path]:
    yield from folder.glob("????-??-?? ??.??.??.vjlog")
