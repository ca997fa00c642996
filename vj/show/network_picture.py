"""The network's pictures at the display's rate: one blends into the next, and a shader stands in for the first."""

from pathlib import Path
from typing import Any

import moderngl

from vj.core.edge import Edge
from vj.generator.pool import GeneratorPool
from vj.render.compositing.frame_blend import Blend
from vj.render.compositing.stand_in import StandIn
from vj.render.isf.shader import IsfShader
from vj.show.frame import Values


class NetworkPicture:
    """Holds the newest pictures on the GPU; what goes wrong with the stand-in, if there is one, is told by `edge`."""

    def __init__(self, ctx: moderngl.Context, stand_in: IsfShader | None, edge: Edge) -> None:
        self._blend, self._edge = Blend(ctx), edge
        self._stand_in: StandIn | None = StandIn(ctx, stand_in) if stand_in else None
        self._drawn_by: tuple[Path, int] | None = None

    def take(self, pool: GeneratorPool, now_s: float, span_s: float) -> Any:
        """Take the generator's newest picture, if there is a new one; returns its row (`vj.generator.mailbox`) or None.

        span_s  how long the pictures of another network take to come in
        """
        row = pool.newest()
        if row is None:
            return None
        draws = pool.model, pool.changes
        if draws != self._drawn_by:
            if self._drawn_by:
                self._blend.cross(now_s, span_s)
            self._drawn_by = draws
        self._blend.take(row["rgba"], now_s)
        return row

    def draw(self, now_s: float, dt_s: float, frame: int, values: Values) -> moderngl.Texture:
        """The picture of a frame that begins now and is to be seen for as long as the last one, `dt_s`."""
        return self._blend.draw(now_s, values.p["stage/blend"], self._until_the_first(dt_s, frame, values), dt_s)

    def fade_s(self, share: float) -> float:
        """Time in which the newest picture is faded in; `share` of the time between two of them, 0..1."""
        return self._blend.interval_s * share

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self._blend.release()
        if self._stand_in:
            self._stand_in.release()

    def _until_the_first(self, dt_s: float, frame: int, values: Values) -> moderngl.Texture | None:
        if self._stand_in and self._blend.appearing:
            with self._edge.handling("stand-in"):
                return self._stand_in.draw(values.t_s, dt_s, frame, values.p)
        if self._stand_in:
            self._stand_in.release()
            self._stand_in = None
        return None
