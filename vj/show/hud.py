"""Lines and meters drawn as a picture that lies over the output: with Pillow, as text is no work for a shader."""

from collections.abc import Sequence

import moderngl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vj.core.types import U8, Line

_SIZE, _ROW = 15, 20
_NAMES, _METER, _WIDTH, _WIDEST = 72, 130, 470, 900
_BACK, _TEXT, _DIM = (0, 0, 0, 170), (235, 235, 235, 255), (150, 150, 150, 255)
_LIT, _UNLIT, _ALARM = (90, 210, 130, 255), (60, 60, 60, 255), (255, 170, 60, 255)


def drawn(lines: Sequence[Line], width: int = _WIDTH, code: U8 | None = None) -> U8:
    """The lines as rgba u8[height, width, 4], top row first, alpha multiplied in.

    width  at least; wider where a line is longer, up to a limit
    code   u8[h, w], a picture in black and white to the right of them
    """
    font, height = ImageFont.load_default(_SIZE), _ROW * len(lines) + 12
    ends = [_text_at(line) + font.getlength(line.text) + 10 for line in lines]
    width = min(max(width, round(max(ends, default=0))), _WIDEST)
    rows, columns = (0, 0) if code is None else code.shape
    picture = Image.new("RGBA", (width + columns, max(height, rows)), _BACK)
    draw = ImageDraw.Draw(picture)
    if code is not None:
        picture.paste(Image.fromarray(code).convert("RGBA"), (width, 0))
    for i, line in enumerate(lines):
        y, x = 6 + i * _ROW, 10 + _NAMES
        draw.text((10, y), line.name, _DIM, font)
        if line.meter is not None:
            full = round(min(max(line.meter, 0.0), 1.0) * _METER)
            draw.rectangle((x, y + 4, x + _METER, y + _ROW - 6), _UNLIT)
            draw.rectangle((x, y + 4, x + full, y + _ROW - 6), _LIT)
        draw.text((_text_at(line), y), line.text, _ALARM if line.alarm else _TEXT, font)
    out = np.asarray(picture, np.uint16).copy()
    out[..., :3] = out[..., :3] * out[..., 3:] // 255
    return out.astype(np.uint8)


def _text_at(line: Line) -> int:
    """Where the text of a line begins, in pixels: after its name, and its meter."""
    return 10 + _NAMES + (0 if line.meter is None else _METER + 10)


def line_at(y: float) -> int:
    """The number of the line that is seen so many pixels from the top."""
    return int((y - 6) // _ROW)


class Hud:
    """The newest such picture as a texture."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self.texture: moderngl.Texture | None = None

    def show(self, lines: Sequence[Line], code: U8 | None = None) -> None:
        """Draw these lines from now on, and a code u8[h, w] beside them."""
        rgba = drawn(lines, code=code)
        size = (rgba.shape[1], rgba.shape[0])
        if self.texture is None or self.texture.size != size:
            self.release()
            self.texture = self._ctx.texture(size, 4)
        self.texture.write(np.ascontiguousarray(rgba))

    def release(self) -> None:
        """Let go of the texture."""
        if self.texture:
            self.texture.release()
            self.texture = None
