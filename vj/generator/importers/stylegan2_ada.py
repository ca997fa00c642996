"""From a stylegan2-ada-pytorch snapshot to a model of ours: find the generator, its shape and its tensors."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from vj.core.errors import ModelError
from vj.core.files import read_bytes, reason
from vj.core.types import F32
from vj.generator.arch import Arch, Architecture
from vj.generator.importers import pickle_reader
from vj.generator.importers.pickle_machine import Foreign, Inert, shown
from vj.generator.weights import Model, checked_model

#: The keys under which a snapshot holds its generator, best first: the averaged one is the one to show.
_GENERATORS = ("G_ema", "G")
_MAX_FILE_BYTES = 4 << 30
#: How files begin that people have instead, and what they are.
_OTHERS = (
    (rb"PK\x03\x04", "a zip archive, as PyTorch's own torch.save writes since 1.6 (.pt, .pth, .ckpt)"),
    (rb"\s*<(!doctype|html|\?xml|head|body)", "a web page: the download gave a page instead of the file"),
    (rb"version https://git-lfs", "a pointer of Git LFS: `git lfs pull` fetches the file itself"),
    (rb".{8}\{\"", "a safetensors file, which need not be imported if vj wrote it"),
    (rb"\x1f\x8b|7z|Rar!|\x28\xb5\x2f\xfd", "a compressed archive, to be unpacked first"),
    (rb"\x89HDF", "an HDF5 file, as Keras writes"),
    (rb"\Z", "empty: the download did not end, or nothing was written"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP", "a picture"),
    (rb"\x08[\x01-\x20]\x12.{1,2}(pytorch|tf2onnx|keras2onnx|onnx)", "an ONNX network, without latents to play by"),
)
_WANTED = "expected a pickle of stylegan2-ada-pytorch"
#: Layers of StyleGAN3's synthesis network: number, side, channels.
_STYLEGAN3 = re.compile(r"L\d+_\d+_\d+")


def import_snapshot(path: Path) -> Model:
    """Read a training snapshot. Raises ModelError naming the file and what is wrong with it."""
    snapshot = _read(path)
    try:
        generator = _find_generator(snapshot)
        arch = _arch(generator)
        tensors = {name: _tensor(generator, name, shape) for name, shape in arch.tensors().items()}
        card = {"name": path.stem, "origin": f"imported from {path.name} (stylegan2-ada-pytorch)"}
        return checked_model(arch, tensors, card)
    except ModelError as e:
        raise ModelError(f"{path}: {e}") from e


def import_discriminator(path: Path) -> tuple[tuple[int, ...], dict[str, F32]] | None:
    """The snapshot's discriminator: (feature maps that each block reads from 4×4 upward, its tensors f32[…] by name).

    None where there is none, or one of another kind than residual without labels. Raises ModelError as above.
    """
    snapshot = _read(path)
    found = snapshot.get("D") if isinstance(snapshot, dict) else None
    if not isinstance(found, Inert) or found.name != "Discriminator" or not isinstance(found.state, dict):
        return None
    state = found.state
    if state.get("c_dim") or state.get("architecture", "resnet") != "resnet" or state.get("img_channels") != 3:
        return None
    try:
        sides = [4 << i for i in range(max(_number(state, "img_resolution").bit_length() - 2, 0))]
        tensors = {name: a for side in sides for name, a in _parameters(found, f"b{side}")}
        kernels = [tensors.get("b4.fc.weight" if side == 4 else f"b{side}.conv0.weight") for side in sides]
        if any(kernel is None for kernel in kernels):
            raise ModelError("the discriminator lacks a convolution")
        return tuple(int(kernel.shape[0]) for kernel in kernels if kernel is not None), tensors
    except ModelError as e:
        raise ModelError(f"{path}: {e}") from e


def _parameters(root: Inert, block: str) -> Iterator[tuple[str, F32]]:
    """The weights and biases of a discriminator's block, by name."""
    for layer in ("fromrgb", "conv0", "conv1", "skip", "conv", "fc", "out"):
        for kind in ("weight", "bias"):
            name = f"{block}.{layer}.{kind}"
            if isinstance(a := _find(root, name), np.ndarray):
                yield name, _tensor(root, name, a.shape)


def _read(path: Path) -> Any:
    try:
        return _unpickled(read_bytes(path, _MAX_FILE_BYTES))
    except OSError as e:
        raise ModelError(f"{path}: cannot be read: {reason(e)}") from e
    except ModelError as e:
        raise e if str(path) in str(e) else ModelError(f"{path}: {e}") from e


def _unpickled(data: bytes) -> Any:
    for begins, what in _OTHERS:
        if re.match(begins, data[:512], re.I | re.S):
            raise ModelError(f"is {what}; {_WANTED}")
    return pickle_reader.read(data)


def _find_generator(snapshot: Any) -> Inert:
    """In a snapshot, or the generator by itself, as people save it."""
    held = snapshot if isinstance(snapshot, dict) else {"the file's object": snapshot}
    for key in _GENERATORS if isinstance(snapshot, dict) else held:
        if isinstance(found := held.get(key), Inert):
            return _generator(key, found)
    if isinstance(snapshot, tuple) and snapshot and isinstance(snapshot[0], Foreign):
        return _generator("its first object", snapshot[0])
    raise ModelError("no generator: expected a snapshot with G_ema")


def _generator(key: str, found: Inert) -> Inert:
    if found.name.startswith("dnnlib.tflib."):
        raise ModelError(f"is a StyleGAN of TensorFlow 1 (dnnlib.tflib); {_WANTED}, whose legacy.py converts it")
    if isinstance(found, Foreign):
        raise found.refusal()
    if found.name != "Generator" or not isinstance(found.state, dict):
        raise ModelError(f"{key} is a {found.name[:80]}, expected a Generator")
    synthesis = _find(found, "synthesis")
    if isinstance(synthesis, Inert) and any(_STYLEGAN3.match(str(name)) for name in _group(synthesis, "_modules")):
        raise ModelError("is a StyleGAN3 network, which vj cannot draw; expected a StyleGAN2")
    return found


def _find(module: Any, path: str) -> Any:
    """What a module holds under a dotted name: a module, a parameter, a buffer; None where there is nothing."""
    for name in path.split("."):
        if not isinstance(module, Inert):
            return None
        places = (_group(module, kind) for kind in ("_modules", "_parameters", "_buffers"))
        module = next((place[name] for place in places if name in place), None)
    return module


def _tensor(generator: Inert, name: str, shape: tuple[int, ...]) -> F32:
    found = _find(generator, name)
    if not isinstance(found, np.ndarray):
        raise ModelError(f"tensor {name} is missing, expected shape {shape}")
    if ".torgb." in name and name.endswith(("torgb.weight", "torgb.bias")):
        found = _in_colour(found)
    if found.shape != shape:
        raise ModelError(f"tensor {name}: found shape {found.shape}, expected {shape}")
    with np.errstate(over="ignore"):  # `checked_model` refuses the infinity that comes of it
        return found.astype(np.float32)


def _in_colour(found: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What makes a picture's channels, for three of them: grey is all three alike, transparency is left out."""
    if not found.ndim or found.shape[0] == 3:
        return found
    return found[:3] if found.shape[0] > 3 else np.repeat(found[:1], 3, axis=0)


def _group(module: Inert, name: str) -> dict[str, Any]:
    found = module.state.get(name) if isinstance(module.state, dict) else None
    return found if isinstance(found, dict) else {}


def _arch(generator: Inert) -> Arch:
    state = generator.state
    mapping = _find(generator, "mapping")
    if not (isinstance(mapping, Inert) and isinstance(_find(generator, "synthesis"), Inert)):
        raise ModelError("the generator has no mapping and synthesis networks")
    if (colours := _number(state, "img_channels")) not in (1, 3, 4):
        raise ModelError(f"pictures of {colours} channels, expected 1 (grey), 3 (RGB) or 4 (RGBA)")
    resolution = _number(state, "img_resolution")
    sides = [4 << i for i in range(max(resolution.bit_length() - 2, 0))]
    last = _find(generator, f"synthesis.b{resolution}")
    return Arch(
        resolution=resolution,
        channels=tuple(_channels(generator, side) for side in sides),
        z_dim=_number(state, "z_dim"),
        w_dim=_number(state, "w_dim"),
        mapping_layers=_number(mapping.state, "num_layers"),
        architecture=_architecture(last),
        conv_clamp=_conv_clamp(last),
        c_dim=_number(state, "c_dim"),
    )


def _channels(generator: Inert, side: int) -> int:
    name = f"synthesis.b{side}.conv1.weight"
    found = _find(generator, name)
    if not isinstance(found, np.ndarray) or found.ndim != 4:
        raise ModelError(f"tensor {name} is missing")
    return int(found.shape[0])


def _conv_clamp(block: Any) -> float:
    conv = _find(block, "conv1")
    found = conv.state.get("conv_clamp") if isinstance(conv, Inert) and isinstance(conv.state, dict) else None
    if found is not None and not (isinstance(found, int | float) and 0 <= found < 1e9):
        raise ModelError(f"conv_clamp: found {shown(found)}, expected a number")
    return float(found or 0.0)


def _architecture(block: Any) -> Architecture:
    found = block.state.get("architecture") if isinstance(block, Inert) and isinstance(block.state, dict) else None
    if not isinstance(found, str) or found not in get_args(Architecture):
        raise ModelError(f"architecture {shown(found)}: expected skip, resnet or orig")
    return cast(Architecture, found)


def _number(state: Any, name: str) -> int:
    found = state.get(name) if isinstance(state, dict) else None
    if type(found) is not int or not 0 <= found <= 65536:
        raise ModelError(f"{name}: found {shown(found)}, expected a whole number")
    return found
