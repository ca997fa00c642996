"""From a stylegan2-ada-pytorch snapshot to a model of ours: find the generator, its shape and its tensors."""

from pathlib import Path
from typing import Any, cast

import numpy as np

from vj.errors import ModelError
from vj.gan import legacy_pickle
from vj.gan.arch import Arch, Architecture
from vj.gan.legacy_pickle import Inert
from vj.gan.weights import Model, checked_model
from vj.types import F32

#: The keys under which a snapshot holds its generator, best first: the averaged one is the one to show.
_GENERATORS = ("G_ema", "G")
_MAX_DEPTH = 8


def import_snapshot(path: Path) -> Model:
    """Read a training snapshot. Raises ModelError naming the file and what is wrong with it."""
    try:
        data = path.read_bytes()
    except OSError as e:
        raise ModelError(f"{path}: cannot be read: {e.strerror}") from e
    try:
        snapshot = legacy_pickle.read(data)
        generator = _find_generator(snapshot)
        tensors = _tensors(generator)
        arch = _arch(generator, tensors)
        card = {"name": path.stem, "origin": f"imported from {path.name} (stylegan2-ada-pytorch)"}
        return checked_model(arch, {k: v for k, v in tensors.items() if k in arch.tensors()}, card)
    except ModelError as e:
        raise ModelError(f"{path}: {e}") from e


def _find_generator(snapshot: Any) -> Inert:
    if isinstance(snapshot, dict):
        for key in _GENERATORS:
            if isinstance(found := snapshot.get(key), Inert):
                if found.name != "Generator" or not isinstance(found.state, dict):
                    raise ModelError(f"{key} is a {found.name}, expected a Generator")
                return found
    raise ModelError("no generator: expected a snapshot with G_ema")


def _tensors(module: Inert, prefix: str = "", depth: int = 0) -> dict[str, F32]:
    """Every parameter and buffer below a module, float32, by its dotted name."""
    if depth > _MAX_DEPTH:
        raise ModelError("modules are nested too deeply")
    out: dict[str, F32] = {}
    for group in ("_parameters", "_buffers"):
        for name, value in _group(module, group).items():
            if isinstance(value, np.ndarray):
                out[prefix + name] = value.astype(np.float32)
    for name, child in _group(module, "_modules").items():
        if isinstance(child, Inert):
            out |= _tensors(child, f"{prefix}{name}.", depth + 1)
    return out


def _group(module: Inert, name: str) -> dict[str, Any]:
    found = module.state.get(name) if isinstance(module.state, dict) else None
    return {str(k): v for k, v in found.items()} if isinstance(found, dict) else {}


def _arch(generator: Inert, tensors: dict[str, F32]) -> Arch:
    state = generator.state
    synthesis = _group(generator, "_modules").get("synthesis")
    mapping = _group(generator, "_modules").get("mapping")
    if not (isinstance(synthesis, Inert) and isinstance(mapping, Inert)):
        raise ModelError("the generator has no mapping and synthesis networks")
    if state.get("img_channels") != 3:
        raise ModelError(f"pictures of {state.get('img_channels')!r} channels, expected 3")
    resolution = _number(state, "img_resolution")
    sides = [4 << i for i in range(max(resolution.bit_length() - 2, 0))]
    names = [f"synthesis.b{side}.conv1.weight" for side in sides]
    if missing := [n for n in names if n not in tensors or tensors[n].ndim != 4]:
        raise ModelError(f"tensor {missing[0]} is missing")
    last = _group(synthesis, "_modules").get(f"b{resolution}")
    clamp = last.state.get("conv_clamp") if isinstance(last, Inert) and isinstance(last.state, dict) else None
    if clamp is None:
        clamp = _conv_clamp(last)
    return Arch(
        resolution=resolution,
        channels=tuple(tensors[n].shape[0] for n in names),
        z_dim=_number(state, "z_dim"),
        w_dim=_number(state, "w_dim"),
        mapping_layers=_number(mapping.state, "num_layers"),
        architecture=_architecture(last),
        conv_clamp=clamp,
        c_dim=_number(state, "c_dim"),
    )


def _conv_clamp(block: Any) -> float:
    conv = _group(block, "_modules").get("conv1") if isinstance(block, Inert) else None
    found = conv.state.get("conv_clamp") if isinstance(conv, Inert) and isinstance(conv.state, dict) else None
    if found is not None and not (isinstance(found, int | float) and 0 <= found < 1e9):
        raise ModelError(f"conv_clamp: found {found!r}, expected a number")
    return float(found or 0.0)


def _architecture(block: Any) -> Architecture:
    found = block.state.get("architecture") if isinstance(block, Inert) and isinstance(block.state, dict) else None
    if found not in ("skip", "resnet"):
        raise ModelError(f"architecture {found!r}: expected skip or resnet")
    return cast(Architecture, found)


def _number(state: Any, name: str) -> int:
    found = state.get(name) if isinstance(state, dict) else None
    if type(found) is not int or not 0 <= found <= 65536:
        raise ModelError(f"{name}: found {found!r}, expected a whole number")
    return found
