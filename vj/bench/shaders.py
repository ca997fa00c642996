"""`vj bench --shaders`: what a frame of each shader costs, in units of a plain copy of the screen timed beside it."""

import time
from statistics import median
from typing import Any

import moderngl
import numpy as np

from vj.core import resources
from vj.core.types import U8
from vj.render.compositing.chain import Chain
from vj.render.compositing.layer_params import params_of
from vj.render.isf.filter import Moment
from vj.render.isf.folder import load_folder
from vj.render.isf.program import open_context
from vj.render.isf.shader import IsfShader
from vj.render.output.limiter import FlashLimiter
from vj.render.shader_tools import Alone, test_picture
from vj.session.loading import DEFAULT_PRESET, load_show

SIZE = (1280, 720)
FRAMES, _WARM = 15, 3


def run(frames: int = FRAMES, size: tuple[int, int] = SIZE) -> dict[str, Any]:
    """{"size", "renderer", "copy_ms", "ms": {shader: median}, "copies": {shader: median of the ratios}}.

    A copy is the picture at the screen's size drawn once; it is timed in turns with each shader. The shaders are at
    their defaults; "limiter" is the flash limiter on a calm picture, "default preset" the chain of that preset.
    """
    ctx = open_context()
    try:
        shaders = load_folder(resources.shaders_dir())
        show = load_show(DEFAULT_PRESET)
        report: dict[str, Any] = {
            "size": list(size), "renderer": ctx.info["GL_RENDERER"], "copy_ms": 0.0, "ms": {}, "copies": {},
        }  # fmt: skip
        copies: list[float] = []
        for name, shader in shaders.items():
            copies += _add(report, name, ctx, _one(ctx, shader, size), frames, size)
        copies += _add(report, "limiter", ctx, _limiter(ctx, size), frames, size)
        copies += _add(report, "default preset", ctx, _chain(ctx, show.chain, dict(show.base), size), frames, size)
        report["copy_ms"] = median(copies)
        return report
    finally:
        ctx.release()


class _Timed:
    """Something to draw again and again. `less` is taken off: drawing the picture that it begins with."""

    def __init__(self, draw: Any, release: Any, less: int) -> None:
        self.draw, self.release, self.less = draw, release, less


def _add(
    report: dict[str, Any], name: str, ctx: moderngl.Context, timed: _Timed, frames: int, size: tuple[int, int]
) -> list[float]:
    """Time it in turns with a copy; returns what the copies took, in ms."""
    plain = Chain(ctx, [], size)
    picture = _picture(size)
    took: list[tuple[float, float]] = []
    for frame in range(frames + _WARM):
        began = time.perf_counter()
        plain.draw(picture, frame / 30, 1 / 30, frame, {})
        ctx.finish()
        between = time.perf_counter()
        timed.draw(picture, frame)
        ctx.finish()
        took.append((1000 * (between - began), 1000 * (time.perf_counter() - between)))
    timed.release()
    plain.release()
    took = took[_WARM:]
    # The copies that it makes before it draws itself are not its own.
    report["ms"][name] = median(max(own - timed.less * copy, 0.0) for copy, own in took)
    report["copies"][name] = median(max(own / copy - timed.less, 0.0) for copy, own in took)
    return [copy for copy, _ in took]


def _one(ctx: moderngl.Context, shader: IsfShader, size: tuple[int, int]) -> _Timed:
    alone, p = Alone(ctx, shader, size), {q.id: q.default for q in params_of(shader)}

    def draw(picture: U8, frame: int) -> None:
        t_s = frame / 30
        alone.draw(picture, picture, Moment(t_s, 1 / 30, frame, (2000.0, 1.0, 1.0, t_s)), p)

    return _Timed(draw, alone.release, 2 if shader.kind == "transition" else 1)


def _chain(ctx: moderngl.Context, shaders: Any, p: dict[str, float], size: tuple[int, int]) -> _Timed:
    chain = Chain(ctx, shaders, size)
    return _Timed(lambda picture, frame: chain.draw(picture, frame / 30, 1 / 30, frame, p), chain.release, 1)


def _limiter(ctx: moderngl.Context, size: tuple[int, int]) -> _Timed:
    chain, limiter = Chain(ctx, [], size), FlashLimiter(ctx)

    def draw(picture: U8, frame: int) -> None:
        chain.draw(picture, frame / 30, 1 / 30, frame, {})
        limiter.limit(chain.texture, chain.before, frame / 30)

    def release() -> None:
        chain.release()
        limiter.release()

    return _Timed(draw, release, 1)


def _picture(size: tuple[int, int]) -> U8:
    """rgba u8[h, w, 4] of that size."""
    picture = test_picture()
    rows = np.linspace(0, picture.shape[0] - 1, size[1]).astype(int)
    columns = np.linspace(0, picture.shape[1] - 1, size[0]).astype(int)
    return np.ascontiguousarray(picture[rows][:, columns])


def text(report: dict[str, Any]) -> str:
    """The report for people."""
    size = "x".join(map(str, report["size"]))
    lines = [f"a frame of {size} on {report['renderer']}; a plain copy takes {report['copy_ms']:.1f} ms"]
    lines.append(f"{'':18}{'ms':>8}{'copies':>8}")
    for name, copies in sorted(report["copies"].items(), key=lambda x: x[1]):
        lines.append(f"{name:18}{report['ms'][name]:8.1f}{copies:8.1f}")
    return "\n".join(lines)
