"""What a panel is told once, as JSON: parameters, presets, shaders, signals; and a registry made of it. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from vj.control.panel.board import MOST_PARAMS
from vj.modulation.matrix import CURVES
from vj.modulation.signals import SIGNALS
from vj.params.registry import Registry
from vj.params.spec import Param
from vj.render.isf.shader import IsfShader

_LONGEST_DOC = 400


def lists(
    revision: int, registry: Registry, presets: Sequence[Mapping[str, Any]], shaders: Iterable[IsfShader],
    pictures: Collection[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Everything that changes seldom.

    revision  counts registries; presets: of each name, doc, tags, picture; pictures: shaders that one is shown of
    """
    return {
        "revision": revision,
        "params": [_param(param) for param in registry.params[:MOST_PARAMS]],
        "presets": list(presets),
        "shaders": [_shader(shader, pictures) for shader in shaders],
        "signals": [
            {"name": name, "lo": s.lo, "hi": s.hi, "unit": s.unit, "doc": s.doc, "pulse": s.pulse}
            for s in SIGNALS
            for name in ([s.name] if s.width == 1 else [f"{s.name}/{i + s.first}" for i in range(s.width)])
        ],
        "curves": list(CURVES),
    }


def registry_of(tree: Mapping[str, Any]) -> Registry:
    """The registry that `lists` told of."""
    return Registry(Param(**{**found, "choices": tuple(found["choices"])}) for found in tree["params"])


def _param(param: Param) -> dict[str, Any]:
    return {**asdict(param), "choices": list(param.choices), "doc": param.doc[:_LONGEST_DOC]}


def _shader(shader: IsfShader, pictures: Collection[str]) -> dict[str, Any]:
    return {
        "name": shader.name, "kind": shader.kind, "doc": shader.description[:_LONGEST_DOC],
        "categories": list(shader.categories), "picture": shader.name in pictures,
    }  # fmt: skip
