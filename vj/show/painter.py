"""From the network's square picture to the picture of the video: through scenes of shaders, or by fitting alone."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from vj.core import resources
from vj.core.edge import Edge
from vj.core.errors import PresetError
from vj.core.types import F32, U8
from vj.params.registry import Registry, Snapshot
from vj.render.compositing.fit import Fit, fit_rgba
from vj.render.examiner import prove_all
from vj.render.isf.shader import IsfShader
from vj.render.output.plain_limiter import PlainLimiter
from vj.session.state import SessionState
from vj.show.admission import Admission
from vj.show.frame import Values
from vj.show.prover import Question, Verdict

if TYPE_CHECKING:
    import moderngl

_LIMITED = "stage/flash_limit"


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A frame that was worked out: the session after it, what it is drawn with, what sounds, f32[n, channels]."""

    state: SessionState
    values: Values
    sound: F32


class Painter(Protocol):
    """Turns pictures u8[h, w, 4] into pictures u8[height, width, 3] of the size it was opened with."""

    @property
    def limited(self) -> float:
        """Share of the last picture in which flashes were held back, 0..1."""

    def paint(self, picture: U8, made: Made, t_s: float, dt_s: float, frame: int) -> U8:
        """Paint one picture u8[h, w, 4] as u8[h, w, 3], shown at `t_s`, `dt_s` after the last. Raises VjError."""

    def close(self) -> None:
        """Let go of the graphics context."""


class PlainPainter:
    """No OpenGL: the picture is resized on the CPU and shown as it is."""

    def __init__(self, size: tuple[int, int], fit: Fit) -> None:
        self._size, self._fit = size, fit
        self._limiter: PlainLimiter | None = None
        self._held: U8 | None = None

    @property
    def limited(self) -> float:
        """See `Painter`."""
        return self._limiter.limited if self._limiter else 0.0

    def paint(self, picture: U8, made: Made, t_s: float, dt_s: float, frame: int) -> U8:
        """See `Painter`: u8[h, w, 4] → u8[h, w, 3]."""
        if self._held is None or not made.values.frozen:
            self._held = self._limited(fit_rgba(picture, self._size, self._fit), made, t_s)
        return _faded(self._held, made.values.gain)

    def _limited(self, rgb: U8, made: Made, t_s: float) -> U8:
        if made.values.p[_LIMITED] < 0.5:
            self._limiter = None
            return rgb
        self._limiter = self._limiter or PlainLimiter()
        return self._limiter.limit(rgb, t_s)

    def close(self) -> None:
        """Nothing to let go of."""


class Shown:
    """What scenes are drawn of: a session that is put there frame by frame (`vj.show.scenes.Played`)."""

    def __init__(self, state: SessionState, shaders: Mapping[str, IsfShader]) -> None:
        self.state, self.shaders = state, shaders

    @property
    def preset(self) -> str:
        """Name of the preset."""
        return self.state.preset

    @property
    def chain(self) -> tuple[IsfShader, ...]:
        """The shaders that are drawn, in order."""
        return self.state.chain

    @property
    def current(self) -> Snapshot:
        """The values as they are now, before modulation."""
        return self.state.current

    @property
    def target(self) -> Snapshot:
        """The values that are asked for."""
        return self.state.target

    @property
    def registry(self) -> Registry:
        """All parameters."""
        return self.state.registry

    def take_shader(self, shader: IsfShader) -> tuple[str, ...]:
        """Raises PresetError: on a frame clock no shader is edited."""
        raise PresetError(f"{shader.name}: cannot be edited here")


class ScenePainter:
    """Scenes on a context of their own, without a window, compiled before they are drawn; what fails is raised."""

    def __init__(self, shown: Shown, size: tuple[int, int], fit: Fit) -> None:
        # moderngl is loaded only where something is drawn with it.
        from vj.render.isf.program import open_context
        from vj.render.output.limiter import FlashLimiter
        from vj.show.scenes import Scenes

        self._shown, self._size = shown, size
        self._proven: set[str] = set()
        self._source: moderngl.Texture | None = None
        self._held: U8 | None = None
        with ExitStack() as stack:
            self._context = open_context()
            stack.callback(self._context.release)
            admission = Admission(_NobodyAsked(), shown.shaders.values())
            self._prove()
            self._scenes = Scenes(self._context, shown, size, _Raising(), admission, fit)
            stack.callback(self._scenes.release)
            self._limiter = FlashLimiter(self._context)
            stack.callback(self._limiter.release)
            self._scenes.finish_compiling()
            self._stack = stack.pop_all()

    @property
    def limited(self) -> float:
        """See `Painter`."""
        return self._limiter.limited

    def paint(self, picture: U8, made: Made, t_s: float, dt_s: float, frame: int) -> U8:
        """See `Painter`: u8[h, w, 4] → u8[h, w, 3]."""
        # Also while the picture is held: what is entered meanwhile is seen through its transition after that.
        self._turn_to(made)
        if self._held is None or not made.values.frozen:
            self._held = self._drawn(picture, made, t_s, dt_s, frame)
        return _faded(self._held, made.values.gain)

    def close(self) -> None:
        """Release everything and the context."""
        if self._source:
            self._source.release()
        self._stack.close()

    def _drawn(self, picture: U8, made: Made, t_s: float, dt_s: float, frame: int) -> U8:
        from vj.show.scenes import Now

        # The time of the show stands while its picture is held; a fixed day, so that any day gives the same pictures.
        shown_s = made.values.t_s - dt_s
        date = (2000.0, 1.0, 1.0, shown_s)
        now = Now(shown_s, dt_s, frame, date, made.values.p, made.values.signals, made.sound)
        self._scenes.draw(self._uploaded(picture), now)
        if made.values.p[_LIMITED] >= 0.5:
            self._limiter.limit(self._scenes.texture, self._scenes.before, t_s)
        else:
            self._limiter.forget()
        return self._limiter.read_rgb() if self._limiter.texture else self._scenes.read_rgb()

    def _turn_to(self, made: Made) -> None:
        """Draw this session from now on, through its transition where it is another scene."""
        before, self._shown.state = self._shown.state, made.state
        left = made.values.left
        if made.state.chain == before.chain and left is None:
            return
        self._prove()
        if left is not None and left.chain != made.state.chain:
            self._scenes.leave(left)
        else:
            self._scenes.want()
        self._scenes.finish_compiling()

    def _prove(self) -> None:
        """Try what is a stranger's before it comes near this process. Raises ShaderError."""
        chosen = self._shown.registry["stage/transition"].choices[round(self._shown.current["stage/transition"])]
        transition = self._shown.shaders.get(chosen)
        coming = [*self._shown.chain, *([transition] if transition else [])]
        prove_all([one for one in coming if one.name not in self._proven], self._size, resources.shaders_dir())
        self._proven.update(one.name for one in coming)

    def _uploaded(self, rgba: U8) -> "moderngl.Texture":
        size = rgba.shape[1], rgba.shape[0]
        if self._source is None or self._source.size != size:
            if self._source is not None:
                self._source.release()
            self._source = self._context.texture(size, 4)
            self._source.repeat_x = self._source.repeat_y = False
        self._source.write(rgba)
        return self._source


class _Raising(Edge):
    """Nobody looks on: what cannot be drawn ends the work."""

    def __init__(self) -> None:
        super().__init__(lambda line: None)

    @contextmanager
    def handling(self, what: str, pause_s: float = 0.0) -> Iterator[None]:
        """Let everything through."""
        yield

    def caught(self, what: str, error: Exception, pause_s: float = 0.0, then: str = "") -> None:
        """Raise it."""
        raise error


class _NobodyAsked:
    """Shaders are proven before they are wanted."""

    def ask(self, question: Question) -> None:
        """Nothing is asked."""

    def answers(self) -> list[Verdict]:
        """Nothing is answered."""
        return []


def _faded(rgb: U8, gain: float) -> U8:
    """On the way to black, as the window shows it."""
    return rgb if gain >= 1.0 else np.rint(rgb * np.float32(gain)).astype(np.uint8)


def open_painter(shown: Shown, size: tuple[int, int], fit: Fit, use_shaders: bool) -> Painter:
    """The painter of a set. Raises ShaderError, or GraphicsError where there is no OpenGL and shaders are wanted."""
    return ScenePainter(shown, size, fit) if use_shaders else PlainPainter(size, fit)
