"""What moves the parameters: rows that add a signal, shaped and scaled, to a parameter's own value. Pure.

value = bound(base + Σ depth · curve(signal)), with the signal laid from its own range onto 0..1 first, and depth in
the parameter's natural unit. All rows are evaluated in one vectorised step.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vj.errors import PresetError
from vj.params.bounds import bound_columns
from vj.params.registry import Registry, Snapshot
from vj.types import F32, FeatureFrame, Signal, frozen

#: How a signal 0..1 is shaped before it is scaled.
CURVES = ("lin", "square", "sqrt", "s", "inverse")
_BOUNDS = ("clip", "wrap", "fold")


@dataclass(frozen=True, slots=True)
class Row:
    """One modulation: `signal` ("drums_rms", or "components/3" for one of several) moves `target` by up to `depth`."""

    signal: str
    target: str
    depth: float
    curve: str = "lin"


def signal_names(signals: Sequence[Signal]) -> tuple[str, ...]:
    """Every name a row may use: a scalar by its name, one of several as name/index."""
    return tuple(s.name if s.width == 1 else f"{s.name}/{i}" for s in signals for i in range(s.width))


class Matrix:
    """The rows of one preset, resolved against a registry and the signals that there are.

    Raises PresetError for a row whose signal, target or curve does not exist.
    """

    def __init__(self, registry: Registry, signals: Sequence[Signal], rows: Sequence[Row]) -> None:
        names = signal_names(signals)
        for row in rows:
            _check(row, names, registry)
        self.rows = tuple(rows)
        self._fields = [s.name for s in signals]
        self._lo = np.repeat([s.lo for s in signals], [s.width for s in signals]).astype(np.float32)
        self._hi = np.repeat([s.hi for s in signals], [s.width for s in signals]).astype(np.float32)
        self._source = np.array([names.index(r.signal) for r in rows], np.intp)
        self._target = np.array([registry.index[r.target] for r in rows], np.intp)
        self._depth = np.array([r.depth for r in rows], np.float32)
        self._curve = np.array([CURVES.index(r.curve) for r in rows], np.intp)
        self._moved = np.unique(self._target)
        moved = [registry.params[i] for i in self._moved]
        self._moved_lo = np.array([p.lo for p in moved], np.float32)
        self._moved_hi = np.array([p.hi for p in moved], np.float32)
        self._moved_bound = np.array([_BOUNDS.index(p.bound) for p in moved], np.float32)

    def apply(self, base: Snapshot, features: FeatureFrame) -> Snapshot:
        """`base` moved by the signals of one feature row."""
        if not self.rows:
            return base
        values = base.array.copy()
        np.add.at(values, self._target, self._depth * self._shaped(features))
        values[self._moved] = bound_columns(values[self._moved], self._moved_lo, self._moved_hi, self._moved_bound)
        return Snapshot(base.registry, frozen(values))

    def _shaped(self, features: FeatureFrame) -> F32:
        """f32[n_rows] in 0..1: each row's signal in its own range, along its curve."""
        flat = np.concatenate([np.ravel(features[name]) for name in self._fields]).astype(np.float32)
        norm = np.clip((flat - self._lo) / (self._hi - self._lo), 0.0, 1.0)
        x = np.nan_to_num(norm)[self._source]
        shaped: F32 = np.choose(self._curve, [x, x * x, np.sqrt(x), x * x * (3 - 2 * x), 1 - x])
        return shaped


def _check(row: Row, names: Sequence[str], registry: Registry) -> None:
    where = f"modulation {row.signal} → {row.target}"
    if row.signal not in names:
        raise PresetError(f"{where}: unknown signal {row.signal!r}, expected one of {', '.join(names)}")
    if row.curve not in CURVES:
        raise PresetError(f"{where}: unknown curve {row.curve!r}, expected one of {', '.join(CURVES)}")
    target = registry[row.target]
    if target.kind != "continuous":
        raise PresetError(f"{where}: a {target.kind} cannot be modulated, expected a continuous parameter")
    if not np.isfinite(row.depth):
        raise PresetError(f"{where}: depth {row.depth} is not a finite number")
