"""What is seen until the network's first picture: one of the generator shaders, small and moving."""

import moderngl

from vj.core.types import Params
from vj.render.isf.filter import Buffer, Compiled, Filter, Moment, Sources
from vj.render.isf.shader import IsfShader

#: One that costs little and has no middle.
SHADER = "silk"
_SIDE = 128


class StandIn:
    """Draws the shader as if it were a network's picture."""

    def __init__(self, ctx: moderngl.Context, shader: IsfShader) -> None:
        self._compiled = Compiled(ctx, shader)
        self._filter = Filter(self._compiled)
        self._nothing, self._target = Buffer(ctx, (1, 1)), Buffer(ctx, (_SIDE, _SIDE))

    def draw(self, t_s: float, dt_s: float, frame: int, p: Params) -> moderngl.Texture:
        """The picture at `t_s`."""
        nothing = self._nothing.texture
        moment = Moment(t_s, dt_s, frame, (2000.0, 1.0, 1.0, t_s))
        self._filter.draw(Sources(nothing, nothing), self._target.front, moment, p)
        return self._target.texture

    def release(self) -> None:
        """Let go of everything on the GPU."""
        for thing in (self._filter, self._compiled, self._nothing, self._target):
            thing.release()
