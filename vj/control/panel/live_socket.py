"""The page's web socket: what changed since a page was told last, as JSON; and what it asks for, as OSC. Pure."""

import functools
import json
import math
from typing import Any

import numpy as np

from vj.audio.features import PULSES
from vj.control.osc.messages import ROOT
from vj.control.osc.server import message
from vj.control.panel.board import NAMES
from vj.control.panel.watched import Moment, WatchedShow

_MOST_ARGUMENTS, _LONGEST = 64, 200
_DIGITS = 5


class Feed:
    """What one page has been told."""

    def __init__(self) -> None:
        self._lists = -1
        self._state: dict[str, Any] = {}
        self._moment: Moment | None = None

    def news(self, show: WatchedShow) -> str:
        """One message, "" where nothing is new."""
        parts: list[str] = []
        if self._lists != show.lists_number:
            self._lists = show.lists_number
            parts.append(f'"lists":{_json(show.lists)}')
        changed = {k: v for k, v in show.state.items() if k not in self._state or self._state[k] != v}
        if changed:
            self._state |= changed
            parts.append(f'"state":{_json(changed)}')
        moment = show.moment
        if moment and moment is not self._moment and moment.target.registry is show.registry:
            before, self._moment = self._moment, moment
            parts.append(_between(before, moment))
        told = ",".join(part for part in parts if part)
        return f"{{{told}}}" if told else ""


@functools.lru_cache(maxsize=8)
def _between(before: Moment | None, now: Moment) -> str:
    """What is new from one moment to another, as members of a JSON object. Pages that keep up are told the same."""
    told: dict[str, Any] = {"values": _values(before, now)}
    if now.row["heard"]:
        heard = before if before and before.row["heard"] else None
        told["signals"], told["events"] = _signals(heard, now), _events(heard, now)
    return ",".join(f'"{name}":{_json(found)}' for name, found in told.items() if found)


def _values(before: Moment | None, now: Moment) -> dict[str, list[float]]:
    registry, target, drawn = now.target.registry, now.target.array, now.now
    if before is None or before.target.registry is not registry:
        places: Any = range(len(registry))
    else:
        places = np.flatnonzero((before.target.array != target) | (before.now != drawn))
    return {registry.params[i].id: [_short(target[i]), _short(drawn[i])] for i in places}


def _signals(before: Moment | None, now: Moment) -> dict[str, float]:
    signals = now.row["signals"]
    places: Any = range(len(NAMES)) if before is None else np.flatnonzero(before.row["signals"] != signals)
    return {NAMES[i]: _short(signals[i]) for i in places}


def _events(before: Moment | None, now: Moment) -> dict[str, int]:
    """How many events came since then; the beat is that of the clock that rules, and not of the analysis."""
    if before is None:
        return {}
    new = dict(zip(PULSES, (now.row["events"] - before.row["events"]).tolist(), strict=True))
    new["beat"] = int(now.row["beats"] - before.row["beats"])
    return {name: n for name, n in new.items() if n > 0}


def _json(tree: Any) -> str:
    return json.dumps(tree, separators=(",", ":"), allow_nan=False)


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
