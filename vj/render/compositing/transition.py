"""The way from one scene to the next: an ISF transition between the pictures of both."""

from collections import ChainMap

import moderngl

from vj.core.types import U8, Params
from vj.render.isf.filter import Buffer, Compiled, Filter, Moment, Sources, read_rgb


class Transition:
    """One passage through a transition; how far is the parameter `progress` of the shader, unless `draw` is told."""

    def __init__(self, compiled: Compiled, size: tuple[int, int]) -> None:
        self._filter = Filter(compiled)
        self._ids = [i.ids[0] for i in compiled.shader.inputs if i.name == "progress" and i.ids]
        self._output = Buffer(compiled.ctx, size, keeps=True)
        self._copied = compiled.copied

    def draw(
        self, start: moderngl.Texture, end: moderngl.Texture, moment: Moment, p: Params, progress: float | None = None
    ) -> None:
        """Draw the picture at `progress` 0..1 of the way between the two."""
        self._output.keep()
        if progress is not None:
            p = ChainMap(dict.fromkeys(self._ids, progress), p)  # type: ignore[arg-type]
        self._filter.draw(Sources(start, end), self._output.back, moment, p)
        self._output.flip()

    def read_rgb(self) -> U8:
        """The newest picture, u8[height, width, 3], top row first."""
        return read_rgb(self._output.front)

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on."""
        self._output.resize(size, self._copied)

    @property
    def texture(self) -> moderngl.Texture:
        """The newest picture."""
        return self._output.texture

    @property
    def before(self) -> moderngl.Texture:
        """The one before."""
        return self._output.kept

    def release(self) -> None:
        """Let go of the pictures; the program stays."""
        self._filter.release()
        self._output.release()
