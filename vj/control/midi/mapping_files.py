"""Which mapping a port has: the performer's own, one of the ready ones, or an empty one to be learnt."""

import re
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vj.control.midi.mapping import Mapping, load, written
from vj.core.checked_toml import read_text
from vj.core.errors import ControlError
from vj.core.files import reason, write_text

#: Programs that bring other systems' ports along, under names of their own that say nothing of the device.
_BRIDGE = re.compile(r"^(a2j|alsa_midi|midi-bridge|system|system_midi):\s*", re.I)
#: What is written behind a device's name: " [20] (capture): port", " 2:(capture_0) port", ":port", "(out)", "MIDI 1".
_BEHIND = re.compile(r"\s*(\[\d+\].*|:.*|\((in|out|capture|playback)(_\d+)?\).*)$", re.I)
_PORT, _NUMBER = re.compile(r"\s+MIDI(\s+\d+)?(\s+\d+)?$", re.I), re.compile(r"\s+(\d+|\(\d+\))$")
#: Where a system numbers devices: a client of ALSA's, the same through a bridge, one of PipeWire's, and of equal names.
_UNITS = tuple(map(re.compile, (r"\s(\d+):\d+", r"\[(\d+)\]", r"\s(\d+):\(", r"\((\d+)\)$", r"^[^:]*\s(\d+)$")))
#: Ready-made ones, from the makers' published charts.
READY = Path(__file__).parent / "controllers"


class MappingFiles:
    """`folder` holds the performer's own, None: nothing is kept; files there that are bad are told and passed over."""

    def __init__(self, folder: Path | None, tell: Callable[[str], None], ready: Path = READY) -> None:
        self._folder, self._tell = folder, tell
        self._own = self._read(folder) if folder else {}
        self._ready = self._read(ready)

    def of(self, port: str) -> Mapping:
        """The mapping of the device at a port: the one whose name of a port fits most closely."""
        for mappings in (self._own, self._ready):
            fitting = [mapping for mapping in mappings.values() if mapping.means(port)]
            if fitting:
                return max(fitting, key=lambda one: max(len(t) for t in one.ports if t.lower() in port.lower()))
        name = device(port)
        return Mapping(name, (name,), ())

    def save(self, mapping: Mapping) -> None:
        """Write a mapping to the performer's folder. Raises ControlError where that cannot be done."""
        if self._folder is None:
            return
        path = self._path(self._folder, mapping)
        try:
            before = read_text(path) if path.is_file() else ""
            write_text(path, written(mapping, before))
        except (OSError, UnicodeDecodeError) as e:
            raise ControlError(f"mapping {path}: cannot be written: {reason(e)}") from e
        self._own[path] = mapping

    def _path(self, folder: Path, mapping: Mapping) -> Path:
        """Where it was, or a file of its own: what another device has, or what could not be read, is left as it is."""
        there = next((path for path, one in self._own.items() if one.name == mapping.name), None)
        base, path, number = slug(mapping.name), folder / f"{slug(mapping.name)}.toml", 2
        while there is None and path.exists():
            path, number = folder / f"{base}_{number}.toml", number + 1
        return there or path

    def _read(self, folder: Path) -> dict[Path, Mapping]:
        found = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                found[path] = load(path)
            except ControlError as e:
                self._tell(str(e))
        return found


def device(port: str) -> str:
    """A device's name from its port's: without what systems and bridges add, which changes from plug to plug."""
    name = _BRIDGE.sub("", port.strip())
    if name != port.strip():
        name = _PORT.sub("", _BEHIND.sub("", name))
    return _NUMBER.sub("", name.split(":", 1)[0].strip()) or port


def unit(port: str) -> str:
    """What tells this device from another one of the same name, as far as the system says it; ports of one share it."""
    found = (match[1] for one in _UNITS if (match := one.search(port)))
    return next(found, "")


def slug(name: str) -> str:
    """A file's name, in the letters of any language; one without letters is known by its sum."""
    letters = re.sub(r"\W+", "_", unicodedata.normalize("NFC", name).lower()).strip("_")[:40]
    return letters or f"controller_{zlib.crc32(name.encode(errors='replace')):08x}"


def forgotten(mapping: Mapping, target: str) -> Mapping:
    """The mapping in which nothing plays this target."""
    return replace(mapping, controls=tuple(one for one in mapping.controls if one.target != target))
