"""What moves the parameters: rows that add a signal, shaped and scaled, to a parameter's own value. Pure.

value = bound(base + Σ depth · curve(signal)), with the signal laid from its own range onto 0..1 first, and depth in
the parameter's natural unit. All rows are evaluated in one vectorised step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vj.core.errors import PresetError
from vj.core.types import F32, Signal, frozen
from vj.params.bounds import bound_columns
from vj.params.registry import Registry, Snapshot

#: How a signal 0..1 is shaped before it is scaled; "bipolar" is −1..1, with the middle changing nothing.
CURVES = ("lin", "square", "sqrt", "s", "inverse", "bipolar")
#: Depths are in the target's unit, and no target has a range as wide.
_DEEPEST = 1e6
#: Rows of one preset.
MOST_ROWS = 64
#: The longest attack and release.
_SLOWEST_S = 60.0
_BOUNDS = ("clip", "wrap", "fold")


@dataclass(frozen=True, slots=True)
class Row:
    """One modulation: `signal` ("drums_rms", or "components/3" for one of several) moves `target` by up to `depth`.

    attack_s, release_s  times in which it follows a signal that rises, and one that falls, to within 5 %
    """

    signal: str
    target: str
    depth: float
    curve: str = "lin"
    attack_s: float = 0.0
    release_s: float = 0.0


def signal_names(signals: Sequence[Signal]) -> tuple[str, ...]:
    """Every name a row may use: a scalar by its name, one of several as name/index."""
    return tuple(s.name if s.width == 1 else f"{s.name}/{i + s.first}" for s in signals for i in range(s.width))


def fields(*rows: Any) -> dict[str, Any]:
    """The fields of structured rows together, those of later rows before those of earlier ones; arrays read-only."""
    found = {name: row[name] for row in rows for name in row.dtype.names}
    return {name: frozen(x) if isinstance(x, np.ndarray) else x for name, x in found.items()}


class Matrix:
    """The rows of one preset, resolved against a registry and the signals that there are.

    leaving  rows of the preset before, which fade out as a morph goes from 0 to 1 and these fade in
    Raises PresetError for a row whose signal, target or curve does not exist, and for more than MOST_ROWS.
    """

    def __init__(
        self, registry: Registry, signals: Sequence[Signal], rows: Sequence[Row], leaving: Sequence[Row] = ()
    ) -> None:
        names = signal_names(signals)
        if len(rows) > MOST_ROWS:
            raise PresetError(f"modulation: found {len(rows)} rows, expected at most {MOST_ROWS}")
        self.rows, self.leaving = tuple(rows), tuple(leaving)
        kept = set(rows) & set(leaving)
        self._comes = np.array([r not in kept for r in rows] + [False for r in leaving if r not in kept], bool)
        rows = (*rows, *(row for row in leaving if row not in kept))
        #: Those that are evaluated, in the order in which they are.
        self.all_rows = rows
        self._goes = np.arange(len(rows)) >= len(self.rows)
        for row in rows:
            check_row(row, names, registry)
        self._fields = [s.name for s in signals]
        self._lo = np.repeat([s.lo for s in signals], [s.width for s in signals]).astype(np.float32)
        self._hi = np.repeat([s.hi for s in signals], [s.width for s in signals]).astype(np.float32)
        self._source = np.array([names.index(r.signal) for r in rows], np.intp)
        self._target = np.array([registry.index[r.target] for r in rows], np.intp)
        self._depth = np.array([r.depth for r in rows], np.float32)
        self._curve = np.array([CURVES.index(r.curve) for r in rows], np.intp)
        self._attack_s = np.array([r.attack_s for r in rows], np.float32)
        self._release_s = np.array([r.release_s for r in rows], np.float32)
        self._any = bool(rows)
        self._moved = np.unique(self._target)
        moved = [registry.params[i] for i in self._moved]
        self._moved_lo = np.array([p.lo for p in moved], np.float32)
        self._moved_hi = np.array([p.hi for p in moved], np.float32)
        self._moved_bound = np.array([_BOUNDS.index(p.bound) for p in moved], np.float32)

    def apply(
        self, base: Snapshot, signals: Mapping[str, Any], before: F32 | None = None, dt_s: float = 0.0
    ) -> tuple[Snapshot, F32]:
        """`base` moved by signals, by name; and the shaped signals f32[n_rows], which are `before` of the next call.

        before, dt_s  where the rows stood, and how long ago: rows with an attack or a release follow from there
        """
        shaped = self._shaped(signals)
        if before is not None and len(before) == len(shaped):
            span_s = np.where(shaped > before, self._attack_s, self._release_s)
            shaped = before + (shaped - before) * reached(dt_s, span_s)
        if not self._any:
            return base, frozen(shaped)
        values = base.array.copy()
        np.add.at(values, self._target, self._depth * self._weight(signals) * shaped)
        values[self._moved] = bound_columns(values[self._moved], self._moved_lo, self._moved_hi, self._moved_bound)
        return Snapshot(base.registry, frozen(values)), frozen(shaped)

    def _weight(self, signals: Mapping[str, Any]) -> F32:
        """Share of each row while a morph is under way, f32[n_rows]."""
        arrived = np.float32(signals.get("arrived", 1.0))
        weight: F32 = np.where(self._goes, 1 - arrived, np.where(self._comes, arrived, 1)).astype(np.float32)
        return weight

    def _shaped(self, signals: Mapping[str, Any]) -> F32:
        """f32[n_rows]: each row's signal in its own range, along its curve."""
        flat = np.concatenate([np.ravel(signals[name]) for name in self._fields]).astype(np.float32)
        norm = np.clip((flat - self._lo) / (self._hi - self._lo), 0.0, 1.0)
        x = np.nan_to_num(norm)[self._source]
        curves = [x, x * x, np.sqrt(x), x * x * (3 - 2 * x), 1 - x, 2 * x - 1]
        shaped: F32 = np.choose(self._curve, curves).astype(np.float32)
        return shaped


def reached(dt_s: float, span_s: F32) -> F32:
    """f32[n], 0..1: the share of a way gone after `dt_s`, where 95 % take `span_s` f32[n]; all where that is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        out: F32 = np.where(span_s > 0, 1 - np.exp(-3 * dt_s / span_s), 1.0).astype(np.float32)
    return out


def check_row(row: Row, names: Sequence[str], registry: Registry) -> None:
    """Raises PresetError for a row that does not fit."""
    where = f"modulation {row.signal} → {row.target}"
    if row.signal not in names:
        raise PresetError(f"{where}: unknown signal {row.signal!r}, expected one of {', '.join(names)}")
    if row.curve not in CURVES:
        raise PresetError(f"{where}: unknown curve {row.curve!r}, expected one of {', '.join(CURVES)}")
    target = registry[row.target]
    if target.kind != "continuous":
        raise PresetError(f"{where}: a {target.kind} cannot be modulated, expected a continuous parameter")
    # Written so, that no number is refused too.
    if not abs(row.depth) <= _DEEPEST:
        raise PresetError(f"{where}: depth: found {row.depth:g}, expected {-_DEEPEST:g}..{_DEEPEST:g}")
    for name, value_s in (("attack_s", row.attack_s), ("release_s", row.release_s)):
        if not 0.0 <= value_s <= _SLOWEST_S:
            raise PresetError(f"{where}: {name}: found {value_s:g}, expected 0..{_SLOWEST_S:g}")
