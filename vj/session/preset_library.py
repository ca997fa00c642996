"""A performer's own presets: where they lie, and how what is played gets there.

presets/NAME.toml   saved by hand; before the bundled one of the same name
presets/NAME.jpg    its picture; order.toml: in which order they come
last.toml           what is played, kept up while it is; previous.toml: what was when the last show ended
"""

import re
import time
from collections.abc import Sequence
from pathlib import Path

import tomlkit

from vj.core import checked_toml
from vj.core.checked_toml import read_text
from vj.core.errors import PresetError
from vj.core.files import reason, write_text
from vj.params.registry import Registry
from vj.session.preset_writer import Played, preset_text
from vj.session.session import preset_names
from vj.session.stage_params import PERFORMED
from vj.session.state import SessionState

LAST, PREVIOUS, ORDER = "last.toml", "previous.toml", "order.toml"
_NAME = re.compile(r"[\w][\w .-]{0,59}")
_KEEP_S = 5.0


class PresetLibrary:
    """`folder` is the performer's, `bundled` that of the presets that come along.

    Files are written off the window's thread: `save` and `keep` may take longer than a frame.
    """

    def __init__(self, folder: Path, bundled: Path) -> None:
        self._folder, self._bundled = folder, bundled
        self._kept: SessionState | None = None
        self._kept_s = time.monotonic()

    @property
    def folders(self) -> tuple[Path, Path]:
        """Where presets are looked for, in order."""
        return self._folder / "presets", self._bundled

    def names(self) -> tuple[str, ...]:
        """Names of all presets: in the order that was kept, then the others, the default first."""
        names = preset_names(*self.folders)
        first = [name for name in self._order() if name in names]
        return (*dict.fromkeys(first), *(name for name in names if name not in first))

    def keep_order(self, names: Sequence[str]) -> None:
        """Presets come in this order from now on. Raises PresetError."""
        try:
            write_text(self._folder / ORDER, tomlkit.dumps({"presets": list(names)}))
        except OSError as e:
            raise PresetError(f"{self._folder / ORDER}: cannot be written: {reason(e)}") from e

    def _order(self) -> list[str]:
        """As it was kept; nothing where that cannot be read, as no show should want for it."""
        try:
            found = checked_toml.tree(read_text(self._folder / ORDER), PresetError).get("presets", [])
        except (OSError, UnicodeDecodeError, PresetError):
            return []
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []

    def thumbnail(self, name: str) -> Path:
        """Where the picture of a preset of the performer's own lies."""
        return self._folder / "presets" / f"{name}.jpg"

    def begin(self) -> Path | None:
        """The last show's state is put aside for this one; returns where, if there is one."""
        last, previous = self._folder / LAST, self._folder / PREVIOUS
        try:
            if last.is_file():
                last.replace(previous)
        except OSError:
            return None
        return previous if previous.is_file() else None

    def new_name(self, name: str) -> str:
        """A name that no preset has: that of the one it came from, with a number."""
        base = re.sub(r"_\d+$", "", Path(name).stem) or "preset"
        names = self.names()
        return next(found for n in range(2, 10_000) if (found := f"{base}_{n}") not in names)

    def save(self, name: str, played: Played, registry: Registry) -> Path:
        """Write a preset of that name; one that is there keeps its comments, and a copy of it is left beside it.

        Raises PresetError for a name that is no file's, and where nothing can be written.
        """
        if not _NAME.fullmatch(name):
            raise PresetError(f"preset name {name!r:.70}: expected letters, digits, spaces, '-', '_' and '.', up to 60")
        path = self._folder / "presets" / f"{name}.toml"
        before = next((folder / path.name for folder in self.folders if (folder / path.name).is_file()), None)
        try:
            text = read_text(before) if before else ""
            write_text(path, preset_text(played, registry, text))
            if before == path:
                write_text(path.with_suffix(".before"), text)
        except (OSError, UnicodeDecodeError) as e:
            raise PresetError(f"preset {path}: cannot be written: {reason(e)}") from e
        return path

    def keep(self, state: SessionState, *, now: bool = False) -> bool:
        """Write what is played, if it has changed and the last time is a while ago or `now`; returns whether it did.

        May be called from another thread: a state is one moment, whatever is played meanwhile.
        """
        due = now or time.monotonic() - self._kept_s > _KEEP_S
        if not due or (self._kept and _same(self._kept, state)):
            return False
        self._kept_s, self._kept = time.monotonic(), state
        try:
            write_text(self._folder / LAST, preset_text(played(state), state.registry))
        except OSError:
            return False
        return True


def played(state: SessionState, doc: str = "") -> Played:
    """What is played at one moment, as a preset; what a performer does to the output is not part of it."""
    preset, target = state.show.preset, state.target
    values = {param.id: target[param.id] for param in state.registry if param.id not in PERFORMED}
    chain = [shader.name for shader in state.chain]
    return Played(chain, values, state.rows, preset.slews, preset.model, doc or preset.doc, preset.tags)


def _same(a: SessionState, b: SessionState) -> bool:
    """Whether both would be written alike."""
    alike = (a.chain, a.rows, a.show.preset.slews, a.registry) == (b.chain, b.rows, b.show.preset.slews, b.registry)
    return alike and bool((a.target.array == b.target.array).all())
