"""Writes a training's figures and pictures for TensorBoard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vj.core.types import U8


class Board:
    """RUN/events…; a step is a picture seen. TensorFlow is imported at the first word, after it was configured.

    `tf.summary.scalar` and `image` need the package tensorboard, which is for looking and not for writing: what they
    would write is written here, in the form that TensorBoard's scalar and image plugins read.
    """

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
                tf.summary.write(name, tf.constant(value, tf.float32), step, _about(tf, "scalars"))
            for name, picture in pictures.items():
                size = [str(picture.shape[1]), str(picture.shape[0])]
                tf.summary.write(name, tf.stack([*size, tf.io.encode_png(picture)]), step, _about(tf, "images"))
            tf.summary.flush()


def _about(tf: Any, plugin: str) -> Any:
    about = tf.compat.v1.SummaryMetadata()
    about.plugin_data.plugin_name = plugin
    return about
