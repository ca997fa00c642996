"""A whole network of luminous liquid: the synthesis worked out, the mapping taught, in some minutes on a processor."""

from collections.abc import Callable

import numpy as np

from vj.core.types import F32
from vj.generator.weights import Model, checked_model
from vj.train.built import controls, liquid, mapping
from vj.train.built.wiring import Controls, Tensors

_MEASURED_ON = 4000
#: Latents whose colours are worked out; they are seen again and again, with other waves each time.
PAIRS = 60_000


def liquid_model(pairs: int, epochs: int, seed: int, update: Callable[[int, int], None] | None = None) -> Model:
    """The model for a seed, the same to the bit on one machine. `update` hears of (epochs done, of how many)."""
    rng = np.random.default_rng(seed)
    of = measured_controls(rng)
    taught = mapping.taught(liquid.ARCH, mapping.pairs(pairs, of, rng), epochs, seed, update)
    card = {
        "name": "luminous liquid",
        "training": f"synthesis: worked out from formulas (vj.train.built), not trained; mapping: taught by regression "
        f"to {pairs * epochs / 1e6:g} million latents",
        "training_data": "none",
        "z": list(controls.NAMED),
        "command": "vj model build",
        "seed": seed,
        "licence": "CC0-1.0",
    }
    return checked_model(liquid.ARCH, tensors(of, rng) | taught, card)


def measured_controls(rng: np.random.Generator) -> Controls:
    """The controls with their mean and deviation over many z."""
    found = controls.of(mapping.normalized(rng.standard_normal((_MEASURED_ON, controls.Z_DIM), np.float32)))
    return Controls(controls.names(), found.mean(0), found.std(0) + np.float32(1e-6), liquid.ARCH.w_dim)


def tensors(of: Controls, rng: np.random.Generator) -> Tensors:
    """All tensors of the synthesis network; noise_const is drawn, where the layers say nothing there is no noise."""
    out: dict[str, F32] = {}
    worked_out = liquid.synthesis(of)
    for name, shape in liquid.ARCH.tensors().items():
        if name in worked_out:
            out[name] = worked_out[name]
        elif name.endswith("noise_const"):
            out[name] = rng.standard_normal(shape, np.float32)
        elif name.endswith("noise_strength"):
            out[name] = np.zeros(shape, np.float32)
    return out
