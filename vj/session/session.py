"""What is played: the preset, what hands have changed since, and how signals move it. No device, no GL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from vj.core import resources
from vj.core.errors import PresetError, VjError
from vj.core.types import F32, Beat, frozen
from vj.generator import bending
from vj.generator.latents import motion
from vj.modulation.matrix import MOST_ROWS, Matrix, Modulator, Row
from vj.modulation.signals import SIGNALS
from vj.modulation.smoothing import Ranges, slews
from vj.params.registry import Registry, Snapshot
from vj.params.spec import Param
from vj.render.isf.shader import IsfShader
from vj.session.loading import DEFAULT_PRESET, Show, build_registry, load_with
from vj.session.stage_params import PERFORMED

#: The generator's own parameters; it is not told of any other.
GENERATOR_PARAMS: tuple[Param, ...] = (*motion.PARAMS, *bending.PARAMS)
#: Rows of a morph that is interrupted go on from where they are, but for those that hardly count.
_FAINT = 0.02


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn over the network's picture at one moment: the shaders in order, values, and what moves them."""

    preset: str
    chain: tuple[IsfShader, ...]
    values: Snapshot
    modulator: Modulator

    def moved(self, signals: Mapping[str, Any], dt_s: float) -> Snapshot:
        """The values that the signals of a frame make of them."""
        return self.modulator.step(self.values, signals, dt_s)


class Session:
    """A preset, its values as they are now, and the names that can be stepped through.

    settings  "id=value" laid over every preset; folders: where presets are looked for (None: the bundled ones)
    wanted    the values that presets and hands ask for; `base` is on its way there
    """

    def __init__(
        self, shaders: Mapping[str, IsfShader], preset: str, settings: tuple[str, ...], presets: tuple[str, ...],
        folders: Sequence[Path] | None = None,
    ) -> None:  # fmt: skip
        self.shaders = dict(shaders)
        self._folders = folders
        self._settings = settings
        self.presets = presets if preset in presets else (preset, *presets)
        self._registry = build_registry(tuple(self.shaders.values()))
        self._ranges = Ranges(self._registry)
        self.target: Snapshot
        self.current: Snapshot
        self.show: Show
        self._modulator: Modulator
        self._leaving: tuple[Row, ...] = ()
        self._from, self.arrived, self._bar_s = np.zeros(0, np.float32), 1.0, 2.0
        self._use(preset, self._load(preset, settings))
        self._known_good = self._loaded_default()

    @property
    def chain(self) -> tuple[IsfShader, ...]:
        """The shaders that are drawn, in order: those of the preset until `edit_chain`."""
        return self._chain

    @property
    def scene(self) -> Scene:
        """What is played now."""
        return Scene(self.preset, self._chain, self.current, self._modulator)

    def edit_chain(self, names: Sequence[str]) -> None:
        """Draw these shaders, in this order. Raises PresetError for one that is unknown, no layer, or there twice."""
        for name in names:
            if name not in self.shaders or self.shaders[name].kind == "transition":
                raise PresetError(f"chain: found {name!r}, expected the name of a filter or a generator")
        if len(set(names)) != len(names):
            raise PresetError(f"chain: {', '.join(names)}: a shader may stand in a chain once")
        self._chain = tuple(self.shaders[name] for name in names)

    @property
    def generator_rows(self) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
        """The modulations that the generator has to know, and those that leave while a morph is under way."""
        return generator_rows(self.show.matrix.rows), generator_rows(self._leaving)

    @property
    def generator_values(self) -> F32:
        """Values of GENERATOR_PARAMS before modulation, f32[n]."""
        values: F32 = self.current.array[self._generator_index]
        return values

    @property
    def rows(self) -> tuple[Row, ...]:
        """The modulations of the preset."""
        return self.show.matrix.rows

    @property
    def span_s(self) -> float:
        """Time in which the preset is entered."""
        bars: float = self.target["stage/transition_bars"]
        return bars * self._bar_s if bars else self.target["stage/transition_s"]

    def saved_as(self, name: str) -> None:
        """What is played was saved under this name."""
        self.preset = name
        if name not in self.presets:
            self.presets = (*self.presets, name)

    def recall(self, preset: str) -> None:
        """Play another preset; what the performer does to the output stays. Raises PresetError or UsageError.

        Where the shaders stay the same all values go there in `span_s`; otherwise those of the network do, and the
        stage crosses from picture to picture.
        """
        show = self._load(preset, self._settings)
        kept = {id: self.target[id] for id in PERFORMED}
        before, leaving, chain = self.current, self._rows_now(), self._chain
        self._use(preset, show, kept, leaving, same=show.chain == chain)
        self._morph(before, everything=show.chain == chain)

    def land(self) -> None:
        """Every value is where it should be, at once."""
        self.current, self.arrived = self.target, 1.0
        self._leaving = ()

    def step(self, by: int) -> None:
        """The preset `by` places further in the list, which goes round."""
        at = self.presets.index(self.preset)
        self.recall(self.presets[(at + by) % len(self.presets)])

    def panic(self) -> None:
        """The default preset as it was at the start, nothing black, nothing frozen."""
        self._use(DEFAULT_PRESET, self._known_good)
        self.land()

    def set(self, changes: Mapping[str, object]) -> None:
        """Change values. Raises PresetError at the first that does not fit; nothing changes then.

        A parameter with a slew goes there by and by (`advance`), any other is there at once.
        """
        self.target = self.target.with_values(changes)
        at = np.array([self._registry.index[id] for id in changes], np.intp)
        self._morphs[at] = False
        values = self.current.array.copy()
        at = at[self._slew_s[at] == 0]
        values[at] = self.target.array[at]
        self.current = Snapshot(self._registry, frozen(values))

    def flip(self, id: str) -> None:
        """A toggle's other state."""
        self.set({id: 1.0 - self.target[id]})

    def advance(self, dt_s: float, beat: Beat | None = None) -> None:
        """A frame later: values that are on their way go on."""
        if beat and beat.bpm > 0:
            self._bar_s = beat.per_bar * 60.0 / beat.bpm
        if self.arrived < 1.0:
            span_s = self.span_s
            self.arrived = min(self.arrived + dt_s / span_s, 1.0) if span_s > 0 else 1.0
        now, aim = self.current.array, self.target.array
        if now is aim or np.array_equal(now, aim):
            return
        values = self._ranges.slewed(now, aim, self._slew_s, dt_s)
        if self._morphs.any():
            values = np.where(self._morphs, self._ranges.between(self._from, aim, self.arrived), values)
            self._morphs &= self.arrived < 1.0
        self.current = Snapshot(self._registry, frozen(values))

    def take_shader(self, shader: IsfShader) -> None:
        """A shader was edited: its inputs are the parameters now; values of those that stayed are kept."""
        self.shaders[shader.name] = shader
        before, chain = self.target, [one.name for one in self._chain]
        self._registry = build_registry(tuple(self.shaders.values()))
        self._ranges = Ranges(self._registry)
        self._use(self.preset, self._load(self.preset, self._settings))
        self.edit_chain(chain)
        self.set({id: before[id] for id in before if id in self.current and _fits(self.registry[id], before[id])})
        self.land()
        self._known_good = self._loaded_default()

    def moved(self, signals: Mapping[str, Any], dt_s: float) -> Snapshot:
        """The values that the signals of a frame make of them."""
        return self.scene.moved(signals, dt_s)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where presets are looked for, in order."""
        return tuple(self._folders or (resources.presets_dir(),))

    @property
    def kept_ids(self) -> tuple[str, ...]:
        """What a preset neither holds nor changes."""
        return PERFORMED

    @property
    def registry(self) -> Registry:
        """All parameters."""
        return self._registry

    def _load(self, preset: str, settings: Sequence[str] = ()) -> Show:
        return load_with(self.shaders, preset, settings, self._registry, self._folders)

    def _loaded_default(self) -> Show:
        """The default preset; what is played where that has been edited into something else."""
        try:
            return self._load(DEFAULT_PRESET)
        except VjError:
            return self.show

    def _use(
        self, preset: str, show: Show, kept: Mapping[str, float] | None = None, leaving: tuple[Row, ...] = (),
        *, same: bool = False,
    ) -> None:  # fmt: skip
        self.preset, self.show = preset, show
        self.target = self.current = show.base.with_values(kept or {})
        self._leaving = leaving
        self._modulator = Modulator(Matrix(show.registry, SIGNALS, show.matrix.rows, leaving if same else ()))
        self._chain = show.chain
        self._slew_s = slews(show.registry, show.preset.slews)
        self._morphs = np.zeros(len(show.registry), bool)
        self._generator_index = np.array([show.registry.index[p.id] for p in GENERATOR_PARAMS], np.intp)
        #: Places in the registry of what the generator is told.
        self.generator_places = frozenset(self._generator_index.tolist())

    def _morph(self, before: Snapshot, *, everything: bool) -> None:
        """From these values to the preset's, all of them or the generator's alone."""
        self._from, self.arrived = before.array, 0.0
        if everything:
            self._morphs[:] = self._ranges.continuous
            self._morphs[[self._registry.index[id] for id in PERFORMED]] = False
        else:
            self._morphs[self._generator_index] = self._ranges.continuous[self._generator_index]
        self.current = Snapshot(self._registry, frozen(np.where(self._morphs, self._from, self.target.array)))

    def _rows_now(self) -> tuple[Row, ...]:
        """The rows that move things at this moment, as strong as they are."""
        if self.arrived >= 1.0:
            return self.rows
        weighed = [(row, self.arrived) for row in self.rows] + [(row, 1.0 - self.arrived) for row in self._leaving]
        there = [replace(row, depth=row.depth * weight) for row, weight in weighed if weight > _FAINT]
        return tuple(there[: 2 * MOST_ROWS])


def generator_rows(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Those modulations that move what the generator makes."""
    ids = {p.id for p in GENERATOR_PARAMS}
    return tuple(row for row in rows if row.target in ids)


def preset_names(*folders: Path) -> tuple[str, ...]:
    """Names of the presets in folders, sorted, the default first."""
    names = sorted({path.stem for folder in folders for path in folder.glob("*.toml")})
    return tuple(sorted(names, key=lambda name: (name != DEFAULT_PRESET, name)))


def _fits(param: Param, value: float) -> bool:
    return param.lo <= value <= param.hi and (param.kind == "continuous" or value == round(value))
