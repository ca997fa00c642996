"""The projection of each monitor in a file of the machine's settings, as no preset has to know where it is shown.

    version = 1
    [monitors."EPSON PJ"]
    corners = [[0.02, 0.0], [1.0, 0.04], [0.98, 1.0], [0.0, 0.97]]
    mirrored = true

Keys are the fields of `Projection`; what is left out is as it is without.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomlkit

from vj.core import checked_toml
from vj.core.errors import UsageError
from vj.core.files import write_text
from vj.render.output.projection import FARTHEST, MOST_POINTS, NEAREST, SOFTEST_EDGE, Point, Projection, is_convex

VERSION = 1
_MOST_MONITORS, _LONGEST_NAME = 100, 200
_KEYS: dict[str, Any] = {
    "corners": list, "turns": int, "mirrored": bool, "edges": list, "gamma": checked_toml.NUMBER, "mask": list,
    "mask_soft": checked_toml.NUMBER,
}  # fmt: skip


def load(path: Path) -> dict[str, Projection]:
    """Monitor's name → how the picture lies on it; empty where there is no file. Raises UsageError."""
    return checked_toml.load("projection", path, parsed, UsageError) if path.exists() else {}


def parsed(text: str) -> dict[str, Projection]:
    """The same from the file's text."""
    found = checked_toml.tree(text, UsageError)
    checked_toml.check(found, {"version": int, "monitors": dict}, "", UsageError)
    if found.get("version") != VERSION:
        raise UsageError(f"version: found {found.get('version')!r:.60}, expected {VERSION}")
    monitors = found.get("monitors", {})
    if len(monitors) > _MOST_MONITORS:
        raise UsageError(f"monitors: found {len(monitors)}, expected at most {_MOST_MONITORS}")
    return {name: _projection(name, one) for name, one in monitors.items()}


def save(path: Path, projections: Mapping[str, Projection]) -> None:
    """Write the file anew, whole or not at all; those that are as without are left out. Raises OSError."""
    doc = tomlkit.document()
    doc["version"] = VERSION
    doc["monitors"] = {name: _told(one) for name, one in projections.items() if one != Projection()}
    write_text(path, tomlkit.dumps(doc))


def _told(projection: Projection) -> dict[str, Any]:
    plain = asdict(Projection())
    return {key: _rounded(value) for key, value in asdict(projection).items() if value != plain[key]}


def _rounded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_rounded(one) for one in value]
    return round(value, 6) if isinstance(value, float) else value


def _projection(name: str, found: object) -> Projection:
    where = f"monitors.{name[:60]}"
    if not isinstance(found, dict) or len(name) > _LONGEST_NAME:
        raise UsageError(f"{where}: found {found!r:.60}, expected a table named after a monitor")
    checked_toml.check(found, _KEYS, where + ": ", UsageError)
    read: dict[str, Any] = {}
    for key, value in found.items():
        read[key] = _READ[key](value, f"{where}: {key}") if key in _READ else value
    if "corners" in read and (len(read["corners"]) != 4 or not is_convex(read["corners"])):
        raise UsageError(f"{where}: corners: found {found['corners']!r:.80}, expected four points around a picture")
    return Projection(**read)


def _points(value: list[Any], where: str) -> tuple[Point, ...]:
    if len(value) > MOST_POINTS:
        raise UsageError(f"{where}: found {len(value)} points, expected at most {MOST_POINTS}")
    points = [_numbers(point, f"{where}, point {i}", NEAREST, FARTHEST, 2) for i, point in enumerate(value, 1)]
    return tuple((x, y) for x, y in points)


def _numbers(value: object, where: str, least: float, most: float, count: int) -> tuple[float, ...]:
    given = value if isinstance(value, list) else [value]
    numbers = [float(x) for x in given if isinstance(x, int | float) and not isinstance(x, bool) and least <= x <= most]
    if not len(numbers) == len(given) == count:
        expected = "a number" if count == 1 else f"{count} numbers"
        raise UsageError(f"{where}: found {value!r:.60}, expected {expected} from {least:g} to {most:g}")
    return tuple(numbers)


def _turns(value: int, where: str) -> int:
    if value not in (0, 1, 2, 3):
        raise UsageError(f"{where}: found {value!r:.60}, expected 0, 1, 2 or 3 quarter turns")
    return value


def _edges(value: object, where: str) -> tuple[float, ...]:
    return _numbers(value, where, 0.0, SOFTEST_EDGE, 4)


#: What is more than a kind of value.
_READ: dict[str, Any] = {
    "corners": _points,
    "mask": _points,
    "turns": _turns,
    "edges": _edges,
    "gamma": lambda value, where: _numbers(value, where, 1.0, 4.0, 1)[0],
    "mask_soft": lambda value, where: _numbers(value, where, 0.0, 0.5, 1)[0],
}
