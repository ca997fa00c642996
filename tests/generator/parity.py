"""Draws with whatever stack Keras runs on and compares with references: `python parity.py [REFERENCE_FOLDER]`.

Run by the tests, in a process of its own for each stack; prints one JSON object of worst differences.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tiny

from vj.generator import stylegan2
from vj.generator.importers.stylegan2_ada import import_snapshot
from vj.generator.model_tools import noises


def compiled(function):
    """The function, compiled by the stack's own XLA."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    import tensorflow as tf

    return tf.function(function, jit_compile=True, autograph=False)


def drawing(model, kind):
    """(z, psi) → (w, picture), compiled once for a network and a kind of noise."""
    arch = model.arch
    p = stylegan2.prepare(model.tensors, arch)
    fixed = noises(model, kind, 0)

    def draw(z, psi):
        w = stylegan2.truncate(stylegan2.mapping(p, arch, z), p["w_avg"], psi)
        ws = keras.ops.repeat(w[:, None], arch.num_ws, axis=1)
        return w[0], stylegan2.synthesis(p, arch, ws, fixed)[0]

    run = compiled(draw)
    return lambda z, psi: tuple(np.asarray(a) for a in run(z.astype(np.float32), np.float32(psi)))


def tiny_difference():
    worst = {}
    for arch in tiny.ALL:
        model = tiny.model(arch)
        z = np.random.default_rng(1).standard_normal((1, arch.z_dim))
        w, picture = drawing(model, "const")(z, 1.0)
        ws = np.repeat(tiny.reference_mapping(model, z[0])[None], arch.num_ws, axis=0)
        reference = tiny.reference_synthesis(model, ws, noises(model, "const", 0))
        worst[f"{arch.architecture} {arch.resolution} clamp {arch.conv_clamp:g} c {arch.c_dim}"] = [
            float(np.abs(w - ws[0]).max()), float(np.abs(picture - reference).max() / reference.std())
        ]  # fmt: skip
    return worst


def original_difference(folder):
    worst = {}
    for pickle in sorted(folder.glob("*.pkl")):
        model = import_snapshot(pickle)
        reference = np.load(pickle.with_suffix(".npz"))
        w_off, picture_off = [], []
        for kind in ("none", "const"):
            draw = drawing(model, kind)
            for seed in (0, 7):
                z = np.random.RandomState(seed).randn(1, model.arch.z_dim)
                for psi in (1.0, 0.7):
                    w, picture = draw(z, psi)
                    original = reference[f"image_seed{seed}_psi{psi}_{kind}"]
                    w_off.append(np.abs(w - reference[f"ws_seed{seed}_psi{psi}"]).max())
                    picture_off.append(np.abs(picture - original).max() / original.std())
        worst[pickle.stem] = [float(max(w_off)), float(max(picture_off))]
    return worst


if __name__ == "__main__":
    difference = {"tiny": tiny_difference()}
    if len(sys.argv) > 1:
        difference["original"] = original_difference(Path(sys.argv[1]))
    print(json.dumps({"backend": keras.backend.backend(), **difference}))
