"""How long drawing takes, measured alike wherever a limit depends on it."""

import time

import moderngl

from vj.render.isf.program import is_software


class Stopwatch:
    """Times what is drawn. Where the processor draws, what it does for other programs meanwhile does not count.

    Each lap waits for the card, so this is for trials and for what is not trusted, not for all that is drawn.
    """

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx, self._is_software = ctx, is_software(ctx)
        self._since = self._now()

    def lap(self) -> float:
        """Seconds since the last call, until everything was drawn."""
        self._ctx.finish()
        before, self._since = self._since, self._now()
        wall_s, worked_s = (now - then for now, then in zip(self._since, before, strict=True))
        return min(wall_s, worked_s) if self._is_software else wall_s

    def _now(self) -> tuple[float, float]:
        return time.perf_counter(), time.process_time()
