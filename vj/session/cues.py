"""A cue list: which presets a set goes through, in which order, each for how long. Read from a file; stepped purely.

    version = 1
    [[cue]]
    name = "doors"                # what it is called by
    preset = "nebula"
    bars = 32                     # for how long, or seconds = …, or until = "segment"; none of them: until GO
    quantise = "bar"              # off, beat or bar: where it begins; may be left out, and so may these:
    transition = "melt"
    transition_s = 2.0
    program = 1                   # the MIDI program change that jumps to it, 1 to 128
    [cue.values]                  # what is set on top of the preset
    "motion/psi" = 0.8
    [[cue]]
    preset = "tunnel"

Times count from where the cue has begun. After the last one nothing follows by itself.
"""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vj.core import checked_toml
from vj.core.checked_toml import NUMBER, check, entry
from vj.core.errors import ControlError, PresetError
from vj.params.bounds import checked
from vj.params.registry import Registry

VERSION = 1
#: GO counts once in so much time: a finger that trembles, or a pad that bounces.
DEBOUNCE_S = 0.3
_MOST_CUES, _LONGEST_NAME = 1000, 60
_LONGEST_BARS, _LONGEST_S = 4096.0, 24 * 3600.0
_CUE: dict[str, Any] = {
    "name": str, "preset": str, "bars": NUMBER, "seconds": NUMBER, "until": str, "quantise": str, "transition": str,
    "transition_s": NUMBER, "program": int, "values": dict,
}  # fmt: skip
#: Keys that stand for parameters: one that says when a preset is entered, and those that say how.
_WHEN = {"quantise": "stage/quantise"}
_HOW = {"transition": "stage/transition", "transition_s": "stage/transition_s"}
#: A cue that begins on a bar or a beat is called so many beats ahead of it.
_AHEAD_BEATS = 0.5


@dataclass(frozen=True, slots=True)
class Cue:
    """One of a list.

    before   set before its preset is entered; values: laid over the preset; both id → value
    bars     it lasts so long, or `seconds`; 0: as long as nothing else ends it; until: "segment" or empty
    program  the MIDI program that jumps to it, from 1; 0: none
    """

    name: str
    preset: str
    before: Mapping[str, float]
    values: Mapping[str, float]
    bars: float = 0.0
    seconds: float = 0.0
    until: str = ""
    program: int = 0

    def waits(self, quantise: float) -> bool:
        """Whether it begins on a beat or a bar; where it says nothing, as the show's `stage/quantise` says."""
        return self.before.get("stage/quantise", quantise) >= 0.5


@dataclass(frozen=True, slots=True)
class Music:
    """What the list is told of a frame: beats that fell so far, of which so many make a bar, and the tempo segment.

    quantise  the show's `stage/quantise`
    """

    beats: float
    per_bar: int = 4
    segment: int = 0
    quantise: float = 0.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the list a show is.

    at      index of the cue that plays; −1: none yet; begun: it was entered, and its time counts
    auto    whether its length ends it; held: not now
    since_s, beats, segment   time since it was entered, and what the music was then
    """

    at: int = -1
    begun: bool = False
    auto: bool = True
    held: bool = False
    since_s: float = 0.0
    beats: float = 0.0
    segment: int = 0


def load(path: Path, registry: Registry, presets: Collection[str]) -> tuple[Cue, ...]:
    """Read and check a file. Raises PresetError with the file, the cue, what was found and what was expected."""
    return checked_toml.load("cues", path, lambda text: parse(text, registry, presets), PresetError)


def faults(path: Path, registry: Registry, presets: Collection[str]) -> list[str]:
    """All that is wrong with a file, a line each: of every cue its first fault. Nothing where it is a list."""
    found: list[str] = []
    try:
        load(path, registry, presets)
    except PresetError as e:
        found.append(str(e))
    else:
        return []

    def each(text: str) -> None:
        for number, one in enumerate(checked_toml.tree(text, PresetError).get("cue", []), 1):
            try:
                _cue(one, number, registry, presets)
            except PresetError as e:
                found.append(f"cues {path}: {e}")

    # What ends the reading as a whole stands there already.
    with contextlib.suppress(PresetError, TypeError):
        checked_toml.load("cues", path, each, PresetError)
    return list(dict.fromkeys(found))


def parse(text: str, registry: Registry, presets: Collection[str]) -> tuple[Cue, ...]:
    """The same from the file's text."""
    tree = checked_toml.tree(text, PresetError)
    check(tree, {"version": int, "cue": list}, "", PresetError)
    if tree.get("version") != VERSION:
        raise PresetError(f"version: found {tree.get('version')!r:.60}, expected {VERSION}")
    found = tree.get("cue", [])
    if not 0 < len(found) <= _MOST_CUES:
        raise PresetError(f"found {len(found)} cues, expected 1 to {_MOST_CUES}")
    cues = tuple(_cue(one, i, registry, presets) for i, one in enumerate(found, 1))
    for what, names in (
        ("name", [cue.name for cue in cues]),
        ("program", [str(cue.program) for cue in cues if cue.program]),
    ):
        if twice := next((one for one in names if names.count(one) > 1), None):
            raise PresetError(f"{what}: found {twice!r:.60} twice")
    return cues


def _cue(found: object, number: int, registry: Registry, presets: Collection[str]) -> Cue:
    where = f"cue {number}"
    try:
        one = entry(found, _CUE, ("preset",), where)
    except ControlError as e:
        raise PresetError(str(e)) from e
    name = one.get("name", f"{number} {one['preset']}")
    if not 0 < len(name) <= _LONGEST_NAME:
        raise PresetError(f"{where}: name: found {len(name)} letters, expected 1 to {_LONGEST_NAME}")
    if one["preset"] not in presets:
        raise PresetError(f"{where}: unknown preset {one['preset']!r:.60}, expected one of {', '.join(presets)[:400]}")
    _check_length(one, where)
    if not 1 <= one.get("program", 1) <= 128:
        raise PresetError(f"{where}: program: found {one['program']}, expected 1 to 128")
    before, how = ({id: one[key] for key, id in keys.items() if key in one} for keys in (_WHEN, _HOW))
    values = how | one.get("values", {})
    return Cue(
        name, one["preset"], _checked(before, registry, where), _checked(values, registry, where),
        float(one.get("bars", 0)), float(one.get("seconds", 0)), one.get("until", ""), one.get("program", 0),
    )  # fmt: skip


def _check_length(one: Mapping[str, Any], where: str) -> None:
    given = [key for key in ("bars", "seconds", "until") if key in one]
    if len(given) > 1:
        raise PresetError(f"{where}: found {' and '.join(given)}, expected one of them")
    for key, most in (("bars", _LONGEST_BARS), ("seconds", _LONGEST_S)):
        if not 0 < one.get(key, 1) <= most:
            raise PresetError(f"{where}: {key}: found {one[key]!r:.60}, expected more than 0, up to {most:g}")
    if one.get("until", "segment") != "segment":
        raise PresetError(f"{where}: until: found {one['until']!r:.60}, expected 'segment'")


def _checked(values: Mapping[str, object], registry: Registry, where: str) -> dict[str, float]:
    try:
        return {registry[id].id: checked(registry[id], value) for id, value in values.items()}
    except PresetError as e:
        raise PresetError(f"{where}: {e}") from e


def jumped(position: Position, to: int) -> Position:
    """Cue `to` is called."""
    return replace(position, at=to, begun=False, since_s=0.0)


def entered(position: Position, music: Music) -> Position:
    """The cue that was called plays from now on."""
    return replace(position, begun=True, since_s=0.0, beats=music.beats, segment=music.segment)


def stepped(position: Position, cues: Sequence[Cue], music: Music, dt_s: float) -> tuple[Position, bool]:
    """A frame later: the position, and whether the next cue is due by itself."""
    if not (position.begun and 0 <= position.at < len(cues)):
        return position, False
    position = replace(position, since_s=position.since_s + dt_s)
    waiting = position.at + 1 < len(cues) and position.auto and not position.held
    return position, waiting and left(position, cues, music) <= 0.0


def left(position: Position, cues: Sequence[Cue], music: Music) -> float:
    """How much of the cue is left, in beats or in seconds; infinite where nothing ends it but GO."""
    cue, ahead = cues[position.at], 0.0
    if position.at + 1 < len(cues) and cues[position.at + 1].waits(music.quantise):
        ahead = _AHEAD_BEATS
    if cue.bars:
        return cue.bars * music.per_bar - (music.beats - position.beats) - ahead
    if cue.seconds:
        return cue.seconds - position.since_s
    return 0.0 if cue.until and music.segment != position.segment else float("inf")


def moved_to(position: Position, before: Sequence[Cue], after: Sequence[Cue]) -> Position:
    """The position in a list that was edited: at the cue of the same name, or the same place."""
    if position.at < 0:
        return position
    names = [cue.name for cue in after]
    name = before[position.at].name
    return replace(position, at=names.index(name) if name in names else min(position.at, len(after) - 1))


def index_of(cues: Sequence[Cue], named: str | float) -> int:
    """The place of a cue by its name, or by its number from 1. Raises PresetError."""
    if isinstance(named, str):
        found = next((i for i, cue in enumerate(cues) if cue.name == named), None)
        if found is not None:
            return found
        if not named.strip().isdecimal() or len(named) > 6:
            raise PresetError(f"unknown cue {named!r:.60}, expected one of {', '.join(c.name for c in cues)[:300]}")
        named = int(named)
    if not 1 <= named <= len(cues):
        raise PresetError(f"cue {named:g}: there are {len(cues)}")
    return int(named) - 1
