"""Who plays: finds and reads presets and shaders, and holds the session (`vj.session.state`). No device, no GL."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vj.core import resources
from vj.core.errors import PresetError, VjError
from vj.modulation.matrix import Row
from vj.params.registry import Registry, Snapshot
from vj.render.isf.shader import IsfShader
from vj.session import refit, state
from vj.session.loading import DEFAULT_PRESET, Show, build_registry, load_with
from vj.session.preset_cache import PresetCache
from vj.session.state import Entry


class Session:
    """The session, and what it can become. A change puts another session in the place of the one before.

    settings  "id=value" laid over every preset; folders: where presets are looked for (None: the bundled ones)
    """

    def __init__(
        self, shaders: Mapping[str, IsfShader], preset: str, settings: tuple[str, ...], presets: tuple[str, ...],
        folders: Sequence[Path] | None = None,
    ) -> None:  # fmt: skip
        self.shaders = dict(shaders)
        self._folders = folders
        self._settings = settings
        self._cache = PresetCache()
        self.presets = presets if preset in presets else (preset, *presets)
        self._registry = build_registry(tuple(self.shaders.values()))
        self.state = state.begun(preset, self._load(preset, settings))
        self._known_good = self._loaded_default()

    @property
    def preset(self) -> str:
        """Name of the preset that is played."""
        return self.state.preset

    @property
    def show(self) -> Show:
        """The preset as it was loaded."""
        return self.state.show

    @property
    def target(self) -> Snapshot:
        """The values that presets and hands ask for; `current` is on its way there."""
        return self.state.target

    @property
    def current(self) -> Snapshot:
        """The values as they are now, before modulation."""
        return self.state.current

    @property
    def chain(self) -> tuple[IsfShader, ...]:
        """The shaders that are drawn, in order: those of the preset until `edit_chain`."""
        return self.state.chain

    @property
    def rows(self) -> tuple[Row, ...]:
        """The modulations of the preset."""
        return self.state.rows

    @property
    def registry(self) -> Registry:
        """All parameters."""
        return self._registry

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where presets are looked for, in order."""
        return tuple(self._folders or (resources.presets_dir(),))

    def read_ahead(self) -> None:
        """Read the presets of the list, so that a call of one opens no file. For a thread that may take its time."""
        # The parameters first: should a shader be edited meanwhile, what is read is of the old ones, and not used.
        registry, shaders = self._registry, self.shaders
        self._cache.refresh(
            self.presets, self.folders, registry,
            lambda name: load_with(shaders, name, self._settings, registry, self._folders),
        )  # fmt: skip

    def cards(self) -> list[dict[str, Any]]:
        """Of each preset of the list: name, doc, tags, and `picture`, which changes with its thumbnail, 0: none."""
        return [self._card(name) for name in self.presets]

    def _card(self, name: str) -> dict[str, Any]:
        try:
            show = self._cache.get(Path(name).stem, self._registry)
        except VjError:
            show = None
        preset = show.preset if show else None
        return {"name": name, "doc": preset.doc if preset else "", "tags": list(preset.tags) if preset else [],
                "picture": _changed_at([folder / f"{name}.jpg" for folder in self.folders])}  # fmt: skip

    def forget_file(self, preset: str) -> None:
        """Read this preset's file anew when it is called next."""
        self._cache.forget(preset)

    def edit_chain(self, names: Sequence[str]) -> None:
        """Draw these shaders, in this order. Raises PresetError for one that is unknown, no layer, or there twice."""
        for name in names:
            if name not in self.shaders or self.shaders[name].kind == "transition":
                raise PresetError(f"chain: found {name!r}, expected the name of a filter or a generator")
        if len(set(names)) != len(names):
            raise PresetError(f"chain: {', '.join(names)}: a shader may stand in a chain once")
        self.state = replace(self.state, chain=tuple(self.shaders[name] for name in names))

    def set_row(self, row: Row) -> None:
        """A modulation, in the place of the one of the same signal and target. Raises PresetError."""
        rows, ends = self.rows, [(one.signal, one.target) for one in self.rows]
        at = ends.index((row.signal, row.target)) if (row.signal, row.target) in ends else len(rows)
        self.state = state.with_rows(self.state, (*rows[:at], row, *rows[at + 1 :]))

    def remove_row(self, signal: str, target: str) -> None:
        """No modulation of this parameter by this signal. Raises PresetError where there is none."""
        rows = tuple(one for one in self.rows if (one.signal, one.target) != (signal, target))
        if len(rows) == len(self.rows):
            raise PresetError(f"modulation {signal:.60} → {target:.60}: there is none")
        self.state = state.with_rows(self.state, rows)

    def use_rows(self, rows: Sequence[Row]) -> None:
        """These modulations. Raises PresetError."""
        self.state = state.with_rows(self.state, rows)

    def lock(self, id: str, *, lock: bool) -> None:
        """Presets leave this parameter as it is, or not any more. Raises PresetError where there is none."""
        self.state = state.locked(self.state, self.registry[id].id, lock=lock)

    def order(self, names: Sequence[str]) -> None:
        """Presets of the list in this order, the others after them. Raises PresetError for one that is not in it."""
        for name in names:
            self.named(name)
        first = tuple(dict.fromkeys(names))
        self.presets = (*first, *(name for name in self.presets if name not in first))

    def saved_as(self, name: str) -> None:
        """What is played was saved under this name."""
        self.state = replace(self.state, preset=name)
        if name not in self.presets:
            self.presets = (*self.presets, name)

    def recall(self, preset: str, over: Mapping[str, float] | None = None) -> None:
        """Play another preset; what the performer does to the output stays. Raises PresetError or UsageError.

        over  values that are laid over it, id → value
        """
        self.state = state.entered(self.state, self._read(preset, over))

    def auditioned(self, preset: str) -> state.SessionState:
        """What would be played, were this preset of the list recalled. Raises PresetError or UsageError."""
        entry = self._read(self.named(preset))
        return replace(state.landed(state.entered(self.state, entry)), matrix=entry.show.matrix)

    def recall_on_beat(self, preset: str, over: Mapping[str, float] | None = None) -> None:
        """The same on the next beat or bar (`vj.show.frame`); the file is read and checked now."""
        self.state = replace(self.state, waiting=self._read(preset, over))

    def named(self, which: str | float) -> str:
        """Name of a preset of the list, by name or number from 0. Raises PresetError; a call opens no other file."""
        if not isinstance(which, str) and float(which).is_integer() and 0 <= which < len(self.presets):
            # Many programs send nothing but floats.
            return self.presets[int(which)]
        if isinstance(which, str) and which in self.presets:
            return which
        raise PresetError(f"preset: found {which!r:.60}, expected one of {', '.join(self.presets)}")

    def neighbour(self, by: int, start: str | None = None) -> str:
        """The preset `by` places further in the list than `start` or the one that plays; the list goes round."""
        start = start or self.preset
        at = self.presets.index(start) if start in self.presets else 0
        return self.presets[(at + by) % len(self.presets)]

    def land(self) -> None:
        """Every value is where it should be, at once."""
        self.state = state.landed(self.state)

    def panic(self) -> None:
        """The default preset as it was at the start, nothing black, nothing frozen."""
        self.state = state.begun(DEFAULT_PRESET, self._known_good)

    def set(self, changes: Mapping[str, object]) -> None:
        """Change values. Raises PresetError at the first that does not fit; nothing changes then."""
        self.state = state.changed(self.state, changes)

    def flip(self, id: str) -> None:
        """A toggle's other state."""
        self.set({id: 1.0 - self.target[id]})

    def take_shader(self, shader: IsfShader) -> tuple[str, ...]:
        """A shader was edited: its inputs are the parameters now. Returns ids that the preset sets and that are gone.

        Raises PresetError where it cannot be; nothing has changed then.
        """
        return self.take(self.refitted(shader))

    def refitted(self, shader: IsfShader) -> "Refitted":
        """What is played, with this shader in the place of its namesake. Changes nothing. Raises PresetError."""
        shaders = {**self.shaders, shader.name: shader}
        registry = build_registry(tuple(shaders.values()))
        fitted, lost = refit.refitted(self.state, registry, shaders)
        known_good, _ = refit.refitted_show(self._known_good, registry, shaders)
        return Refitted(shader, shaders, registry, fitted, known_good, lost)

    def take(self, new: "Refitted") -> tuple[str, ...]:
        """Play what `refitted` gave. Returns the ids that are lost."""
        self.shaders, self._registry = dict(new.shaders), new.registry
        self.state, self._known_good = new.state, new.known_good
        return new.lost

    def _read(self, preset: str, over: Mapping[str, float] | None = None) -> Entry:
        show = self._cache.get(preset, self._registry) or self._load(preset, self._settings)
        # What a list of an hour ago said may be of parameters that are no more.
        return Entry(preset, show, {id: value for id, value in (over or {}).items() if id in self._registry})

    def _load(self, preset: str, settings: Sequence[str] = ()) -> Show:
        return load_with(self.shaders, preset, settings, self._registry, self._folders)

    def _loaded_default(self) -> Show:
        """The default preset; what is played where that has been edited into something else."""
        try:
            return self._load(DEFAULT_PRESET)
        except VjError:
            return self.show


def preset_names(*folders: Path) -> tuple[str, ...]:
    """Names of the presets in folders, sorted, the default first."""
    names = sorted({path.stem for folder in folders for path in folder.glob("*.toml")})
    return tuple(sorted(names, key=lambda name: (name != DEFAULT_PRESET, name)))


def _changed_at(paths: Sequence[Path]) -> int:
    """When the first of the files that is there was written, a number; 0 where there is none."""
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            return int(path.stat().st_mtime)
    return 0


@dataclass(frozen=True, slots=True, eq=False)
class Refitted:
    """What is played after an edit of a shader; lost: ids that the preset sets or moves and that are no more."""

    shader: IsfShader
    shaders: Mapping[str, IsfShader]
    registry: Registry
    state: state.SessionState
    known_good: Show
    lost: tuple[str, ...]
