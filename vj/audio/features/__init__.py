"""The audio features: one file each, found by this folder.

A feature file has PARAMS, SIGNALS (the fields it writes), NEEDS (the fields of others that it reads) and a class
`Feature`, built from a `Setup` and stepped once a hop: `step(hop, row, p)` writes its fields into the row. It is
causal: it sees this hop and what it remembers. A new feature is a new file; nothing else changes.
"""

import graphlib
import importlib
import pkgutil
from typing import Any, Protocol

import numpy as np

from vj.audio.spectrum import Hop, Setup
from vj.core.types import Params, Signal
from vj.params.spec import Param


class Feature(Protocol):
    """What the class in every feature file does."""

    def __init__(self, setup: Setup) -> None: ...

    def step(self, hop: Hop, row: Any, p: Params) -> None:
        """Write this feature's fields of one hop into `row`, a structured scalar of FEATURE_DTYPE."""


def _find() -> tuple[Any, ...]:
    """The feature modules, each after those whose fields it reads."""
    found = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    writer = {signal.name: module.__name__ for module in found for signal in module.SIGNALS}
    needs = {module.__name__: {writer[name] for name in module.NEEDS} for module in found}
    by_name = {module.__name__: module for module in found}
    return tuple(by_name[name] for name in graphlib.TopologicalSorter(needs).static_order())


MODULES = _find()
PARAMS: tuple[Param, ...] = tuple(p for module in MODULES for p in module.PARAMS)
SIGNALS: tuple[Signal, ...] = tuple(s for module in MODULES for s in module.SIGNALS)
#: Names of the signals that are pulses.
PULSES: tuple[str, ...] = tuple(s.name for s in SIGNALS if s.pulse)
#: One row of the feature stream: t_s (stream time at the hop's end), then every signal, then for each of PULSES how
#: many of them there were so far.
FEATURE_DTYPE = np.dtype(
    [
        ("t_s", "f8"),
        *((s.name, s.dtype) if s.width == 1 else (s.name, s.dtype, (s.width,)) for s in SIGNALS),
        ("events", "i8", (len(PULSES),)),
    ]
)
