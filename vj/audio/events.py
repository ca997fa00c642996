"""Events of the feature stream: onsets and beats, each seen once by everybody who looks, however late. Pure.

A pulse is one hop long (10.7 ms), and readers look once a frame: most pulses lie in rows that a reader never sees. So
each row holds how many events there were so far, and a reader keeps the counts that it saw last.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vj.audio.features import PULSES
from vj.core.types import I64, frozen


def count(rows: Any, before: I64) -> I64:
    """Write into rows [k] of FEATURE_DTYPE how many events there were; returns the counts of the last, i64[n_pulses].

    before  the counts of the row before the first, i64[n_pulses]
    """
    pulses = np.stack([rows[name] > 0 for name in PULSES], axis=-1)
    rows["events"] = before + np.cumsum(pulses, axis=0)
    last: I64 = rows["events"][-1].copy() if len(rows) else before
    return last


def look(before: I64 | None, row: Any) -> tuple[I64 | None, dict[str, int]]:
    """(counts to look from the next time, how many events of each of PULSES came since the counts `before`).

    before  i64[n_pulses]; None at the first look, which is told of nothing, as the past is over
    row     the newest one, or its fields by name; None: nothing is heard
    Where counting began anew nothing is told either, as it is not known what came since then.
    """
    if row is None:
        return before, dict.fromkeys(PULSES, 0)
    now: I64 = frozen(row["events"])
    new = np.zeros_like(now) if before is None else now - before
    return now, dict(zip(PULSES, (new if (new >= 0).all() else np.zeros_like(new)).tolist(), strict=True))


def pulses(new: Mapping[str, int]) -> dict[str, float]:
    """Name of each of PULSES → 1 where such events fall in a frame, however many, and 0 where none does."""
    return {name: float(n > 0) for name, n in new.items()}
