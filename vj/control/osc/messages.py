"""What an OSC message asks for, in the tree of parameters. Pure.

    /vj/<id> VALUE               in natural units; a choice by name or number, on and off as T, F, 1, 0
    /vj/<id>/norm 0..1           along the parameter's curve
    /vj/<id> + VALUE, - VALUE    more or less
    /vj/<id>                     a trigger fires, a toggle turns over
    /vj/<id> ?                   the value is sent back
    /vj/<group> V V …            all components of a point or colour (x y, r g b a)
    /vj/<action> …               what stands in the table of actions (`vj.params.actions`): /vj/preset NAME, /vj/tap, …

Ids may hold the wildcards of OSC 1.0: ? * [a-z] [!a-z] {one,other}. What is past a parameter's range is brought into it
in the parameter's own way; what is no finite number is refused.
"""

import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vj.core.errors import ControlError
from vj.params.actions import BY_ID
from vj.params.bounds import bounded, checked, from_norm, to_norm
from vj.params.registry import Registry
from vj.params.spec import Param

ROOT = "/vj/"
_COMPONENTS = (("x", "y"), ("r", "g", "b", "a"), ("r", "g", "b"))
_PATTERN = re.compile(r"[?*\[{]")
_MOST_ARGUMENTS, _LONGEST, _MOST_STARS = 64, 200, 4


@dataclass(frozen=True, slots=True)
class Request:
    """`changes` id → value within its range; `asked` ids whose value is to be sent back; `action` and its arguments."""

    changes: Mapping[str, float] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    action: str | None = None
    arguments: tuple[Any, ...] = ()


def parse_request(address: str, arguments: Sequence[Any], registry: Registry, now: Callable[[str], float]) -> Request:
    """What a message asks for; `now` gives a parameter's value. Raises ControlError in one line, PresetError too."""
    if not address.startswith(ROOT):
        raise ControlError(f"{address[:80]!r}: expected an address below {ROOT}")
    if len(arguments) > _MOST_ARGUMENTS:
        raise ControlError(f"{address[:80]}: {len(arguments)} arguments, expected at most {_MOST_ARGUMENTS}")
    path = address[len(ROOT) :]
    if path in BY_ID and BY_ID[path].remote:
        return Request(action=path, arguments=tuple(arguments))
    # Nil and bang mean that it is done now, as no argument does.
    arguments = [one for one in arguments if one is not None]
    norm = path.endswith("/norm")
    path = path.removesuffix("/norm")
    if _PATTERN.search(path):
        ids = [p.id for p in registry if _matcher(path).fullmatch(p.id)]
        if not ids:
            raise ControlError(f"{address[:80]}: no parameter matches")
    elif path in registry:
        ids = [path]
    else:
        return _together(address, path, arguments, registry, norm)
    if list(arguments) == ["?"]:
        return Request(asked=tuple(ids))
    return Request({id: _value(registry[id], arguments, norm, now) for id in ids})


def _together(address: str, path: str, arguments: Sequence[Any], registry: Registry, norm: bool) -> Request:
    """Components of a point or a colour, one argument each."""
    for names in _COMPONENTS:
        ids = [f"{path}/{name}" for name in names]
        if all(id in registry for id in ids):
            if list(arguments) == ["?"]:
                return Request(asked=tuple(ids))
            if len(arguments) == len(ids):
                pairs = zip(ids, arguments, strict=True)
                return Request({id: _absolute(registry[id], value, norm) for id, value in pairs})
    raise ControlError(f"{address[:80]}: no such parameter, or another number of values")


def _value(param: Param, arguments: Sequence[Any], norm: bool, now: Callable[[str], float]) -> float:
    if not arguments:
        if param.kind == "trigger":
            return 1.0
        if param.kind == "toggle":
            return 1.0 - now(param.id)
        raise ControlError(f"{param.id}: a value is missing")
    if len(arguments) == 2 and arguments[0] in ("+", "-"):
        by = _number(param, arguments[1]) * (1 if arguments[0] == "+" else -1)
        if norm:
            return from_norm(param, to_norm(param, now(param.id)) + by)
        return bounded(param, now(param.id) + by)
    if len(arguments) != 1:
        raise ControlError(f"{param.id}: found {len(arguments)} values, expected one")
    return _absolute(param, arguments[0], norm)


def _absolute(param: Param, found: Any, norm: bool) -> float:
    if isinstance(found, str):
        return checked(param, found)
    number = _number(param, found)
    return from_norm(param, number) if norm else bounded(param, number)


def _number(param: Param, found: Any) -> float:
    try:
        value = float(found) if isinstance(found, int | float) else math.nan
    except OverflowError:
        value = math.nan
    if not math.isfinite(value):
        raise ControlError(f"{param.id}: found {found!r:.40}, expected a finite number")
    return value


def _in_class(text: str) -> str:
    """Characters of a class, with only the hyphen of a range meaning something."""
    return re.sub(r"([\\^\[\]&~|])", r"\\\1", text)


def matches(pattern: str, address: str) -> bool:
    """Whether an address is meant by a pattern of OSC 1.0, or is the same. Raises ControlError for what is none."""
    return pattern == address or bool(_PATTERN.search(pattern) and _matcher(pattern).fullmatch(address))


@functools.lru_cache(maxsize=256)
def _matcher(pattern: str) -> re.Pattern[str]:
    """A pattern of OSC 1.0 ("OSC Message Dispatching and Pattern Matching") as a regular expression."""
    # With many stars looking for a match could take longer than a frame.
    if len(pattern) > _LONGEST or pattern.count("*") > _MOST_STARS:
        raise ControlError(f"{pattern[:80]!r}: expected at most {_LONGEST} characters and {_MOST_STARS} stars")
    out, at = "", 0
    while at < len(pattern):
        c = pattern[at]
        at += 1
        if c == "?":
            out += "[^/]"
        elif c == "*":
            # Several in a row mean the same, and would be slow to look for.
            out += "" if out.endswith("[^/]*") else "[^/]*"
        elif c == "[" and (end := pattern.find("]", at)) > at:
            inside = pattern[at:end]
            inside, negated = (inside[1:], "^") if inside.startswith("!") else (inside, "")
            out += f"[{negated}{_in_class(inside)}]" if inside else "(?!)"
            at = end + 1
        elif c == "{" and (end := pattern.find("}", at)) >= at:
            out += "(?:" + "|".join(re.escape(word) for word in pattern[at:end].split(",")) + ")"
            at = end + 1
        else:
            out += re.escape(c)
    try:
        return re.compile(out)
    except re.error as e:
        raise ControlError(f"{pattern[:80]!r}: no OSC pattern: {e}") from None
