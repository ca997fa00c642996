"""Shaders compiled ahead of their use, a step a frame, so that recalling a preset is only a change of what is drawn."""

from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import moderngl

from vj.core.types import Params
from vj.render.isf.filter import Buffer, Compiled, Filter, Moment, Sources
from vj.render.isf.imported import Pictures
from vj.render.isf.shader import IsfShader

#: Drivers finish compiling when something is drawn for the first time.
_TRIAL = (32, 18)
_MOMENT = Moment(0.0, 0.0, 0, (2000.0, 1.0, 1.0, 0.0))


def built(
    ctx: moderngl.Context, shader: IsfShader, trial: Sequence[Buffer], p: Params, pictures: Pictures | None = None
) -> Generator[None, None, Compiled]:
    """Compile a shader and draw it once, in steps that each have one program, one picture or one pass to do.

    trial  one buffer to read from, one to draw into
    Yields between two steps, returns the whole, and raises ShaderError. Leaves nothing behind where it ends early.
    """
    compiled = yield from Compiled.in_steps(ctx, shader, pictures)
    filter = Filter(compiled)
    try:
        texture = trial[0].texture
        yield from filter.in_steps(Sources(texture, texture), trial[1].front, _MOMENT, p)
    # Nobody goes on with it (GeneratorExit), or it cannot be drawn.
    except BaseException:
        compiled.release()
        raise
    finally:
        filter.release()
    return compiled


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """A shader to compile; p: what to draw it with, None: with the values of the time."""

    shader: IsfShader
    pictures: Pictures | None = None
    p: Params | None = None


class ShaderCache:
    """Compiled shaders by name, all on one context."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._compiled: dict[str, Compiled] = {}
        self._wanted: deque[_Wanted] = deque()
        self._under_way: tuple[IsfShader, Generator[None, None, Compiled]] | None = None
        self._trial = [Buffer(ctx, _TRIAL) for _ in range(2)]

    def want(self, shaders: Sequence[IsfShader], *, soon: bool = False) -> None:
        """Compile these when there is time, or before all others."""
        coming = [one.shader for one in self._wanted] + ([self._under_way[0]] if self._under_way else [])
        missing = [_Wanted(s) for s in self.missing(shaders) if not any(s is other for other in coming)]
        if soon:
            self._wanted.extendleft(reversed(missing))
        else:
            self._wanted.extend(missing)

    def want_proven(self, shader: IsfShader, pictures: Pictures, p: Params | None = None) -> None:
        """Compile this one before all others; its pictures are decoded. p: what to try it with.

        Others of its name that wait or are under way are dropped.
        """
        self._wanted = deque(one for one in self._wanted if one.shader.name != shader.name)
        if self._under_way and self._under_way[0].name == shader.name:
            self._drop()
        self._wanted.appendleft(_Wanted(shader, pictures, p))

    def work(self, p: Params) -> Compiled | None:
        """Do a step of what is wanted, if anything is; returns what is done with it, to `keep`. Raises ShaderError."""
        if self._under_way is None:
            while self._wanted and self._has(self._wanted[0].shader):
                self._wanted.popleft()
            if not self._wanted:
                return None
            one = self._wanted.popleft()
            self._under_way = one.shader, built(self._ctx, one.shader, self._trial, one.p or p, one.pictures)
        try:
            next(self._under_way[1])
        except StopIteration as done:
            self._under_way = None
            compiled: Compiled = done.value
            return compiled
        except BaseException:
            self._under_way = None
            raise
        return None

    def keep(self, compiled: Compiled) -> Compiled | None:
        """Have it ready; returns the one before of that name, which whoever draws with it still has to release."""
        before = self._compiled.get(compiled.shader.name)
        self._compiled[compiled.shader.name] = compiled
        return before

    def ready(self, shaders: Sequence[IsfShader]) -> list[Compiled] | None:
        """Those of a chain, or None as long as one is not compiled."""
        return [self._compiled[s.name] for s in shaders] if all(self._has(s) for s in shaders) else None

    @property
    def wants_any(self) -> bool:
        """Whether `work` has something to do."""
        return bool(self._wanted) or self._under_way is not None

    def missing(self, shaders: Sequence[IsfShader]) -> list[IsfShader]:
        """Those that are not compiled."""
        return [shader for shader in shaders if not self._has(shader)]

    def _has(self, shader: IsfShader) -> bool:
        return shader.name in self._compiled and self._compiled[shader.name].shader is shader

    def _drop(self) -> None:
        if self._under_way:
            self._under_way[1].close()
            self._under_way = None

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self._drop()
        for one in self._compiled.values():
            one.release()
        for buffer in self._trial:
            buffer.release()
        self._compiled.clear()
