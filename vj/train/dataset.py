"""The reading side of a data set: a folder that `vj dataset` wrote. No TensorFlow, no thread, no state.

A data set is a folder with

    manifest.json      {"format": 1, "resolution", "count", "licence", "known": [names…], "sources": […], "shards": […]}
    images-00000.npy   uint8 [n, resolution, resolution, 3], sRGB, top row first
    known-00000.npy    float32 [n, 1 + K]: index of the source in the manifest, then what the picture was made from,
                       0..1, a column per name in "known"; NaN where a source has no such parameter

A world is a folder with the manifest alone: {"world": {"version", "seed"}, "shards": []}; its pictures are drawn when
they are asked for, see `vj.train.world.pictures`.

It is whole when manifest.json is there: that is written last. Shards are plain NumPy arrays and are memory-mapped, so
that any picture is one read away in any order (a resumed training draws the very pictures it would have drawn), and
any tool that reads .npy reads them. Nothing in them can run: they are opened without pickle.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from vj.core import checked_json
from vj.core.errors import DatasetError
from vj.core.files import read_bytes
from vj.core.types import F32, U8, frozen

FORMAT = 1
MANIFEST = "manifest.json"
#: What a writer keeps while it works; a folder with this and no manifest is unfinished.
PROGRESS = "progress.json"
#: Pictures of a world without end: more than a training ever sees.
ENDLESS = 1 << 40
#: No manifest of any sense is larger.
MAX_MANIFEST_BYTES = 50_000_000

I32: TypeAlias = npt.NDArray[np.int32]


class Pictures(Protocol):
    """What a training asks of its pictures, whether they are stored or drawn; see `Dataset` for the fields."""

    @property
    def path(self) -> Path:
        """The data set's folder."""

    @property
    def resolution(self) -> int:
        """Side of a picture in pixels."""

    @property
    def licence(self) -> str:
        """Licence of the pictures, as the manifest says."""

    @property
    def known_names(self) -> tuple[str, ...]:
        """Names of the K parameters that pictures were made from."""

    @property
    def sources(self) -> tuple[dict[str, Any], ...]:
        """What the manifest says of each source."""

    @property
    def digest(self) -> str:
        """sha256 of the manifest."""

    @property
    def count(self) -> int:
        """Number of pictures."""

    @property
    def taught(self) -> bool:
        """Whether there are pictures whose parameters are known."""

    def known_ones(self, n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Indices i64[n] of pictures whose parameters are known, at random, perhaps with repeats."""

    def some_of(self, source: int, n: int) -> npt.NDArray[np.int64]:
        """Indices i64[≤ n] of pictures of one source, spread over it, always the same."""

    def made_from(self, indices: npt.NDArray[np.int64]) -> tuple[I32, F32]:
        """(source i32[n], known f32[n, K], 0..1 or NaN) of the pictures at `indices` i64[n]."""

    def batch(self, indices: Sequence[int] | npt.NDArray[np.integer], resolution: int) -> U8:
        """The pictures at `indices` i64[n]: u8[n, resolution, resolution, 3].

        Raises ValueError for a resolution that cannot be had, DatasetError where a file cannot be read or written.
        """

    def walk(self, seed: int, steps: int, resolution: int) -> U8 | None:
        """Pictures u8[steps + 1, resolution, resolution, 3] along an arc between two random vectors.

        None where pictures do not belong to vectors, or cannot be drawn.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A whole data set, opened for reading; pictures stay on the disk until they are asked for.

    path          the folder
    resolution    side of a picture in pixels
    known_names   names of the K parameters that pictures were made from; "time" is one of them
    source        i32[count], index into `sources`
    known         f32[count, K], 0..1 or NaN
    sources       what the manifest says of each source
    digest        sha256 of the manifest: the same data set, the same digest
    """

    path: Path
    resolution: int
    licence: str
    known_names: tuple[str, ...]
    source: I32
    known: F32
    sources: tuple[dict[str, Any], ...]
    digest: str
    _shards: tuple[U8, ...]
    _starts: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of pictures."""
        return len(self.source)

    @property
    def taught(self) -> bool:
        """See `Pictures`."""
        return bool(len(self._teachable()))

    def known_ones(self, n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """See `Pictures`: i64[n]."""
        known = self._teachable()
        return known[rng.integers(0, len(known), n)]

    def some_of(self, source: int, n: int) -> npt.NDArray[np.int64]:
        """See `Pictures`: i64[≤ n]."""
        there = np.flatnonzero(self.source == source)
        # Not evenly spaced: an evenly spread sequence taken every so often shows a few corners of its space alone.
        return np.random.default_rng(source).choice(there, min(n, len(there)), replace=False)

    def made_from(self, indices: npt.NDArray[np.int64]) -> tuple[I32, F32]:
        """See `Pictures`: (i32[n], f32[n, K])."""
        return self.source[indices], self.known[indices]

    def walk(self, seed: int, steps: int, resolution: int) -> U8 | None:
        """See `Pictures`; None instead of u8[…]: what lies between two stored pictures nobody knows."""
        return None

    def _teachable(self) -> npt.NDArray[np.int64]:
        return np.flatnonzero(~np.isnan(self.known).all(axis=1))

    def batch(self, indices: Sequence[int] | npt.NDArray[np.integer], resolution: int) -> U8:
        """The pictures at `indices` i64[n] (any order, repeats allowed): u8[n, resolution, resolution, 3].

        `resolution` divides the data set's; smaller ones are the mean of the pixels they cover, rounded half up.
        Raises ValueError for another resolution, IndexError for an index below 0 or not below `count`.
        """
        wanted = np.asarray(indices, np.int64)
        if resolution < 1 or self.resolution % resolution:
            raise ValueError(f"resolution {resolution} of pictures of {self.resolution}, expected a divisor")
        if wanted.size and not 0 <= wanted.min() <= wanted.max() < self.count:
            raise IndexError(f"pictures {wanted.min()}..{wanted.max()} of a data set of {self.count}")
        factor = self.resolution // resolution
        out = np.empty((len(wanted), resolution, resolution, 3), np.uint8)
        for row, index, shard in zip(out, wanted, np.searchsorted(self._starts, wanted, "right") - 1, strict=True):
            picture = self._shards[shard][index - self._starts[shard]]
            row[...] = picture if factor == 1 else np.asarray(Image.fromarray(picture).reduce(factor))
        return out


def open_dataset(path: Path) -> Pictures:
    """Open the data set in folder `path`, stored or drawn; of a stored one every shard is checked against the manifest.

    Raises DatasetError, in one line: no such folder, unfinished, unknown format, a manifest or shard that is damaged.
    """
    manifest, digest = read_manifest(path)
    if "world" in manifest:
        from vj.train.world.pictures import open_world

        return open_world(path, manifest, digest)
    return _stored(path, manifest, digest)


def _stored(path: Path, manifest: dict[str, Any], digest: str) -> Dataset:
    resolution, names = manifest["resolution"], tuple(manifest["known"])
    images, known = [], []
    for shard in manifest["shards"]:
        n = shard["count"]
        images.append(_mapped(path / shard["images"], (n, resolution, resolution, 3), np.dtype(np.uint8)))
        known.append(_mapped(path / shard["known"], (n, 1 + len(names)), np.dtype(np.float32)))
    table = np.concatenate(known)
    source = table[:, 0].astype(np.int32)
    if len(source) != manifest["count"]:
        raise DatasetError(f"{path}: shards of {len(source)} pictures, expected {manifest['count']} as in {MANIFEST}")
    if not 0 <= source.min() <= source.max() < len(manifest["sources"]):
        raise DatasetError(f"{path}: sources {source.min()}..{source.max()}, {MANIFEST} has {len(manifest['sources'])}")
    return Dataset(
        path=path,
        resolution=resolution,
        licence=manifest["licence"],
        known_names=names,
        source=frozen(source),
        known=frozen(np.ascontiguousarray(table[:, 1:])),
        sources=tuple(manifest["sources"]),
        digest=digest,
        _shards=tuple(images),
        _starts=np.cumsum([0, *(len(i) for i in images)])[:-1],
    )


def read_manifest(path: Path) -> tuple[dict[str, Any], str]:
    """The manifest of the data set in folder `path`, checked, and its sha256. Raises DatasetError."""
    file = path / MANIFEST
    if not path.is_dir():
        raise DatasetError(f"{path}: {'is a file' if path.exists() else 'no such folder'}, expected a data set")
    if not file.exists():
        unfinished = (path / PROGRESS).exists()
        raise DatasetError(
            f"{path}: is not finished, run the `vj dataset` command again that began it"
            if unfinished
            else f"{path}: holds no {MANIFEST}, expected a folder made by `vj dataset`"
        )
    data = _read(file)
    manifest = checked_json.tree(f"{file}", data, DatasetError)
    _check(file, manifest)
    return manifest, hashlib.sha256(data).hexdigest()


def _read(file: Path) -> bytes:
    try:
        return read_bytes(file, MAX_MANIFEST_BYTES)
    except OSError as e:
        raise DatasetError(f"{file}: cannot be read: {e.strerror or e}") from None


def _check(file: Path, manifest: Any) -> None:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else type(manifest).__name__
        raise DatasetError(f"{file}: format {found!r:.60}, expected {FORMAT}; a newer vj may read it")
    fits = (
        all(_whole(manifest.get(key)) for key in ("resolution", "count"))
        and isinstance(manifest.get("licence"), str)
        and _list_of(manifest.get("known"), str)
        and _list_of(manifest.get("sources"), dict)
        and _list_of(manifest.get("shards"), dict)
        and isinstance(manifest.get("settings", {}), dict)
        and all(_whole(s.get("count")) and _name(s.get("images")) and _name(s.get("known")) for s in manifest["shards"])
        and (manifest["shards"] or "world" in manifest)
    )
    if not fits:
        raise DatasetError(f"{file}: is damaged, expected resolution, count, licence, known, sources and shards")


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(v, kind) for v in value)


def _name(value: Any) -> bool:
    """A file of the folder itself: a manifest from elsewhere must not lead out of it."""
    return isinstance(value, str) and value.endswith(".npy") and Path(value).name == value


def _mapped(file: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    try:
        found = np.load(file, mmap_mode="r", allow_pickle=False)
    except OSError as e:
        raise DatasetError(f"{file}: cannot be read: {e.strerror or e}") from None
    # NumPy says ValueError of a file that is cut short, and EOFError of an empty one.
    except (ValueError, EOFError):
        raise DatasetError(f"{file}: is damaged or cut short, expected {dtype} {list(shape)}") from None
    if not isinstance(found, np.ndarray) or found.shape != shape or found.dtype != dtype:
        what = f"{found.dtype} {list(found.shape)}" if isinstance(found, np.ndarray) else "an archive"
        raise DatasetError(f"{file}: found {what}, expected {dtype} {list(shape)} as in {MANIFEST}")
    return found
