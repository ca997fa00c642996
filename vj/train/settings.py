"""What is trained, how, and for how long: values that a checkpoint keeps and that resuming must not change."""

import math
import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, cast

from vj.core.errors import ModelError, TrainingError
from vj.generator.arch import Arch
from vj.train.augment import GROUPS

#: The default model's shape: 0.94 GMAC a picture, which two cores of a processor play at a display's rate.
LIVE_256 = Arch(resolution=256, channels=(128, 128, 128, 128, 64, 32, 16), mapping_layers=4)
Kind = Literal["teach", "sharpen", "gan", "detail"]
_STAGE = re.compile(r"(teach|sharpen|gan|detail)@(\d+)x(\d+):([0-9.]+)k")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of the training: `kimg` thousand pictures at one resolution and batch size.

    kind  "teach": regression to pictures with known parameters; "sharpen": the same with a discriminator beside it;
          "gan": adversarial alone; "detail": the last blocks alone, adversarially on parts of the picture
    """

    kind: Kind
    resolution: int
    batch: int
    kimg: float

    def __str__(self) -> str:
        return f"{self.kind}@{self.resolution}x{self.batch}:{self.kimg:g}k"


@dataclass(frozen=True, slots=True)
class Settings:
    """Hyper-parameters; the defaults are those that trained the default model.

    generator       shape of the finished generator; stages of lower resolution train its lower blocks
    d_channels      feature maps of the discriminator's blocks, from 4×4 upward
    rate            learning rate of both networks; `teach_rate` of the generator while it is taught
    mapping_rate    factor on the mapping network's learning rate while it is taught
    gamma           weight of R1; every `r1_every` steps
    relativistic    real and drawn pictures are judged beside one another, with R2 beside R1
    path_weight     weight of path length regularisation, 0 for none; every `path_every` steps, on half the batch
    mixing          chance of style mixing
    ema_kimg        half-life of the averaged generator in thousand pictures, at most `ema_ramp` of those seen
    ada_target      real logits' mean sign that augmentation aims at; 0 switches augmentation off
    ada_kimg        thousand pictures over which its probability may go from 0 to 1
    ada_groups      of `vj.train.augment.GROUPS`
    taught_weight   weight of the distance to the known picture while sharpening, as seen at `taught_side` pixels
    taught_noise    strength at which the noise inputs are held while taught
    learn_noise     later their strengths are learned; otherwise they are held throughout
    flips           real pictures are mirrored at random (not while taught)
    projected       the discriminator is heads that see through a frozen network (`vj.train.projected`), with the hinge
                    loss; R1 is at what the heads see
    heads_rate      their learning rate
    """

    stages: tuple[Stage, ...]
    generator: Arch = LIVE_256
    d_channels: tuple[int, ...] = LIVE_256.channels
    seed: int = 0
    rate: float = 0.0015
    teach_rate: float = 0.01
    mapping_rate: float = 30.0
    gamma: float = 0.3
    r1_every: int = 16
    relativistic: bool = False
    path_weight: float = 0.0
    path_every: int = 4
    mixing: float = 0.5
    ema_kimg: float = 10.0
    ema_ramp: float = 0.05
    ada_target: float = 0.0
    ada_kimg: float = 500.0
    ada_groups: tuple[str, ...] = GROUPS
    taught_weight: float = 1.0
    taught_side: int = 8
    taught_noise: float = 0.03
    learn_noise: bool = True
    flips: bool = False
    projected: bool = False
    heads_rate: float = 0.0002

    def __post_init__(self) -> None:
        if not self.stages:
            raise TrainingError("nothing to train: the schedule has no stage")
        for stage in self.stages:
            _check_stage(stage, len(self.generator.channels), len(self.d_channels))
        if wrong := set(self.ada_groups) - set(GROUPS):
            raise TrainingError(f"augmentation {min(wrong)!r:.60}: expected some of {', '.join(GROUPS)}")
        if not 0 <= self.ada_target < 1 or not self.ada_kimg > 0:
            raise TrainingError(
                f"augmentation's target {self.ada_target:g} over {self.ada_kimg:g} thousand pictures: "
                "expected a target from 0 to below 1 over more than 0"
            )
        if self.projected:
            _check_projected(self)
        sides = [stage.resolution for stage in self.stages]
        if self.generator.architecture != "skip" and sides[0] != self.generator.resolution:
            raise TrainingError(f"schedule of resolutions {sides}: a generator that draws at its end alone cannot grow")
        if sides != sorted(sides):
            raise TrainingError(f"schedule of resolutions {sides}: a network can only grow")

    @property
    def resolution(self) -> int:
        """Side of the finished network's pictures."""
        return self.stages[-1].resolution

    @property
    def total_images(self) -> int:
        """Pictures shown over all stages."""
        return sum(images(stage) for stage in self.stages)

    def stage_at(self, seen: int) -> tuple[int, Stage, int] | None:
        """(index, stage, pictures seen within it) after `seen` pictures; None when all is done."""
        for index, stage in enumerate(self.stages):
            if seen < images(stage):
                return index, stage, seen
            seen -= images(stage)
        return None

    def continues(self, earlier: "Settings", seen: int) -> str | None:
        """What keeps these settings from going on where `earlier` ones saw `seen` pictures; None where they can.

        The schedule may change from the present stage on, as long as that stays of its kind; nothing else may.
        """
        for field in fields(Settings):
            ours, theirs = getattr(self, field.name), getattr(earlier, field.name)
            if field.name != "stages" and ours != theirs:
                return f"{field.name} was {theirs}, found {ours}"
        was, now = earlier.stage_at(seen), self.stage_at(seen)
        behind = was[0] if was else len(earlier.stages)
        if self.stages[:behind] != earlier.stages[:behind]:
            return f"stages behind it were {', '.join(map(str, earlier.stages[:behind]))}"
        if was and was[2] and (not now or replace(now[1], kimg=was[1].kimg) != was[1]):
            return f"it is in stage {was[1]}, the schedule has {now[1] if now else 'come to its end'}"
        return None

    def as_dict(self) -> dict[str, Any]:
        """For checkpoints and cards: JSON values."""
        return asdict(self) | {
            "stages": [str(s) for s in self.stages],
            "generator": self.generator.as_dict(),
            "d_channels": list(self.d_channels),
            "ada_groups": list(self.ada_groups),
        }

    @staticmethod
    def from_dict(found: object) -> "Settings":
        """From a checkpoint; what an older one does not name has its default.

        Raises TrainingError for anything but the fields of this class.
        """
        if not isinstance(found, dict):
            raise TrainingError(f"settings: found {found!r:.60}, expected a table")
        names = {f.name for f in fields(Settings)}
        if wrong := found.keys() - names:
            raise TrainingError(f"settings: {min(wrong)!r:.60} is unknown; a newer vj may know it")
        values = dict(found)
        for name, value in values.items():
            if not _is_as(value, _DEFAULTS[name]):
                raise TrainingError(f"settings: {name}: found {value!r:.60}, expected the like of {_DEFAULTS[name]}")
        try:
            values["d_channels"] = tuple(int(n) for n in found["d_channels"])
            values["stages"] = parse_schedule(",".join(found["stages"]))
            values["ada_groups"] = tuple(found.get("ada_groups", GROUPS))
            values["generator"] = Arch.from_dict(found["generator"])
            return Settings(**values)
        except (KeyError, TypeError, ValueError, ModelError) as e:
            raise TrainingError(f"settings: {e}") from None


#: Name of a setting → its default, None where it has none.
_DEFAULTS = {f.name: f.default for f in fields(Settings)}


def _is_as(value: object, default: object) -> bool:
    """Whether a value from a file is of the kind of this default: a switch, a whole number, a number."""
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, int | float):
        kind = int if isinstance(default, int) else (int, float)
        return isinstance(value, kind) and not isinstance(value, bool)
    return True


def images(stage: Stage) -> int:
    """Pictures of a stage, in whole batches."""
    return max(math.ceil(stage.kimg * 1000 / stage.batch), 1) * stage.batch


def parse_schedule(text: str) -> tuple[Stage, ...]:
    """Stages from "teach@32x32:60k,gan@64x16:200k": kind, resolution × batch, thousand pictures.

    Raises TrainingError naming the stage that does not read so.
    """
    return tuple(_stage(part.strip()) for part in text.split(",") if part.strip())


def _stage(text: str) -> Stage:
    found = _STAGE.fullmatch(text)
    if not found:
        raise TrainingError(f"stage {text!r:.60}: expected KIND@RESOLUTIONxBATCH:KIMGk, such as gan@64x16:200k")
    return Stage(cast(Kind, found[1]), int(found[2]), int(found[3]), float(found[4]))


def _check_projected(settings: Settings) -> None:
    if wrong := next((stage for stage in settings.stages if stage.kind == "detail"), None):
        raise TrainingError(f"stage {wrong}: a projected discriminator sees whole pictures, expected gan or sharpen")
    if settings.relativistic or settings.ada_target:
        other = "the relativistic loss" if settings.relativistic else "augmentation"
        raise TrainingError(f"a projected discriminator goes without {other}: expected one of the two")


def _check_stage(stage: Stage, g_blocks: int, d_blocks: int) -> None:
    most = 4 << (min(g_blocks, d_blocks) - 1)
    if stage.resolution not in (8, 16, 32, 64, 128, 256, 512, 1024) or stage.resolution > most:
        raise TrainingError(f"stage {stage}: expected a resolution that is a power of two from 8 to {most}")
    if stage.kind == "detail" and stage.resolution < 64:
        raise TrainingError(f"stage {stage}: expected a resolution of 64 or more, whose parts are of a quarter")
    if not 1 <= stage.batch <= 4096 or not 0 < stage.kimg < 1e6:
        raise TrainingError(f"stage {stage}: expected a batch of 1 to 4096 and more than 0 thousand pictures")
    if stage.kind != "teach" and stage.batch > 4 and stage.batch % 4:
        raise TrainingError(f"stage {stage}: expected a batch that is a multiple of 4, or smaller")
