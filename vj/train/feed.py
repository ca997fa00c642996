"""What one training step is fed: a function of the seed and of how many pictures were seen, and of nothing else.

So a training that was stopped and resumed sees the very pictures, latents and noise it would have seen, and so does
each process of a training on many machines.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vj.core.errors import TrainingError
from vj.train import augment, draws
from vj.train.dataset import Pictures
from vj.train.networks import DETAIL_SCALE, detail_side
from vj.train.settings import Settings, Stage
from vj.train.state import discriminator_side, generator_arch
from vj.train.teacher import Coordinates

Inputs = dict[str, npt.NDArray[Any]]
_KINDS = ("teach", "sharpen", "gan", "r1", "path", "enter", "augment", "detail")


def rng_of(settings: Settings, seen: int, kind: str) -> np.random.Generator:
    """The random numbers of one step."""
    return np.random.default_rng([settings.seed, seen, _KINDS.index(kind)])


@dataclass(frozen=True, slots=True)
class Feed:
    """Draws the inputs of steps (`vj.train.networks` says what they are)."""

    settings: Settings
    dataset: Pictures
    coordinates: Coordinates

    @staticmethod
    def of(settings: Settings, dataset: Pictures) -> "Feed":
        """Raises TrainingError where the schedule asks for what the data set cannot give."""
        if dataset.resolution < settings.resolution:
            raise TrainingError(
                f"{dataset.path}: pictures of {dataset.resolution}×{dataset.resolution}, "
                f"the schedule ends at {settings.resolution}×{settings.resolution}"
            )
        coordinates = Coordinates(len(dataset.sources), len(dataset.known_names), settings.generator.z_dim)
        feed = Feed(settings, dataset, coordinates)
        if any(stage.kind in ("teach", "sharpen") for stage in settings.stages) and not dataset.taught:
            raise TrainingError(f"{dataset.path}: no picture has known parameters; expected a schedule of gan stages")
        return feed

    def inputs(self, kind: str, stage: Stage, seen: int, p: float = 0.0) -> Inputs:
        """For a step of `kind`: the stage's own, "r1" or "path"; p is the chance of each augmentation."""
        return self.plain(kind, stage, seen) | self.augmented(kind, stage, seen, p)

    def plain(self, kind: str, stage: Stage, seen: int) -> Inputs:
        """All of `inputs` but what augmentation needs: known before the steps before it were taken."""
        rng, n = rng_of(self.settings, seen, kind), stage.batch
        arch = generator_arch(self.settings, stage.resolution)
        if kind == "r1":
            real = {"real": self._real(self._any(n, rng), stage, rng)}
            # Parts of pictures are drawn by the last blocks alone: there the penalty is at real ones only.
            whole = self.settings.relativistic and stage.kind != "detail"
            return real | (self._imagined(stage, n, rng) if whole else {})
        if kind == "path":
            n = max(n // 2, 1)
            noise = rng.standard_normal((n, stage.resolution, stage.resolution, 3), np.float32)
            return self._imagined(stage, n, rng) | {"direction": noise}
        if kind == "detail":
            return self._part_of(stage, n, rng)
        if kind == "gan":
            return self._imagined(stage, n, rng) | {"real": self._real(self._any(n, rng), stage, rng)}
        return self._known(n, stage, rng) | {f"noise{i}": a for i, a in enumerate(draws.noises(arch, n, rng))}

    def augmented(self, kind: str, stage: Stage, seen: int, p: float) -> Inputs:
        """What is done to the pictures that the discriminator sees; nothing where p is 0."""
        if not p:
            return {}
        seen_by_d: dict[str, tuple[str, ...]] = {"teach": (), "path": ()}
        if not self.settings.relativistic:
            seen_by_d["r1"] = ("real",)
        whose = seen_by_d.get(kind, ("real", "fake"))
        rng = np.random.default_rng([self.settings.seed, seen, _KINDS.index("augment"), _KINDS.index(kind)])
        side, groups = discriminator_side(stage), self.settings.ada_groups
        drawn = {of: augment.draw(rng, stage.batch, p, side, groups) for of in whose}
        return {f"aug_{of}.{name}": a for of, arrays in drawn.items() for name, a in arrays.items()}

    def examples(self, n: int, stage: Stage) -> Inputs:
        """{"z", "real"}: the same n known pictures of the data set at every call, and their latents."""
        return self._known(n, stage, np.random.default_rng([self.settings.seed, len(_KINDS)]))

    def _known(self, n: int, stage: Stage, rng: np.random.Generator) -> Inputs:
        picked = self.dataset.known_ones(n, rng)
        z = self.coordinates.latents(*self.dataset.made_from(picked), rng)
        return {"z": z, "real": self.dataset.batch(picked, stage.resolution)}

    def _imagined(self, stage: Stage, n: int, rng: np.random.Generator) -> Inputs:
        arch = generator_arch(self.settings, stage.resolution)
        out: Inputs = {"z": draws.latents(arch, n, rng)}
        if self.settings.mixing:
            out |= {"z_mix": draws.latents(arch, n, rng), "mixed": draws.mixed_rows(arch, n, self.settings.mixing, rng)}
        return out | {f"noise{i}": a for i, a in enumerate(draws.noises(arch, n, rng))}

    def _part_of(self, stage: Stage, n: int, rng: np.random.Generator) -> Inputs:
        """The whole picture's latents and lower noises, a corner, and noises and real pictures of the part's size."""
        arch = generator_arch(self.settings, stage.resolution)
        cut, below = detail_side(arch), stage.resolution // DETAIL_SCALE
        out: Inputs = {"z": draws.latents(arch, n, rng), "real": self._real(self._any(n, rng), stage, rng)}
        out["corner"] = rng.integers(0, below - cut + 1, 2).astype(np.int32)
        for i, side in enumerate(arch.noise_sides):
            shown = side if side <= below else cut * side // below
            out[f"noise{i}"] = rng.standard_normal((n, shown, shown, 1), np.float32)
        return out

    def _any(self, n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        return rng.integers(0, self.dataset.count, n)

    def _real(self, picked: npt.NDArray[np.int64], stage: Stage, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
        real = self.dataset.batch(picked, stage.resolution)
        if (side := discriminator_side(stage)) != stage.resolution:
            corners = rng.integers(0, stage.resolution - side + 1, (len(real), 2))
            real = np.stack([a[y : y + side, x : x + side] for a, (y, x) in zip(real, corners, strict=True)])
        if self.settings.flips:
            mirrored = rng.random(len(real)) < 0.5
            real[mirrored] = real[mirrored, :, ::-1]
        return real
