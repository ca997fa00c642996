"""Network bends: one transform a file, found by its folder, applied to the features of any layer and channels.

A new bend is a new file here with a `BEND`. A frame's bends travel to the compiled graph as one array of numbers, so
amounts, layers and channel sets change every frame without a new compile.
"""

import importlib
import pkgutil

import numpy as np

from vj.core.types import F32, Params
from vj.generator.bending.spec import N_ARGUMENTS, RESAMPLE, Bend
from vj.params.spec import Param, choice


def _find() -> tuple[Bend, ...]:
    names = [m.name for m in pkgutil.iter_modules(__path__) if m.name not in ("spec", "primitives")]
    return tuple(importlib.import_module(f"{__name__}.{name}").BEND for name in names)


#: Every bend there is, by name.
BENDS = _find()
_BORDER = "bend/border"
PARAMS: tuple[Param, ...] = (
    *(p for bend in BENDS for p in bend.params),
    choice(_BORDER, "mirror", ("mirror", "repeat", "hold"),
           "What bends that move pixels read beyond the border: the features mirrored, again, or their border."),
)  # fmt: skip
#: Numbers of one bend in the array: site, primitive, channels from, to, seed, the primitive's arguments.
WIDTH = 5 + N_ARGUMENTS
N_VALUES = len(BENDS) * WIDTH
#: The site of a bend that is neutral; higher than any network's.
NOWHERE = 99


def pack(p: Params, n_sites: int) -> F32:
    """The array f32[N_VALUES] that the graph reads, for a network whose finished picture is site `n_sites`.

    Rows are sorted by site, so that a layer finds its bends side by side; within a layer they keep the order of
    `BENDS`. A bend at its neutral amounts is sent nowhere.
    """
    rows = np.zeros((len(BENDS), WIDTH), np.float32)
    for row, bend in zip(rows, BENDS, strict=True):
        amounts = [p[a.id] for a in bend.amounts]
        base = f"bend/{bend.name}/"
        awake = any(abs(v - a.default) > 1e-6 for v, a in zip(amounts[: bend.drives], bend.amounts, strict=False))
        row[0] = round(p[base + "layer"] * n_sites) if awake else NOWHERE
        row[1], arguments = bend.encode(*amounts)
        row[2:5] = p[base + "channels_lo"], p[base + "channels_hi"], p[base + "channels_seed"]
        row[5 : 5 + len(arguments)] = arguments
        if row[1] == RESAMPLE:
            row[-1] = p[_BORDER]
    return rows[np.argsort(rows[:, 0], kind="stable")].ravel()


def neutral() -> F32:
    """The array of `pack` with every bend neutral, f32[bends, arguments]."""
    return pack({p.id: p.default for p in PARAMS}, 1)
