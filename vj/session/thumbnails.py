"""Pictures of presets, small, beside their files."""

import io
from pathlib import Path

from PIL import Image

from vj.core.errors import PresetError
from vj.core.files import reason, write_bytes
from vj.core.types import U8

#: Pixels across.
WIDTH = 320
_QUALITY = 82


def save_thumbnail(path: Path, rgb: U8) -> None:
    """Write a picture u8[h, w, 3] as a JPEG, at most WIDTH across. Raises PresetError."""
    picture, out = Image.fromarray(rgb.copy()), io.BytesIO()
    picture.thumbnail((WIDTH, WIDTH), Image.Resampling.LANCZOS)
    picture.save(out, "JPEG", quality=_QUALITY)
    try:
        write_bytes(path, out.getvalue())
    except OSError as e:
        raise PresetError(f"{path}: cannot be written: {reason(e)}") from e
