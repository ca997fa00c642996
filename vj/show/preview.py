"""The window's picture, small, for panels: drawn while somebody looks, read a frame later, so that nothing waits."""

import moderngl
import numpy as np

from vj.control.panel.board import PREVIEW
from vj.core.types import U8
from vj.render.isf.filter import Buffer
from vj.render.isf.glsl import VERTEX

#: Pictures a second at most.
RATE_HZ = 12.5
_DIM = """\
#version 330 core
uniform sampler2D picture;
uniform float gain;
in vec2 isf_FragNormCoord;
out vec4 color;
void main() { color = vec4(texture(picture, isf_FragNormCoord).rgb * gain, 1.0); }
"""


class Preview:
    """`frame` gives a picture some frames after it was drawn; everything is made when it is first asked for.

    size  of the picture inside, (width, height), whose shape it keeps
    """

    def __init__(self, ctx: moderngl.Context, size: tuple[int, int], rate_hz: float = RATE_HZ) -> None:
        self._ctx, self._period_s, self._due_s = ctx, 1.0 / rate_hz, 0.0
        #: Of the small picture.
        self.size = fitted(size)
        self._program: moderngl.Program | None = None
        self._triangle: moderngl.VertexArray | None = None
        self._small: Buffer | None = None
        self._read: moderngl.Buffer | None = None
        self._drawn = False

    def frame(self, texture: moderngl.Texture, gain: float, now_s: float) -> U8 | None:
        """The picture of a frame before, u8[h, w, 3], top row first, or None; this one is drawn where it is time.

        gain  0..1, less than 1 on the way to black
        """
        found = self._taken()
        if now_s >= self._due_s:
            self._due_s = max(self._due_s + self._period_s, now_s)
            self._draw(texture, gain)
        return found

    def now(self, texture: moderngl.Texture) -> U8:
        """This picture, u8[h, w, 3], at once."""
        self._draw(texture, 1.0)
        found = self._taken()
        assert found is not None
        return found

    def _draw(self, texture: moderngl.Texture, gain: float) -> None:
        program, triangle, small = self._made()
        program["gain"] = gain
        texture.use(0)
        small.front.use()
        triangle.render(moderngl.TRIANGLES, vertices=3)
        if self._read is None:
            self._read = self._ctx.buffer(reserve=self.size[0] * self.size[1] * 3, dynamic=True)
        small.front.read_into(self._read, components=3, alignment=1)
        self._drawn = True

    def _made(self) -> tuple[moderngl.Program, moderngl.VertexArray, Buffer]:
        if self._program is None or self._triangle is None or self._small is None:
            self._program = self._ctx.program(vertex_shader=VERTEX, fragment_shader=_DIM)
            self._triangle, self._small = self._ctx.vertex_array(self._program, []), Buffer(self._ctx, self.size)
        return self._program, self._triangle, self._small

    def _taken(self) -> U8 | None:
        if not self._drawn or self._read is None:
            return None
        (w, h), self._drawn = self.size, False
        rows: U8 = np.frombuffer(self._read.read(), np.uint8).reshape(h, w, 3)[::-1]
        return rows

    def release(self) -> None:
        """Let go of everything on the GPU."""
        for thing in (self._program, self._triangle, self._small, self._read):
            if thing:
                thing.release()


def fitted(size: tuple[int, int]) -> tuple[int, int]:
    """A size of the same shape whose longer side is PREVIEW."""
    scale = PREVIEW / max(size)
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)
