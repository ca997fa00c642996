"""Losses and penalties under whatever stack Keras runs on, beside the float64 reference: prints one JSON object.

Run by the tests, in a process of its own for each stack.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "generator")]

import reference  # noqa: E402
import tiny  # noqa: E402

from vj.generator import stylegan2  # noqa: E402
from vj.generator.arch import Arch  # noqa: E402
from vj.train import losses, networks  # noqa: E402
from vj.train.discriminator import DiscriminatorArch, discriminate  # noqa: E402
from vj.train.fused import Fused  # noqa: E402

G = Arch(resolution=8, channels=(6, 5), z_dim=8, w_dim=8, mapping_layers=2)
D = DiscriminatorArch(8, (6, 4), group=2)


def gradient(of, at):
    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(of)(at)
    from vj.train.tensorflow_step import gradient

    return gradient(of, keras.ops.convert_to_tensor(at))


def compiled(of, *given):
    """`of(*given)`, under JAX as one program: one for each operation would take ten times as long to make."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(of)(*given)
    return of(*given)


def main():
    rng = np.random.default_rng(3)
    d = {k: rng.standard_normal(s).astype(np.float32) for k, s in D.tensors().items()}
    model = tiny.model(G)
    nets = networks.Networks(G, D, Fused())
    levels = rng.integers(0, 256, (4, 8, 8, 3)).astype(np.uint8)
    real = levels / 127.5 - 1.0
    noise = rng.standard_normal((2, 8, 8, 3)).astype(np.float32)
    z = rng.standard_normal((2, 8)).astype(np.float32)
    p = stylegan2.laid_out(model.tensors, G)
    ws = np.repeat(np.asarray(stylegan2.mapping(p, G, z))[:, None], G.num_ws, axis=1)
    drawn = lambda w: tiny.reference_synthesis(model, w, [None] * G.n_conv)  # noqa: E731
    lengths = reference.path_lengths(drawn, ws, noise)
    mean = np.float32(0.3)
    moved = 0.3 + 0.01 * (lengths.mean() - 0.3)
    penalty, new_mean = compiled(
        lambda inputs: networks.path_length(nets, model.tensors, inputs, mean, gradient), {"z": z, "direction": noise}
    )
    fake, true = rng.standard_normal(5), rng.standard_normal(5)
    two = [rng.uniform(-1, 1, (2, 16, 16, 3)).astype(np.float32) for _ in range(2)]
    two_z = rng.standard_normal((4, 8)).astype(np.float32)
    two_ws = np.repeat(np.asarray(stylegan2.mapping(p, G, two_z))[:, None], G.num_ws, axis=1)
    pairs = {
        "logits": (
            compiled(lambda x: discriminate(d, D, x, Fused()), real.astype(np.float32)),
            reference.logits(d, (4, 8), real, 2),
        ),
        "r1": (
            compiled(lambda inputs: networks.penalty(nets, {}, d, inputs, gradient), {"real": levels}),
            reference.r1(d, (4, 8), real, 2),
        ),
        "path": (penalty, ((lengths - moved) ** 2).mean()),
        "path mean": (new_mean, moved),
        "generator loss": (losses.generator_loss(fake.astype("f")), -np.log(1 / (1 + np.exp(-fake))).mean()),
        "discriminator loss": (
            losses.discriminator_loss(fake.astype("f"), true.astype("f")),
            -np.log(1 - 1 / (1 + np.exp(-fake))).mean() - np.log(1 / (1 + np.exp(-true))).mean(),
        ),
        "relativistic": (
            np.stack([np.asarray(x) for x in losses.relativistic_losses(fake.astype("f"), true.astype("f"))]),
            np.array([np.log1p(np.exp(true - fake)).mean(), np.log1p(np.exp(fake - true)).mean()]),
        ),
        "r1 + r2": (
            compiled(
                lambda inputs: networks.penalty(nets, model.tensors, d, inputs, gradient), {"real": levels, "z": two_z}
            ),
            reference.r1(d, (4, 8), real, 2) + reference.r1(d, (4, 8), np.stack([drawn(w) for w in two_ws]), 2),
        ),
        "distance": (losses.picture_distance(*two), reference.laplacian_distance(*two)),
    }
    off = {k: float(np.abs(np.asarray(a) - b).max() / np.abs(b).max()) for k, (a, b) in pairs.items()}
    print(json.dumps({"backend": keras.backend.backend(), "difference": off}))


if __name__ == "__main__":
    main()
