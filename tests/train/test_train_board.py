"""What TensorBoard reads back."""

import numpy as np
import tensorflow as tf
from tensorflow.core.util import event_pb2

from vj.train.board import Board


def test_figures_and_pictures_come_back_from_the_event_file(tmp_path):
    board = Board(tmp_path)
    picture = np.random.default_rng(0).integers(0, 256, (4, 6, 3)).astype(np.uint8)
    board.tell(1.5, {"fid": 3.25}, {"samples": picture})
    board.tell(2.0, {"fid": 2.5}, {})
    (file,) = tmp_path.glob("events*")
    found = {}
    for record in tf.data.TFRecordDataset(str(file)):
        event = event_pb2.Event.FromString(record.numpy())
        for value in event.summary.value:
            kind = value.metadata.plugin_data.plugin_name
            found[event.step, value.tag, kind] = tf.make_ndarray(value.tensor)
    assert found[1500, "fid", "scalars"] == 3.25
    assert found[2000, "fid", "scalars"] == 2.5
    width, height, png = found[1500, "samples", "images"]
    assert (width, height) == (b"6", b"4")
    np.testing.assert_array_equal(tf.io.decode_png(png).numpy(), picture)
