"""The writing side of a data set's folder: shards, and how far the work is.

Every file is written under another name and takes its own when it is whole. progress.json is written after the shard
that it counts, manifest.json last of all; so the folder is at every moment either a whole data set, or one that can
go on from the last shard that was written, with nothing lost but what was in memory.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import numpy as np
import numpy.typing as npt

from vj.core import checked_json
from vj.core.errors import DatasetError
from vj.core.files import read_bytes, replacing
from vj.core.types import F32, U8
from vj.train.dataset import FORMAT, MANIFEST, MAX_MANIFEST_BYTES, PROGRESS
from vj.train.sources import Dropped

#: A shard holds as many pictures as fit in this: so much is in memory, and is lost when the power goes.
SHARD_BYTES = 64 * 2**20
#: Names of broken files that a manifest lists for one source.
MAX_NAMES = 20


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of one source's pictures, and the first broken files by name."""

    kept: int = 0
    duplicate: int = 0
    small: int = 0
    broken: int = 0
    broken_files: tuple[str, ...] = ()

    def with_dropped(self, why: Dropped, file: str) -> "Tally":
        """One more that was left out."""
        counted = replace(self, **{why: getattr(self, why) + 1})
        listed = why == "broken" and len(self.broken_files) < MAX_NAMES
        return replace(counted, broken_files=(*self.broken_files, file)) if listed else counted


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is: the source at hand, where its next item begins, pictures so far, a tally a source."""

    source: int
    cursor: int
    count: int
    tallies: tuple[Tally, ...]

    def after(self, cursor: int, dropped: Dropped | None, file: str = "") -> "Progress":
        """After one more item of the source at hand; `dropped` None: it was kept."""
        tally = self.tallies[self.source]
        tally = replace(tally, kept=tally.kept + 1) if dropped is None else tally.with_dropped(dropped, file)
        tallies = (*self.tallies[: self.source], tally, *self.tallies[self.source + 1 :])
        return replace(self, cursor=cursor, count=self.count + (dropped is None), tallies=tallies)


def shard_names(index: int) -> tuple[str, str]:
    """Files of a shard: pictures, and what they were made from."""
    return f"images-{index:05d}.npy", f"known-{index:05d}.npy"


class ShardWriter:
    """The open shard. `progress` is where to begin: after the pictures that the folder holds already.

    Raises DatasetError when a file cannot be written or read back; what was written before stays as it is.
    """

    def __init__(
        self, folder: Path, resolution: int, columns: int, settings: dict[str, Any], progress: Progress
    ) -> None:
        self._folder, self._settings = folder, settings
        self.per_shard = max(SHARD_BYTES // (3 * resolution * resolution), 1)
        self._images = np.empty((self.per_shard, resolution, resolution, 3), np.uint8)
        self._known = np.empty((self.per_shard, columns), np.float32)
        self.progress = progress
        if filled := progress.count % self.per_shard:
            both: tuple[npt.NDArray[Any], ...] = (self._images, self._known)
            for name, rows in zip(shard_names(progress.count // self.per_shard), both, strict=True):
                rows[:filled] = _read_back(folder / name, filled, rows)

    def kept(self, rgb: U8, row: F32, cursor: int) -> None:
        """Add a picture u8[resolution, resolution, 3] with its row of known values; save when the shard is full."""
        at = self.progress.count % self.per_shard
        self._images[at], self._known[at] = rgb, row
        # One assignment, so that an interrupt finds the picture counted with its place, or not at all.
        self.progress = self.progress.after(cursor, None)
        if at + 1 == self.per_shard:
            self.save()

    def dropped(self, why: Dropped, file: str, cursor: int) -> None:
        """Count an item that is left out."""
        self.progress = self.progress.after(cursor, why, file)

    def next_source(self) -> None:
        """The source at hand is done."""
        self.progress = replace(self.progress, source=self.progress.source + 1, cursor=0)

    def pictures(self) -> Iterator[U8]:
        """All pictures so far, u8[resolution, resolution, 3], in their order."""
        whole, filled = divmod(self.progress.count, self.per_shard)
        for shard in range(whole):
            yield from _read_back(self._folder / shard_names(shard)[0], self.per_shard, self._images)
        yield from self._images[:filled]

    def remove(self) -> None:
        """Remove what was written, and the folder when it is empty then."""
        for shard in range(self.progress.count // self.per_shard + 1):
            for name in shard_names(shard):
                (self._folder / name).unlink(missing_ok=True)
        (self._folder / PROGRESS).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def save(self) -> None:
        """Put everything so far on the disk."""
        progress = self.progress
        if progress.count:
            shard, last = divmod(progress.count - 1, self.per_shard)
            images, known = shard_names(shard)
            write_file(self._folder / images, lambda f: _write_npy(f, self._images[: last + 1]))
            write_file(self._folder / known, lambda f: _write_npy(f, self._known[: last + 1]))
        write_json(self._folder / PROGRESS, {"format": FORMAT, "settings": self._settings, **asdict(progress)})

    def finish(self, manifest: dict[str, Any]) -> None:
        """Save, write the manifest (format and shards are added), and let go of what only the writer needs."""
        self.save()
        count = self.progress.count
        shards = []
        for begin in range(0, count, self.per_shard):
            images, known = shard_names(begin // self.per_shard)
            shards.append({"images": images, "known": known, "count": min(self.per_shard, count - begin)})
        write_json(self._folder / MANIFEST, {"format": FORMAT, "count": count, **manifest, "shards": shards})
        (self._folder / PROGRESS).unlink()


def read_progress(folder: Path) -> tuple[Progress, dict[str, Any]] | None:
    """How far an unfinished data set is, and the settings it was begun with; None where there is none.

    Raises DatasetError when progress.json is damaged.
    """
    file = folder / PROGRESS
    try:
        found = checked_json.tree(f"{file}", read_bytes(file, MAX_MANIFEST_BYTES), DatasetError)
    except FileNotFoundError:
        return None
    except OSError as e:
        raise DatasetError(f"{file}: cannot be read: {e.strerror or e}") from None
    if isinstance(found, dict) and found.get("format") != FORMAT:
        raise DatasetError(f"{file}: format {found.get('format')!r:.60}, expected {FORMAT}")
    progress = _progress(found) if isinstance(found, dict) else None
    if progress is None:
        raise DatasetError(f"{file}: is damaged; remove the folder and begin again")
    return progress, found["settings"]


def _progress(found: dict[str, Any]) -> Progress | None:
    """What a progress file says, None where that cannot be."""
    tallies = [_tally(one) for one in found["tallies"]] if isinstance(found.get("tallies"), list) else [None]
    source, cursor, count = (found.get(key) for key in ("source", "cursor", "count"))
    if not (_is_count(source) and _is_count(cursor) and _is_count(count) and source <= len(tallies)):
        return None
    settings, whole = found.get("settings"), tuple(one for one in tallies if one is not None)
    sources = settings.get("sources") if isinstance(settings, dict) else None
    fits = isinstance(sources, list) and len(sources) == len(tallies) == len(whole)
    return Progress(source, cursor, count, whole) if fits else None


def _tally(found: Any) -> Tally | None:
    counts = {"kept", "duplicate", "small", "broken"}
    if not isinstance(found, dict) or found.keys() != counts | {"broken_files"}:
        return None
    files = found["broken_files"]
    if not (all(_is_count(found[key]) for key in counts) and isinstance(files, list)):
        return None
    return Tally(**{**found, "broken_files": tuple(files)}) if all(isinstance(one, str) for one in files) else None


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def write_json(file: Path, value: dict[str, Any]) -> None:
    """Write JSON that is the same for the same value. Raises DatasetError."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    write_file(file, lambda f: f.write(text.encode()))


def write_file(file: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file whole or not at all. Raises DatasetError."""
    try:
        with replacing(file) as part, part.open("wb") as f:
            write(f)
    except OSError as e:
        raise DatasetError(
            f"{file}: cannot be written: {e.strerror or e}; what was made before is kept, the same command goes on"
        ) from None


def _write_npy(file: BinaryIO, array: npt.NDArray[Any]) -> None:
    """As np.save, whose error does not say why a disk takes no more."""
    np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
    file.write(array.data)


def _read_back(file: Path, filled: int, like: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The first rows of the shard that was open. It may hold more: it was saved again, and progress.json was not."""
    try:
        rows: npt.NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        raise DatasetError(f"{file}: is damaged or gone; remove the folder and begin again") from None
    if rows.dtype != like.dtype or rows.shape[1:] != like.shape[1:] or len(rows) < filled:
        raise DatasetError(
            f"{file}: found {rows.dtype} {list(rows.shape)}, expected {filled} rows {list(like.shape[1:])}"
        )
    return rows[:filled]
