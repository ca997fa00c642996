"""Filters compiled ahead of their use, one a frame, so that recalling a preset is only a change of what is drawn."""

from collections import deque
from collections.abc import Sequence

import moderngl

from vj.errors import GraphicsError, ShaderError
from vj.render.filter import Buffer, Filter, Moment
from vj.render.isf import IsfShader
from vj.types import Params

#: Drivers finish compiling when something is drawn for the first time.
_TRIAL = (32, 18)


class Bank:
    """Filters by the name of their shader, all on one context."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._filters: dict[str, Filter] = {}
        self._wanted: deque[IsfShader] = deque()
        self._trial = [Buffer(ctx, _TRIAL) for _ in range(2)]

    def want(self, shaders: Sequence[IsfShader], *, soon: bool = False) -> None:
        """Compile these when there is time, or before all others."""
        missing = [s for s in shaders if s.name not in self._filters and s not in self._wanted]
        if soon:
            self._wanted.extendleft(reversed(missing))
        else:
            self._wanted.extend(missing)

    def work(self, p: Params) -> None:
        """Compile one of those that are wanted, if there is one. Raises ShaderError."""
        if self._wanted:
            shader = self._wanted.popleft()
            if shader.name not in self._filters:
                self._filters[shader.name] = self._compiled(shader, p)

    def ready(self, shaders: Sequence[IsfShader]) -> list[Filter] | None:
        """The filters of a chain, or None as long as one is not compiled."""
        if all(s.name in self._filters and self._filters[s.name].shader is s for s in shaders):
            return [self._filters[s.name] for s in shaders]
        return None

    def replace(self, shader: IsfShader, p: Params) -> None:
        """A shader was edited. Raises ShaderError where it does not compile; the one before stays then."""
        new = self._compiled(shader, p)
        before = self._filters.get(shader.name)
        self._filters[shader.name] = new
        if before:
            before.release()

    def _compiled(self, shader: IsfShader, p: Params) -> Filter:
        one = Filter(self._ctx, shader)
        try:
            one.draw(self._trial[0].texture, self._trial[1].front, Moment(0.0, 0.0, 0, (2000.0, 1.0, 1.0, 0.0)), p)
            one.forget()
        except (ShaderError, GraphicsError, moderngl.Error):
            one.release()
            raise
        return one

    def release(self) -> None:
        """Let go of everything on the GPU."""
        for one in self._filters.values():
            one.release()
        for buffer in self._trial:
            buffer.release()
        self._filters.clear()
