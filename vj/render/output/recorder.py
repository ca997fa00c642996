"""The window's side of a recording: what is seen is drawn again at the file's size, and put where the encoder finds it.

Nothing here waits: an encoder that is too slow finds pictures overwritten, and counts them.
"""

import contextlib
import math
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import moderngl
import numpy as np

from vj.render.isf.filter import Buffer
from vj.render.isf.glsl import VERTEX
from vj.render.output.recording import Recording, shown_ring
from vj.runtime.lifecycle import Patience
from vj.runtime.supervisor import Process
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
_LOOK_S = 0.02
#: An encoder that is busy says nothing for long; one that is gone is noticed by its pipe.
_PATIENCE = Patience(starting_s=math.inf, silent_s=math.inf)


class Recorder:
    """Records to `path` from its making until `close`. `pictures` and `dropped` count as the encoder does.

    `frame` belongs to the window's thread; `tend` is called by whoever looks after processes.
    """

    def __init__(
        self, ctx: moderngl.Context, path: Path, size: tuple[int, int], fps: Fraction, blocks_name: str,
        tell: Callable[[str], None], look_after: Callable[[Callable[[], object]], Callable[[], None]],
    ) -> None:  # fmt: skip
        """`look_after` calls what it is given again and again, until what it returns is called."""
        self._path, self._period_s, self._tell = path, float(1 / fps), tell
        with contextlib.ExitStack() as made:
            self._program = ctx.program(vertex_shader=VERTEX, fragment_shader=_DIM)
            made.callback(self._program.release)
            self._triangle = ctx.vertex_array(self._program, [])
            made.callback(self._triangle.release)
            self._target = Buffer(ctx, size)
            made.callback(self._target.release)
            self._ring = made.enter_context(shown_ring(size))
            recording = Recording(path, size, fps, self._ring.name, blocks_name)
            self._process = Process(Worker("recorder", "vj.render.output.recording", recording), time.monotonic())
            # Where the process cannot be started the rest is given back.
            self._stack = made.pop_all()
        self._row: Any = np.zeros(1, self._ring.dtype)
        self._forget = look_after(self.tend)
        self._due_s = 0.0
        self._finishing = self._finished = self._closed = False
        self.pictures = self.dropped = 0

    def frame(self, texture: moderngl.Texture, gain: float, now_s: float) -> None:
        """This is on the screen now."""
        if not self._recording or now_s < self._due_s:
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
        for message in self._process.hear():
            kind, self.pictures, self.dropped = message
            self._finished = kind == "finished"
        before, now_s = self._process.life, time.monotonic()
        after = self._process.tend(now_s, now_s, _PATIENCE)
        if after.state == "lost" and before.state != "lost" and not self._finishing:
            self._tell(self.trouble)

    def close(self) -> str:
        """Finish the file; returns what to tell the person. May be called again."""
        if not self._closed:
            self._closed = True
            self._forget()
            self._finish()
            self._stack.close()
        ended = f"; {self.trouble}" if self.trouble else ""
        return f"{self._path}: {self.pictures} pictures, {self.dropped} dropped{ended}"

    @property
    def trouble(self) -> str:
        """Why the file is not whole, or is not there; empty while all is well."""
        if not self._recording and not self._finished:
            return f"recording ended: {self._process.life.trouble}"
        if self._closed and not self._finished:
            return f"not finished within {_FINISH_S:g} s: it plays up to its last second"
        return "nothing was recorded: no picture was shown" if self._closed and not self.pictures else ""

    @property
    def _recording(self) -> bool:
        return self._process.life.state != "lost"

    def _finish(self) -> None:
        self._finishing, until_s = True, time.monotonic() + _FINISH_S
        if self._recording:
            self._process.worker.send(("end",))
        while self._recording and time.monotonic() < until_s:
            self.tend()
            time.sleep(_LOOK_S)
        self._process.worker.kill()
        self._process.worker.close()
