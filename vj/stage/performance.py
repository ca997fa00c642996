"""What is played: the preset, what hands have changed since, and how a feature row moves it. No device, no GL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vj.errors import PresetError, VjError
from vj.gan import bending
from vj.latent import motion
from vj.params.modulation import Matrix, Row
from vj.params.registry import Registry, Snapshot
from vj.params.spec import Param
from vj.render.isf import IsfShader
from vj.show import DEFAULT_PRESET, Show, load_with
from vj.stage import PERFORMED
from vj.types import F32, FeatureFrame

#: The generator's own parameters; it is not told of any other.
DREAM_PARAMS: tuple[Param, ...] = (*motion.PARAMS, *bending.PARAMS)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn over the network's picture at one moment: the shaders in order, values, and what moves them."""

    preset: str
    chain: tuple[IsfShader, ...]
    base: Snapshot
    matrix: Matrix

    def moved(self, row: FeatureFrame | None) -> Snapshot:
        """The values that a feature row makes of them; None: as they are."""
        return self.base if row is None else self.matrix.apply(self.base, row)


class Performance:
    """A preset, its values as they are now, and the names that can be stepped through.

    settings  "id=value" laid over every preset
    """

    def __init__(
        self, shaders: Mapping[str, IsfShader], preset: str, settings: tuple[str, ...], presets: tuple[str, ...]
    ) -> None:
        self.shaders = dict(shaders)
        self._settings = settings
        self.base: Snapshot
        self.presets = presets if preset in presets else (preset, *presets)
        self._use(preset, load_with(self.shaders, preset, settings))
        self._known_good = self._loaded_default()

    @property
    def chain(self) -> tuple[IsfShader, ...]:
        """The shaders that are drawn, in order: those of the preset until `edit_chain`."""
        return self._chain

    @property
    def scene(self) -> Scene:
        """What is played now."""
        return Scene(self.preset, self._chain, self.base, self._matrix)

    def edit_chain(self, names: Sequence[str]) -> None:
        """Draw these shaders, in this order. Raises PresetError for one that is unknown, no layer, or there twice."""
        for name in names:
            if name not in self.shaders or self.shaders[name].kind == "transition":
                raise PresetError(f"chain: found {name!r}, expected the name of a filter or a generator")
        if len(set(names)) != len(names):
            raise PresetError(f"chain: {', '.join(names)}: a shader may stand in a chain once")
        self._chain = tuple(self.shaders[name] for name in names)

    @property
    def dream_rows(self) -> tuple[Row, ...]:
        """The modulations that the generator has to know."""
        return dream_rows(self.show)

    @property
    def dream_values(self) -> F32:
        """Values of DREAM_PARAMS before modulation, f32[n]."""
        values: F32 = self.base.array[self._dream_index]
        return values

    def recall(self, preset: str) -> None:
        """Play another preset; what the performer does to the output stays. Raises PresetError or UsageError."""
        show = load_with(self.shaders, preset, self._settings)
        kept = {id: self.base[id] for id in PERFORMED}
        self._use(preset, show)
        self.set(kept)

    def step(self, by: int) -> None:
        """The preset `by` places further in the list, which goes round."""
        at = self.presets.index(self.preset)
        self.recall(self.presets[(at + by) % len(self.presets)])

    def panic(self) -> None:
        """The default preset as it was at the start, nothing black, nothing frozen."""
        self._use(DEFAULT_PRESET, self._known_good)

    def set(self, changes: Mapping[str, object]) -> None:
        """Change values. Raises PresetError at the first that does not fit; nothing changes then."""
        self.base = self.base.with_values(changes)

    def flip(self, id: str) -> None:
        """A toggle's other state."""
        self.set({id: 1.0 - self.base[id]})

    def take_shader(self, shader: IsfShader) -> None:
        """A shader was edited: its inputs are the parameters now; values of those that stayed are kept."""
        self.shaders[shader.name] = shader
        before, chain = self.base, [one.name for one in self._chain]
        self._use(self.preset, load_with(self.shaders, self.preset, self._settings))
        self.edit_chain(chain)
        self.set({id: before[id] for id in before if id in self.base and _fits(self.registry[id], before[id])})
        self._known_good = self._loaded_default()

    def moved(self, row: FeatureFrame | None) -> Snapshot:
        """The values that a feature row makes of them; None: as they are."""
        return self.scene.moved(row)

    @property
    def registry(self) -> Registry:
        """All parameters."""
        return self.show.registry

    def _loaded_default(self) -> Show:
        """The default preset; what is played where that has been edited into something else."""
        try:
            return load_with(self.shaders, DEFAULT_PRESET)
        except VjError:
            return self.show

    def _use(self, preset: str, show: Show) -> None:
        self.preset, self.show, self.base = preset, show, show.base
        self._matrix: Matrix = show.matrix
        self._chain = show.chain
        self._dream_index = np.array([show.registry.index[p.id] for p in DREAM_PARAMS], np.intp)
        #: Places in the registry of what the generator is told.
        self.dreamt = frozenset(self._dream_index.tolist())


def dream_rows(show: Show) -> tuple[Row, ...]:
    """The modulations of a show that move what the generator makes."""
    ids = {p.id for p in DREAM_PARAMS}
    return tuple(row for row in show.matrix.rows if row.target in ids)


def preset_names(folder: Path) -> tuple[str, ...]:
    """Names of the presets in a folder, sorted, the default first."""
    names = sorted(path.stem for path in folder.glob("*.toml"))
    return tuple(sorted(names, key=lambda name: (name != DEFAULT_PRESET, name)))


def _fits(param: Param, value: float) -> bool:
    return param.lo <= value <= param.hi and (param.kind == "continuous" or value == round(value))
