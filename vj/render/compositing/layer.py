"""A shader's place in the chain: on or off, how much of it is seen, and how it is laid over what lies below.

A generator lies over the picture by its alpha; a filter takes its place.
"""

import moderngl

from vj.core.types import Params
from vj.render.compositing.layer_params import layer_id
from vj.render.isf.filter import Buffer, Compiled, Filter, Moment, Sources
from vj.render.isf.glsl import VERTEX

_MIX = """\
#version 330 core
uniform sampler2D below;
uniform sampler2D above;
uniform float opacity;
uniform bool transparent;
uniform int mode;
in vec2 isf_FragNormCoord;
out vec4 color;

vec3 soft(vec3 b, vec3 s) {
    vec3 d = mix(sqrt(b), ((16.0 * b - 12.0) * b + 4.0) * b, lessThanEqual(b, vec3(0.25)));
    return mix(b + (2.0 * s - 1.0) * (d - b), b - (1.0 - 2.0 * s) * b * (1.0 - b), lessThanEqual(s, vec3(0.5)));
}

vec3 hard(vec3 b, vec3 s) {
    return mix(1.0 - 2.0 * (1.0 - b) * (1.0 - s), 2.0 * b * s, lessThanEqual(s, vec3(0.5)));
}

vec3 blended(vec3 b, vec3 s) {
    if (mode == 1) return min(b + s, 1.0);
    if (mode == 2) return b + s - b * s;
    if (mode == 3) return b * s;
    if (mode == 4) return hard(s, b);
    if (mode == 5) return soft(b, s);
    if (mode == 6) return max(b, s);
    if (mode == 7) return min(b, s);
    if (mode == 8) return abs(b - s);
    if (mode == 9) return b + s - 2.0 * b * s;
    return s;
}

void main() {
    vec4 b = clamp(texture(below, isf_FragNormCoord), 0.0, 1.0), s = clamp(texture(above, isf_FragNormCoord), 0.0, 1.0);
    float k = opacity * (transparent ? s.a : 1.0);
    color = vec4(mix(b.rgb, blended(b.rgb, s.rgb), k), transparent ? max(b.a, k) : mix(b.a, s.a, k));
}
"""


class Mixer:
    """Lays one picture over another; shared by all layers of a context."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._program = ctx.program(vertex_shader=VERTEX, fragment_shader=_MIX)
        self._program["below"], self._program["above"] = 0, 1
        self._triangle = ctx.vertex_array(self._program, [])

    def draw(
        self, below: moderngl.Texture, above: moderngl.Texture, target: moderngl.Framebuffer, opacity: float, mode: int,
        transparent: bool,
    ) -> None:  # fmt: skip
        """Draw both into `target`. transparent: the alpha of `above` counts."""
        self._program["opacity"], self._program["mode"], self._program["transparent"] = opacity, mode, transparent
        below.use(0)
        above.use(1)
        target.use()
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def copied(self, texture: moderngl.Texture) -> None:
        """Draw a texture as it is into the bound framebuffer."""
        self._program["opacity"], self._program["mode"], self._program["transparent"] = 0.0, 0, False
        texture.use(0)
        texture.use(1)
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Let go of the program."""
        self._triangle.release()
        self._program.release()


class Layer:
    """A filter and its parameters of the layer."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled, self.filter, self.shader = compiled, Filter(compiled), compiled.shader
        self._alone: Buffer | None = None
        self._on, self._opacity, self._mode = (layer_id(self.shader, name) for name in ("on", "opacity", "mode"))
        self.transparent = self.shader.kind == "generator"

    def is_seen(self, p: Params) -> bool:
        """Whether it has to be drawn at all."""
        return p[self._on] >= 0.5 and p[self._opacity] > 0.0

    def replaces(self, p: Params) -> bool:
        """Whether nothing of what lies below is seen but through it."""
        return not self.transparent and p[self._opacity] >= 1.0 and round(p[self._mode]) == 0

    def alone(self, size: tuple[int, int]) -> Buffer:
        """Where the shader is drawn by itself, to be laid over the picture."""
        if self._alone is None:
            self._alone = Buffer(self.compiled.ctx, size)
        self._alone.resize(size)
        return self._alone

    def release(self) -> None:
        """Let go of what it remembers; the programs stay."""
        self.filter.release()
        if self._alone:
            self._alone.release()
            self._alone = None

    def draw(self, sources: Sources, target: moderngl.Framebuffer, moment: Moment, p: Params) -> None:
        """Draw the shader alone."""
        self.filter.draw(sources, target, moment, p)

    def lay(
        self, mixer: Mixer, below: moderngl.Texture, above: moderngl.Texture, target: moderngl.Framebuffer, p: Params
    ) -> None:
        """Lay what was drawn over what lies below."""
        mixer.draw(below, above, target, p[self._opacity], round(p[self._mode]), self.transparent)
