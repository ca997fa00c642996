"""Range checks and controller curves, for single values and for whole arrays. Pure.

This is the only place where a value is brought into its range.
"""

import math

import numpy as np

from vj.core.errors import PresetError
from vj.core.types import F32
from vj.params.spec import Param


def bounded(param: Param, value: float) -> float:
    """`value` brought into lo..hi in the parameter's own way; choices and toggles are rounded first."""
    if param.kind != "continuous":
        value = round(value)
    lo, width = param.lo, param.hi - param.lo
    if param.bound == "wrap":
        return lo + (value - lo) % width
    if param.bound == "fold":
        turn = (value - lo) % (2 * width)
        return lo + (turn if turn <= width else 2 * width - turn)
    return min(max(value, lo), param.hi)


def bound_columns(values: F32, lo: F32, hi: F32, mode: F32) -> F32:
    """The same for arrays f32[n] of one length: mode 0 clip, 1 wrap, 2 fold."""
    width = hi - lo
    turn = np.mod(values - lo, 2 * width)
    folded = lo + np.where(turn <= width, turn, 2 * width - turn)
    wrapped = lo + np.mod(values - lo, width)
    out: F32 = np.where(mode == 1, wrapped, np.where(mode == 2, folded, np.clip(values, lo, hi)))
    return out


def from_norm(param: Param, x: float) -> float:
    """A controller position 0..1 laid over the range along the parameter's curve."""
    x = min(max(x, 0.0), 1.0)
    if param.curve == "exp":
        return float(param.lo * (param.hi / param.lo) ** x)
    if param.curve == "s":
        x = x * x * (3.0 - 2.0 * x)
    return bounded(param, param.lo + x * (param.hi - param.lo))


def to_norm(param: Param, value: float) -> float:
    """The controller position 0..1 that `from_norm` turns into `value`."""
    value = min(max(value, param.lo), param.hi)
    if param.curve == "exp":
        return math.log(value / param.lo) / math.log(param.hi / param.lo)
    x = (value - param.lo) / (param.hi - param.lo)
    # The inverse of 3x² − 2x³ on 0..1, in closed form.
    return 0.5 - math.sin(math.asin(1.0 - 2.0 * x) / 3.0) if param.curve == "s" else x


def checked(param: Param, found: object) -> float:
    """The float that stands for `found`, as written in a preset or on a command line.

    Accepts numbers, "on"/"off" and true/false for toggles, a choice by name. Raises PresetError for anything else:
    another type, NaN or infinity, an unknown choice, a number outside the range.
    """
    if param.kind == "choice" and isinstance(found, str) and not _is_number(found):
        if found not in param.choices:
            raise PresetError(f"{param.id}: found {found!r:.60}, expected one of {', '.join(param.choices)}")
        return float(param.choices.index(found))
    if isinstance(found, str) and param.kind in ("toggle", "trigger"):
        found = {"on": 1, "true": 1, "off": 0, "false": 0}.get(found.lower(), found)
    if isinstance(found, str) and _is_number(found):
        found = float(found)
    if isinstance(found, str) or not isinstance(found, int | float):
        raise PresetError(f"{param.id}: found {found!r:.60}, expected {expected(param)}")
    try:
        value = float(found)
    except OverflowError:
        value = math.inf
    if not (math.isfinite(value) and param.lo <= value <= param.hi):
        raise PresetError(f"{param.id}: found {value:g}, expected {expected(param)}")
    if param.kind != "continuous" and value != round(value):
        raise PresetError(f"{param.id}: found {value:g}, expected {expected(param)}")
    return value


def expected(param: Param) -> str:
    """What values the parameter takes, in words."""
    if param.kind == "choice":
        return "one of " + ", ".join(param.choices)
    if param.kind in ("toggle", "trigger"):
        return "on or off"
    return f"a number {param.lo:g}..{param.hi:g}{' ' + param.unit if param.unit else ''}"


def written(param: Param, value: float) -> float | bool | str:
    """The value as a preset writes it: choices by name, toggles as booleans."""
    if param.kind == "choice":
        return param.choices[round(value)]
    return bool(round(value)) if param.kind in ("toggle", "trigger") else float(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
