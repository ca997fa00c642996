"""A test card for a projector: whether all of the picture is there, straight, sharp and evenly bright."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vj.core.types import U8

_COLUMNS, _ROWS = 16, 9
_GROUND, _LINE, _STRONG = (16, 16, 20), (90, 90, 96), (235, 235, 235)
_BARS = ((235, 235, 235), (235, 235, 16), (16, 235, 235), (16, 235, 16), (235, 16, 235), (235, 16, 16), (16, 16, 235))
_CORNERS = ((235, 60, 60), (60, 235, 60), (70, 120, 255), (235, 200, 60))
_GREYS = 16


def test_card(size: tuple[int, int], name: str) -> U8:
    """u8[height, width, 3], top row first, of size (width, height) from 16 each way.

    A frame on the outermost pixels, a grid of 16 by 9, circles that show distortion, a corner each in red, green, blue
    and yellow from the upper left clockwise, colours, greys, and the monitor's name with the size.
    """
    width, height = size
    picture = Image.new("RGB", size, _GROUND)
    draw = ImageDraw.Draw(picture)
    for i in range(1, _COLUMNS):
        draw.line((width * i // _COLUMNS, 0, width * i // _COLUMNS, height), _LINE)
    for i in range(1, _ROWS):
        draw.line((0, height * i // _ROWS, width, height * i // _ROWS), _LINE)
    draw.line((0, 0, width, height), _LINE)
    draw.line((0, height, width, 0), _LINE)
    _strips(draw, width, height)
    _circles(draw, width, height)
    _corners(draw, width, height)
    draw.rectangle((0, 0, width - 1, height - 1), None, _STRONG)
    _words(draw, width, height, name)
    return np.asarray(picture, np.uint8)


def _strips(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """Colours above the middle, greys from black to white below it."""
    for strip, top in ((_BARS, 0.30), ([(255 * i // (_GREYS - 1),) * 3 for i in range(_GREYS)], 0.62)):
        for i, colour in enumerate(strip):
            left, right = (width * (0.25 + 0.5 * k / len(strip)) for k in (i, i + 1))
            box = round(left), round(height * top), max(round(right) - 1, round(left)), round(height * (top + 0.08))
            draw.rectangle(box, colour)


def _circles(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    small = min(width, height) * 0.11
    places = [(width / 2, height / 2, min(width, height) * 0.48)]
    places += [(x * width, y * height, small) for x in (1 / 8, 7 / 8) for y in (2 / 9, 7 / 9)]
    for x, y, radius in places:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), None, _STRONG, max(round(height / 360), 1))


def _corners(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    side = max(min(width, height) // 18, 2)
    for (x, y), colour in zip(((0, 0), (1, 0), (1, 1), (0, 1)), _CORNERS, strict=True):
        left, top = x * (width - side), y * (height - side)
        draw.rectangle((left, top, left + side - 1, top + side - 1), colour)


def _words(draw: ImageDraw.ImageDraw, width: int, height: int, name: str) -> None:
    font = ImageFont.load_default(max(height / 16, 8))
    for line, at in ((name, 0.47), (f"{width} x {height}", 0.55)):
        while line and font.getlength(line) > width * 0.5:
            line = line[:-1]
        draw.text((width / 2, height * at), line, _STRONG, font, anchor="mm")
