"""Addresses as QR codes, for phones: in the terminal and as a picture."""

import io

import numpy as np
import segno

from vj.core.types import U8


def qr_text(text: str) -> str:
    """A QR code drawn with block characters."""
    out = io.StringIO()
    segno.make(text, micro=False).terminal(out, compact=True)
    return out.getvalue()


def qr_picture(text: str, module: int = 4) -> U8:
    """The same as u8[h, w]: 0 dark, 255 light, with the quiet border around it; `module` pixels to each square."""
    rows = [list(row) for row in segno.make(text, micro=False).matrix_iter(border=4)]
    squares = np.where(np.array(rows, bool), 0, 255).astype(np.uint8)
    return np.kron(squares, np.ones((module, module), np.uint8))
