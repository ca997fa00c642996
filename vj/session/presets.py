"""Presets: TOML files that hold what a performer saves and recalls.

    version = 1
    doc = "…"
    tags = ["calm", "dark"]                  # may be left out
    model = "default"                        # may be left out
    chain = ["flow_noise", "trail"]          # ISF filters, in order
    [values.noise]                           # tables follow the parameter ids: "noise/sigma"
    sigma = 0.6
    [[modulation]]
    signal = "drums_rms"
    target = "motion/mix"
    depth = 1.0
    curve = "lin"                            # may be left out, and so may these:
    attack_s = 0.0
    release_s = 0.2
    [slew_s.noise]                           # seconds in which values set by hand are reached
    sigma = 0.3

A file is checked whole before anything of it is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vj.core import checked_toml
from vj.core.checked_toml import NUMBER, check
from vj.core.errors import PresetError
from vj.core.types import Signal
from vj.modulation.matrix import Matrix, Row, signal_names
from vj.params.bounds import checked
from vj.params.registry import Registry

VERSION = 1
_TOP = {"version": int, "doc": str, "chain": list, "values": dict, "modulation": list, "slew_s": dict, "model": str,
        "tags": list}  # fmt: skip
_SLOWEST_S = 60.0
_LONGEST_TAG, _MOST_TAGS = 30, 16
#: Groups of an id.
_DEEPEST = 16
_ROW = {"signal": str, "target": str, "depth": NUMBER, "curve": str, "attack_s": NUMBER, "release_s": NUMBER}


@dataclass(frozen=True, slots=True)
class Preset:
    """A checked preset. `values` holds id → value in natural units, `slews` id → seconds, only what the file sets.

    model    name or path of a network, or empty; unknown: what a newer version wrote and this one left out
    tags     words by which a panel finds it
    """

    name: str
    doc: str
    chain: tuple[str, ...]
    values: Mapping[str, float]
    rows: tuple[Row, ...]
    slews: Mapping[str, float]
    model: str = ""
    unknown: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def load(path: Path, registry: Registry, signals: Sequence[Signal], shaders: Sequence[str]) -> Preset:
    """Read and check a preset file.

    `shaders` are the names a chain may hold. Raises PresetError naming the file and the key, what was found and what
    was expected.
    """
    return checked_toml.load(
        "preset", path, lambda text: parse(text, path.stem, registry, signals, shaders), PresetError
    )  # fmt: skip


def parse(text: str, name: str, registry: Registry, signals: Sequence[Signal], shaders: Sequence[str]) -> Preset:
    """The same for the text of a preset; messages leave the file's name to the caller."""
    tree = checked_toml.tree(text, PresetError)
    version = tree.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise PresetError(f"version: found {version!r:.60}, expected {VERSION}")
    check({key: value for key, value in tree.items() if key in _TOP}, _TOP, "", PresetError)
    unknown = _left_out(tree, registry, signals) if version > VERSION else ()
    check(tree, _TOP, "", PresetError)
    chain = tuple(tree.get("chain", ()))
    for shader in chain:
        if shader not in shaders:
            raise PresetError(
                f"chain: unknown shader {shader!r:.60}, expected any of {', '.join(shaders) or '(none found)'}"
            )
    if len(set(chain)) != len(chain):
        raise PresetError(f"chain: {', '.join(chain)}: a shader may stand in a chain once")
    values = {id: checked(registry[id], v) for id, v in _flatten(tree.get("values", {}), "").items()}
    rows = tuple(_row(r, i) for i, r in enumerate(tree.get("modulation", ())))
    Matrix(registry, signals, rows)
    slews = {id: _slew(registry[id].id, v) for id, v in _flatten(tree.get("slew_s", {}), "").items()}
    about = tree.get("doc", ""), _tags(tree.get("tags", ()))
    return Preset(name, about[0], chain, values, rows, slews, tree.get("model", ""), unknown, about[1])


def _tags(found: Sequence[object]) -> tuple[str, ...]:
    for one in found:
        if not isinstance(one, str) or not 0 < len(one) <= _LONGEST_TAG:
            raise PresetError(f"tags: found {one!r:.60}, expected words of up to {_LONGEST_TAG} letters")
    return tuple(str(one) for one in found[:_MOST_TAGS])


def _left_out(tree: dict[str, Any], registry: Registry, signals: Sequence[Signal]) -> tuple[str, ...]:
    """Take out of a preset of a newer version what this one does not know; returns the names, which are told."""
    unknown = [key for key in tree if key not in _TOP]
    for key in unknown:
        del tree[key]
    for group in ("values", "slew_s"):
        flat = _flatten(tree.get(group, {}), "")
        unknown += [id for id in flat if id not in registry]
        tree[group] = {id: value for id, value in flat.items() if id in registry}
    names, rows = signal_names(signals), tree.get("modulation", [])
    known = [row for row in rows if _is_known(row, names, registry)]
    if len(known) < len(rows):
        unknown.append(f"{len(rows) - len(known)} rows of modulation")
    tree["modulation"] = known
    return tuple(unknown)


def _is_known(row: object, names: Sequence[str], registry: Registry) -> bool:
    if not isinstance(row, dict) or not set(row) <= set(_ROW) or not isinstance(row.get("target"), str):
        return False
    return row.get("signal") in names and row["target"] in registry


def _slew(id: str, found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0.0 <= found <= _SLOWEST_S:
        raise PresetError(f"slew_s of {id}: found {found!r}, expected seconds 0..{_SLOWEST_S:g}")
    return float(found)


def _flatten(tree: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    if prefix.count("/") > _DEEPEST:
        raise PresetError(f"{prefix[:60]}…: nested too deeply")
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flatten(value, prefix + key + "/")
        else:
            flat[prefix + key] = value
    return flat


def _row(found: object, i: int) -> Row:
    where = f"modulation {i + 1}"
    if not isinstance(found, dict):
        raise PresetError(f"{where}: found {found!r:.60}, expected a table with signal, target and depth")
    check(found, _ROW, where + ": ", PresetError)
    missing = {"signal", "target", "depth"} - found.keys()
    if missing:
        raise PresetError(f"{where}: {', '.join(sorted(missing))} missing")
    times = (float(found.get(name, 0.0)) for name in ("attack_s", "release_s"))
    return Row(found["signal"], found["target"], float(found["depth"]), found.get("curve", "lin"), *times)
