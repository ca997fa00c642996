"""Whether a shader may come into a show: it is compiled and drawn as the window would, and each step is timed.

Runs in the proving process (`vj.render.proving_process`), which whoever started it ends when it takes too long: a
driver that compiles or draws cannot be interrupted otherwise.
"""

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import NoReturn

import moderngl
import numpy as np

from vj.core.errors import GraphicsError, ShaderError
from vj.core.types import Params
from vj.render.compositing.layer_params import params_of
from vj.render.isf.filter import Buffer, Compiled, Filter, Moment, Sources
from vj.render.isf.imported import Pictures, bytes_of, decoded
from vj.render.isf.program import check_gl
from vj.render.isf.shader import IsfShader, pass_size
from vj.render.isf.shader_cache import built
from vj.render.isf.sound import Sound
from vj.render.isf.stopwatch import Stopwatch
from vj.runtime.worker import Worker

_MIB = 1 << 20
#: The first pictures are this small: what they take says what large ones would.
_SMALL = (64, 36)
#: How often something is tried until it is fast enough: other programs may be at work, too.
_TRIES = 4
#: The driver writes its cache in a thread of its own.
_CACHE_S = 0.05
_NICE = 10
#: How much longer than at its defaults a frame may take at the ends of the inputs' ranges.
_AT_THE_ENDS = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a shader may take.

    total_s         to be read, compiled and tried, all in all; whoever holds the process sees to it
    frame_s         in one frame: to load one of its programs or pictures, or to be drawn
    memory_bytes    of the process that tries it, beyond what it begins with
    buffer_bytes    of the buffers that its passes draw into
    picture_bytes   of the pictures that it brings along, decoded
    """

    total_s: float
    frame_s: float
    memory_bytes: int
    buffer_bytes: int
    picture_bytes: int


#: In a show.
LIVE = Limits(10.0, 0.06, 2048 * _MIB, 512 * _MIB, 64 * _MIB)
#: Where a picture may take its time: `vj render`, `vj shader`.
OFFLINE = Limits(30.0, 10.0, 8192 * _MIB, 4096 * _MIB, 1024 * _MIB)


def prove(
    ctx: moderngl.Context, shader: IsfShader, values: Mapping[str, float], size: tuple[int, int], limits: Limits,
    doing: Callable[[str], None],
) -> Pictures:  # fmt: skip
    """Try a shader at `size`; returns its pictures, decoded. `doing` is told of each thing before it is begun.

    values  of its parameters, where they are not the defaults
    Raises ShaderError: what is wrong with it, or the limit that it breaks.
    """
    p = _values(shader, values)
    check_sizes(shader, size, p, limits)
    doing("decoding its pictures")
    pictures = {one.name: decoded(shader, one) for one in shader.imported}
    with ExitStack() as stack:
        trial = _Trial(ctx, shader, size, limits)
        stack.callback(trial.release)
        try:
            doing("compiling it")
            trial.compile(pictures, p)
            trial.draw(p, doing)
            doing("loading it again")
            trial.load_again(pictures, p)
            check_gl(ctx, "drawing it")
        except (GraphicsError, moderngl.Error) as e:
            raise ShaderError(f"{shader.file}: cannot be drawn: {e}") from None
    return pictures


def check_sizes(shader: IsfShader, size: tuple[int, int], p: Params, limits: Limits) -> None:
    """Raise ShaderError where its buffers, at either end of its inputs, or its pictures are too large."""
    needed = max(_buffer_bytes(shader, size, values) for values in (p, _end(shader, 0), _end(shader, 1)))
    if needed > limits.buffer_bytes:
        raise ShaderError(
            f"{shader.file}: not taken: the buffers of its passes take {_size(needed)} at {size[0]}x{size[1]}, "
            f"expected at most {_size(limits.buffer_bytes)}"
        )
    if (needed := bytes_of(shader)) > limits.picture_bytes:
        raise ShaderError(
            f"{shader.file}: not taken: its pictures take {_size(needed)} when decoded, "
            f"expected at most {_size(limits.picture_bytes)}"
        )


def too_long(file: str, doing: str, limits: Limits) -> ShaderError:
    """The process was ended while it was `doing` that."""
    return ShaderError(f"{file}: not taken: {doing} took more than {limits.total_s:g} s")


def crashed(file: str, doing: str, how: str, limits: Limits) -> ShaderError:
    """The process has ended by itself."""
    more = f"the driver crashed, or more than {_size(limits.memory_bytes)} of memory were needed"
    return ShaderError(f"{file}: not taken: {more} while {doing} ({how})")


def start(limits: Limits, nice: int = 0) -> Worker:
    """A proving process. It says ("ready",) and is then told and tells what `vj.render.proving_process` says.

    nice  so much lower is its priority
    """
    return Worker("prover", "vj.render.proving_process", limits, nice)


def start_beside(limits: Limits) -> Worker:
    """The same beside a show, which comes first."""
    return start(limits, _NICE)


class _Trial:
    """One shader on its way through the trial: each method raises ShaderError where a limit is broken."""

    def __init__(self, ctx: moderngl.Context, shader: IsfShader, size: tuple[int, int], limits: Limits) -> None:
        self._ctx, self._shader, self._size, self._limits = ctx, shader, size, limits
        middle = max(size[0] // 4, _SMALL[0]), max(size[1] // 4, _SMALL[1])
        self._small, self._middle, self._large = (
            [Buffer(ctx, one) for _ in range(2)] for one in (_SMALL, middle, size)
        )
        self._noise = ctx.texture(_SMALL, 4, np.random.default_rng(1).bytes(_SMALL[0] * _SMALL[1] * 4))
        # What it hears has the form that it has in a show, which is part of what the driver compiles.
        self._sound = Sound(ctx)
        self._compiled: Compiled | None = None

    def compile(self, pictures: Pictures, p: Params) -> None:
        """For the first time, however long that takes."""
        self._compiled = _whole(built(self._ctx, self._shader, self._small, p, pictures))

    def draw(self, p: Params, doing: Callable[[str], None]) -> None:
        """Small first, then larger, then as large as the show's: what would hang at once is found where it costs least.

        At the values it is played with, now and after an hour, and at both ends of its inputs' ranges.
        """
        limit_s, (lo, hi) = self._limits.frame_s, (_end(self._shader, which) for which in (0, 1))
        for canvas in (self._small, self._middle, self._large):
            w, h = canvas[0].size
            doing(f"drawing it at {w}x{h}")
            self._check("a frame", canvas, p, 1.0, limit_s)
            self._check("a frame after an hour", canvas, p, 3600.0, limit_s)
            self._check("a frame at the lower ends of its inputs", canvas, lo, 1.0, _AT_THE_ENDS * limit_s)
            self._check("a frame at the upper ends of its inputs", canvas, hi, 1.0, _AT_THE_ENDS * limit_s)

    def _check(self, what: str, canvas: list[Buffer], p: Params, t_s: float, limit_s: float) -> None:
        took_s = self._fastest(canvas, p, t_s, limit_s)
        if took_s > limit_s:
            self._refuse(what, took_s, limit_s, canvas[0].size)

    def load_again(self, pictures: Pictures, p: Params) -> None:
        """Now that the driver has it in its cache: each step, and the first frame, has to fit in a frame."""
        worst_s = first_s = float("inf")
        for _ in range(_TRIES):
            time.sleep(_CACHE_S)
            self._let_go()
            steps = built(self._ctx, self._shader, self._small, p, pictures)
            self._compiled, took_s = _timed(self._ctx, steps)
            worst_s = min(worst_s, took_s)
            first_s = min(first_s, self._first_frame(p))
            if max(worst_s, first_s) <= self._limits.frame_s:
                return
        if worst_s > self._limits.frame_s:
            self._refuse("loading one of its programs or pictures", worst_s, self._limits.frame_s, _SMALL)
        self._refuse("its first frame", first_s, self._limits.frame_s, self._size)

    def _first_frame(self, p: Params) -> float:
        filter = self._filter()
        try:
            return self._frame(filter, self._large, p, 1.0)
        finally:
            filter.release()

    def _fastest(self, canvas: list[Buffer], p: Params, t_s: float, enough_s: float) -> float:
        """The least that a frame takes, after the first; no more than are needed to know."""
        filter, least_s = self._filter(), float("inf")
        try:
            self._frame(filter, canvas, p, t_s)
            for _ in range(_TRIES):
                least_s = min(least_s, self._frame(filter, canvas, p, t_s))
                if least_s <= enough_s:
                    break
        finally:
            filter.release()
        return least_s

    def _frame(self, filter: Filter, canvas: list[Buffer], p: Params, t_s: float) -> float:
        moment = Moment(t_s, 1 / 60, round(t_s * 60), (2000.0, 1.0, 1.0, t_s))
        watch = Stopwatch(self._ctx)
        filter.draw(Sources(self._noise, canvas[0].texture, self._sound), canvas[1].front, moment, p)
        return watch.lap()

    def _filter(self) -> Filter:
        assert self._compiled is not None
        return Filter(self._compiled)

    def _refuse(self, what: str, took_s: float, limit_s: float, size: tuple[int, int]) -> NoReturn:
        raise ShaderError(
            f"{self._shader.file}: not taken: {what} takes {1000 * took_s:.0f} ms at {size[0]}x{size[1]}, "
            f"expected at most {1000 * limit_s:.0f} ms"
        )

    def _let_go(self) -> None:
        if self._compiled:
            self._compiled.release()
            self._compiled = None

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self._let_go()
        for buffer in (*self._small, *self._middle, *self._large):
            buffer.release()
        self._noise.release()
        self._sound.release()


def _whole(steps: Generator[None, None, Compiled]) -> Compiled:
    while True:
        try:
            next(steps)
        except StopIteration as done:
            compiled: Compiled = done.value
            return compiled


def _timed(ctx: moderngl.Context, steps: Generator[None, None, Compiled]) -> tuple[Compiled, float]:
    """(the whole, what the longest step took)."""
    watch, worst_s = Stopwatch(ctx), 0.0
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value, max(worst_s, watch.lap())
        worst_s = max(worst_s, watch.lap())


def _values(shader: IsfShader, values: Mapping[str, float]) -> dict[str, float]:
    """Its parameters: those given, within their ranges, and the defaults of the others."""
    return {row.id: min(max(values.get(row.id, row.default), row.lo), row.hi) for row in params_of(shader)}


def _end(shader: IsfShader, which: int) -> dict[str, float]:
    return {row.id: (row.lo, row.hi)[which] for row in params_of(shader)}


def _buffer_bytes(shader: IsfShader, size: tuple[int, int], p: Params) -> int:
    needed = 0
    for one in shader.buffers.values():
        w, h = pass_size(one, size, shader, p)
        # One is read while the other is drawn.
        needed += 2 * w * h * (16 if one.float32 else 4)
    return needed


def _size(n: int) -> str:
    return f"{n / (1024 * _MIB):.1f} GB" if n >= 1024 * _MIB else f"{n / _MIB:.0f} MB"
