"""From the network's square picture to the picture of the video: through the shader chain, or by fitting alone."""

from collections.abc import Sequence
from typing import Protocol

from vj.core.types import F32, U8, Params
from vj.render.compositing.fit import Fit, fit_rgba
from vj.render.isf.shader import IsfShader
from vj.render.output.plain_limiter import PlainLimiter

_LIMITED = "stage/flash_limit"


class Painter(Protocol):
    """Turns pictures u8[h, w, 4] into pictures u8[height, width, 3] of the size it was opened with."""

    @property
    def limited(self) -> float:
        """Share of the last picture in which flashes were held back, 0..1."""

    def paint(self, picture: U8, t_s: float, dt_s: float, frame: int, p: Params, sound: F32) -> U8:
        """Paint one picture u8[h, w, 4] as u8[h, w, 3], shown at `t_s`, `dt_s` after the last.

        sound  what came since that one, f32[n, channels]
        """

    def close(self) -> None:
        """Let go of the graphics context."""


class PlainPainter:
    """No OpenGL: the picture is resized on the CPU and shown as it is."""

    def __init__(self, size: tuple[int, int], fit: Fit) -> None:
        self._size, self._fit = size, fit
        self._limiter: PlainLimiter | None = None

    @property
    def limited(self) -> float:
        """See `Painter`."""
        return self._limiter.limited if self._limiter else 0.0

    def paint(self, picture: U8, t_s: float, dt_s: float, frame: int, p: Params, sound: F32) -> U8:
        """See `Painter`: u8[h, w, 4] → u8[h, w, 3]."""
        rgb = fit_rgba(picture, self._size, self._fit)
        if p[_LIMITED] < 0.5:
            self._limiter = None
            return rgb
        self._limiter = self._limiter or PlainLimiter()
        return self._limiter.limit(rgb, t_s)

    def close(self) -> None:
        """Nothing to let go of."""


class ShaderPainter:
    """The ISF chain on a context of its own, without a window."""

    def __init__(self, shaders: Sequence[IsfShader], size: tuple[int, int], fit: Fit) -> None:
        # moderngl is loaded only where something is drawn with it.
        from vj.render.compositing.chain import Chain
        from vj.render.isf.program import open_context
        from vj.render.output.limiter import FlashLimiter

        self._context = open_context()
        self._chain = Chain(self._context, shaders, size, fit)
        self._limiter = FlashLimiter(self._context)

    @property
    def limited(self) -> float:
        """See `Painter`."""
        return self._limiter.limited

    def paint(self, picture: U8, t_s: float, dt_s: float, frame: int, p: Params, sound: F32) -> U8:
        """See `Painter`: u8[h, w, 4] → u8[h, w, 3]."""
        self._chain.draw(picture, t_s, dt_s, frame, p, sound=sound)
        if p[_LIMITED] >= 0.5:
            self._limiter.limit(self._chain.texture, self._chain.before, t_s)
        else:
            self._limiter.forget()
        return self._limiter.read_rgb() if self._limiter.texture else self._chain.read_rgb()

    def close(self) -> None:
        """Release the chain and its context."""
        self._limiter.release()
        self._chain.release()
        self._context.release()


def open_painter(shaders: Sequence[IsfShader], size: tuple[int, int], fit: Fit, use_shaders: bool) -> Painter:
    """The painter for a chain of shaders. Raises GraphicsError where there is no OpenGL and shaders are wanted."""
    return ShaderPainter(shaders, size, fit) if use_shaders else PlainPainter(size, fit)
