"""Makes dense_image_warp.npz with the real TensorFlow Addons; run once, in an environment of its own.

TensorFlow Addons ended in 2024 and does not import with current TensorFlow.

    python3.11 -m venv ENV
    ENV/bin/pip install -U pip
    ENV/bin/pip install --group reference
    ENV/bin/python tests/golden/make_dense_image_warp.py

Each case is three arrays: NAME/image, NAME/flow and NAME/out, float32.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa

HERE = Path(__file__).parent


def image(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


def still(n, h, w):
    return np.zeros((n, h, w, 2), np.float32)


def cases():
    """(name, image, flow); the name says what is tried."""
    rng = np.random.default_rng(20231106)
    one = np.zeros((1, 5, 6, 1), np.float32)
    one[0, 2, 3, 0] = 1.0
    yield "no_flow", image(rng, 1, 5, 7, 2), still(1, 5, 7)
    yield "sign_down_one", one, still(1, 5, 6) + np.float32([1, 0])
    yield "sign_right_two", one, still(1, 5, 6) + np.float32([0, 2])
    yield "sign_up_left", one, still(1, 5, 6) - np.float32([1, 2])
    yield "half_pixel", one, still(1, 5, 6) + np.float32([0.5, -0.5])
    yield "fractions", image(rng, 1, 6, 5, 3), rng.uniform(-1, 1, (1, 6, 5, 2)).astype(np.float32)
    yield "border_far", image(rng, 1, 6, 9, 2), rng.uniform(-40, 40, (1, 6, 9, 2)).astype(np.float32)
    yield "border_edge", image(rng, 1, 4, 4, 1), edge_flow()
    yield "tiny_2x2", image(rng, 1, 2, 2, 4), rng.uniform(-2, 2, (1, 2, 2, 2)).astype(np.float32)
    yield "tiny_2x9", image(rng, 1, 2, 9, 1), rng.uniform(-3, 3, (1, 2, 9, 2)).astype(np.float32)
    yield "tall", image(rng, 1, 17, 3, 2), rng.uniform(-4, 4, (1, 17, 3, 2)).astype(np.float32)
    yield "batch", image(rng, 3, 8, 7, 5), rng.uniform(-5, 5, (3, 8, 7, 2)).astype(np.float32)
    yield "channels", image(rng, 2, 4, 6, 33), rng.normal(0, 2, (2, 4, 6, 2)).astype(np.float32)


def edge_flow():
    """Every pixel reads exactly on, just inside or just outside the first and last rows and columns."""
    at = np.float32([-1.0, -0.25, 0.0, 2.75, 3.0, 3.25, 4.0, 2.0])
    y, x = np.meshgrid(np.arange(4), np.arange(4), indexing="ij")
    target = np.stack([at[(y + 2 * x) % 8], at[(3 * y + x) % 8]], axis=-1)
    return (np.stack([y, x], axis=-1) - target).astype(np.float32)[None]


if __name__ == "__main__":
    arrays = {}
    for name, pixels, flow in cases():
        out = tfa.image.dense_image_warp(tf.constant(pixels), tf.constant(flow)).numpy()
        arrays |= {f"{name}/image": pixels, f"{name}/flow": flow, f"{name}/out": out}
    np.savez_compressed(HERE / "dense_image_warp.npz", **arrays)
    print(f"TensorFlow {tf.__version__}, Addons {tfa.__version__}: {len(arrays) // 3} cases")
