"""Presets as text: what is played, as a person would write it. Comments, order and unknown keys stay. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vj.modulation.matrix import Row
from vj.params.bounds import written
from vj.params.registry import Registry
from vj.session.presets import VERSION

_USUAL = Row("", "", 0.0)


@dataclass(frozen=True, slots=True)
class Played:
    """What a preset holds: shaders in order, id → value, rows, id → slew in seconds, the network's name, tags."""

    chain: Sequence[str]
    values: Mapping[str, float]
    rows: Sequence[Row]
    slews: Mapping[str, float]
    model: str = ""
    doc: str = ""
    tags: Sequence[str] = ()


def preset_text(played: Played, registry: Registry, before: str = "") -> str:
    """The text of a preset file; what stands in the one `before`, and is still true, stays as it is.

    Values that are at their default are written only where `before` has them.
    """
    try:
        doc = tomlkit.parse(before)
    except TOMLKitError:
        # Nothing of what is no TOML can be kept.
        doc = tomlkit.document()
    doc.setdefault("version", VERSION)
    for key, text in (("doc", played.doc), ("model", played.model)):
        if text and doc.get(key) != text:
            doc[key] = text
    if list(doc.get("tags", [])) != list(played.tags):
        doc["tags"] = list(played.tags)
    if list(doc.get("chain", [])) != list(played.chain):
        doc["chain"] = list(played.chain)
    if not isinstance(doc.get("values"), dict):
        doc["values"] = tomlkit.table()
    for id, value in played.values.items():
        param = registry[id]
        said = written(param, value)
        _put(doc["values"], id.split("/"), said, always=_short(value) != _short(param.default))
    for id, slew_s in played.slews.items():
        if not isinstance(doc.get("slew_s"), dict):
            doc["slew_s"] = tomlkit.table()
        _put(doc["slew_s"], id.split("/"), slew_s, always=True)
    _put_rows(doc, played.rows)
    return tomlkit.dumps(doc)


def _put(table: Any, path: Sequence[str], value: Any, *, always: bool) -> None:
    """Set a value in nested tables, where it is another than the one that stands there."""
    *groups, key = path
    for group in groups:
        if not isinstance(table.get(group), dict):
            if not always:
                return
            table[group] = tomlkit.table(is_super_table=True)
        table = table[group]
    new = _short(value) if isinstance(value, float) else value
    there = key in table
    if (there or always) and not (there and table[key] == new):
        table[key] = new


def _short(value: float) -> float:
    """Six digits, which is what is left of a number that was one of 32 bits."""
    return float(f"{value:.6g}")


def _put_rows(doc: Any, rows: Sequence[Row]) -> None:
    old = doc.get("modulation")
    if old is None:
        old = tomlkit.aot()
    tables = {_as_row(table): table for table in old}
    if [row for row in rows if row in tables] == list(rows) and len(rows) == len(old):
        return
    new = tomlkit.aot()
    for row in rows:
        new.append(tables.pop(row, None) or _table(row))
    for table in tables.values() if doc["version"] > VERSION else ():
        # A newer version may know what they mean.
        new.append(table)
    doc["modulation"] = new


def _as_row(table: Any) -> Row | None:
    try:
        return Row(**{field.name: table[field.name] for field in fields(Row) if field.name in table})
    except TypeError:
        return None


def _table(row: Row) -> Any:
    table = tomlkit.table()
    for field in fields(Row):
        value = getattr(row, field.name)
        if value != getattr(_USUAL, field.name) or field.name in ("signal", "target", "depth"):
            table[field.name] = value
    return table
