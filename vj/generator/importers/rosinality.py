"""From a checkpoint of rosinality's stylegan2-pytorch to a model of ours: the same network under other names.

Its scales are those of stylegan2-ada-pytorch, but for convolutions that are scaled before they are demodulated: all of
a layer alike, which demodulation takes back. So tensors are renamed and nothing else.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from vj.core.errors import ModelError
from vj.core.types import F32
from vj.generator.arch import Arch
from vj.generator.importers.pickle_reader import read_checkpoint
from vj.generator.latents.mapping import mapped
from vj.generator.weights import Model, checked_model

#: The averaged generator is the one to show.
_GENERATORS = ("g_ema", "g")
#: The only blur that our network knows; as it is kept, twice as large each way.
_BLUR = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16.0
_AVERAGE_OF = 10_000
_MOST_LAYERS = 64

_Tensors: TypeAlias = Mapping[str, np.ndarray[Any, Any]]


def import_checkpoint(data: bytes, name: str) -> Model:
    """The generator of a checkpoint. Raises ModelError for what is none."""
    held = read_checkpoint(data, (*_GENERATORS, "latent_avg"))
    found = next((held[key] for key in _GENERATORS if isinstance(held.get(key), dict)), None)
    if found is None:
        raise ModelError("no g_ema: expected a checkpoint of rosinality's stylegan2-pytorch")
    arch = _arch(found)
    tensors = {ours: _tensor(found, theirs, arch.tensors()[ours]) for ours, theirs in _names(arch)}
    tensors |= _noise(found, arch)
    average = held.get("latent_avg")
    if average is None:
        tensors["mapping.w_avg"] = _average(tensors, arch)
    else:
        tensors["mapping.w_avg"] = _shaped("latent_avg", average, (arch.w_dim,))
    origin = f"imported from {name} (stylegan2-pytorch by rosinality)"
    return checked_model(arch, tensors, {"name": Path(name).stem, "origin": origin})


def _arch(found: _Tensors) -> Arch:
    """What the shapes of its tensors say."""
    ups = [f"convs.{i}.conv.weight" for i in range(0, _MOST_LAYERS, 2) if f"convs.{i}.conv.weight" in found]
    first = _array(found, "input.input", 4)
    if first.shape[2:] != (4, 4):
        raise ModelError(f"begins with {first.shape[2]}×{first.shape[3]}, expected 4×4: the picture is no square")
    for key in found:
        if key.endswith((".blur.kernel", ".upsample.kernel")) and not _is_usual(found[key]):
            raise ModelError(f"{key}: found another filter than [1, 3, 3, 1]")
    layers = [i for i in range(1, _MOST_LAYERS) if f"style.{i}.weight" in found]
    if not layers:
        raise ModelError("tensor style.1.weight is missing")
    return Arch(
        resolution=4 << len(ups),
        channels=(_array(found, "conv1.conv.weight", 5).shape[1], *(_array(found, up, 5).shape[1] for up in ups)),
        z_dim=_array(found, "style.1.weight", 2).shape[1],
        w_dim=_array(found, "conv1.conv.modulation.weight", 2).shape[1],
        mapping_layers=len(layers),
    )


def _is_usual(kernel: np.ndarray[Any, Any]) -> bool:
    return kernel.shape == (4, 4) and bool(np.allclose(kernel, _BLUR, atol=1e-3))


def _names(arch: Arch) -> Iterator[tuple[str, str]]:
    """Our name and theirs of each tensor, but for w's average and the fixed noise."""
    for i in range(arch.mapping_layers):
        for kind in ("weight", "bias"):
            yield f"mapping.fc{i}.{kind}", f"style.{i + 1}.{kind}"
    yield "synthesis.b4.const", "input.input"
    for layer, side in enumerate(arch.noise_sides):
        ours = f"synthesis.b{side}.conv{(layer + 1) % 2}."
        theirs = f"convs.{layer - 1}." if layer else "conv1."
        yield ours + "weight", theirs + "conv.weight"
        yield ours + "bias", theirs + "activate.bias"
        yield ours + "noise_strength", theirs + "noise.weight"
        yield from _modulation(ours, theirs)
    for block, side in enumerate(arch.resolutions):
        ours = f"synthesis.b{side}.torgb."
        theirs = f"to_rgbs.{block - 1}." if block else "to_rgb1."
        yield ours + "weight", theirs + "conv.weight"
        yield ours + "bias", theirs + "bias"
        yield from _modulation(ours, theirs)


def _modulation(ours: str, theirs: str) -> Iterator[tuple[str, str]]:
    for kind in ("weight", "bias"):
        yield f"{ours}affine.{kind}", f"{theirs}conv.modulation.{kind}"


def _noise(found: _Tensors, arch: Arch) -> dict[str, F32]:
    """The fixed noise of each layer, f32[side, side]; where a checkpoint has none, a drawn one."""
    rng, out = np.random.default_rng(0), {}
    for layer, side in enumerate(arch.noise_sides):
        drawn, key = rng.standard_normal((side, side), np.float32), f"noises.noise_{layer}"
        kept = _tensor(found, key, (side, side)) if key in found else drawn
        out[f"synthesis.b{side}.conv{(layer + 1) % 2}.noise_const"] = kept
    return out


def _average(tensors: Mapping[str, F32], arch: Arch) -> F32:
    """The mean w of seeded latents, f32[w_dim]."""
    z = np.random.default_rng(0).standard_normal((_AVERAGE_OF, arch.z_dim), np.float32)
    return np.asarray(mapped(tensors, arch, z).mean(axis=0), np.float32)


def _array(found: _Tensors, key: str, dimensions: int) -> np.ndarray[Any, Any]:
    if key not in found:
        raise ModelError(f"tensor {key} is missing")
    if found[key].ndim != dimensions:
        raise ModelError(f"tensor {key}: found shape {found[key].shape}, expected {dimensions} dimensions")
    return found[key]


def _tensor(found: _Tensors, key: str, shape: tuple[int, ...]) -> F32:
    """One of theirs as f32[shape]: they keep a dimension of one in front, or behind, of some."""
    if key not in found:
        raise ModelError(f"tensor {key} is missing, expected shape {shape}")
    return _shaped(key, found[key], shape)


def _shaped(key: str, found: np.ndarray[Any, Any], shape: tuple[int, ...]) -> F32:
    plain = tuple(n for n in found.shape if n != 1)
    if plain != tuple(n for n in shape if n != 1):
        raise ModelError(f"tensor {key}: found shape {found.shape}, expected {shape}")
    with np.errstate(over="ignore"):  # `checked_model` refuses the infinity that comes of it
        return np.asarray(found.reshape(shape), np.float32)
