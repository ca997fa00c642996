"""Writes a training's figures and pictures for TensorBoard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vj.types import U8


class Board:
    """Writes RUN/events…; a step is a picture seen. TensorFlow is imported at the first word, after its settings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: Any = None

    def tell(self, kimg: float, figures: Mapping[str, float], pictures: Mapping[str, U8]) -> None:
        """Write figures by name, and pictures u8[h, w, 3] by name, after so many thousand pictures seen."""
        import tensorflow as tf

        if self._writer is None:
            self._writer = tf.summary.create_file_writer(str(self._folder))
        step = round(kimg * 1000)
        with self._writer.as_default():
            for name, value in figures.items():
                tf.summary.scalar(name, value, step)
            for name, picture in pictures.items():
                tf.summary.image(name, picture[None], step)
        self._writer.flush()
