"""Pictures that ISF files bring along (IMPORTED): decoded, and read into textures."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import moderngl
import numpy as np
from PIL import Image

from vj.core.errors import ShaderError
from vj.core.types import U8
from vj.render.isf.shader import MAX_BUFFER_SIDE, Imported, IsfShader

#: Name in IMPORTED → what `decoded` makes of it.
Pictures: TypeAlias = Mapping[str, U8]


def decoded(shader: IsfShader, one: Imported) -> U8:
    """The picture as rgba u8[h, w, 4], its first row at the bottom as OpenGL counts. Raises ShaderError.

    A cube is u8[6, w, w, 4], the rows of its faces from the top, as OpenGL counts there. What has no file is black.
    """
    where = f"{shader.file}: IMPORTED {one.name}"
    pictures = [_read(path, where) for path in one.paths] or [np.zeros((1, 1, 4), np.uint8)] * (6 if one.cube else 1)
    if not one.cube:
        return np.ascontiguousarray(pictures[0][::-1])
    height, width, _ = pictures[0].shape
    if width != height or any(face.shape != pictures[0].shape for face in pictures):
        sizes = ", ".join(f"{face.shape[1]}x{face.shape[0]}" for face in pictures)
        raise ShaderError(f"{where}: faces of {sizes} pixels, expected six squares of one size")
    return np.stack(pictures)


def _read(path: Path, where: str) -> U8:
    """rgba u8[h, w, 4], top row first."""
    try:
        with Image.open(path) as image:
            if max(image.size) > MAX_BUFFER_SIDE:
                raise ShaderError(
                    f"{where}: {path.name} has {image.width}x{image.height} pixels, "
                    f"expected at most {MAX_BUFFER_SIDE} a side"
                )
            return np.asarray(image.convert("RGBA"))
    # Pillow's readers raise many kinds on damaged files.
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as e:
        reason = getattr(e, "strerror", None) or str(e)
        raise ShaderError(f"{where}: {path.name} cannot be read as a picture: {reason}") from None


def bytes_of(shader: IsfShader) -> int:
    """What the shader's pictures take when they are decoded, as far as their files say. Decodes nothing."""
    total = 0
    for path in (path for one in shader.imported for path in one.paths):
        # What cannot be read is said when it is decoded.
        unreadable = contextlib.suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError)
        with unreadable, Image.open(path) as image:
            total += 4 * image.width * image.height
    return total


def uploaded(ctx: moderngl.Context, rgba: U8) -> moderngl.Texture | moderngl.TextureCube:
    """A decoded picture, u8[h, w, 4], or a cube of pictures, u8[6, w, w, 4], as a texture."""
    if rgba.ndim == 4:
        return ctx.texture_cube((rgba.shape[2], rgba.shape[1]), 4, rgba.tobytes())
    texture = ctx.texture((rgba.shape[1], rgba.shape[0]), 4, rgba)
    texture.repeat_x = texture.repeat_y = False
    return texture
