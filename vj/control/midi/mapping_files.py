"""Which mapping a port has: the performer's own, one of the ready ones, or an empty one to be learnt."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vj.control.midi.mapping import Mapping, load, written
from vj.core.checked_toml import read_text
from vj.core.errors import ControlError
from vj.core.files import reason, write_text

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
        path = self._folder / f"{slug(mapping.name)}.toml"
        try:
            before = read_text(path) if path.is_file() else ""
            write_text(path, written(mapping, before))
        except (OSError, UnicodeDecodeError) as e:
            raise ControlError(f"mapping {path}: cannot be written: {reason(e)}") from e
        self._own[path] = mapping

    def _read(self, folder: Path) -> dict[Path, Mapping]:
        found = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                found[path] = load(path)
            except ControlError as e:
                self._tell(str(e))
        return found


def device(port: str) -> str:
    """A device's name from its port's: without what systems add, which changes from plug to plug."""
    name = port.split(":", 1)[0].strip()
    return re.sub(r"\s+(\d+|\(\d+\))$", "", name) or port


def slug(name: str) -> str:
    """A file's name."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:60] or "controller"


def forgotten(mapping: Mapping, target: str) -> Mapping:
    """The mapping in which nothing plays this target."""
    return replace(mapping, controls=tuple(one for one in mapping.controls if one.target != target))
