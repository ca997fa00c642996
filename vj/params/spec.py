"""One parameter: the single place where its name, range, unit and meaning are written down. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

from vj.core.errors import PresetError

Curve = Literal["lin", "exp", "s"]
Bound = Literal["clip", "wrap", "fold"]
Kind = Literal["continuous", "toggle", "trigger", "choice"]

_ID = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)+")


@dataclass(frozen=True, slots=True)
class Param:
    """One row of the registry.

    id        stable path such as "bend/rotate/angle_turns"; the OSC address is "/vj/" + id
    default   value in natural units; for a choice the index into `choices`, for a toggle or trigger 0 or 1
    lo, hi    inclusive range in natural units
    unit      "s", "Hz", "dB", "turn", … or "" for a plain ratio
    curve     how a 0..1 controller is laid over lo..hi: linear, exponential (lo > 0) or S-shaped
    bound     what happens past the range: clip, wrap (angles) or fold (mirror back)
    rebuild   a change of it needs a new compiled graph or a new program
    slew_s    time in which a value that a hand sets is reached (to within 5 %); 0: at once
    """

    id: str
    default: float
    lo: float = 0.0
    hi: float = 1.0
    unit: str = ""
    curve: Curve = "lin"
    bound: Bound = "clip"
    kind: Kind = "continuous"
    choices: tuple[str, ...] = ()
    rebuild: bool = False
    doc: str = ""
    slew_s: float = 0.0

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise PresetError(
                f"parameter id {self.id!r}: expected lower-case words joined by '/', such as 'noise/sigma'"
            )
        if not self.lo < self.hi:
            raise PresetError(f"{self.id}: range {self.lo}..{self.hi}: the lower bound must be below the upper")
        if not self.lo <= self.default <= self.hi:
            raise PresetError(f"{self.id}: default {self.default} outside {self.lo}..{self.hi}")
        if self.curve == "exp" and self.lo <= 0:
            raise PresetError(f"{self.id}: an exponential curve needs a lower bound above 0, found {self.lo}")
        if (self.kind == "choice") != bool(self.choices):
            raise PresetError(f"{self.id}: kind 'choice' and a list of choices go together")


def toggle(id: str, default: bool, doc: str, *, rebuild: bool = False) -> Param:
    """A parameter that is off (0) or on (1)."""
    return Param(id, float(default), 0.0, 1.0, kind="toggle", rebuild=rebuild, doc=doc)


def trigger(id: str, doc: str) -> Param:
    """A parameter that does something when it goes from 0 to 1."""
    return Param(id, 0.0, 0.0, 1.0, kind="trigger", doc=doc)


def choice(id: str, default: str, choices: tuple[str, ...], doc: str, *, rebuild: bool = False) -> Param:
    """A parameter whose value is one of `choices`; stored as the index, written by name in presets."""
    return Param(
        id,
        float(choices.index(default)),
        0.0,
        float(max(len(choices) - 1, 1)),
        kind="choice",
        choices=choices,
        rebuild=rebuild,
        doc=doc,
    )
