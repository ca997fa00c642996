"""The discriminator and the penalties in numpy and float64, from their definitions; gradients by central differences.

Shares nothing with the code it checks.
"""

import numpy as np


def logits(d, sides, pictures, group):
    """d: name → array; sides 4, 8, …; pictures [n, side, side, 3] → [n]."""
    t = {k: np.asarray(v, np.float64) for k, v in d.items()}
    top = f"b{sides[-1]}."
    x = np.asarray(pictures, np.float64).transpose(0, 3, 1, 2)
    x = lrelu(conv(x, scaled(t[top + "fromrgb.weight"]), 0) + t[top + "fromrgb.bias"][:, None, None]) * np.sqrt(2)
    for side in reversed(sides[1:]):
        b = f"b{side}."
        short = conv(blur(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))))[:, :, ::2, ::2], scaled(t[b + "skip.weight"]), 0)
        x = lrelu(conv(x, scaled(t[b + "conv0.weight"]), 1) + t[b + "conv0.bias"][:, None, None]) * np.sqrt(2)
        x = blur(np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2))))
        x = conv(x, scaled(t[b + "conv1.weight"]), 0)[:, :, ::2, ::2]
        x = lrelu(x + t[b + "conv1.bias"][:, None, None]) * np.sqrt(2)
        x = (x + short) * np.sqrt(0.5)
    n = len(x)
    size = min(group, n)
    groups = x.reshape(size, n // size, *x.shape[1:])
    spread = np.sqrt(groups.var(axis=0) + 1e-8).mean(axis=(1, 2, 3))
    channel = np.tile(spread, size)[:, None, None, None] * np.ones((1, 1, 4, 4))
    x = np.concatenate([x, channel], axis=1)
    x = lrelu(conv(x, scaled(t["b4.conv.weight"]), 1) + t["b4.conv.bias"][:, None, None]) * np.sqrt(2)
    x = lrelu(x.reshape(n, -1) @ scaled(t["b4.fc.weight"]).T + t["b4.fc.bias"]) * np.sqrt(2)
    return (x @ scaled(t["b4.out.weight"]).T + t["b4.out.bias"])[:, 0]


def r1(d, sides, pictures, group, step=1e-5):
    """Mean squared length of the gradient of each picture's own logit … of the logits' sum, as the paper has it."""
    slope = gradient(lambda x: logits(d, sides, x, group).sum(), pictures, step)
    return (slope**2).sum(axis=(1, 2, 3)).mean()


def path_lengths(pictures_of, ws, noise, step=1e-5):
    """pictures_of: ws [num_ws, w_dim] → [side, side, 3], one picture at a time; ws [n, num_ws, w_dim]."""
    out = []
    for w, y in zip(np.asarray(ws, np.float64), np.asarray(noise, np.float64), strict=True):
        slope = gradient(lambda x, y=y: (pictures_of(x) * y).sum() / np.sqrt(y.shape[0] * y.shape[1]), w, step)
        out.append(np.sqrt((slope**2).sum(axis=1).mean()))
    return np.array(out)


def gradient(f, at, step):
    at = np.asarray(at, np.float64)
    out = np.empty_like(at)
    for i in np.ndindex(at.shape):
        moved = at.copy()
        moved[i] += step
        up = f(moved)
        moved[i] -= 2 * step
        out[i] = (up - f(moved)) / (2 * step)
    return out


def laplacian_distance(a, b):
    """Mean absolute difference summed over a pyramid of 2×2 means down to 4×4."""
    difference, total = np.asarray(a, np.float64) - np.asarray(b, np.float64), 0.0
    while difference.shape[1] > 4:
        coarse = (
            difference[:, ::2, ::2] + difference[:, 1::2, ::2] + difference[:, ::2, 1::2] + difference[:, 1::2, 1::2]
        ) / 4
        total += np.abs(difference - coarse.repeat(2, 1).repeat(2, 2)).mean()
        difference = coarse
    return total + np.abs(difference).mean()


def scaled(w):
    return w / np.sqrt(np.prod(w.shape[1:]))


def conv(x, w, pad):
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    k = w.shape[2]
    h, v = x.shape[2] - k + 1, x.shape[3] - k + 1
    return sum(
        np.einsum("oi,nihw->nohw", w[:, :, i, j], x[:, :, i : i + h, j : j + v]) for i in range(k) for j in range(k)
    )


def blur(x):
    f = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
    h, w = x.shape[2] - 3, x.shape[3] - 3
    return sum(f[i, j] * x[:, :, i : i + h, j : j + w] for i in range(4) for j in range(4))


def lrelu(x):
    return np.where(x < 0, 0.2 * x, x)
