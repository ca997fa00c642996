"""What `vj model` does: import, describe, sample."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vj.core.errors import ModelError, UsageError, one_line
from vj.core.types import F32
from vj.generator.arch import Arch
from vj.generator.importers.network import ENDINGS, import_network
from vj.generator.opening import choose, remembered
from vj.generator.weights import Model, load_model, read_card, save_model

Noise = Literal["none", "const", "random"]


def import_file(source: Path, target: Path) -> None:
    """Turn a file that holds a network into a model file. Raises ModelError; writes nothing then."""
    if target.suffix != ".safetensors":
        raise UsageError(f"{target}: found the ending {target.suffix!r}, expected .safetensors")
    save_model(target, import_network(source))


def networks_in(folder: Path) -> list[Path]:
    """The files of a folder, and of those in it, that may hold a network. Raises UsageError where there are none."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())
    if not found:
        raise UsageError(f"{folder}: found no file of a network, expected {', '.join(ENDINGS)}")
    return found


def targets_of(sources: Sequence[Path], root: Path, folder: Path) -> list[Path]:
    """Where the model of each file below `root` goes, each to a file of its own, also where case does not count.

    By its name; where two have one name, by the names of the folders on the way, too.
    """
    names = Counter(path.stem.casefold() for path in sources)
    used: set[str] = set()
    targets = []
    for path in sources:
        twin = names[path.stem.casefold()] > 1
        stem = name = "_".join(path.relative_to(root).parts) if twin else path.stem
        number = 1
        while name.casefold() in used:
            number += 1
            name = f"{stem}_{number}"
        used.add(name.casefold())
        targets.append(folder / f"{name}.safetensors")
    return targets


def describe(path: Path) -> dict[str, Any]:
    """The card, the shape, and what follows from it."""
    arch, card = read_card(path)
    parameters = sum(math.prod(shape) for name, shape in arch.tensors().items() if not name.endswith("noise_const"))
    return {
        **card, "arch": arch.as_dict(), "parameters": parameters, "gmac": arch.gmac(), "engine": choose(path, "auto"),
        "engine_ms": remembered(arch),
    }  # fmt: skip


def describe_text(path: Path) -> str:
    """The same for people."""
    found = describe(path)
    arch = found.pop("arch")
    channels = ", ".join(f"{4 << i}:{n}" for i, n in enumerate(arch["channels"]))
    lines = [
        f"{path}: {arch['resolution']}×{arch['resolution']}, {arch['architecture']}, z {arch['z_dim']}, "
        f"w {arch['w_dim']}, {arch['mapping_layers']} mapping layers",
        f"channels: {channels}",
        f"{found.pop('parameters'):,} parameters, {found.pop('gmac'):.2f} GMAC a picture",
        f"engine: {_engine_text(found.pop('engine'), found.pop('engine_ms'))}",
    ]
    lines += [f"{key.replace('_', ' ')}: {value}" for key, value in sorted(found.items())]
    return "\n".join(map(one_line, lines))


def _engine_text(name: str, times_ms: Mapping[str, float] | None) -> str:
    if not times_ms:
        return f"{name}; the engines were not timed with this shape yet"
    found = ", ".join(f"{one} {ms:.1f}" for one, ms in sorted(times_ms.items()))
    return f"{name}; milliseconds a picture when they were timed: {found}"


def sample(path: Path, seed: int, psi: float, noise: Noise, out: Path) -> None:
    """Draw one picture: z = RandomState(seed).randn(1, z_dim), truncation `psi`.

    .npy gets float32 [h, w, 3], the network's own output before clipping; .png the picture. Raises ModelError or
    UsageError.
    """
    if out.suffix not in (".npy", ".png"):
        raise UsageError(f"{out}: found the ending {out.suffix!r}, expected .npy or .png")
    model = load_model(path)
    picture = draw(model, seed, psi, noise)
    try:
        if out.suffix == ".npy":
            np.save(out, picture)
        else:
            _save_png(out, picture)
    except OSError as e:
        raise ModelError(f"{out}: cannot be written: {e.strerror or e}") from e


def draw(model: Model, seed: int, psi: float, noise: Noise) -> F32:
    """The network's picture for a seed, f32[h, w, 3], about −1..1, before clipping."""
    from vj.generator.load_tensorflow import import_tensorflow
    from vj.generator.xla import configure_tensorflow

    configure_tensorflow()
    import_tensorflow()
    from vj.generator import stylegan2

    arch = model.arch
    p = stylegan2.prepare(model.tensors, arch)
    z = np.random.RandomState(seed).randn(1, arch.z_dim).astype(np.float32)
    w = stylegan2.truncate(stylegan2.mapping(p, arch, z), p["w_avg"], psi)
    ws = np.repeat(np.asarray(w)[:, None], arch.num_ws, axis=1)
    out: F32 = np.asarray(stylegan2.synthesis(p, arch, ws, noises(model, noise, seed)))[0]
    return out


def noises(model: Model, kind: Noise, seed: int) -> list[F32 | None]:
    """One noise f32[side, side] per convolution layer: none, the fixed one of the file, or a fresh one for the seed."""
    arch: Arch = model.arch
    rng = np.random.default_rng(seed)
    out: list[F32 | None] = []
    for layer, side in enumerate(arch.noise_sides):
        name = f"synthesis.b{side}.conv{(layer + 1) % 2}.noise_const"
        fixed = model.tensors[name] if kind == "const" else None
        out.append(rng.standard_normal((side, side), np.float32) if kind == "random" else fixed)
    return out


def _save_png(path: Path, picture: F32) -> None:
    from PIL import Image

    levels = np.clip(picture * 127.5 + 128.0, 0.0, 255.0).astype(np.uint8)
    Image.fromarray(levels).save(path)
