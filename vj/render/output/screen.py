"""Draws the finished picture where it belongs on a screen, and what lies over it. The GPU's side of `projection`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import moderngl
import numpy as np

from vj.render.output.projection import F64, Point, Projection, Quad, homography

# Between the four corners the GPU divides by w itself: that is the projective map, at the cost of a flat rectangle.
_VERTEX = """#version 330
uniform mat3 place;  // of the unit square, to the screen's −1..1
uniform vec2 margin;
uniform mat2 turn;
out vec2 at;
out vec2 there;  // in the picture
void main() {
    at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * (1.0 + 2.0 * margin) - margin;
    there = turn * (at - 0.5) + 0.5;
    vec3 on = place * vec3(at, 1.0);
    gl_Position = vec4(on.xy, 0.0, on.z);
}"""
# What is not used is not compiled: drawn in software, the whole takes three times as long as the first line alone.
_PICTURE = """
uniform sampler2D picture;
uniform float gain;
in vec2 at;
in vec2 there;
out vec4 colour;

#ifdef EDGES
uniform vec4 edges;  // left, upper, right, lower
uniform float gamma;
// Two edges laid over each other are as bright as one picture: their shares of the light add up to one.
float faded() {
    vec4 share = clamp(vec4(at.x, 1.0 - at.y, 1.0 - at.x, at.y) / max(edges, 1e-6), 0.0, 1.0);
    vec4 light = share * share * (3.0 - 2.0 * share);
    return pow(light.x * light.y * light.z * light.w, 1.0 / gamma);
}
#endif
#ifdef MASK
uniform vec2 mask[MASK];
uniform float aspect;
uniform float soft;
// How far inside the polygon, in picture heights; negative outside.
float inside(vec2 here) {
    float nearest = 1e9, side = -1.0;
    for (int i = 0, j = MASK - 1; i < MASK; j = i++) {
        vec2 a = mask[i], b = mask[j], along = b - a, from = here - a;
        vec2 off = from - along * clamp(dot(from, along) / max(dot(along, along), 1e-12), 0.0, 1.0);
        nearest = min(nearest, dot(off, off));
        if ((a.y > here.y) != (b.y > here.y) && here.x < along.x * (here.y - a.y) / along.y + a.x) side = -side;
    }
    return side * sqrt(nearest);
}
#endif

void main() {
    float light = gain;
#ifdef RIM
    // The rim is drawn as far as it covers its pixels: slanted, it has no steps.
    vec2 rim = clamp(min(at, 1.0 - at) / max(fwidth(at), 1e-9) + 0.5, 0.0, 1.0);
    light *= rim.x * rim.y;
#endif
#ifdef EDGES
    light *= faded();
#endif
#ifdef MASK
    light *= smoothstep(-0.5, 0.5, inside(vec2(at.x * aspect, at.y)) / max(soft, fwidth(at.y)));
#endif
    colour = vec4(texture(picture, there).rgb * light, 1.0);
}"""
_OVERLAY = """
uniform sampler2D picture;
in vec2 there;
out vec4 colour;
void main() { colour = texture(picture, there); }"""
_UPRIGHT = np.eye(2)
#: Rows of an overlay begin above, those of a picture below.
_FROM_ABOVE = np.diag([1.0, -1.0])
#: Programs that are kept: a mask that is drawn point by point has one for each number of points.
_MOST_KEPT = 8


@dataclass(frozen=True, slots=True)
class Placed:
    """A texture over the picture, pixel by pixel, its alpha multiplied in; x, y: its upper left corner, in pixels."""

    texture: moderngl.Texture
    x: float = 0.0
    y: float = 0.0


class Screen:
    """Draws into whatever is bound, of a size in pixels that each call names."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._overlay = _Shape(ctx, _OVERLAY, ())
        self._kept: dict[tuple[str, ...], _Shape] = {}

    def draw(self, size: tuple[int, int], texture: moderngl.Texture, gain: float, projection: Projection) -> None:
        """The picture, its rows from the lowest on; gain: its brightness, 0 … 1."""
        shape = self._shape(_needed(projection))
        give, aspect = shape.program, texture.size[0] / texture.size[1]
        give["gain"] = gain
        if any(projection.edges):
            give["edges"], give["gamma"] = projection.edges, projection.gamma
        if len(projection.mask) > 2:
            give["aspect"] = aspect = 1.0 / aspect if projection.turns % 2 else aspect
            give["soft"], give["mask"] = projection.mask_soft, [(x * aspect, 1.0 - y) for x, y in projection.mask]
        quad = projection.quad(size, texture.size)
        # In a rectangle of whole pixels no pixel is covered in part.
        shape.draw(texture, quad, turning(projection), _margin(quad, size) if projection.corners else (0.0, 0.0))

    def _shape(self, needed: tuple[str, ...]) -> "_Shape":
        if needed not in self._kept:
            if len(self._kept) == _MOST_KEPT:
                self._kept.pop(next(iter(self._kept))).release()
            self._kept[needed] = _Shape(self._ctx, _PICTURE, needed)
        return self._kept[needed]

    def lay(self, size: tuple[int, int], over: Sequence[Placed]) -> None:
        """What lies over it, the last above all."""
        if not over:
            return
        self._ctx.enable(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        for one in over:
            left, top = one.x / size[0], one.y / size[1]
            right, bottom = left + one.texture.width / size[0], top + one.texture.height / size[1]
            quad = (left, top), (right, top), (right, bottom), (left, bottom)
            self._overlay.draw(one.texture, quad, _FROM_ABOVE)
        self._ctx.disable(moderngl.BLEND)

    def release(self) -> None:
        """Let go of all programs."""
        for shape in (self._overlay, *self._kept.values()):
            shape.release()


def turning(projection: Projection) -> F64:
    """f64[2, 2]: a place of what is seen, from its middle, right and up, → the place in the picture."""
    x_up = {0: (1, 0, 0, 1), 1: (0, -1, 1, 0), 2: (-1, 0, 0, -1), 3: (0, 1, -1, 0)}[projection.turns % 4]
    turned = np.array(x_up, np.float64).reshape(2, 2)
    return turned @ np.diag([-1.0, 1.0]) if projection.mirrored else turned


def _needed(projection: Projection) -> tuple[str, ...]:
    """What the program has to be able to do, as names for its preprocessor."""
    mask = len(projection.mask)
    wanted = {"RIM": projection.corners is not None, "EDGES": any(projection.edges), f"MASK {mask}": mask > 2}
    return tuple(name for name, on in wanted.items() if on)


def _in_clip_space(quad: Quad) -> list[Point]:
    """The corners for the unit square (0, 0), (1, 0), (1, 1), (0, 1), which begins below; −1 … 1, upwards."""
    upper_left, upper_right, lower_right, lower_left = ((2.0 * x - 1.0, 1.0 - 2.0 * y) for x, y in quad)
    return [lower_left, lower_right, upper_right, upper_left]


def _margin(quad: Quad, size: tuple[int, int]) -> tuple[float, float]:
    """A pixel across and along, in shares of the quad: a pixel that it covers in part may have its middle outside."""
    upper, right, lower, left = (
        math.hypot((b[0] - a[0]) * size[0], (b[1] - a[1]) * size[1]) for a, b in pairwise((*quad, quad[0]))
    )
    return 1.0 / max(min(upper, lower), 1.0), 1.0 / max(min(left, right), 1.0)


class _Shape:
    """A square that is drawn into four corners, with a texture."""

    def __init__(self, ctx: moderngl.Context, fragment: str, defined: Sequence[str]) -> None:
        head = "".join(("#version 330\n", *(f"#define {name}\n" for name in defined)))
        self.program = ctx.program(vertex_shader=_VERTEX, fragment_shader=head + fragment)
        self._strip = ctx.vertex_array(self.program, [])

    def draw(
        self, texture: moderngl.Texture, quad: Quad, turn: F64 = _UPRIGHT, margin: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """turn: f64[2, 2], see `turning`; margin: how much is drawn beyond the quad, in shares of it."""
        self.program["margin"] = margin
        # GLSL's matrices are written column by column.
        self.program["place"] = tuple(homography(_in_clip_space(quad)).T.ravel())
        self.program["turn"] = tuple(turn.T.ravel())
        texture.use(0)
        self._strip.render(moderngl.TRIANGLE_STRIP, vertices=4)

    def release(self) -> None:
        self._strip.release()
        self.program.release()
