"""A model's directions in a file beside it: M.directions for M.safetensors, a safetensors file with one tensor."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from vj.core.errors import ModelError
from vj.core.files import check_ordinary, replacing
from vj.core.types import F32, frozen
from vj.generator.latents.directions import COUNT

FORMAT = "1"
_TENSOR = "directions"
_MOST_BYTES = 16 << 20


def path_beside(model: Path) -> Path:
    """Where a model's directions are."""
    return model.with_suffix(".directions")


def load(model: Path, w_dim: int) -> F32:
    """f32[at most 16, w_dim], each as long as a standard deviation; none where there is no file.

    Raises ModelError, a line, for a file that is none.
    """
    path = path_beside(model)
    try:
        return _read(path, w_dim) if path.exists() else np.zeros((0, w_dim), np.float32)
    except ModelError as e:
        raise ModelError(f"directions {path}: {e}") from e
    except (SafetensorError, OSError) as e:
        raise ModelError(f"directions {path}: not a whole safetensors file ({e})") from e


def directions_of(model: Path, w_dim: int, tell: Callable[[str], None]) -> F32 | None:
    """The same f32[…, w_dim]; a file that is none is told, and the model is played without."""
    try:
        return load(model, w_dim)
    except ModelError as e:
        tell(str(e))
        return None


def _read(path: Path, w_dim: int) -> F32:
    check_ordinary(path)
    if path.stat().st_size > _MOST_BYTES:
        raise ModelError(f"found {path.stat().st_size} bytes, expected at most {_MOST_BYTES}")
    with safe_open(path, "np") as f:
        if (f.metadata() or {}).get("vj_directions") != FORMAT or _TENSOR not in f.keys():  # noqa: SIM118 – not a dict
            raise ModelError("is no file of directions; `vj model directions` makes one")
        found = f.get_tensor(_TENSOR)
    if found.ndim != 2 or found.shape[1] != w_dim or not 0 < len(found) <= COUNT:
        raise ModelError(f"found shape {found.shape}, expected 1 to {COUNT} of the model's {w_dim} numbers")
    if found.dtype not in (np.float16, np.float32) or not np.isfinite(found).all():
        raise ModelError(f"found {found.dtype} or what is no number, expected finite float16 or float32")
    return frozen(found.astype(np.float32))


def write(model: Path, directions: F32, method: str) -> Path:
    """Write f32[k, w_dim] beside a model, whole or not at all; returns where. Raises ModelError."""
    path = path_beside(model)
    data = save({_TENSOR: np.ascontiguousarray(directions, np.float32)}, {"vj_directions": FORMAT, "method": method})
    try:
        with replacing(path) as part:
            part.write_bytes(data)
    except OSError as e:
        raise ModelError(f"directions {path}: cannot be written: {e.strerror or e}") from e
    return path
