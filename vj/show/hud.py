"""Lines and meters drawn as a picture that lies over the output: with Pillow, as text is no work for a shader."""

from collections.abc import Sequence

import moderngl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vj.core.types import U8, Line

_SIZE, _ROW = 15, 20
_NAMES, _METER, _WIDTH = 72, 130, 470
_BACK, _TEXT, _DIM = (0, 0, 0, 170), (235, 235, 235, 255), (150, 150, 150, 255)
_LIT, _UNLIT, _ALARM = (90, 210, 130, 255), (60, 60, 60, 255), (255, 170, 60, 255)


def drawn(lines: Sequence[Line], width: int = _WIDTH, code: U8 | None = None) -> U8:
    """The lines as rgba u8[height, width, 4], top row first, alpha multiplied in.

    code  u8[h, w], a picture in black and white below them
    """
    height = _ROW * len(lines) + 12
    picture = Image.new("RGBA", (width, height + (0 if code is None else code.shape[0] + 12)), _BACK)
    if code is not None:
        picture.paste(Image.fromarray(code).convert("RGBA"), (10, height))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(_SIZE)
    for i, line in enumerate(lines):
        y = 6 + i * _ROW
        draw.text((10, y), line.name, _DIM, font)
        x = 10 + _NAMES
        if line.meter is not None:
            full = round(min(max(line.meter, 0.0), 1.0) * _METER)
            draw.rectangle((x, y + 4, x + _METER, y + _ROW - 6), _UNLIT)
            draw.rectangle((x, y + 4, x + full, y + _ROW - 6), _LIT)
            x += _METER + 10
        draw.text((x, y), line.text, _ALARM if line.alarm else _TEXT, font)
    out = np.asarray(picture, np.uint16).copy()
    out[..., :3] = out[..., :3] * out[..., 3:] // 255
    return out.astype(np.uint8)


def line_at(y: float) -> int:
    """The number of the line that is seen so many pixels from the top."""
    return int((y - 6) // _ROW)


class Hud:
    """The newest such picture as a texture."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self.texture: moderngl.Texture | None = None

    def show(self, lines: Sequence[Line], code: U8 | None = None) -> None:
        """Draw these lines from now on, and a code u8[h, w] below them."""
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
