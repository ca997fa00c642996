"""Shaders compiled ahead of their use, one a frame, so that recalling a preset is only a change of what is drawn."""

from collections import deque
from collections.abc import Sequence

import moderngl

from vj.core.types import Params
from vj.render.isf.filter import Buffer, Compiled, Filter, Moment, Sources
from vj.render.isf.shader import IsfShader

#: Drivers finish compiling when something is drawn for the first time.
_TRIAL = (32, 18)


class ShaderCache:
    """Compiled shaders by name, all on one context."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._compiled: dict[str, Compiled] = {}
        self._wanted: deque[IsfShader] = deque()
        self._trial = [Buffer(ctx, _TRIAL) for _ in range(2)]

    def want(self, shaders: Sequence[IsfShader], *, soon: bool = False) -> None:
        """Compile these when there is time, or before all others."""
        missing = [s for s in shaders if not self._has(s) and s not in self._wanted]
        if soon:
            self._wanted.extendleft(reversed(missing))
        else:
            self._wanted.extend(missing)

    def work(self, p: Params) -> None:
        """Compile one of those that are wanted, if there is one. Raises ShaderError."""
        if self._wanted:
            shader = self._wanted.popleft()
            if shader.name not in self._compiled:
                self._compiled[shader.name] = self._tried(shader, p)

    def ready(self, shaders: Sequence[IsfShader]) -> list[Compiled] | None:
        """Those of a chain, or None as long as one is not compiled."""
        return [self._compiled[s.name] for s in shaders] if all(self._has(s) for s in shaders) else None

    def replace(self, shader: IsfShader, p: Params) -> Compiled | None:
        """A shader was edited. Raises ShaderError where it does not compile; the one before stays then.

        Returns the one before, which whoever draws with it still has to release.
        """
        new = self._tried(shader, p)
        before = self._compiled.get(shader.name)
        self._compiled[shader.name] = new
        return before

    def _has(self, shader: IsfShader) -> bool:
        return shader.name in self._compiled and self._compiled[shader.name].shader is shader

    def _tried(self, shader: IsfShader, p: Params) -> Compiled:
        compiled = Compiled(self._ctx, shader)
        trial = Filter(compiled)
        try:
            texture = self._trial[0].texture
            moment = Moment(0.0, 0.0, 0, (2000.0, 1.0, 1.0, 0.0))
            trial.draw(Sources(texture, texture), self._trial[1].front, moment, p)
        except Exception:
            compiled.release()
            raise
        finally:
            trial.release()
        return compiled

    def release(self) -> None:
        """Let go of everything on the GPU."""
        for one in self._compiled.values():
            one.release()
        for buffer in self._trial:
            buffer.release()
        self._compiled.clear()
