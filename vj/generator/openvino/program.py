"""A network compiled for this processor, kept on disk: with it a generator starts without Keras and without TensorFlow.

The file belongs to one network: its name is a digest of all that the compiled graphs depend on, and its first bytes are
a digest of the rest, so that half a file, or one that was changed, is no program but compiled anew.
"""

import contextlib
import hashlib
import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from vj.core import resources
from vj.core.files import can_keep_in, read_bytes, write_bytes
from vj.core.logs import LOG
from vj.generator.machine import processor, version
from vj.generator.openvino.cuts import Piece
from vj.generator.weights import Model

#: What the graphs are made of: where one of these files changes, so does the name of every program.
_SOURCES = ("../stylegan2.py", "../warp.py", "../engine.py", "../bending/primitives.py", "../bending/spec.py",
            "graph.py", "cuts.py", "precision.py", "compiling.py")  # fmt: skip
_MOST_BYTES = 1 << 32
#: Programs kept, and bytes of all that are; who tries every snapshot of a training must not fill a disk.
_KEPT, _KEPT_BYTES = 24, 1 << 31


@dataclass(frozen=True, slots=True)
class Program:
    """The compiled graphs as the library exports them.

    precision  of each site, "f32" or "bf16"
    graphs     "mapping", pieces ("first-last") and bends ("bend-kind-height-width-channels")
    """

    precision: tuple[str, ...]
    graphs: Mapping[str, bytes]

    @property
    def pieces(self) -> dict[Piece, bytes]:
        """The graphs of the synthesis network."""
        named = {name: blob for name, blob in self.graphs.items() if name[0].isdigit()}
        return {Piece(*map(int, name.split("-"))): blob for name, blob in named.items()}


def bend_name(kind: int, shape: tuple[int, ...]) -> str:
    """The name of a bend's graph for features of a shape [1, h, w, c]."""
    return "-".join(map(str, ("bend", kind, *shape[1:])))


def default_folder() -> Path | None:
    """Where programs lie; None for a user without a folder of caches, or with one that cannot be written to."""
    caches = resources.cache_dir()
    folder = caches / "openvino" if caches else None
    return folder if folder and can_keep_in(folder) else None


def program_path(folder: Path, model: Model, bf16: bool) -> Path:
    """The file of this network on this machine and under this library, whether or not it is there."""
    digest = hashlib.sha256()
    for said in (version("openvino"), processor(), f"bf16 {bf16}", json.dumps(model.arch.as_dict(), sort_keys=True)):
        digest.update(said.encode() + b"\0")
    for source in _SOURCES:
        digest.update((Path(__file__).parent / source).read_bytes())
    for name in sorted(model.tensors):
        digest.update(name.encode() + np.ascontiguousarray(model.tensors[name]).tobytes())
    return folder / f"{digest.hexdigest()[:32]}.program"


def read_program(path: Path) -> Program | None:
    """The program of a file; None where there is none, or none that is whole. It counts as new from now on."""
    try:
        data = read_bytes(path, _MOST_BYTES)
    except OSError:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    body = data[32:]
    if hashlib.sha256(body).digest() != data[:32]:
        LOG.warning("%s: not a whole program; it is compiled anew", path)
        return None
    try:
        graphs = {name: array.tobytes() for name, array in load(body).items()}
        precision = tuple(json.loads(graphs.pop("precision")))
    except (SafetensorError, KeyError, ValueError) as e:
        LOG.warning("%s: not a program (%s); it is compiled anew", path, e)
        return None
    return Program(precision, graphs)


def write_program(path: Path, program: Program) -> None:
    """Keep a program, whole or not at all; where that cannot be it is compiled again next time."""
    graphs: dict[str, Any] = {**program.graphs, "precision": json.dumps(program.precision).encode()}
    body = save({name: np.frombuffer(blob, np.uint8) for name, blob in graphs.items()})
    try:
        write_bytes(path, hashlib.sha256(body).digest() + body)
        _remove_oldest(path.parent)
    except OSError as e:
        LOG.warning("%s: cannot be written: %s", path, e)


def _remove_oldest(folder: Path) -> None:
    """All but the newest, of which there is one at least."""
    found = sorted(((p, p.stat()) for p in folder.glob("*.program")), key=lambda one: one[1].st_mtime, reverse=True)
    so_far = itertools.accumulate(status.st_size for _, status in found)
    for i, ((path, _), size) in enumerate(zip(found, so_far, strict=True)):
        if i and (i >= _KEPT or size > _KEPT_BYTES):
            with contextlib.suppress(OSError):
                path.unlink()
