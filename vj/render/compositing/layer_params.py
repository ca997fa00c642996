"""The parameters that every shader has by its place in the chain. Pure.

`fx/<name>/layer/on`, `…/opacity` and `…/mode`: whether it is drawn, how much of it is seen, how it is laid over what
lies below.
"""

from vj.params.spec import Param, choice, toggle
from vj.render.isf import shader as isf
from vj.render.isf.shader import IsfShader

#: W3C, "Compositing and Blending Level 1", 10; add is its "plus-lighter".
MODES = (
    "normal", "add", "screen", "multiply", "overlay", "soft light", "lighten", "darken", "difference", "exclusion",
)  # fmt: skip


def layer_id(shader: IsfShader, name: str) -> str:
    """The id of the layer's parameter `name`: on, opacity or mode."""
    return f"fx/{shader.name}/layer/{name}"


def params_of(shader: IsfShader) -> tuple[Param, ...]:
    """The shader's inputs, and where it can stand in a chain, its layer's."""
    inputs = isf.params_of(shader)
    if shader.kind == "transition":
        return inputs
    what = shader.name
    return (
        *inputs,
        toggle(layer_id(shader, "on"), True, f"Whether {what} is drawn where it stands in the chain."),
        Param(layer_id(shader, "opacity"), 1.0, doc=f"How much of {what} is seen over what lies below."),
        choice(layer_id(shader, "mode"), MODES[0], MODES, f"How {what} is laid over what lies below."),
    )
