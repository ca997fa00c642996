"""A mapping network taught by regression: from z to what w should say. Minutes on a processor."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from vj.core.types import F32
from vj.generator.arch import Arch
from vj.generator.load_tensorflow import import_tensorflow
from vj.train.built import controls
from vj.train.built.wiring import GAIN, SLOPE, Controls

_LR_MULTIPLIER = 0.01
_BATCH = 512
_RATE = 2e-3
_AVERAGE_OF = 8192


def normalized(z: F32) -> F32:
    """f32[n, d], each of length √d, as a mapping network sees z."""
    out: F32 = z / np.sqrt(np.square(z).mean(1, keepdims=True) + 1e-8)
    return out


def pairs(n: int, of: Controls, rng: np.random.Generator) -> Iterator[tuple[F32, F32]]:
    """n of (z as the mapping sees it f32[n, Z_DIM], controls with mean 0 and deviation 1 f32[n, k]), again and again.

    Colours take the longest to work out and depend on a few numbers: these stay, the rest is drawn anew each time.
    """
    z = normalized(rng.standard_normal((n, controls.Z_DIM), np.float32))
    colours = controls.colours_of(z)
    while True:
        yield z, (controls.of(z, colours) - of.mean) / of.deviation
        rest = rng.standard_normal((n, controls.Z_DIM - len(controls.NAMED)), np.float32)
        named = z[:, : len(controls.NAMED)]
        left = controls.Z_DIM - np.square(named).sum(1, keepdims=True)
        rest *= np.sqrt(left / np.square(rest).sum(1, keepdims=True))
        z = np.concatenate([named, rest], 1)


def taught(
    arch: Arch,
    by: Iterator[tuple[F32, F32]],
    epochs: int,
    seed: int,
    update: Callable[[int, int], None] | None = None,
) -> dict[str, F32]:
    """Tensors of a mapping network of `arch` that leads from z to w, whose first numbers are the controls.

    f32[…], as `arch.tensors()` says. `by`: see `pairs`, asked once for each of the epochs; `update` hears of (epochs
    done, of how many).
    """
    import_tensorflow()
    import tensorflow as tf

    tf.keras.utils.set_random_seed(seed)
    z, wanted = next(by)
    k = wanted.shape[1]
    model = _layers(arch, k)
    rate = tf.keras.optimizers.schedules.CosineDecay(_RATE, epochs * max(len(z) // _BATCH, 1))
    model.compile(tf.keras.optimizers.Adam(rate, beta_2=0.99), "mse", jit_compile=True)
    for epoch in range(epochs):
        model.fit(z, wanted, _BATCH, 1, verbose=0)
        z, wanted = next(by)
        if update:
            update(epoch + 1, epochs)
    average = np.zeros(arch.w_dim, np.float32)
    average[:k] = np.asarray(model.predict(z[:_AVERAGE_OF], _BATCH, verbose=0)).mean(0)
    out = {"mapping.w_avg": average}
    for i, dense in enumerate(model.layers):
        out |= _tensors(arch, i, *(np.asarray(v) for v in dense.get_weights()))
    return out


def _layers(arch: Arch, k: int) -> Any:
    import tensorflow as tf

    def activation(x: Any) -> Any:
        return tf.nn.leaky_relu(x, SLOPE) * GAIN

    model = tf.keras.Sequential([tf.keras.layers.Input((arch.z_dim,))])
    for width in (*[arch.w_dim] * (arch.mapping_layers - 1), k):
        model.add(tf.keras.layers.Dense(width, activation=activation, kernel_initializer="lecun_normal"))
    return model


def _tensors(arch: Arch, i: int, weight: F32, bias: F32) -> dict[str, F32]:
    """As a mapping network stores them; outputs that are lacking are 0."""
    inputs, outputs = weight.shape
    whole, wide = np.zeros((arch.w_dim, inputs), np.float32), np.zeros(arch.w_dim, np.float32)
    whole[:outputs], wide[:outputs] = weight.T, bias
    scaled = whole * np.float32(np.sqrt(inputs) / _LR_MULTIPLIER)
    return {f"mapping.fc{i}.weight": scaled, f"mapping.fc{i}.bias": wide / np.float32(_LR_MULTIPLIER)}
