"""Presets that are read and checked ahead, on another thread, so that a call of one opens no file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vj.core.errors import VjError
from vj.params.registry import Registry
from vj.session.loading import Show

#: So many are read again at a time when the parameters have changed, as others wait for the interpreter.
_AT_ONCE = 4
Stamp = tuple[Path, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What a file said, by the parameters of that time: a preset, or why it is none."""

    stamp: Stamp
    registry: Registry
    found: Show | VjError


class PresetCache:
    """Written by one thread, read by another: an entry is replaced whole."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def get(self, name: str, registry: Registry) -> Show | None:
        """The preset as its file was; None where it was not read. Raises the error that its file is refused with."""
        known = self._known.get(name)
        if not known or known.registry is not registry:
            return None
        if isinstance(known.found, VjError):
            raise type(known.found)(str(known.found))
        return known.found

    def forget(self, name: str) -> None:
        """Read it anew when it is asked for next."""
        self._known.pop(name, None)

    def refresh(
        self, names: Sequence[str], folders: Sequence[Path], registry: Registry, load: Callable[[str], Show]
    ) -> None:
        """Read what is new or was changed among presets of these names, and some of what was read by other parameters.

        load  reads one by `registry`; raises VjError
        """
        outdated = _AT_ONCE
        for name in names:
            stamp, known = _stamp(name, folders), self._known.get(name)
            if not stamp:
                self.forget(name)
            elif not known or known.stamp != stamp:
                self._known[name] = _Known(stamp, registry, _tried(load, name))
            elif known.registry is not registry and outdated:
                outdated -= 1
                self._known[name] = _Known(stamp, registry, _tried(load, name))


def _tried(load: Callable[[str], Show], name: str) -> Show | VjError:
    try:
        return load(name)
    except VjError as e:
        return e


def _stamp(name: str, folders: Sequence[Path]) -> Stamp | None:
    """Which file a name means, and what changes with its content; None where there is none."""
    for folder in folders:
        path = folder / f"{name}.toml"
        try:
            found = path.stat()
        except (OSError, ValueError):
            continue
        return path, found.st_mtime_ns, found.st_size
    return None
