"""Draws many pictures of a model: batches through TensorFlow, for sheets and figures. Not for the stage."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from vj.core.types import F32, U8
from vj.generator.latents.vectors import slerp
from vj.generator.weights import Model
from vj.train.pictures import levels

_BATCH = 8

#: Told (done, total).
Update = Callable[[float, float | None], None]


class Sampler:
    """A model, ready to draw batches. Imports TensorFlow."""

    def __init__(self, model: Model) -> None:
        from vj.generator.load_tensorflow import import_tensorflow
        from vj.generator.xla import configure_tensorflow

        configure_tensorflow()
        import_tensorflow()
        import tensorflow as tf

        from vj.generator import stylegan2

        self.arch = model.arch
        prepared = stylegan2.prepare(model.tensors, model.arch)
        weights = {name: tf.constant(value) for name, value in prepared.items()}
        self._w_avg: F32 = prepared["w_avg"]
        self._map = tf.function(lambda z: stylegan2.mapping(weights, model.arch, z), autograph=False)
        self._draw = tf.function(lambda ws, *n: stylegan2.synthesis(weights, model.arch, ws, n), autograph=False)

    def styles(self, z: F32, psi: float = 1.0) -> F32:
        """f32[n, z_dim] → w f32[n, w_dim], truncated."""
        w: F32 = self._map(z).numpy()
        return self._w_avg + np.float32(psi) * (w - self._w_avg)

    def pictures(self, w: F32, seed: int, *, still: bool = False, update: Update | None = None) -> U8:
        """w f32[n, w_dim] → u8[n, resolution, resolution, 3].

        still   all pictures have the same noise; otherwise each has its own
        update  told (pictures drawn, of how many)
        """
        rng = np.random.default_rng([seed, 1])
        noises = self._noises(rng, 1) if still else None
        out = np.empty((len(w), self.arch.resolution, self.arch.resolution, 3), np.uint8)
        for start in range(0, len(w), _BATCH):
            part = w[start : start + _BATCH]
            # Always whole batches: another shape would be another program.
            whole = np.concatenate([part, np.repeat(part[-1:], _BATCH - len(part), 0)])
            ws = np.repeat(whole[:, None], self.arch.num_ws, axis=1)
            drawn = self._draw(ws, *(noises or self._noises(rng, _BATCH))).numpy()
            out[start : start + len(part)] = levels(drawn[: len(part)])
            if update:
                update(start + len(part), len(w))
        return out

    def _noises(self, rng: np.random.Generator, n: int) -> list[Any]:
        return [rng.standard_normal((n, side, side, 1), np.float32) for side in self.arch.noise_sides]


def latents(count: int, z_dim: int, seed: int) -> F32:
    """f32[count, z_dim], normal; the first ones of a larger count are the same."""
    return np.random.default_rng([seed, 0]).standard_normal((count, z_dim), np.float32)


def chain(ends: F32, steps: int) -> F32:
    """From each of f32[n + 1, z_dim] to just before the next, by slerp: f32[n · steps, z_dim]."""
    return np.stack([slerp(a, b, t / steps) for a, b in itertools.pairwise(ends) for t in range(steps)])


def straight_chain(ends: F32, steps: int) -> F32:
    """The same along straight lines, as styles are mixed: f32[n + 1, w_dim] → f32[n · steps, w_dim]."""
    t = np.arange(steps, dtype=np.float32)[:, None] / np.float32(steps)
    return np.concatenate([a + t * (b - a) for a, b in itertools.pairwise(ends)])
