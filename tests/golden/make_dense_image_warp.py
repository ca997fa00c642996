"""Writes dense_image_warp.npz with the real `tfa.image.dense_image_warp`.

TensorFlow Addons ended in 2024 and does not import with current TensorFlow, so this runs in an environment of its own:

    python3.11 -m venv reference && reference/bin/pip install --group reference
    reference/bin/python tests/golden/make_dense_image_warp.py
"""

from pathlib import Path

import numpy as np
import tensorflow_addons as tfa

CASES = {
    # name: (image shape, flow of that shape's pixels)
    "sign_y": ((1, 5, 6, 1), lambda y, x, rng: (np.ones_like(y), 0 * x)),
    "sign_x": ((1, 5, 6, 1), lambda y, x, rng: (0 * y, np.ones_like(x))),
    "whole": ((1, 7, 9, 2), lambda y, x, rng: (rng.integers(-3, 4, y.shape), rng.integers(-3, 4, x.shape))),
    "fractions": ((1, 8, 8, 3), lambda y, x, rng: (rng.uniform(-1, 1, y.shape), rng.uniform(-1, 1, x.shape))),
    "halves": ((1, 4, 4, 1), lambda y, x, rng: (0.5 + 0 * y, -0.5 + 0 * x)),
    "border": ((1, 6, 5, 2), lambda y, x, rng: (rng.uniform(-9, 9, y.shape), rng.uniform(-9, 9, x.shape))),
    "smallest": ((1, 2, 2, 1), lambda y, x, rng: (rng.uniform(-2, 2, y.shape), rng.uniform(-2, 2, x.shape))),
    "batch": ((3, 6, 10, 4), lambda y, x, rng: (rng.normal(0, 2, y.shape), rng.normal(0, 2, x.shape))),
    "swirl": ((2, 16, 12, 3), lambda y, x, rng: (3 * np.sin(x / 3), 3 * np.cos(y / 3))),
}


def make() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(23)
    out = {}
    for name, (shape, flow_of) in CASES.items():
        n, h, w, _ = shape
        _, y, x = np.meshgrid(np.arange(n), np.arange(h), np.arange(w), indexing="ij")
        image = rng.standard_normal(shape).astype(np.float32)
        flow = np.stack(flow_of(y.astype(float), x.astype(float), rng), axis=-1).astype(np.float32)
        out[f"{name}_image"], out[f"{name}_flow"] = image, flow
        out[f"{name}_warped"] = tfa.image.dense_image_warp(image, flow).numpy()
    return out


if __name__ == "__main__":
    np.savez_compressed(Path(__file__).with_name("dense_image_warp.npz"), **make())
