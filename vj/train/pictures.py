"""Pictures drawn by a network that is being trained, in batches, on whichever stack Keras runs."""

from collections.abc import Mapping

import numpy as np

from vj.core.types import F32, U8
from vj.generator import stylegan2
from vj.generator.arch import Arch
from vj.train.fused import Fused

_BATCH = 16


def draw(tensors: Mapping[str, F32], arch: Arch, z: F32, psi: float = 1.0) -> U8:
    """z f32[n, z_dim] → u8[n, resolution, resolution, 3], with the network's own fixed noise.

    tensors  named as `arch.tensors()` says
    psi      truncation: 1 is none
    """
    p = stylegan2.prepare(tensors, arch)
    fixed = [tensors[f"synthesis.b{side}.conv{(i + 1) % 2}.noise_const"] for i, side in enumerate(arch.noise_sides)]
    steps = Fused()
    out = []
    for start in range(0, len(z), _BATCH):
        w = stylegan2.truncate(stylegan2.mapping(p, arch, z[start : start + _BATCH]), p["w_avg"], psi)
        ws = np.repeat(np.asarray(w)[:, None], arch.num_ws, axis=1)
        out.append(levels(np.asarray(stylegan2.synthesis(p, arch, ws, fixed, steps=steps))))
    return np.concatenate(out)


def levels(pictures: F32) -> U8:
    """f32[…] −1 … 1 → u8[…] 0 … 255, clipped."""
    out: U8 = np.clip(pictures * 127.5 + 128.0, 0.0, 255.0).astype(np.uint8)
    return out


def explained(pictures: U8, wanted: U8, side: int = 8) -> float:
    """R² of `wanted` u8[n, h, w, 3] given `pictures` of the same shape, both seen at `side` pixels.

    1 at best, 0 where each picture is the mean of all the wanted ones.
    """
    own, real = (_small(x, side) for x in (pictures, wanted))
    return float(1.0 - np.square(own - real).sum() / max(np.square(real - real.mean(0)).sum(), 1e-12))


def _small(pictures: U8, side: int) -> F32:
    n, h, w, _ = pictures.shape
    side = min(side, h)
    out: F32 = pictures.reshape(n, side, h // side, side, w // side, 3).mean((2, 4), dtype=np.float32)
    return out


def grid(pictures: U8, columns: int) -> U8:
    """u8[n, h, w, 3] → one picture of n // columns rows, u8[n // columns · h, columns · w, 3]."""
    n, h, w, _ = pictures.shape
    rows = n // columns
    cut = pictures[: rows * columns].reshape(rows, columns, h, w, 3)
    return np.ascontiguousarray(cut.transpose(0, 2, 1, 3, 4).reshape(rows * h, columns * w, 3))
