"""What is loaded before anything runs: the parameter tree, a preset, the shaders of its chain."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vj.audio import features
from vj.clock import beat_clock
from vj.core import resources
from vj.core.errors import PresetError
from vj.generator import bending
from vj.generator.latents import motion
from vj.modulation import sources
from vj.modulation.matrix import Matrix
from vj.modulation.signals import SIGNALS
from vj.params.registry import Registry, Snapshot
from vj.render.compositing.layer_params import params_of
from vj.render.isf.folder import load_folder, load_with_own
from vj.render.isf.shader import IsfShader
from vj.session import presets, stage_params

DEFAULT_PRESET = "default"


@dataclass(frozen=True, slots=True)
class Show:
    """A checked preset, ready to run.

    base     the parameters before modulation; matrix: what moves them; chain: the ISF filters in order
    """

    registry: Registry
    base: Snapshot
    matrix: Matrix
    chain: tuple[IsfShader, ...]
    preset: presets.Preset


def build_registry(shaders: Sequence[IsfShader]) -> Registry:
    """Every parameter there is: of analysis, motion, bends, what hands play, the stage and the given shaders."""
    of_shaders = [p for shader in shaders for p in params_of(shader)]
    of_stage = stage_params.params(sorted(shader.name for shader in shaders if shader.kind == "transition"))
    played = (*sources.PARAMS, *beat_clock.PARAMS)
    return Registry([*features.PARAMS, *motion.PARAMS, *bending.PARAMS, *played, *of_stage, *of_shaders])


def default_registry() -> Registry:
    """The registry with the bundled shaders."""
    return build_registry(tuple(load_folder(resources.shaders_dir()).values()))


def load_show(
    preset: str = DEFAULT_PRESET,
    settings: Sequence[str] = (),
    own: Sequence[Path] = (),
    tell: Callable[[str], None] = lambda text: None,
) -> Show:
    """Load a preset by name or path and lay `settings` ("id=value") over it.

    own    folders of the performer's shaders; `tell` is told of the files there that cannot be read
    Raises PresetError, ShaderError or UsageError.
    """
    shaders, troubles = load_with_own(resources.shaders_dir(), own)
    for trouble in troubles:
        tell(trouble)
    return load_with(shaders, preset, settings, None, resources.preset_dirs())


def load_with(
    shaders: Mapping[str, IsfShader], preset: str, settings: Sequence[str] = (), registry: Registry | None = None,
    folders: Sequence[Path] | None = None,
) -> Show:  # fmt: skip
    """The same with shaders, by name, that were read before, and with a registry of theirs that was built before.

    folders  where presets are looked for by name, in order (None: the bundled ones)
    """
    registry = registry or build_registry(tuple(shaders.values()))
    path = resources.find("preset", preset, folders or (resources.presets_dir(),), ".toml")
    in_a_chain = tuple(name for name, shader in shaders.items() if shader.kind != "transition")
    found = presets.load(path, registry, SIGNALS, in_a_chain)
    if found.model:
        resources.find("model", found.model, resources.models_dir(), ".safetensors")
    base = registry.defaults().with_values(found.values).with_values(dict(_split(s) for s in settings))
    chain = tuple(shaders[name] for name in found.chain)
    return Show(registry, base, Matrix(registry, SIGNALS, found.rows), chain, found)


def _split(setting: str) -> tuple[str, str]:
    id, equals, value = setting.partition("=")
    if not equals:
        raise PresetError(f"--set {setting!r}: expected id=value, such as noise/sigma=0.5")
    return id.strip(), value.strip()
