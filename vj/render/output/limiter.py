"""The last step before the screen: flashes are held back where too many come (`vj.render.output.flashes`), on the GPU.

The picture is averaged into a small grid, which is read back; where nothing flashes, that is all, and the picture goes
on as it came. Otherwise it is mixed with what was shown last, by a mask that is smooth from cell to cell.
"""

import moderngl
import numpy as np

from vj.core.types import F32, U8
from vj.render.isf.filter import Buffer, read_rgb
from vj.render.isf.glsl import VERTEX
from vj.render.output.flashes import GRID, Flashes

# The polynomial is within 0.002 of sRGB's curve (IEC 61966-2-1).
_AVERAGE = """\
#version 330 core
uniform sampler2D picture;
in vec2 isf_FragNormCoord;
out vec4 color;
vec3 light(vec3 c) { return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878); }
void main() {
    vec2 cell = 1.0 / vec2(128.0, 72.0);
    vec3 sum = vec3(0.0);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++)
            sum += light(texture(picture, isf_FragNormCoord + (vec2(x, y) - 1.5) * 0.25 * cell).rgb);
    color = vec4(sum / 16.0, 1.0);
}
"""
# Squares and roots stand for light, as they undo each other to the bit.
_MIX = """\
#version 330 core
uniform sampler2D shown;
uniform sampler2D coming;
uniform sampler2D share;
in vec2 isf_FragNormCoord;
out vec4 color;
void main() {
    vec3 a = texture(shown, isf_FragNormCoord).rgb, b = texture(coming, isf_FragNormCoord).rgb;
    float k = texture(share, isf_FragNormCoord).r;
    color = vec4(k >= 1.0 ? b : sqrt(mix(a * a, b * b, k)), 1.0);
}
"""


class FlashLimiter:
    """`limited` is the share of the picture that is held back now."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._average = ctx.program(vertex_shader=VERTEX, fragment_shader=_AVERAGE)
        self._mix = ctx.program(vertex_shader=VERTEX, fragment_shader=_MIX)
        for unit, name in enumerate(("shown", "coming", "share")):
            self._mix[name] = unit
        self._averaging, self._mixing = ctx.vertex_array(self._average, []), ctx.vertex_array(self._mix, [])
        self._cells = Buffer(ctx, GRID, float32=True)
        self._share: moderngl.Texture | None = None
        self._mixed: Buffer | None = None
        self._flashes: Flashes | None = None
        self._light: F32 | None = None
        self._mixes = False

    @property
    def limited(self) -> float:
        """Share of the picture that is held back, 0..1."""
        return self._flashes.limited if self._flashes else 0.0

    @property
    def texture(self) -> moderngl.Texture | None:
        """What may be shown instead of what came last; None: it may be shown as it is."""
        return self._mixed.texture if self._mixes and self._mixed else None

    def limit(self, coming: moderngl.Texture, before: moderngl.Texture, t_s: float) -> None:
        """A picture came, to be shown at `t_s`; `texture` is what may be seen of it.

        before  the one that came before it, as it was then
        """
        light = self._measured(coming)
        if self._flashes is None or self._light is None:
            self._flashes, self._light = Flashes(), light
        shown = self.texture or before
        share = self._flashes.share(light, self._measured(shown) if self._mixes else self._light, t_s)
        self._light, self._mixes = light, share is not None
        if share is not None:
            self._mix_in(shown, coming, share)

    def forget(self) -> None:
        """Nothing was shown before: the limiter was off."""
        self._flashes = self._light = None
        self._mixes = False

    def read_rgb(self) -> U8:
        """What `limit` mixed last, u8[height, width, 3], top row first."""
        assert self._mixed
        return read_rgb(self._mixed.front)

    def _measured(self, picture: moderngl.Texture) -> F32:
        """Mean linear light of each cell, f32[h, w, 3]."""
        picture.use(0)
        self._cells.front.use()
        self._averaging.render(moderngl.TRIANGLES, vertices=3)
        rows = self._cells.front.read(components=3, dtype="f4")
        return np.frombuffer(rows, np.float32).reshape(GRID[1], GRID[0], 3)

    def _mix_in(self, shown: moderngl.Texture, coming: moderngl.Texture, share: F32) -> None:
        old = self._mixed
        if self._mixed is None or self._mixed.size != coming.size:
            self._mixed = Buffer(self._ctx, coming.size, float32=True)
        for unit, texture in enumerate((shown, coming, self._written(share))):
            texture.use(unit)
        self._mixed.back.use()
        self._mixing.render(moderngl.TRIANGLES, vertices=3)
        self._mixed.flip()
        # It may be what was shown until now.
        if old and old is not self._mixed:
            old.release()

    def _written(self, share: F32) -> moderngl.Texture:
        """The shares f32[h, w] as a texture; it is sampled bilinearly."""
        if self._share is None:
            self._share = self._ctx.texture(share.shape[::-1], 1, dtype="f4")
            self._share.repeat_x = self._share.repeat_y = False
        self._share.write(np.ascontiguousarray(share))
        return self._share

    def release(self) -> None:
        """Let go of everything on the GPU."""
        for thing in (self._averaging, self._mixing, self._average, self._mix, self._cells, self._share, self._mixed):
            if thing:
                thing.release()
