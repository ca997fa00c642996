"""Which layers may be computed in bfloat16: those without which nobody can tell the pictures apart.

Half of the time is saved where a network bears it. Networks that were trained mostly do; one that computes places and
phases in its coarse layers does not there, as eight bits of a coordinate are too few.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vj.core.types import FLOW_SIZE, U8, GeneratorInput
from vj.generator import bending
from vj.generator.arch import Arch
from vj.generator.openvino import cuts
from vj.generator.openvino.cuts import Piece

#: Between the pictures and those in float32, in levels of 255: on average, and the largest of all. Below what is asked
#: for (2 and 16), as the pictures that are drawn later are others.
_MEAN, _MOST = 1.0, 12
_PICTURES = 6
#: Layers below this share of the multiplications are not worth a change of precision by themselves.
_WORTH = 0.04

Compiled = Mapping[Piece, Any]


def has_bf16(core: Any) -> bool:
    """Whether this processor multiplies in bfloat16."""
    return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def chosen_precision(
    arch: Arch, exact: Compiled, rough: Compiled, runner: Callable[[Compiled], Any]
) -> tuple[str, ...]:
    """The precision of each site, "f32" or "bf16"; the bytes of the picture are always made of float32.

    exact, rough  the sites' graphs in both
    runner        draws with such graphs: `running.Runner`
    """
    truth = _pictures(arch, runner(exact))

    def bears(sites: set[int]) -> bool:
        found = _pictures(arch, runner(_mixed(exact, rough, sites)))
        off = np.abs(found.astype(np.int16) - truth)
        return bool(off.mean() <= _MEAN and off.max() <= _MOST)

    sites = set(range(arch.n_conv + 1))
    if not bears(sites):
        sites = set()
        for site in reversed(_worth(arch)):
            sites |= {site} if bears(sites | {site}) else set()
    return tuple("bf16" if site in sites else "f32" for site in range(cuts.n_sites(arch)))


def _mixed(exact: Compiled, rough: Compiled, sites: set[int]) -> dict[Piece, Any]:
    return {part: (rough if part.first in sites else exact)[part] for part in exact}


def _worth(arch: Arch) -> list[int]:
    """The convolutions that take a share of the time."""
    gmac = [arch.conv_gmac(layer) for layer in range(arch.n_conv)]
    return [layer for layer, own in enumerate(gmac) if own >= _WORTH * sum(gmac)]


def _pictures(arch: Arch, runner: Any) -> U8:
    rng = np.random.default_rng(0)
    ws = runner.map(rng.standard_normal((_PICTURES, arch.z_dim), np.float32))
    still = np.zeros((FLOW_SIZE, FLOW_SIZE, 2), np.float32)
    n = arch.n_conv
    drawn = [
        runner.draw(
            GeneratorInput(
                np.repeat(w[None], arch.num_ws, axis=0), rng.random(n, np.float32), np.ones(n, np.float32),
                bending.neutral(), still,
            )
        )[0]
        for w in ws
    ]  # fmt: skip
    return np.stack(drawn)
