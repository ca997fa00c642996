"""All that training changes, as one flat dict of arrays: what engines hold, checkpoints keep and growing carries over.

Names: "g.…" and "d.…" the weights, "ema.…" the averaged generator; "m.g.…", "v.g.…", "m.d.…", "v.d.…" Adam's moments;
"step.g", "step.d" f32[] its steps; "path_mean" f32[].
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from vj.core.errors import TrainingError
from vj.core.types import F32
from vj.generator.arch import Arch
from vj.train import initial
from vj.train.discriminator import DiscriminatorArch, grown
from vj.train.networks import DETAIL_SCALE
from vj.train.projected import HeadsArch
from vj.train.settings import Settings, Stage
from vj.train.teacher import Coordinates, attentive

State = dict[str, F32]
_FIXED = ("noise_const", "w_avg")
#: How far the running average of w follows the mean of one batch.
W_AVERAGE_RATE = 0.005


def generator_arch(settings: Settings, resolution: int) -> Arch:
    """The generator at one resolution: the lower blocks of the whole table."""
    channels = settings.generator.channels[: _blocks(resolution)]
    return replace(settings.generator, resolution=resolution, channels=channels)


def discriminator_side(stage: Stage) -> int:
    """What the discriminator sees in a stage: whole pictures, or parts of them."""
    return stage.resolution // DETAIL_SCALE if stage.kind == "detail" else stage.resolution


def discriminator_arch(settings: Settings, resolution: int) -> DiscriminatorArch | HeadsArch:
    """The discriminator at one resolution; heads that see through a projection are the same at all."""
    if settings.projected:
        return HeadsArch()
    channels = settings.d_channels[: _blocks(resolution)]
    return DiscriminatorArch(resolution, channels, conv_clamp=settings.generator.conv_clamp)


def _blocks(resolution: int) -> int:
    return resolution.bit_length() - 2


def resolution_of(state: Mapping[str, F32]) -> int:
    """The side that the generator of a state f32[…] has reached. Raises TrainingError where there is none."""
    blocks = {_side(name.removeprefix("ema.")) for name in state if name.startswith("ema.synthesis.")}
    if not blocks:
        raise TrainingError("the state holds no generator")
    return max(blocks)


def misfit(state: Mapping[str, F32], settings: Settings) -> str | None:
    """What is wrong with a state f32[…] said to be of these settings, in words; None where it fits.

    Raises TrainingError where it holds no generator.
    """
    side = resolution_of(state)
    if side > settings.resolution:
        return f"a generator of {side}×{side}, expected at most {settings.resolution}×{settings.resolution}"
    d_side = max((int(n.split(".")[1][1:]) for n in state if n.startswith("d.b")), default=side)
    g, d = generator_arch(settings, side).tensors(), discriminator_arch(settings, d_side).tensors()
    expected = {p + k: v for p in ("g.", "ema.", "m.g.", "v.g.") for k, v in g.items()}
    expected |= {p + k: v for p in ("d.", "m.d.", "v.d.") for k, v in d.items()}
    expected |= dict.fromkeys(("step.g", "step.d", "path_mean"), ())
    for name in sorted(expected.keys() | state.keys()):
        if name not in expected:
            return f"tensor {name} does not belong to this architecture"
        if name not in state or state[name].shape != expected[name]:
            found = f"shape {state[name].shape}" if name in state else "nothing"
            return f"tensor {name}: found {found}, expected shape {expected[name]}"
    return None


def part(state: Mapping[str, F32], prefix: str) -> dict[str, F32]:
    """The entries f32[…] under a prefix such as "g.", named without it."""
    return {name.removeprefix(prefix): a for name, a in state.items() if name.startswith(prefix)}


def trained(names: Mapping[str, F32], kind: str, resolution: int, learn_noise: bool = True) -> list[str]:
    """Which of a generator's tensors f32[…] a step of `kind` learns.

    No constants; while taught no noise strengths, which would vanish, and none unless `learn_noise`; for detail the
    last blocks alone.
    """
    fixed = _FIXED if learn_noise and kind != "teach" else (*_FIXED, "noise_strength")
    learned = [name for name in names if not name.endswith(fixed)]
    if kind != "detail":
        return learned
    return [n for n in learned if n.startswith("synthesis.") and _side(n) > resolution // DETAIL_SCALE]


def _side(name: str) -> int:
    return int(name.split(".")[1].removeprefix("b"))


def begin(
    settings: Settings, coordinates: Coordinates, rng: np.random.Generator, given: Mapping[str, F32] | None = None
) -> State:
    """The state before the first stage.

    given  weights f32[…] to go on from (fine-tuning): "g.…" of the whole network or of its lower blocks, perhaps "d.…"

    Raises ModelError where those of "g.…" do not fit the settings' generator.
    """
    first = settings.stages[0]
    g = initial.generator(generator_arch(settings, first.resolution), rng)
    if first.kind == "teach" and not given:
        g["mapping.fc0.weight"] = attentive(g["mapping.fc0.weight"], coordinates.taught)
    weights = {f"g.{k}": a for k, a in g.items()} | dict(given or {})
    return enter(weights | {f"ema.{k}": a for k, a in part(weights, "g.").items()}, settings, first, rng)


def enter(state: Mapping[str, F32], settings: Settings, stage: Stage, rng: np.random.Generator) -> State:
    """The state f32[…] at the beginning of a stage: networks grown to its resolution, Adam at rest.

    In a stage that teaches, or where they are not learned, noise strengths are held small. Raises ModelError where the
    generator of `state` is not the lower part of the stage's.
    """
    arch = generator_arch(settings, stage.resolution)
    d_arch = discriminator_arch(settings, discriminator_side(stage))
    seed = rng.integers(2**63)
    out: State = {}
    for prefix in ("g.", "ema."):
        # Both grow by the same fresh blocks.
        # Blocks that a stage leaves alone should be the averaged ones.
        source = "ema." if stage.kind == "detail" else prefix
        weights = initial.grown_generator(part(state, source), arch, np.random.default_rng(seed))
        if stage.kind == "teach" or not settings.learn_noise:
            held = np.float32(settings.taught_noise)
            weights |= {k: np.full_like(a, held) for k, a in weights.items() if k.endswith("noise_strength")}
        out |= {prefix + k: a for k, a in weights.items()}
    d = initial.discriminator(d_arch, rng) | grown(part(state, "d."), d_arch)
    out |= {f"d.{k}": a for k, a in d.items()}
    return with_fresh_moments(out)


def with_fresh_moments(state: State) -> State:
    """The weights f32[…] of a state, with Adam's moments and counters at 0."""
    out = {name: a for name, a in state.items() if name.startswith(("g.", "d.", "ema."))}
    for name in [name for name in out if name.startswith(("g.", "d."))]:
        out[f"m.{name}"], out[f"v.{name}"] = np.zeros_like(out[name]), np.zeros_like(out[name])
    zero = np.zeros((), np.float32)
    return out | {"step.g": zero, "step.d": zero.copy(), "path_mean": state.get("path_mean", zero.copy())}
