"""Warps and bends on whatever stack Keras has: `python on_stack.py GOLDEN.npz` prints worst differences as JSON."""

import json
import sys

import keras
import numpy as np

from vj.gan import bending
from vj.gan.bending.primitives import bend_layer
from vj.gan.warp import dense_image_warp


def warps(path):
    with np.load(path) as golden:
        names = sorted({k.rsplit("_", 1)[0] for k in golden.files})
        return {n: difference(*(golden[f"{n}_{part}"] for part in ("image", "flow", "warped"))) for n in names}


def difference(image, flow, warped):
    return float(np.abs(np.asarray(dense_image_warp(image, flow)) - warped).max())


def bends():
    """Each bend at a strong setting, compiled, as one number that both stacks must agree on."""
    x = np.random.default_rng(0).standard_normal((1, 8, 8, 6)).astype(np.float32)
    flow = np.random.default_rng(1).uniform(-1, 1, (16, 16, 2)).astype(np.float32)
    out = {}
    for bend in bending.BENDS:
        p = {q.id: q.default for q in bending.PARAMS}
        p[bend.amounts[0].id] = bend.amounts[0].default + 0.3 * (bend.amounts[0].hi - bend.amounts[0].default)
        p[f"bend/{bend.name}/layer"] = 0.0
        values = bending.pack(p, 4)
        out[bend.name] = float(np.abs(np.asarray(bend_layer(x, 0, values, flow))).sum())
    return out


if __name__ == "__main__":
    print(json.dumps({"backend": keras.backend.backend(), "warps": warps(sys.argv[1]), "bends": bends()}))
