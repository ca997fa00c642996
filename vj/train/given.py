"""Weights to go on from: a model of ours, a training of ours, or a stylegan2-ada-pytorch snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vj.core.errors import ModelError, TrainingError
from vj.core.types import F32
from vj.generator.arch import Arch
from vj.generator.importers.stylegan2_ada import import_discriminator, import_snapshot
from vj.generator.weights import load_model
from vj.train.checkpoint import checkpoints, load_checkpoint
from vj.train.discriminator import DiscriminatorArch
from vj.train.state import part, resolution_of


@dataclass(frozen=True, slots=True)
class Given:
    """A generator's shape, its weights as "g.…" and, where the source has one, a discriminator's as "d.…".

    resolution  what the weights reach; a training that was not done gives those of its lower blocks
    """

    arch: Arch
    resolution: int
    d_channels: tuple[int, ...]
    weights: Mapping[str, F32]


def given_weights(path: Path) -> Given:
    """Read `path`: a model file, a checkpoint or the folder of a training, or a .pkl.

    Raises VjErrors naming the file and what is wrong with it.
    """
    if path.is_dir():
        kept = checkpoints(path)
        if not kept:
            raise TrainingError(f"{path}: a folder without checkpoints, expected one of `vj train`")
        return _from_checkpoint(kept[-1])
    if path.suffix == ".pkl":
        return _from_snapshot(path)
    if path.name.startswith("checkpoint-"):
        return _from_checkpoint(path)
    model = load_model(path)
    return Given(model.arch, model.arch.resolution, model.arch.channels, _prefixed("g.", model.tensors))


def _from_checkpoint(path: Path) -> Given:
    """The averaged generator, and the discriminator it was trained against."""
    found = load_checkpoint(path)
    weights = _prefixed("g.", part(found.state, "ema.")) | _prefixed("d.", part(found.state, "d."))
    return Given(found.settings.generator, resolution_of(found.state), found.settings.d_channels, weights)


def _from_snapshot(path: Path) -> Given:
    model = import_snapshot(path)
    found = import_discriminator(path)
    weights = _prefixed("g.", model.tensors)
    if found is None:
        return Given(model.arch, model.arch.resolution, model.arch.channels, weights)
    channels, tensors = found
    expected = DiscriminatorArch(model.arch.resolution, channels).tensors()
    if wrong := [name for name in expected if name not in tensors or tensors[name].shape != expected[name]]:
        raise ModelError(f"{path}: the discriminator's {wrong[0]} is missing or of another shape")
    weights |= _prefixed("d.", {name: tensors[name] for name in expected})
    return Given(model.arch, model.arch.resolution, channels, weights)


def _prefixed(prefix: str, tensors: Mapping[str, F32]) -> dict[str, F32]:
    return {prefix + name: a for name, a in tensors.items()}
