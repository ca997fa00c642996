"""Tiny networks for the tests, and an independent reference for what they draw.

The reference is written in numpy and float64 from the definition: modulated weights, a transposed convolution by
scattering, and the blur by summing over its taps. It shares nothing with the code it checks.
"""

import numpy as np

from vj.generator.arch import Arch
from vj.generator.weights import Model, checked_model

SKIP = Arch(resolution=16, channels=(8, 6, 4), z_dim=12, w_dim=10, mapping_layers=2)
RESNET = Arch(resolution=16, channels=(8, 6, 4), z_dim=12, w_dim=10, mapping_layers=3, architecture="resnet")
CLAMPED = Arch(resolution=8, channels=(6, 5), z_dim=8, w_dim=8, mapping_layers=2, conv_clamp=0.6)
CLAMPED_RESNET = Arch(8, (6, 5), 8, 8, 2, "resnet", 0.6)
LABELLED = Arch(resolution=8, channels=(6, 5), z_dim=8, w_dim=8, mapping_layers=2, c_dim=3)
ORIG = Arch(resolution=16, channels=(8, 6, 4), z_dim=12, w_dim=10, mapping_layers=2, architecture="orig")
ALL = (SKIP, RESNET, CLAMPED, CLAMPED_RESNET, LABELLED, ORIG)


def model(arch: Arch, seed=0, scale=1.0) -> Model:
    rng = np.random.default_rng(seed)
    tensors = {name: (scale * rng.standard_normal(shape)).astype(np.float32) for name, shape in arch.tensors().items()}
    for name in tensors:
        if name.startswith("mapping.fc") and name.endswith("weight"):
            tensors[name] *= 100
        if name.endswith("affine.bias"):
            tensors[name] += 1
    return checked_model(arch, tensors, {"name": "test", "licence": "CC0-1.0"})


def reference_mapping(m: Model, z, label=None):
    a, t = m.arch, {k: v.astype(np.float64) for k, v in m.tensors.items()}
    norm = lambda x: x / np.sqrt(np.mean(x**2) + 1e-8)  # noqa: E731
    x = norm(z.astype(np.float64))
    if a.c_dim:
        label = np.zeros(a.c_dim) if label is None else label
        y = t["mapping.embed.weight"] @ label / np.sqrt(a.c_dim) + t["mapping.embed.bias"]
        x = np.concatenate([x, norm(y)])
    for i in range(a.mapping_layers):
        w, b = t[f"mapping.fc{i}.weight"], t[f"mapping.fc{i}.bias"]
        x = lrelu(w @ x * 0.01 / np.sqrt(len(x)) + b * 0.01) * np.sqrt(2)
    return x


def reference_synthesis(m: Model, ws, noises):
    """ws [num_ws, w_dim], noises a list of [side, side] or None → [side, side, 3]."""
    a, t = m.arch, {k: v.astype(np.float64) for k, v in m.tensors.items()}
    x = t["synthesis.b4.const"]
    image, layer = None, 0
    for side in a.resolutions:
        block = f"synthesis.b{side}."
        before, gain = x, 1.0
        if side > 4:
            x = conv(a, t, block + "conv0.", x, ws[layer], noises[layer], up=True)
            layer += 1
            gain = np.sqrt(0.5) if a.architecture == "resnet" else 1.0
        x = conv(a, t, block + "conv1.", x, ws[layer], noises[layer], gain=gain)
        layer += 1
        if side > 4 and a.architecture == "resnet":
            w = t[block + "skip.weight"][:, :, 0, 0] / np.sqrt(before.shape[0])
            x = x + clamp(fir_up(np.einsum("oi,ihw->ohw", w, before)) * gain, a.conv_clamp * gain)
        if image is not None:
            image = fir_up(image)
        if a.has_torgb(side):
            style = affine(t, block + "torgb.", ws[layer]) / np.sqrt(x.shape[0])
            w = t[block + "torgb.weight"][:, :, 0, 0] * style
            rgb = np.einsum("oi,ihw->ohw", w, x) + t[block + "torgb.bias"][:, None, None]
            image = clamp(rgb, a.conv_clamp) + (0 if image is None else image)
    return image.transpose(1, 2, 0)


def conv(a, t, name, x, w, noise, up=False, gain=1.0):
    weight = t[name + "weight"] * affine(t, name, w)[None, :, None, None]
    weight = weight / np.sqrt((weight**2).sum((1, 2, 3), keepdims=True) + 1e-8)
    if up:
        h = x.shape[1]
        full = np.zeros((weight.shape[0], 2 * h + 1, 2 * h + 1))
        for i in range(3):
            for j in range(3):
                full[:, i : i + 2 * h : 2, j : j + 2 * h : 2] += np.einsum("oi,ihw->ohw", weight[:, :, i, j], x)
        y = fir(np.pad(full, ((0, 0), (1, 1), (1, 1))), 4)
    else:
        h = x.shape[1]
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
        y = sum(
            np.einsum("oi,ihw->ohw", weight[:, :, i, j], padded[:, i : i + h, j : j + h])
            for i in range(3)
            for j in range(3)
        )
    if noise is not None:
        y = y + noise * t[name + "noise_strength"]
    return clamp(lrelu(y + t[name + "bias"][:, None, None]) * np.sqrt(2) * gain, a.conv_clamp * gain)


def affine(t, name, w):
    weight = t[name + "affine.weight"]
    return weight @ w / np.sqrt(len(w)) + t[name + "affine.bias"]


def fir(x, gain):
    """Valid convolution with [1, 3, 3, 1] ⊗ [1, 3, 3, 1] / 64 · gain."""
    f = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64 * gain
    h, w = x.shape[1] - 3, x.shape[2] - 3
    return sum(f[i, j] * x[:, i : i + h, j : j + w] for i in range(4) for j in range(4))


def fir_up(x):
    """Zero insertion, then the filter with gain 4 and padding 2, 1."""
    c, h, w = x.shape
    spread = np.zeros((c, 2 * h, 2 * w))
    spread[:, ::2, ::2] = x
    return fir(np.pad(spread, ((0, 0), (2, 1), (2, 1))), 4)


def lrelu(x):
    return np.where(x < 0, 0.2 * x, x)


def clamp(x, limit):
    return np.clip(x, -limit, limit) if limit else x
