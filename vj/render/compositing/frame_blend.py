"""Between two of the network's pictures: each new one is faded in over the time until the next is expected.

So fifteen pictures a second move at sixty, and no picture waits for the one after it.
"""

import moderngl

from vj.core.types import U8
from vj.render.isf.filter import Buffer
from vj.render.isf.glsl import VERTEX

_MIX = """\
#version 330 core
uniform sampler2D before;
uniform sampler2D newest;
uniform float k;
in vec2 isf_FragNormCoord;
out vec4 color;
void main() { color = mix(texture(before, isf_FragNormCoord), texture(newest, isf_FragNormCoord), k); }
"""
#: How much of a new interval enters the expected one.
_ADAPT = 0.2
#: Longer pauses are no rhythm.
_LONGEST_S = 0.5
#: Time in which the first picture appears over what stood in for it.
_APPEAR_S = 1.0


class Blend:
    """`take` pictures as they come, `draw` at the display's rate. The texture has the rows of what was taken."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = ctx.program(vertex_shader=VERTEX, fragment_shader=_MIX)
        self._program["before"], self._program["newest"] = 0, 1
        self._triangle = ctx.vertex_array(self._program, [])
        self._shown: Buffer | None = None
        self._newest: moderngl.Texture | None = None
        self._came_s = self._began_s = 0.0
        #: Time that is expected until the next picture.
        self.interval_s = 0.0
        self._appearing = True
        self._appear_s = _APPEAR_S
        #: What another network's pictures are faded in from.
        self._held: Buffer | None = None

    def take(self, rgba: U8, now_s: float) -> None:
        """The newest picture u8[h, w, 4] came."""
        size = (rgba.shape[1], rgba.shape[0])
        if self._shown is None:
            self._shown = Buffer(self._ctx, size)
        else:
            # What is on the screen now is where the new fade begins.
            self._shown.flip()
            self._shown.resize(size, self._copied)
        if self._newest is None or self._newest.size != size:
            self._sized(size)
        self._expect(now_s)
        assert self._newest
        self._newest.write(rgba)

    def draw(
        self, now_s: float, share: float, standing_in: moderngl.Texture | None = None, frame_s: float = 0.0
    ) -> moderngl.Texture:
        """What is to be seen from now on, for `frame_s`.

        A fade is as far as it will be then: where pictures come as fast as frames, each is seen whole.

        share        of the interval between two pictures that is spent blending
        standing_in  what is faded from when the first picture comes, and shown before
        """
        if self._newest is None or self._shown is None:
            if standing_in is None:
                raise ValueError("no picture was taken yet")
            return standing_in
        before, since_s, span_s = self._shown.texture, self._came_s, self.interval_s * share
        if self._appearing:
            held = self._held.texture if self._held else before
            before, since_s, span_s = standing_in or held, self._began_s, self._appear_s
            self._appearing = now_s - since_s < span_s
        k = min((now_s + frame_s - since_s) / span_s, 1.0) if span_s > 0 else 1.0
        self._program["k"] = k
        before.use(0)
        self._newest.use(1)
        self._shown.back.use()
        self._triangle.render(moderngl.TRIANGLES, vertices=3)
        back = self._shown.back.color_attachments[0]
        assert isinstance(back, moderngl.Texture)
        return back

    @property
    def appearing(self) -> bool:
        """Whether what stands in is still needed."""
        return self._appearing

    def cross(self, now_s: float, span_s: float) -> None:
        """Another network draws from now on: its pictures are faded in over what is seen now."""
        if self._shown is None or self._newest is None:
            return
        self._shown.flip()
        if self._held:
            self._held.release()
        self._held = Buffer(self._ctx, self._newest.size)
        self._held.back.use()
        self._copied(self._shown.texture)
        self._held.flip()
        self._appearing, self._began_s, self._appear_s = True, now_s, max(span_s, 1e-3)

    def _copied(self, texture: moderngl.Texture) -> None:
        self._program["k"] = 0.0
        texture.use(0)
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def _expect(self, now_s: float) -> None:
        if not self._came_s:
            self._began_s = now_s
        else:
            interval_s = min(now_s - self._came_s, _LONGEST_S)
            self.interval_s += (interval_s - self.interval_s) * (_ADAPT if self.interval_s else 1.0)
        self._came_s = now_s

    def _sized(self, size: tuple[int, int]) -> None:
        if self._newest:
            self._newest.release()
        self._newest = self._ctx.texture(size, 4)
        self._newest.repeat_x = self._newest.repeat_y = False

    def release(self) -> None:
        """Let go of everything on the GPU."""
        for thing in (self._triangle, self._program, self._shown, self._newest, self._held):
            if thing:
                thing.release()
