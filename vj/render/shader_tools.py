"""What `vj shader check` and `vj shader render` do: load, draw, judge. Opens a graphics context of its own."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import moderngl
import numpy as np
from PIL import Image

from vj.errors import MediaError, PresetError, ShaderError, UsageError
from vj.params.bounds import checked
from vj.render.chain import Chain
from vj.render.isf import IsfShader, load, params_of
from vj.render.program import open_context
from vj.types import U8

CHECK_SIZE = (640, 360)
CHECK_FRAMES = 5
#: A shader with memory is drawn this long before the moment that is wanted, so that its trails are there.
LEAD_IN_S = 1.0
FPS = 30


def check(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Compile and draw every file (folders: their *.fs files) at its defaults, at 640×360.

    One {file, ok, error, blank, draw_ms} each: error None when it draws; blank: the picture has one colour only;
    draw_ms the median time of a frame. Raises UsageError for a path with no shader, GraphicsError without OpenGL.
    """
    files = _files(paths)
    ctx = open_context()
    try:
        return [_checked(ctx, file) for file in files]
    finally:
        ctx.release()


def check_text(results: Sequence[dict[str, Any]]) -> str:
    """One line a file."""
    return "\n".join(
        f"ok    {r['file']}  {r['draw_ms']:.1f} ms{'  (draws one colour only)' if r['blank'] else ''}"
        if r["ok"]
        else f"FAIL  {r['error']}"
        for r in results
    )


def render(file: Path, image: Path, out: Path, time_s: float, settings: Sequence[str]) -> None:
    """Draw `image` through a shader at `time_s`, with `settings` as "input=value", and write it to `out`.

    Points and colours are set by component: "centre/x=0.2". Raises ShaderError, MediaError, UsageError, GraphicsError.
    """
    shader = load(file)
    p = _values(shader, settings)
    picture = _read_image(image)
    lead_in = min(round(LEAD_IN_S * FPS), int(time_s * FPS))
    with ExitStack() as stack:
        ctx = open_context()
        stack.callback(ctx.release)
        chain = Chain(ctx, [shader], (picture.shape[1], picture.shape[0]))
        stack.callback(chain.release)
        for frame in range(lead_in + 1):
            chain.draw(picture, time_s - (lead_in - frame) / FPS, 1 / FPS, frame, p)
        rgb = chain.read_rgb()
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


def _checked(ctx: moderngl.Context, file: Path) -> dict[str, Any]:
    result: dict[str, Any] = {"file": str(file), "ok": False, "error": None, "blank": False, "draw_ms": 0.0}
    try:
        shader = load(file)
        chain = Chain(ctx, [shader], CHECK_SIZE)
    except ShaderError as e:
        return result | {"error": str(e)}
    p = _values(shader, ())
    took_s = []
    for frame in range(CHECK_FRAMES):
        began = time.perf_counter()
        chain.draw(_test_picture(), frame / FPS, 1 / FPS, frame, p)
        ctx.finish()
        took_s.append(time.perf_counter() - began)
    rgb = chain.read_rgb()
    chain.release()
    blank = bool((rgb == rgb[0, 0]).all())
    return result | {"ok": True, "blank": blank, "draw_ms": round(1000 * float(np.median(took_s)), 2)}


def _test_picture() -> U8:
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
        with Image.open(path) as image:
            return np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, Image.DecompressionBombError) as e:
        raise MediaError(f"{path}: cannot be read as a picture: {getattr(e, 'strerror', None) or e}") from None
