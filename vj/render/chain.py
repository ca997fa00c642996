"""The shader chain: the network's picture goes in, is fitted to the screen, and runs through ISF filters in order."""

from collections.abc import Sequence
from contextlib import ExitStack

import moderngl
import numpy as np

from vj.render.filter import Buffer, Filter, Moment
from vj.render.fit import Fit
from vj.render.isf import IsfShader
from vj.render.picture import Picture
from vj.render.program import check_gl
from vj.types import U8, Params


class Chain:
    """ISF filters on one context, which stays the caller's; all calls come from the thread that made the context.

    Raises ShaderError when one does not compile, and leaves nothing behind then.
    """

    def __init__(
        self, ctx: moderngl.Context, shaders: Sequence[IsfShader], size: tuple[int, int], fit: Fit = "cover"
    ) -> None:
        self._ctx = ctx
        with ExitStack() as stack:
            self._picture = Picture(ctx, fit)
            stack.callback(self._picture.release)
            self._output = Buffer(ctx, size)
            stack.callback(self._output.release)
            filters: list[Filter] = []
            for shader in shaders:
                filters.append(Filter(ctx, shader))
                stack.callback(filters[-1].release)
            self._stack = stack.pop_all()
        self.filters: Sequence[Filter] = tuple(filters)
        self._rows = np.empty((size[1], size[0], 3), np.uint8)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the finished picture."""
        return self._output.size

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on; what filters remember is kept."""
        if size != self.size:
            self._output.resize(size)
            self._rows = np.empty((size[1], size[0], 3), np.uint8)

    def draw(
        self,
        source: U8 | moderngl.Texture,
        t_s: float,
        dt_s: float,
        frame_index: int,
        p: Params,
        date: tuple[float, float, float, float] | None = None,
    ) -> None:
        """Draw one frame of a picture of any shape; `p` holds the parameters of all filters.

        `source` is rgba u8[h, w, 4], top row first, or a texture in the same order.
        `date` is ISF's DATE (year, month, day, second of the day). Without one it is a fixed day with `t_s` as its
        clock, so that the same show gives the same pictures on any day.
        """
        moment = Moment(t_s, dt_s, frame_index, date or (2000.0, 1.0, 1.0, t_s))
        self._ctx.disable(moderngl.BLEND)
        self._picture.draw(source, self._output.back)
        self._output.flip()
        for one in self.filters:
            one.draw(self._output.texture, self._output.back, moment, p)
            self._output.flip()
        check_gl(self._ctx, "drawing the chain")

    @property
    def texture(self) -> moderngl.Texture:
        """The finished picture, RGBA in OpenGL's orientation; it holds until the next `draw`."""
        return self._output.texture

    def read_rgb(self) -> U8:
        """The finished picture as u8[height, width, 3], top row first. Alpha is left out, not multiplied in."""
        self._output.front.read_into(self._rows, components=3, alignment=1)
        return np.ascontiguousarray(self._rows[::-1])

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self._stack.close()
