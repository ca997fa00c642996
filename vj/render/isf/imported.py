"""Pictures that ISF files bring along (IMPORTED), read into textures."""

import moderngl
import numpy as np
from PIL import Image

from vj.core.errors import ShaderError
from vj.render.isf.shader import MAX_BUFFER_SIDE, Imported, IsfShader


def imported_texture(ctx: moderngl.Context, shader: IsfShader, one: Imported) -> moderngl.Texture:
    """The picture as RGBA, its first row at the bottom as OpenGL counts. Raises ShaderError."""
    where = f"{shader.file}: IMPORTED {one.name}"
    try:
        with Image.open(one.path) as image:
            if max(image.size) > MAX_BUFFER_SIDE:
                raise ShaderError(
                    f"{where}: {one.path.name} has {image.width}x{image.height} pixels, "
                    f"expected at most {MAX_BUFFER_SIDE} a side"
                )
            rgba = np.ascontiguousarray(np.asarray(image.convert("RGBA"))[::-1])
    # Pillow's readers raise many kinds on damaged files.
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as e:
        reason = getattr(e, "strerror", None) or str(e)
        raise ShaderError(f"{where}: {one.path.name} cannot be read as a picture: {reason}") from None
    texture = ctx.texture((rgba.shape[1], rgba.shape[0]), 4, rgba)
    texture.repeat_x = texture.repeat_y = False
    return texture
