"""What addresses of other programs mean here, from a TOML file, so that they need no change on their side. Pure.

version = 1
doc = "AbletonOSC"
[[map]]
address = "/live/song/get/tempo"   # or a pattern of OSC 1.0
to = "tempo/osc_bpm"               # below /vj/: a parameter, "id/norm", or an action such as "preset" or "tap"
argument = 0                       # which of the arguments is the value; -1: none is passed on
from = [0.0, 127.0]                # this range is laid …
onto = [0.0, 1.0]                  # … onto this one
where = { 0 = 1 }                  # only when other arguments are these
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vj.control.osc.messages import ROOT, matches
from vj.core import checked_toml
from vj.core.checked_toml import entry, table
from vj.core.errors import ControlError
from vj.params.actions import BY_ID
from vj.params.registry import Registry

VERSION = 1
#: Bundled ones, by name.
MAPS = Path(__file__).parent / "maps"
MOST_ENTRIES = 1000
_TOP: dict[str, Any] = {"version": int, "doc": str, "map": list}
_ENTRY: dict[str, Any] = {"address": str, "to": str, "argument": int, "from": list, "onto": list, "where": dict}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a map: see the file format."""

    address: str
    to: str
    argument: int = 0
    span: tuple[float, float] | None = None
    onto: tuple[float, float] = (0.0, 1.0)
    where: tuple[tuple[int, Any], ...] = ()

    def value(self, arguments: Sequence[Any]) -> tuple[Any, ...] | None:
        """The arguments that vj is to be given; None where this entry does not apply."""
        if any(place >= len(arguments) or arguments[place] != config for place, config in self.where):
            return None
        if self.argument < 0:
            return ()
        if self.argument >= len(arguments):
            return None
        found = arguments[self.argument]
        if self.span is None:
            return (found,)
        if isinstance(found, bool | str) or not isinstance(found, int | float) or not math.isfinite(found):
            return None
        share = min(max((found - self.span[0]) / (self.span[1] - self.span[0]), 0.0), 1.0)
        return (self.onto[0] + share * (self.onto[1] - self.onto[0]),)


@dataclass(frozen=True, slots=True)
class OscMap:
    """A checked map."""

    entries: tuple[Entry, ...] = ()

    def translated(self, address: str, arguments: Sequence[Any]) -> list[tuple[str, tuple[Any, ...]]]:
        """The messages of vj that one of another program stands for; none where the map does not know it."""
        meant = (entry for entry in self.entries if matches(entry.address, address))
        return [(ROOT + entry.to, value) for entry in meant if (value := entry.value(arguments)) is not None]


def load(path: Path, registry: Registry) -> OscMap:
    """Read and check a map. Raises ControlError: file, entry and key, what was found and what is expected."""
    return checked_toml.load("OSC map", path, lambda text: parse(text, registry))


def parse(text: str, registry: Registry) -> OscMap:
    """The same for the text of a file."""
    tree = table(text, VERSION, _TOP)
    found = tree.get("map", [])
    if len(found) > MOST_ENTRIES:
        raise ControlError(f"map: found {len(found)} entries, expected at most {MOST_ENTRIES}")
    return OscMap(tuple(_entry(one, f"map {i + 1}", registry) for i, one in enumerate(found)))


def _entry(found: object, where: str, registry: Registry) -> Entry:
    told = entry(found, _ENTRY, ("address", "to"), where)
    if not told["address"].startswith("/"):
        raise ControlError(f"{where}: address: found {told['address']!r:.60}, expected one that begins with '/'")
    # A pattern that is none is told now, not when a message comes.
    matches(told["address"], "/")
    if not (told["to"] in BY_ID and BY_ID[told["to"]].remote) and told["to"].removesuffix("/norm") not in registry:
        raise ControlError(f"{where}: to: found {told['to']!r:.60}, expected a parameter or an action")
    span = _pair(told["from"], where + ": from") if "from" in told else None
    if span and span[0] == span[1]:
        raise ControlError(f"{where}: from: found {told['from']!r}, expected two different numbers")
    onto = _pair(told["onto"], where + ": onto") if "onto" in told else _whole(told["to"], registry)
    argument = told.get("argument", 0)
    if not -1 <= argument < 64:
        raise ControlError(f"{where}: argument: found {argument}, expected -1..63")
    return Entry(told["address"], told["to"], argument, span, onto, _places(told.get("where", {}), where))


def _whole(to: str, registry: Registry) -> tuple[float, float]:
    return (registry[to].lo, registry[to].hi) if to in registry else (0.0, 1.0)


def _pair(found: Sequence[Any], where: str) -> tuple[float, float]:
    numbers = [one for one in found if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(found) != 2 or len(numbers) != 2 or not all(map(math.isfinite, numbers)):
        raise ControlError(f"{where}: found {found!r:.60}, expected two numbers")
    return float(numbers[0]), float(numbers[1])


def _places(found: Mapping[str, Any], where: str) -> tuple[tuple[int, Any], ...]:
    for place, value in found.items():
        if not place.isdigit() or int(place) > 63 or not isinstance(value, str | int | float):
            raise ControlError(f"{where}: where: found {place!r:.20} = {value!r:.40}, expected a place and a value")
    return tuple((int(place), value) for place, value in found.items())
