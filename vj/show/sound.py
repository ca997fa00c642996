"""The sound that came since the last frame, for shaders that draw it."""

import numpy as np

from vj.audio.blocks import CHANNELS, block_ring
from vj.core.types import F32


class NewSound:
    """Reads the ring of blocks (`vj.audio.blocks`) of that name."""

    def __init__(self, blocks_name: str) -> None:
        self._ring = block_ring(blocks_name)
        self._at = self._ring.written

    def take(self) -> F32:
        """The samples since the last call, f32[n, 2]."""
        blocks, first = self._ring.since(self._at)
        self._at = first + len(blocks)
        parts = [block["samples"][: int(block["frames"])] for block in blocks]
        return np.concatenate(parts) if parts else np.zeros((0, CHANNELS), np.float32)

    def close(self) -> None:
        """Let go of the ring."""
        self._ring.close()
