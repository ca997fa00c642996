"""The world as a data set: pictures are drawn when they are asked for, without end and always the same ones.

Picture `index` belongs to the normal numbers of a generator seeded by (seed, index); so any picture is there in any
order, and a training that resumes sees the very pictures that it would have seen.

A world may be asked to keep so many pictures: then there are no more than these, and each is drawn once for each side
(`vj.train.world.kept`).
"""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from vj.core.errors import DatasetError, UsageError
from vj.core.types import F32, U8
from vj.train.dataset import ENDLESS, FORMAT, I32, MANIFEST, Pictures, read_manifest
from vj.train.dataset_resume import make_folder
from vj.train.dataset_writer import write_json
from vj.train.world.kept import Kept
from vj.train.world.numbers import COUNT, MOST, NAMES
from vj.train.world.picture import draw

#: Another drawing of the same z is another version.
VERSION = 1
#: Smaller pictures are means of these, so that both share what is kept.
_SMALLEST = 32
SIDES = (8, 16, 32, 64, 128, 256, 512, 1024)
_LICENCE = "CC0-1.0"


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A `vj.train.dataset.Pictures` without files.

    seed  chooses which of all worlds' pictures are number 0, 1, …; flow: see `vj.train.world.picture.draw`
    """

    path: Path
    resolution: int
    seed: int
    digest: str
    licence: str = _LICENCE
    known_names: tuple[str, ...] = NAMES
    sources: tuple[dict[str, Any], ...] = ({"kind": "world", "name": "luminous liquid"},)
    count: int = ENDLESS
    flow: float = 1.0
    taught: bool = True
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(os.cpu_count(), "world"))
    _kept: dict[int, Kept] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known_ones(self, n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """See `Pictures`: i64[n]."""
        return rng.integers(0, self.count, n)

    def some_of(self, source: int, n: int) -> npt.NDArray[np.int64]:
        """See `Pictures`: i64[≤ n], the first ones; every picture of a world is as random as any other."""
        return np.arange(min(n, self.count)) if source == 0 else np.arange(0)

    def made_from(self, indices: npt.NDArray[np.int64]) -> tuple[I32, F32]:
        """See `Pictures`: (i32[n], f32[n, COUNT])."""
        known = ndtr(np.stack([numbers_of(self.seed, int(i)) for i in indices]))
        return np.zeros(len(indices), np.int32), known.astype(np.float32)

    def batch(self, indices: Sequence[int] | npt.NDArray[np.integer], resolution: int) -> U8:
        """See `Pictures`: u8[n, resolution, resolution, 3], drawn by all cores.

        Raises ValueError for a resolution that is not one of `SIDES`, DatasetError where kept pictures cannot be read
        or written.
        """
        if resolution not in SIDES:
            raise ValueError(f"resolution {resolution}, expected one of {SIDES}")
        side = max(resolution, _SMALLEST)
        drawn: U8 = np.stack(list(self._threads.map(lambda i: self._picture(int(i), side), indices)))
        factor = side // resolution
        if factor == 1:
            return drawn
        parts = drawn.reshape(-1, resolution, factor, resolution, factor, 3)
        out: U8 = (parts.mean((2, 4), dtype=np.float32) + np.float32(0.5)).astype(np.uint8)
        return out

    def walk(self, seed: int, steps: int, resolution: int) -> U8:
        """See `Pictures`: u8[steps + 1, resolution, resolution, 3]."""
        ends = np.random.default_rng([self.seed, ENDLESS, seed]).standard_normal((2, COUNT), np.float32)
        along = np.linspace(0.0, 0.5 * np.pi, steps + 1)
        zs = [np.float32(np.cos(a)) * ends[0] + np.float32(np.sin(a)) * ends[1] for a in along]
        return np.stack(list(self._threads.map(lambda z: draw(z, resolution, self.flow), zs)))

    def _picture(self, index: int, side: int) -> U8:
        kept = self._kept_at(side) if self.count < ENDLESS else None
        found = kept.get(index) if kept else None
        if found is None:
            found = draw(numbers_of(self.seed, index), side, self.flow)
            if kept:
                kept.put(index, found)
        return found

    def _kept_at(self, side: int) -> Kept:
        with self._lock:
            if side not in self._kept:
                self._kept[side] = Kept(self.path / f"drawn-{side}.u8", side)
            return self._kept[side]


def numbers_of(seed: int, index: int) -> F32:
    """What picture `index` is drawn from: f32[COUNT], normal, within ±MOST."""
    return np.clip(np.random.default_rng([seed, index]).standard_normal(COUNT, np.float32), -MOST, MOST)


def write_world(folder: Path, resolution: int, seed: int, keep: int | None = None, flow: float = 1.0) -> None:
    """Write the manifest of a world, which is all there is of it at first; `keep`: see above.

    Raises DatasetError where it cannot be written, UsageError where the folder holds anything else.
    """
    manifest = {
        "format": FORMAT, "resolution": resolution, "count": keep or ENDLESS, "licence": _LICENCE,
        "known": list(NAMES), "sources": [{"kind": "world", "name": "luminous liquid"}], "shards": [],
        "world": {"version": VERSION, "seed": seed, "flow": flow},
    }  # fmt: skip
    make_folder(folder)
    there = read_manifest(folder)[0] if (folder / MANIFEST).exists() else None
    if there == manifest:
        return
    if there or any(folder.iterdir()):
        what = "another world or data set" if there else "something else"
        raise UsageError(f"{folder}: holds {what}, expected a new or an empty folder, or the same arguments as before")
    write_json(folder / MANIFEST, manifest)


def open_world(path: Path, manifest: dict[str, Any], digest: str) -> Pictures:
    """The world that a manifest names. Raises DatasetError for one of another version."""
    world = manifest["world"]
    version, seed, flow = (world.get(k) if isinstance(world, dict) else None for k in ("version", "seed", "flow"))
    if version != VERSION or not isinstance(seed, int) or not isinstance(flow, int | float) or not 0 <= flow <= 1:
        raise DatasetError(
            f"{path / MANIFEST}: world {world!r:.60}, expected version {VERSION}, a seed and a flow of 0..1"
        )
    return World(path, manifest["resolution"], seed, digest, count=manifest["count"], flow=float(flow))
