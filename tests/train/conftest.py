"""A data set of pictures whose parameters are known, small enough to be learned within a test."""

import json
from pathlib import Path

import numpy as np
import pytest

from vj.core.types import F32, U8
from vj.train.dataset import FORMAT, MANIFEST, Dataset, open_dataset


def toy_pictures(source: F32, known: F32, side: int) -> U8:
    """Source 0: a soft disc at (known 0, known 1); source 1: a wave of phase known 0 and colour known 1."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / (side - 1)
    out = np.empty((len(source), side, side, 3), np.float32)
    for i, (s, (a, b)) in enumerate(zip(source, known, strict=True)):
        if s == 0:
            disc = np.exp(-((x - 0.2 - 0.6 * a) ** 2 + (y - 0.2 - 0.6 * b) ** 2) * 20)
            out[i] = np.stack([disc, disc * 0.5, 1 - disc], -1)
        else:
            wave = 0.5 + 0.5 * np.sin(6.28 * (x + a))
            out[i] = np.stack([wave, b * wave, (1 - b) * wave], -1)
    return np.round(out * 255).astype(np.uint8)


def write_toy_dataset(folder: Path, side: int = 16, count: int = 64) -> Path:
    rng = np.random.default_rng(5)
    known = rng.random((count, 2)).astype(np.float32)
    source = (np.arange(count) % 2).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "images-00000.npy", toy_pictures(source, known, side))
    np.save(folder / "known-00000.npy", np.concatenate([source[:, None], known], 1))
    manifest = {
        "format": FORMAT,
        "resolution": side,
        "count": count,
        "licence": "CC0-1.0",
        "known": ["a", "b"],
        "sources": [{"kind": "toy", "name": name} for name in ("disc", "wave")],
        "shards": [{"count": count, "images": "images-00000.npy", "known": "known-00000.npy"}],
    }
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="session")
def larger_toy_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return open_dataset(write_toy_dataset(tmp_path_factory.mktemp("toy") / "data", side=64))


@pytest.fixture(scope="session")
def toy_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return open_dataset(write_toy_dataset(tmp_path_factory.mktemp("toy") / "data"))
