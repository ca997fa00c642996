"""What `vj shader check` and `vj shader render` do: load, draw, judge. Opens a graphics context of its own."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import moderngl
import numpy as np
from PIL import Image

from vj.core import resources
from vj.core.errors import GraphicsError, MediaError, PresetError, ShaderError, UsageError
from vj.core.files import check_ordinary
from vj.core.types import F32, U8, Params
from vj.params.bounds import checked
from vj.render.compositing.chain import Chain
from vj.render.compositing.layer_params import params_of
from vj.render.compositing.transition import Transition
from vj.render.examiner import Examiner, prove_all
from vj.render.isf.filter import Compiled, Moment
from vj.render.isf.program import open_context
from vj.render.isf.shader import IsfShader, load
from vj.render.proving import OFFLINE, check_sizes

CHECK_SIZE = (640, 360)
CHECK_FRAMES = 5
#: A shader with memory is drawn this long before the moment that is wanted, so that its trails are there.
LEAD_IN_S = 1.0
FPS = 30
#: The sound that is heard by shaders which draw it.
_RATE_HZ = 48_000
_CHORDS = ((110.0, 277.0, 659.0, 2093.0), (110.0, 330.0, 880.0, 3136.0))


def check(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Compile and draw every file (folders: their *.fs files) at its defaults, at 640×360.

    In a process of its own, with limits on time and memory.
    One {file, ok, error, blank, draw_ms, repairs} each: error None when it draws; blank: the picture has one colour
    only; draw_ms the median time of a frame; repairs: what was made of sloppy entries, one line each.
    Raises UsageError for a path with no shader, GraphicsError without OpenGL.
    """
    files = _files(paths)
    with Examiner() as examiner:
        return [examined(examiner, file) for file in files]


def examined(examiner: Examiner, file: Path) -> dict[str, Any]:
    """One entry of `check`."""
    try:
        return examiner.check(file)
    except ShaderError as e:
        return _failed(file, e)


def _failed(file: Path, error: object, repairs: Sequence[str] = ()) -> dict[str, Any]:
    told = {"blank": False, "draw_ms": 0.0, "repairs": list(repairs)}
    return {"file": str(file), "ok": False, "error": str(error), **told}


def check_text(results: Sequence[dict[str, Any]]) -> str:
    """One line a file, and under it one for each repair."""
    return "\n".join(line for r in results for line in (_line(r), *(f"      {repair}" for repair in r["repairs"])))


def _line(r: dict[str, Any]) -> str:
    if not r["ok"]:
        return f"FAIL  {r['error']}"
    return f"ok    {r['file']}  {r['draw_ms']:.1f} ms{'  (draws one colour only)' if r['blank'] else ''}"


class Alone:
    """One shader of any kind on a context, with the tools' sound playing."""

    def __init__(self, ctx: moderngl.Context, shader: IsfShader, size: tuple[int, int]) -> None:
        self._shader = shader
        with ExitStack() as stack:
            layers = [] if shader.kind == "transition" else [shader]
            self._start, self._end = (Chain(ctx, shaders, size) for shaders in (layers, []))
            stack.callback(self._start.release)
            stack.callback(self._end.release)
            self._crossing: Transition | None = None
            if not layers:
                compiled = Compiled(ctx, shader)
                stack.callback(compiled.release)
                self._crossing = Transition(compiled, size)
                stack.callback(self._crossing.release)
            self._stack = stack.pop_all()

    def draw(self, image: U8, other: U8, moment: Moment, p: Params) -> None:
        """One frame of rgba u8[h, w, 4]; `other` is what a transition goes to."""
        begin = round(moment.t_s * _RATE_HZ)
        # A generator is seen by itself.
        image = _black(image) if self._shader.kind == "generator" else image
        sound = test_sound(begin, begin + round(moment.dt_s * _RATE_HZ))
        self._start.draw(image, moment.t_s, moment.dt_s, moment.frame, p, sound=sound)
        if self._crossing:
            self._end.draw(other, moment.t_s, moment.dt_s, moment.frame, p)
            self._crossing.draw(self._start.texture, self._end.texture, moment, p)

    def picture(self, image: U8, other: U8, time_s: float, p: Params) -> U8:
        """What is seen at `time_s`, u8[h, w, 3], after what leads to it."""
        lead_in = min(round(LEAD_IN_S * FPS), int(time_s * FPS))
        for frame in range(lead_in + 1):
            t_s = time_s - (lead_in - frame) / FPS
            self.draw(image, other, Moment(t_s, 1 / FPS, frame, (2000.0, 1.0, 1.0, t_s)), p)
        return self.read_rgb()

    def read_rgb(self) -> U8:
        """What was drawn last, u8[h, w, 3]."""
        return (self._crossing or self._start).read_rgb()

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self._stack.close()


def _black(image: U8) -> U8:
    black = np.zeros_like(image)
    black[..., 3] = 255
    return black


def test_sound(begin: int, end: int) -> F32:
    """f32[n, 2]: samples of a chord, its left and its right side different."""
    t = np.arange(begin, end) / _RATE_HZ
    sides = [sum(np.sin(2 * np.pi * hz * t) / (k + 2) for k, hz in enumerate(chord)) for chord in _CHORDS]
    return np.stack(sides, -1).astype(np.float32)


def render(
    file: Path, image: Path, out: Path, time_s: float, settings: Sequence[str], end_image: Path | None = None
) -> None:
    """Draw `image` through a shader at `time_s`, with `settings` as "input=value", and write it to `out`.

    `end_image` is what a transition goes to.
    Points and colours are set by component: "centre/x=0.2". Raises ShaderError, MediaError, UsageError, GraphicsError.
    """
    shader = load(file)
    p = _values(shader, settings)
    picture = _read_image(image)
    other = _read_image(end_image) if end_image else picture
    prove_all([shader], (picture.shape[1], picture.shape[0]), resources.shaders_dir())
    with ExitStack() as stack:
        ctx = open_context()
        stack.callback(ctx.release)
        alone = Alone(ctx, shader, (picture.shape[1], picture.shape[0]))
        stack.callback(alone.release)
        rgb = alone.picture(picture, other, time_s, p)
    try:
        Image.fromarray(rgb).save(out)
    except (OSError, ValueError) as e:
        raise MediaError(f"{out}: cannot be written: {getattr(e, 'strerror', None) or e}") from None


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        found = sorted(path.rglob("*.fs")) if path.is_dir() else [path]
        if not found:
            raise UsageError(f"{path}: no *.fs files in this folder")
        files += found
    return files


def check_one(ctx: moderngl.Context, file: Path) -> dict[str, Any]:
    """One entry of `check`, compiled and drawn on this context."""
    repairs: tuple[str, ...] = ()
    try:
        shader = load(file)
        repairs, p = shader.repairs, _values(shader, ())
        check_sizes(shader, CHECK_SIZE, p, OFFLINE)
        alone = Alone(ctx, shader, CHECK_SIZE)
    except ShaderError as e:
        return _failed(file, e, repairs)
    image, other = test_picture(), np.ascontiguousarray(test_picture()[::-1, ::-1])
    took_s = []
    try:
        for frame in range(CHECK_FRAMES):
            began = time.perf_counter()
            alone.draw(image, other, Moment(frame / FPS, 1 / FPS, frame, (2000.0, 1.0, 1.0, frame / FPS)), p)
            ctx.finish()
            took_s.append(time.perf_counter() - began)
        rgb = alone.read_rgb()
    except (GraphicsError, moderngl.Error) as e:
        return _failed(file, f"{file}: cannot be drawn: {e}", repairs)
    finally:
        alone.release()
    blank = bool((rgb == rgb[0, 0]).all())
    draw_ms = round(1000 * float(np.median(took_s)), 2)
    return {"file": str(file), "ok": True, "error": None, "blank": blank, "draw_ms": draw_ms, "repairs": list(repairs)}


def test_picture() -> U8:
    """rgba u8[180, 320, 4]: colours that differ everywhere."""
    y, x = np.mgrid[0:180, 0:320] / 180
    channels = [np.sin(9 * x + 2 * y), np.sin(4 * x - 7 * y + 1), np.sin(13 * x * y + 2), np.ones_like(x)]
    return np.clip(127.5 + 127.5 * np.stack(channels, -1), 0, 255).astype(np.uint8)


def _values(shader: IsfShader, settings: Sequence[str]) -> dict[str, float]:
    rows = {row.id.split("/", 2)[2]: row for row in params_of(shader)}
    values = {row.id: row.default for row in rows.values()}
    for setting in settings:
        name, equals, text = setting.partition("=")
        row = rows.get(name.strip().lower())
        if not equals or row is None:
            raise UsageError(f"--set {setting!r}: expected input=value, with one of {', '.join(rows) or '(no inputs)'}")
        try:
            values[row.id] = checked(row, text.strip())
        except PresetError as e:
            raise UsageError(f"--set {setting!r}: {e}") from None
    return values


def _read_image(path: Path) -> U8:
    try:
        check_ordinary(path)
        with Image.open(path) as image:
            return np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, Image.DecompressionBombError) as e:
        raise MediaError(f"{path}: cannot be read as a picture: {getattr(e, 'strerror', None) or e}") from None
