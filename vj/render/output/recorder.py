"""The window's side of a recording: what is seen is drawn again at the file's size, and put where the encoder finds it.

Nothing here waits: an encoder that is too slow finds pictures overwritten, and counts them.
"""

import contextlib
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import moderngl
import numpy as np

from vj.core.errors import VjError
from vj.render.isf.filter import Buffer
from vj.render.isf.glsl import VERTEX
from vj.render.output.recording import Recording, shown_ring
from vj.runtime.worker import Worker

_DIM = """\
#version 330 core
uniform sampler2D picture;
uniform float gain;
in vec2 isf_FragNormCoord;
out vec4 color;
void main() { color = vec4(texture(picture, isf_FragNormCoord).rgb * gain, 1.0); }
"""
#: What finishing the file may take.
_FINISH_S = 10.0


class Recorder:
    """Records to `path` from its making until `close`. `pictures` and `dropped` count as the encoder does."""

    def __init__(
        self, ctx: moderngl.Context, path: Path, size: tuple[int, int], fps: Fraction, blocks_name: str,
        tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._path, self._period_s, self._tell = path, float(1 / fps), tell
        self._program = ctx.program(vertex_shader=VERTEX, fragment_shader=_DIM)
        self._triangle = ctx.vertex_array(self._program, [])
        self._target = Buffer(ctx, size)
        self._ring = shown_ring(size)
        self._row: Any = np.zeros(1, self._ring.dtype)
        self._worker: Worker | None = Worker(
            "recorder", "vj.render.output.recording", Recording(path, size, fps, self._ring.name, blocks_name)
        )
        self._stack = contextlib.ExitStack()
        for thing in (self._triangle, self._program, self._target):
            self._stack.callback(thing.release)
        self._stack.callback(self._ring.close)
        self._due_s = 0.0
        self.pictures = self.dropped = 0

    def frame(self, texture: moderngl.Texture, gain: float, now_s: float) -> None:
        """This is on the screen now."""
        if self._worker is None or now_s < self._due_s:
            return
        self._due_s = max(self._due_s + self._period_s, now_s - self._period_s)
        self._program["gain"] = gain
        texture.use(0)
        self._target.front.use()
        self._triangle.render(moderngl.TRIANGLES, vertices=3)
        self._target.front.read_into(self._row["rgb"], components=3, alignment=1)
        self._row["t_s"] = now_s
        self._ring.write(self._row)

    def tend(self) -> None:
        """Hear how the encoder does; a recording that cannot go on is told, and ends."""
        try:
            while self._worker and self._worker.waiting(0.0):
                _, self.pictures, self.dropped = self._worker.receive(1.0)
        except VjError as e:
            self._tell(f"recording ended: {e}")
            self._stop()

    def close(self) -> str:
        """Finish the file; returns what to tell the person. May be called again."""
        if self._worker:
            self._worker.send(("end",))
            until_s = time.monotonic() + _FINISH_S
            with contextlib.suppress(VjError):
                while self._worker.alive and time.monotonic() < until_s:
                    if self._worker.waiting(0.1):
                        _, self.pictures, self.dropped = self._worker.receive(0.1)
            self._stop()
        self._stack.close()
        return f"{self._path}: {self.pictures} pictures, {self.dropped} dropped"

    def _stop(self) -> None:
        if self._worker:
            self._worker.kill()
            self._worker = None
