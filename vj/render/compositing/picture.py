"""The network's picture on its way to the screen's shape: uploaded, turned upright for OpenGL, fitted."""

import moderngl

from vj.core.types import U8
from vj.render.compositing.fit import Fit, fit_span
from vj.render.isf.glsl import VERTEX

# Rows come top first and OpenGL counts from the bottom: this is the one place where that is turned round.
_HEAD = """\
#version 330 core
uniform sampler2D picture;
uniform vec2 span;
uniform float texels;
in vec2 isf_FragNormCoord;
out vec4 color;

vec4 at(vec2 uv);

void main() {
    vec2 uv = (vec2(isf_FragNormCoord.x, 1.0 - isf_FragNormCoord.y) - 0.5) * span + 0.5;
    bool outside = any(lessThan(uv, vec2(0.0))) || any(greaterThan(uv, vec2(1.0)));
    color = outside ? vec4(0.0, 0.0, 0.0, 1.0) : at(uv);
}
"""
_SAME = "vec4 at(vec2 uv) { return texture(picture, uv); }"
# Catmull-Rom as five bilinear reads; the corners, whose weights are the smallest, are left out.
_GROW = """\
vec4 at(vec2 uv) {
    vec2 size = vec2(textureSize(picture, 0));
    vec2 centre = floor(uv * size - 0.5) + 0.5;
    vec2 f = uv * size - centre;
    vec2 w0 = f * (-0.5 + f * (1.0 - 0.5 * f));
    vec2 w1 = 1.0 + f * f * (-2.5 + 1.5 * f);
    vec2 w2 = f * (0.5 + f * (2.0 - 1.5 * f));
    vec2 w3 = f * f * (-0.5 + 0.5 * f);
    vec2 w12 = w1 + w2;
    vec2 p0 = (centre - 1.0) / size, p12 = (centre + w2 / w12) / size, p3 = (centre + 2.0) / size;
    vec4 sum = w12.x * w12.y * texture(picture, p12);
    sum += w0.x * w12.y * texture(picture, vec2(p0.x, p12.y)) + w3.x * w12.y * texture(picture, vec2(p3.x, p12.y));
    sum += w12.x * w0.y * texture(picture, vec2(p12.x, p0.y)) + w12.x * w3.y * texture(picture, vec2(p12.x, p3.y));
    return clamp(sum / (w12.x * w12.y + (w0.x + w3.x) * w12.y + (w0.y + w3.y) * w12.x), 0.0, 1.0);
}
"""
# The pixel's footprint, averaged.
_SHRINK = """\
vec4 at(vec2 uv) {
    vec2 pace = texels / 4.0 / vec2(textureSize(picture, 0));
    float lod = max(log2(texels / 4.0), 0.0);
    vec4 sum = vec4(0.0);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++)
            sum += textureLod(picture, uv + (vec2(x, y) - 1.5) * pace, lod);
    return sum / 16.0;
}
"""


class _Way:
    """One way to scale: a program and the triangle it is drawn with."""

    def __init__(self, ctx: moderngl.Context, source: str) -> None:
        self.program = ctx.program(vertex_shader=VERTEX, fragment_shader=_HEAD + source)
        self._triangle = ctx.vertex_array(self.program, [])

    def draw(self, span: tuple[float, float], texels: float) -> None:
        for name, value in (("span", span), ("texels", texels)):
            # The compiler drops what a program does not use.
            if name in self.program:
                self.program[name] = value
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        self._triangle.release()
        self.program.release()


class Picture:
    """A texture that takes pictures of any shape and draws them into a framebuffer of fixed size."""

    def __init__(self, ctx: moderngl.Context, fit: Fit) -> None:
        self._ctx, self._fit = ctx, fit
        # Programs of their own: software renderers run every branch of a shader.
        self._same, self._grow, self._shrink = (_Way(ctx, source) for source in (_SAME, _GROW, _SHRINK))
        self._texture: moderngl.Texture | None = None

    def draw(self, source: U8 | moderngl.Texture, target: moderngl.Framebuffer) -> None:
        """Draw rgba u8[h, w, 4], top row first, or a texture in the same order into `target`."""
        texture = source if isinstance(source, moderngl.Texture) else self._uploaded(source)
        w, h = texture.size
        span = fit_span((w, h), target.size, self._fit)
        texels = span[0] * w / target.width
        if texels > 4:
            texture.build_mipmaps()
        way = self._same if (w, h) == target.size else self._shrink if texels > 1 else self._grow
        texture.use(0)
        target.use()
        way.draw(span, texels)

    def _uploaded(self, rgba: U8) -> moderngl.Texture:
        texture = self._sized(rgba.shape[1], rgba.shape[0])
        texture.write(rgba)
        return texture

    def _sized(self, w: int, h: int) -> moderngl.Texture:
        if self._texture is None or self._texture.size != (w, h):
            if self._texture is not None:
                self._texture.release()
            self._texture = self._ctx.texture((w, h), 4)
            self._texture.repeat_x = self._texture.repeat_y = False
        return self._texture

    def release(self) -> None:
        """Let go of everything on the GPU."""
        for way in (self._same, self._grow, self._shrink):
            way.release()
        if self._texture is not None:
            self._texture.release()
