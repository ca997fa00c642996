"""Model files: safetensors with the model's card in the header. Read and written without TensorFlow.

The header's metadata holds `vj` (the format's version) and `card`, a JSON object: `arch` (the fields of `Arch`) and
what a person wants to know: name, training data and length, licence, notes. Tensors are named and laid out as in
stylegan2-ada-pytorch and may be stored in half precision.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from vj.core import checked_json
from vj.core.errors import ModelError
from vj.core.files import check_ordinary, replacing
from vj.core.types import F32, frozen
from vj.generator.arch import Arch

FORMAT = "1"


@dataclass(frozen=True, slots=True)
class Model:
    """A network: its shape, its tensors as float32 by name, and its card without the shape."""

    arch: Arch
    tensors: Mapping[str, F32]
    card: Mapping[str, Any]

    @property
    def z_names(self) -> tuple[str, ...]:
        """What the first numbers of z mean, where the card says it; none otherwise."""
        said = self.card.get("z")
        if not isinstance(said, list) or not all(isinstance(name, str) for name in said):
            return ()
        return tuple(said[: self.arch.z_dim])


def checked_model(arch: Arch, tensors: Mapping[str, F32], card: Mapping[str, Any]) -> Model:
    """A model, if the tensors f32[…] are those of `arch`. Raises ModelError naming the first that is not."""
    expected = arch.tensors()
    for name, shape in expected.items():
        if name not in tensors:
            raise ModelError(f"tensor {name} is missing, expected shape {shape}")
        if tensors[name].shape != shape:
            raise ModelError(f"tensor {name}: found shape {tensors[name].shape}, expected {shape}")
        if not np.isfinite(tensors[name]).all():
            raise ModelError(f"tensor {name}: holds NaN or infinity")
    if extra := tensors.keys() - expected.keys():
        raise ModelError(f"tensor {min(extra)} does not belong to a network of this shape")
    return Model(arch, {k: frozen(np.asarray(v, np.float32)) for k, v in tensors.items()}, dict(card))


def load_model(path: Path) -> Model:
    """Read a model file. Raises ModelError naming the file and what is wrong with it."""
    arch, card = read_card(path)
    try:
        with safe_open(path, "np") as f:
            tensors = {name: _float32(name, f.get_tensor(name)) for name in f.keys()}  # noqa: SIM118 – not a dict
        return checked_model(arch, tensors, card)
    except ModelError as e:
        raise ModelError(f"{path}: {e}") from e
    except (SafetensorError, OSError) as e:
        raise ModelError(f"{path}: not a whole safetensors file ({e})") from e


def read_card(path: Path) -> tuple[Arch, dict[str, Any]]:
    """The shape and the card of a model file, without reading its tensors."""
    try:
        if path.is_dir():
            raise ModelError("is a folder, expected a .safetensors file")
        check_ordinary(path)
        with safe_open(path, "np") as f:
            metadata = f.metadata() or {}
        if metadata.get("vj") != FORMAT:
            raise ModelError("a safetensors file without vj's card; `vj model import` makes one")
        card = checked_json.tree("the card", metadata.get("card", ""), ModelError)
        if not isinstance(card, dict):
            raise ModelError("the card is not a table")
        return Arch.from_dict(card.pop("arch", None)), card
    except FileNotFoundError:
        raise ModelError(f"{path}: no such file") from None
    except ModelError as e:
        raise ModelError(f"{path}: {e}") from e
    except (SafetensorError, OSError, struct.error) as e:
        raise ModelError(f"{path}: not a whole safetensors file ({e})") from e


def save_model(path: Path, model: Model, *, half: bool = False) -> None:
    """Write a model file, whole or not at all. Raises ModelError where it cannot be written.

    half  in half precision, but for tensors with numbers that it cannot hold
    """
    tensors = {
        k: np.asarray(v, np.float16 if half and _fits_half(v) else np.float32, order="C")
        for k, v in model.tensors.items()
    }
    card = json.dumps({**model.card, "arch": model.arch.as_dict()}, ensure_ascii=False, sort_keys=True)
    try:
        with replacing(path) as part:
            part.write_bytes(save(tensors, {"vj": FORMAT, "card": card}))
    except OSError as e:
        raise ModelError(f"{path}: cannot be written: {e.strerror}") from e


def _fits_half(values: F32) -> bool:
    return bool(np.abs(values).max(initial=0.0) <= np.finfo(np.float16).max)


def _float32(name: str, found: np.ndarray[Any, Any]) -> F32:
    if found.dtype not in (np.float16, np.float32):
        raise ModelError(f"tensor {name}: found {found.dtype}, expected float16 or float32")
    return found.astype(np.float32)
