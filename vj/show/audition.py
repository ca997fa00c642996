"""The preset that comes next, drawn for the panel alone before an audience sees it.

The spare generator draws it with values of its own, and its chain is drawn small. Once it is played that generator goes
on, so that the audience sees what was auditioned. What is auditioned is a session beside the one that plays.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import moderngl

from vj.core.errors import ControlError
from vj.core.types import U8
from vj.generator.pool import GeneratorPool
from vj.render.compositing.frame_blend import Blend
from vj.session.session import Session
from vj.session.state import SessionState, advanced, moved
from vj.show.frame import Values
from vj.show.preview import Preview
from vj.show.scenes import Now, Scenes

#: Pictures a second: they must not cost the audience's.
RATE_HZ = 8.0
_LONGEST_STEP_S = 0.25


class Audition:
    """Belongs to the window's thread. size: (width, height) of the picture inside."""

    def __init__(self, ctx: moderngl.Context, size: tuple[int, int], session: Session, scenes: Scenes) -> None:
        self._ctx, self._session, self._scenes = ctx, session, scenes
        self._preview = Preview(ctx, size, RATE_HZ)
        self._state: SessionState | None = None
        self._blend: Blend | None = None
        self._pool: GeneratorPool | None = None
        self._last_s = self._due_s = 0.0
        self._frames = 0

    @property
    def preset(self) -> str:
        """The name of what is auditioned, or empty."""
        return self._state.preset if self._state else ""

    def begin(self, name: str, pool: GeneratorPool, model_of: Callable[[str], Path]) -> None:
        """Audition this preset in the place of another. Raises VjError where it cannot be.

        model_of  the network of a preset, by the name that it gives or empty
        """
        if not pool.has_spare:
            raise ControlError("audition: there is no spare network (--no-spare)")
        state = self._session.auditioned(name)
        model = model_of(state.show.preset.model)
        self._let_go()
        self._state, self._pool, self._last_s = state, pool, time.monotonic()
        pool.audition(model, state.generator_rows[0])
        self._scenes.audition(state.chain)

    def end(self) -> None:
        """Nothing is auditioned any more."""
        if self._pool and self._state:
            self._pool.audition(None)
            self._let_go()

    def taken(self, preset: str) -> bool:
        """A preset is entered. Where it is what is auditioned, its generator draws for the audience from now on."""
        if not self._pool or preset != self.preset:
            return False
        self._pool.take_audition()
        self._let_go()
        return True

    def frame(self, values: Values, now_s: float) -> U8 | None:
        """A frame of the show with these values: the audition's picture, u8[h, w, 3], where there is a new one."""
        state, pool = self._state, self._pool
        if not state or not pool:
            return None
        if state.registry is not self._session.registry:
            # A shader was edited: what was read of the preset is of other parameters.
            self.end()
            return None
        pool.tell_audition(state.generator_values, values.network_moves, now_s)
        if (row := pool.newest_audition()) is not None:
            self._blend = self._blend or Blend(self._ctx)
            self._blend.take(row["rgba"], now_s)
        if now_s < self._due_s:
            return None
        self._due_s = now_s + 1.0 / RATE_HZ
        return self._drawn(state, values, now_s)

    def _drawn(self, state: SessionState, values: Values, now_s: float) -> U8 | None:
        dt_s, self._last_s = min(now_s - self._last_s, _LONGEST_STEP_S), now_s
        # Whatever the audience's preset is on its way from, this one is there.
        self._state, p = moved(advanced(state, dt_s), {**values.signals, "arrived": 1.0}, dt_s)
        if self._blend is None:
            return None
        self._frames += 1
        now = Now(values.t_s, dt_s, self._frames, (2000.0, 1.0, 1.0, values.t_s), p, values.signals, None)
        texture = self._scenes.draw_audition(self._blend.draw(now_s, 0.0), now, self._preview.size)
        return self._preview.frame(texture, 1.0, now_s) if texture else None

    def facts(self) -> dict[str, Any] | None:
        """What a panel is told of it; None where nothing is auditioned."""
        if not self._state:
            return None
        ready = self._blend is not None
        return {"preset": self.preset, "ready": ready, "text": "" if ready else "the spare network begins"}

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self.end()
        self._preview.release()

    def _let_go(self) -> None:
        self._state = self._pool = None
        self._scenes.audition(())
        if self._blend:
            self._blend.release()
            self._blend = None
