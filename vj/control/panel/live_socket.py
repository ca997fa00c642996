"""The page's web socket: what changed since a page was told last, as JSON; and what it asks for, as OSC. Pure."""

import json
import math
from typing import Any

import numpy as np

from vj.audio.features import PULSES
from vj.control.osc.messages import ROOT
from vj.control.osc.server import message
from vj.control.panel.board import NAMES
from vj.control.panel.watched import Moment, WatchedShow
from vj.core.types import F32

_MOST_ARGUMENTS, _LONGEST = 64, 200
_DIGITS = 5


class Feed:
    """What one page has been told."""

    def __init__(self) -> None:
        self._lists = -1
        self._state: dict[str, Any] = {}
        self._registry: object = None
        self._told: tuple[F32, F32] | None = None
        self._signals: F32 | None = None
        self._events: list[int] | None = None

    def news(self, show: WatchedShow) -> str:
        """One message, "" where nothing is new."""
        out: dict[str, Any] = {}
        if self._lists != show.lists_number:
            self._lists, out["lists"] = show.lists_number, show.lists
        changed = {k: v for k, v in show.state.items() if k not in self._state or self._state[k] != v}
        if changed:
            self._state |= changed
            out["state"] = changed
        if show.moment and show.moment.target.registry is show.registry:
            out |= self._of_moment(show.moment)
        return json.dumps(out, separators=(",", ":"), allow_nan=False) if out else ""

    def _of_moment(self, moment: Moment) -> dict[str, Any]:
        out: dict[str, Any] = {}
        if values := self._values(moment):
            out["values"] = values
        if moment.row["heard"]:
            if signals := self._new_signals(moment.row["signals"]):
                out["signals"] = signals
            if events := self._new_events(moment.row):
                out["events"] = events
        return out

    def _values(self, moment: Moment) -> dict[str, list[float]]:
        registry, target, now = moment.target.registry, moment.target.array, moment.now
        if self._told is None or self._registry is not registry:
            places: Any = range(len(registry))
        else:
            places = np.flatnonzero((self._told[0] != target) | (self._told[1] != now))
        self._registry, self._told = registry, (target, now)
        return {registry.params[i].id: [_short(target[i]), _short(now[i])] for i in places}

    def _new_signals(self, signals: F32) -> dict[str, float]:
        before, self._signals = self._signals, signals
        places: Any = range(len(NAMES)) if before is None else np.flatnonzero(before != signals)
        return {NAMES[i]: _short(signals[i]) for i in places}

    def _new_events(self, row: Any) -> dict[str, int]:
        counts = [int(row["beats"]), *(int(n) for n in row["events"])]
        before, self._events = self._events, counts
        if before is None:
            return {}
        names = ("beat", *(name for name in PULSES if name != "beat"))
        pairs = dict(zip(("beat", *PULSES), (n - b for n, b in zip(counts, before, strict=True)), strict=True))
        # The beat is that of the clock that rules, and not of the analysis.
        pairs["beat"] = counts[0] - before[0]
        return {name: pairs[name] for name in names if pairs[name] > 0}


def packet_of(text: str) -> bytes | None:
    """The OSC message that a page asks for by {"address", "args"}; None where it is none."""
    try:
        found = json.loads(text)
        address, args = found["address"], found.get("args", [])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if not isinstance(address, str) or not address.startswith(ROOT) or not isinstance(args, list):
        return None
    if len(address) > _LONGEST or len(args) > _MOST_ARGUMENTS or not all(map(_fits, args)):
        return None
    return message(address, *args)


def _fits(arg: object) -> bool:
    """Whether it is a text, true, false or a number of 32 bits."""
    if isinstance(arg, str):
        return len(arg) <= _LONGEST and "\0" not in arg
    return isinstance(arg, bool | int | float) and abs(arg) < 2**31 and math.isfinite(arg)


def _short(value: Any) -> float:
    value = float(value)
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else 0.0
