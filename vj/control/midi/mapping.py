"""Mapping files: which control of a MIDI controller plays what, as TOML. Checked whole before anything is used.

version = 1
name = "nanoKONTROL2"
ports = ["nanoKONTROL2"]      # a port whose name contains one of these, whatever the case
[[control]]
label = "slider 1"            # as printed on the device
message = "cc"                # cc, cc14, nrpn, note, pitchwheel, aftertouch, polytouch, program
channel = 1                   # left out: any
number = 0
coding = "absolute"           # relative encoders: twos_complement, binary_offset, signed_bit
target = "macro/1"            # a parameter, or an action: "action/tap", "action/preset/3", …
mode = "value"                # value, toggle, momentary, trigger
lo = 0.0                      # part of the parameter's range, 0..1 along its curve; hi below lo turns it round
hi = 1.0
takeover = true               # a knob moves nothing until it has met the value
light = { number = 0, off = 0, on = 127, kind = "switch" }
"""

from collections.abc import Mapping as Tree
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import tomlkit

from vj.control.midi.messages import FULL
from vj.core import checked_toml
from vj.core.checked_toml import NUMBER, check, entry, table
from vj.core.errors import ControlError
from vj.params.actions import ACTIONS, PLACES

VERSION = 1
Coding: TypeAlias = Literal["absolute", "twos_complement", "binary_offset", "signed_bit"]
Mode: TypeAlias = Literal["value", "toggle", "momentary", "trigger"]
#: What stands in front of an action's id in `target`.
ACTION = "action/"
#: Targets that are no parameters: those of the table of actions, and presets by their place in the list.
TARGETS = (
    *(ACTION + action.id for action in ACTIONS if action.midi),
    *(f"{ACTION}preset/{n}" for n in range(1, PLACES + 1)),
)
MOST_CONTROLS = 2048
#: Messages without a number.
_PLAIN = ("program", "aftertouch", "pitchwheel")
#: Words of earlier versions, which files may still hold.
_RENAMED = {"bend": "pitchwheel", "pressure": "aftertouch", "key_pressure": "polytouch"}
_RENAMED_TARGETS = {"action/save": "action/preset/save"}
_NUMBER = {"cc14": 31, "nrpn": 16_383}
_TOP: dict[str, Any] = {
    "version": int, "name": str, "doc": str, "source": str, "ports": list, "control": list
}  # fmt: skip
_CONTROL: dict[str, Any] = {
    "label": str, "message": str, "channel": int, "number": int, "coding": str, "target": str, "mode": str,
    "lo": NUMBER, "hi": NUMBER, "takeover": bool, "light": dict,
}  # fmt: skip
_LIGHT: dict[str, Any] = {"message": str, "channel": int, "number": int, "off": int, "on": int, "kind": str}


@dataclass(frozen=True, slots=True)
class Light:
    """What a device shows: a switch that is off or on (values 0..127), or a level."""

    message: str
    channel: int
    number: int
    off: int = 0
    on: int = 127
    kind: Literal["switch", "level"] = "switch"


@dataclass(frozen=True, slots=True)
class Control:
    """One knob, fader, key or pad, and what it plays. `channel` 1 … 16, 0 for any. See the file format."""

    message: str
    channel: int
    number: int
    target: str
    label: str = ""
    coding: Coding = "absolute"
    mode: Mode = "value"
    lo: float = 0.0
    hi: float = 1.0
    takeover: bool = True
    light: Light | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        """What tells it from others of the device."""
        return self.message, self.channel, self.number

    @property
    def name(self) -> str:
        """For people."""
        where = f"{self.message} {self.number}" if self.message not in _PLAIN else self.message
        return self.label or (f"{where} channel {self.channel}" if self.channel else where)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A checked mapping file."""

    name: str
    ports: tuple[str, ...]
    controls: tuple[Control, ...]
    doc: str = ""

    def means(self, port: str) -> bool:
        """Whether it is for the device at this port."""
        return any(text.lower() in port.lower() for text in self.ports)


def load(path: Path) -> Mapping:
    """Read and check a mapping file. Raises ControlError: file, entry and key, what was found and what is expected."""
    return checked_toml.load("mapping", path, parse)


def parse(text: str) -> Mapping:
    """The same for the text of a file; messages leave the file's name to the caller."""
    tree = table(text, VERSION, _TOP)
    ports = tree.get("ports", [])
    if not ports or not all(isinstance(port, str) and port for port in ports):
        raise ControlError(f"ports: found {ports!r:.60}, expected a list of texts that names of ports contain")
    found = tree.get("control", [])
    if len(found) > MOST_CONTROLS:
        raise ControlError(f"control: found {len(found)}, expected at most {MOST_CONTROLS}")
    controls = tuple(_control(one, i + 1) for i, one in enumerate(found))
    keys = [control.key for control in controls]
    if len(set(keys)) != len(keys):
        twice = next(control for control in controls if keys.count(control.key) > 1)
        raise ControlError(f"control {twice.name!r}: {' '.join(map(str, twice.key))} is there twice")
    return Mapping(tree.get("name", ports[0]), tuple(ports), controls, tree.get("doc", ""))


def _control(found: object, i: int) -> Control:
    where = f"control {i}"
    told = _migrated(entry(found, _CONTROL, ("message", "target"), where))
    given = {"channel": 0, "number": 0, **told}
    _among(told["message"], tuple(FULL), f"{where}: message")
    _within(given["channel"], 0, 16, f"{where}: channel")
    _within(given["number"], 0, _NUMBER.get(told["message"], 127), f"{where}: number")
    _among(told.get("coding", "absolute"), get_args(Coding), f"{where}: coding")
    _among(told.get("mode", "value"), get_args(Mode), f"{where}: mode")
    for key in ("lo", "hi"):
        _within(told.get(key, 0), 0, 1, f"{where}: {key}")
        given[key] = float(told.get(key, 0.0 if key == "lo" else 1.0))
    _target(told["target"], where)
    if "light" in told:
        given["light"] = _light(told["light"], given, where + ": light")
    return Control(**given)


def _migrated(found: Tree[str, Any]) -> dict[str, Any]:
    """The table in today's words."""
    new = dict(found)
    for key, words in (("message", _RENAMED), ("target", _RENAMED_TARGETS)):
        if key in new:
            new[key] = words.get(new[key], new[key])
    return new


def _light(found: Tree[str, Any], control: Tree[str, Any], where: str) -> Light:
    check(found, _LIGHT, where + ": ")
    # Nobody can answer on every channel at once.
    usual = {"message": control["message"], "channel": control["channel"] or 1, "number": control["number"]}
    given = {**usual, **_migrated(found)}
    _among(given["message"], tuple(FULL), f"{where}: message")
    _among(given.get("kind", "switch"), ("switch", "level"), f"{where}: kind")
    _within(given["channel"], 1, 16, f"{where}: channel")
    _within(given["number"], 0, _NUMBER.get(given["message"], 127), f"{where}: number")
    for key in ("off", "on"):
        _within(given.get(key, 0), 0, 127, f"{where}: {key}")
    return Light(**given)


def _target(target: str, where: str) -> None:
    if target.startswith(ACTION) and target not in TARGETS:
        known = ", ".join(TARGETS[: -PLACES + 1])
        raise ControlError(f"{where}: target: found {target!r:.60}, expected a parameter or one of {known}, …")


def _among(found: str, known: Sequence[str], where: str) -> None:
    if found not in known:
        raise ControlError(f"{where}: found {found!r:.60}, expected one of {', '.join(known)}")


def _within(found: float, lo: float, hi: float, where: str) -> None:
    if not lo <= found <= hi:
        raise ControlError(f"{where}: found {found!r}, expected {lo}..{hi}")


def written(mapping: Mapping, before: str = "") -> str:
    """The text of a mapping file. What stands in the one `before` and is still true stays, with its comments."""
    doc = tomlkit.parse(before)
    doc["version"] = VERSION
    doc.setdefault("name", mapping.name)
    doc.setdefault("ports", list(mapping.ports))
    old = doc.get("control") or tomlkit.aot()
    tables = {_control(dict(table.unwrap()), 0): table for table in old}
    new = tomlkit.aot()
    for control in mapping.controls:
        new.append(tables.get(control) or _table(control))
    doc["control"] = new
    return tomlkit.dumps(doc)


def _table(control: Control) -> Any:
    usual = Control("", 0, 0, "")
    table = tomlkit.table()
    for field in fields(Control):
        value = getattr(control, field.name)
        if field.name == "light" and value:
            inline = tomlkit.inline_table()
            inline.update({one.name: getattr(value, one.name) for one in fields(Light)})
            table["light"] = inline
        elif value != getattr(usual, field.name) or field.name in ("message", "target", "number"):
            table[field.name] = value
    return table
