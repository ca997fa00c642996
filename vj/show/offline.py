"""The instrument on a frame clock: an audio file becomes a video, with no hardware and no wall clock.

This process decodes, analyses, draws and encodes; a second one runs motion and the network, a few pictures ahead, so
that the network never waits. Same file, preset, model and seed: the same pictures.
"""

import contextlib
import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from vj.audio.analyser import Analyser
from vj.audio.features import FEATURE_DTYPE
from vj.audio.input.file import FileSource
from vj.core.errors import MediaError
from vj.core.types import F32, U8, FeatureFrame, Params
from vj.generator.config import EngineChoice
from vj.generator.weights import read_card
from vj.modulation.signals import Seen
from vj.params.spec import Param
from vj.render.compositing.fit import Fit
from vj.render.output.video import VideoWriter
from vj.runtime.slots import FrameSlots
from vj.runtime.worker import Worker
from vj.show.frame import State, frame
from vj.show.painter import Made, Painter, Shown, open_painter
from vj.show.score import Score

#: Pictures that may be under way between the network and the screen.
AHEAD = 3
#: The analysis starts this long before the part that is rendered, so that its tempo and levels have settled.
PRE_ROLL_S = 20.0
#: A cold first compile of a large network on a slow machine takes minutes.
READY_TIMEOUT_S = 600.0
FRAME_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a file is rendered and at what rate. `duration_s` None: to the end."""

    audio: Path
    fps: Fraction
    start_s: float = 0.0
    duration_s: float | None = None


@dataclass(slots=True)
class Timings:
    """Where the time went, in seconds of this process; `network_s` is spent in the other process, beside the rest.

    limited_frames   pictures in which flashes were held back
    limited_share    of all pictures taken together, the share that was held back, 0..1
    troubles         what the network had to do without, for people; nothing where all went well
    """

    frames: int = 0
    analysis_s: float = 0.0
    network_s: float = 0.0
    shaders_s: float = 0.0
    encoding_s: float = 0.0
    waiting_s: float = 0.0
    started_s: float = field(default_factory=time.perf_counter)
    ready_s: float = 0.0
    total_s: float = 0.0
    limited_frames: int = 0
    limited_share: float = 0.0
    troubles: str = ""

    @contextlib.contextmanager
    def spent(self, name: str) -> Iterator[None]:
        """Adds the time spent inside to the field `name`."""
        began = time.perf_counter()
        yield
        setattr(self, name, getattr(self, name) + time.perf_counter() - began)

    def add_frame(self, limited: float) -> None:
        """One more picture is there; `limited`, the share of it in which flashes were held back, 0..1."""
        self.limited_share += (limited - self.limited_share) / (self.frames + 1)
        self.limited_frames += limited > 0.0
        self.frames += 1


class Clock(Protocol):
    """Gives (features, sound) for each frame, as `FrameClock` does; what else a rendering asks of one."""

    fps: Fraction
    #: Features of the last row before the first frame.
    before: FeatureFrame

    @property
    def sound_form(self) -> tuple[int, int]:
        """(samples a second, channels) of the sound."""

    @property
    def total(self) -> int | None:
        """How many frames there will be, as far as that is known."""

    def use(self, p: Params) -> None:
        """Analyse with these values from now on."""

    def __iter__(self) -> Iterator[tuple[FeatureFrame | None, F32]]:
        """Frame by frame."""


class FrameClock:
    """Reads a part of a file once, for the eyes and for the sound track.

    Iterating gives (features, sound) for each frame: the newest feature row by the middle of the frame (None for a
    last piece of sound too short for a frame of its own) and the block f32[n, channels] that sounds during it. There
    are round(duration · fps) frames, at least one. Only the block at hand and a few feature rows are held, so the
    length of the file does not matter. Raises MediaError when the part begins past the end.

    before  features of the last row before the part, as soon as its first frame was taken
    """

    def __init__(self, source: FileSource, part: Part, p: Params, timings: Timings) -> None:
        self.fps, self._p, self._timings = part.fps, p, timings
        self.sound_form, self.total = (source.rate_hz, source.channels), _frame_count(source, part)
        self._rate_hz = source.rate_hz
        self._path, self._start_s = source.path, part.start_s
        self._pre_roll_s = min(part.start_s, PRE_ROLL_S)
        self._analyser = Analyser(source.rate_hz)
        length_s = None if part.duration_s is None else part.duration_s + self._pre_roll_s
        self._blocks = source.blocks(part.start_s - self._pre_roll_s, length_s)
        self._pending = np.zeros((0, source.channels), np.float32)
        self._rows: deque[FeatureFrame] = deque()
        self.before: FeatureFrame = np.zeros(1, FEATURE_DTYPE)[0]
        self._newest: FeatureFrame = self.before

    def __iter__(self) -> Iterator[tuple[FeatureFrame | None, F32]]:
        self._take(round(self._pre_roll_s * self._rate_hz))
        self.before = self._heard_by(self._pre_roll_s)
        samples_per_frame = self._rate_hz / self.fps
        taken = 0
        for number in itertools.count():
            wanted = round((number + 1) * samples_per_frame) - taken
            sound = self._take(wanted)
            taken += len(sound)
            if not number and not len(sound):
                raise MediaError(f"{self._path}: holds no sound at {self._start_s:g} s, where the part begins")
            if number and 2 * len(sound) < wanted:
                if len(sound):
                    yield None, sound
                return
            yield self._heard_by(self._pre_roll_s + float((number + Fraction(1, 2)) / self.fps)), sound
            if len(sound) < wanted:
                return

    def use(self, p: Params) -> None:
        """Analyse with these values from now on."""
        self._p = p

    def _take(self, n: int) -> F32:
        """The next n samples, fewer at the end; what is read is analysed at once."""
        with self._timings.spent("analysis_s"):
            while len(self._pending) < n and (block := next(self._blocks, None)) is not None:
                self._rows.extend(self._analyser.process(block, self._p))
                self._pending = np.concatenate([self._pending, block])
        taken, self._pending = self._pending[:n], self._pending[n:]
        return taken

    def _heard_by(self, t_s: float) -> FeatureFrame:
        while self._rows and self._rows[0]["t_s"] <= t_s:
            self._newest = self._rows.popleft()
        return self._newest


class Generator:
    """The network's process as the renderer sees it: ticks go in, pictures come out in order, `AHEAD` at a time."""

    def __init__(self, model: Path, params: tuple[Param, ...], seed: int, engine: EngineChoice = "auto") -> None:
        job = "vj.generator.offline_process"
        self._worker = Worker("generator", job, model, params, seed, AHEAD, engine)
        self._slots: FrameSlots | None = None
        self.troubles = ""

    def wait_until_ready(self) -> None:
        """Block until the network is compiled; raises what went wrong in the worker."""
        _, name, height, width, self.troubles = self._worker.receive(READY_TIMEOUT_S)
        self._slots = FrameSlots(AHEAD, height, width, name)

    def ready(self, timeout_s: float) -> bool:
        """Whether it is ready, after waiting up to `timeout_s`; raises what went wrong in the worker."""
        if self._slots is None and self._worker.waiting(timeout_s):
            self.wait_until_ready()
        return self._slots is not None

    def has_picture(self, timeout_s: float) -> bool:
        """Whether `picture` would return at once, after waiting up to `timeout_s`."""
        return self._worker.waiting(timeout_s)

    def ask(self, features: FeatureFrame, values: F32, dt_s: float) -> None:
        """Ask for a picture: a feature row, values before modulation f32[n_params], seconds since the last one."""
        self._worker.send((features, values, dt_s))

    def picture(self) -> tuple[U8, float]:
        """The oldest picture asked for, u8[h, w, 4], and the seconds it took.

        The array is a view of the shared memory: it holds until the next picture is asked for.
        """
        assert self._slots is not None
        _, slot, took_s = self._worker.receive(FRAME_TIMEOUT_S)
        return self._slots[slot], took_s

    def close(self) -> None:
        """End the process and let go of the memory."""
        if self._slots is not None:
            self._slots.close()
        self._worker.close()


class Networks:
    """The generators of a set, by their models: one begins when it is first asked for."""

    def __init__(self, params: tuple[Param, ...], seed: int, engine: EngineChoice = "auto") -> None:
        self._params, self._seed, self._engine = params, seed, engine
        self._generators: dict[Path, Generator] = {}

    def begin(self, model: Path) -> Generator:
        """The generator of this model, which may still compile."""
        if model not in self._generators:
            self._generators[model] = Generator(model, self._params, self._seed, self._engine)
        return self._generators[model]

    def of(self, model: Path) -> Generator:
        """The same, ready. Raises what went wrong in its process."""
        generator = self.begin(model)
        if not generator.ready(0.0):
            generator.wait_until_ready()
        return generator

    @property
    def troubles(self) -> str:
        """What networks had to do without, for people."""
        return "; ".join(one.troubles for one in self._generators.values() if one.troubles)

    def close(self) -> None:
        """End the processes."""
        for generator in self._generators.values():
            generator.close()


class TakesSound(Protocol):
    """Where the sound of a part goes."""

    def write_audio(self, sound: F32) -> None:
        """The sound of the next frame, f32[n, channels]."""


class Networked(Protocol):
    """Who has the generators (`Networks`)."""

    def of(self, model: Path) -> Generator:
        """The generator of this model, ready."""


def pictures(
    networks: Networked, clock: Clock, score: Score, writer: TakesSound, timings: Timings
) -> Iterator[tuple[U8, Made]]:
    """Each picture u8[h, w, 4] with what it was made with.

    The network works on the next ones meanwhile.
    """
    step_s = float(1 / clock.fps)
    state = State(score.state)
    asked: deque[tuple[Generator, Made]] = deque()

    def oldest() -> tuple[U8, Made]:
        generator, made = asked.popleft()
        with timings.spent("waiting_s"):
            picture, took_s = generator.picture()
        timings.network_s += took_s
        return picture, made

    for number, (features, sound) in enumerate(clock):
        with timings.spent("encoding_s"):
            writer.write_audio(sound)
        if features is None:
            break
        if state.seen.events is None:
            # Events of the first frame count too.
            state = replace(state, seen=Seen(clock.before["events"], 0))
        left = score.before(number * step_s)
        rows = score.rows(features)
        state, values = frame(replace(state, session=score.state), rows, step_s)
        score.after(state, rows.heard, step_s)
        clock.use(state.session.current)
        generator = networks.of(score.model)
        asked.append((generator, Made(state.session, replace(values, left=left or values.left), sound)))
        generator.ask(features if rows.heard is None else rows.heard, values.p.array, step_s)
        if len(asked) == AHEAD:
            yield oldest()
    while asked:
        yield oldest()


def _frame_count(source: FileSource, part: Part) -> int | None:
    """How many frames the part has, as far as the file's header says."""
    if source.duration_s is None:
        return None
    left_s = max(source.duration_s - part.start_s, 0.0)
    return max(round((left_s if part.duration_s is None else min(part.duration_s, left_s)) * part.fps), 1)


@dataclass(frozen=True, slots=True)
class VideoConfig:
    """How pictures are shown: size of the video, how they fill it, what draws the network."""

    width: int
    height: int
    fit: Fit = "cover"
    use_shaders: bool = True
    engine: EngineChoice = "auto"


def render(
    score: Score,
    part: Part,
    look: VideoConfig,
    out: Path,
    seed: int,
    on_frame: Callable[[float, float | None], None] | None = None,
) -> Timings:
    """Render `part` to the video file `out` and return where the time went.

    Raises what `render_by` raises.
    """
    timings = Timings()
    return render_by(
        FrameClock(_opened(part), part, score.state.current, timings), score, look, out, seed, timings, on_frame
    )


def render_by(
    clock: Clock, score: Score, look: VideoConfig, out: Path, seed: int, timings: Timings,
    on_frame: Callable[[float, float | None], None] | None = None,
) -> Timings:  # fmt: skip
    """Render the frames of a clock to the video file `out` and return where the time went.

    `on_frame` is told (frames done, frames in all or None) after every frame. On an error or Ctrl-C the file is
    finished so that it plays, or removed; the exception goes on. Raises MediaError, ModelError, ShaderError,
    GraphicsError or WorkerError.
    """
    read_card(score.model)
    size = (look.width, look.height)
    with contextlib.ExitStack() as stack:
        networks = Networks(score.state.registry.params, seed, look.engine)
        stack.callback(networks.close)
        # It compiles while the shaders are.
        networks.begin(score.model)
        painter = open_painter(Shown(score.state, score.shaders), size, look.fit, look.use_shaders)
        stack.callback(painter.close)
        writer = VideoWriter(out, size, clock.fps, *clock.sound_form)
        try:
            networks.of(score.model)
            timings.ready_s = time.perf_counter() - timings.started_s
            for picture, made in pictures(networks, clock, score, writer, timings):
                _add_frame(picture, made, clock.fps, painter, writer, timings)
                if on_frame:
                    on_frame(timings.frames, clock.total)
        except BaseException:
            writer.abort()
            raise
        with timings.spent("encoding_s"):
            writer.close()
        timings.troubles = networks.troubles
    timings.total_s = time.perf_counter() - timings.started_s
    return timings


def _opened(part: Part) -> FileSource:
    """The file of which `part` is to be rendered; raises MediaError where it ends before the part begins."""
    source = FileSource(part.audio)
    if source.duration_s is not None and part.start_s >= source.duration_s:
        raise MediaError(f"{part.audio}: ends at {source.duration_s:.2f} s, before the start at {part.start_s:g} s")
    return source


def _add_frame(
    picture: U8, made: Made, fps: Fraction, painter: Painter, writer: VideoWriter, timings: Timings
) -> None:  # fmt: skip
    """Paint one picture of `pictures` and write it as the next frame."""
    with timings.spent("shaders_s"):
        painted = painter.paint(picture, made, timings.frames / float(fps), float(1 / fps), timings.frames)
    with timings.spent("encoding_s"):
        writer.write_frame(painted)
    timings.add_frame(painter.limited)
