"""Arithmetic on latents and displacement fields. Pure."""

import numpy as np

from vj.core.types import F32


def slerp(a: F32, b: F32, t: float) -> F32:
    """Spherical interpolation between vectors f32[d], t in 0..1; lengths are interpolated linearly.

    Falls back to a straight line where the angle is undefined (parallel, opposite or zero vectors).
    Shoemake, "Animating Rotation with Quaternion Curves", SIGGRAPH 1985.
    """
    len_a, len_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if len_a == 0.0 or len_b == 0.0:
        return a + np.float32(t) * (b - a)
    unit_a, unit_b = a / np.float32(len_a), b / np.float32(len_b)
    angle = float(np.arccos(np.clip(np.dot(unit_a, unit_b), -1.0, 1.0)))
    if np.sin(angle) < 1e-4:
        return a + np.float32(t) * (b - a)
    direction = (np.sin((1 - t) * angle) * unit_a + np.sin(t * angle) * unit_b) / np.sin(angle)
    out: F32 = (direction * (len_a + t * (len_b - len_a))).astype(np.float32)
    return out


def smoothstep(x: float) -> float:
    """0..1 → 0..1 with flat ends (3x² − 2x³)."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def follow(now: F32, target: F32, dt_s: float, time_s: float) -> F32:
    """One-pole smoothing: `now` f32[…] moved towards `target` f32[…] with time constant `time_s` over `dt_s`."""
    if time_s <= 0.0:
        return target
    out: F32 = (now + (target - now) * np.float32(1.0 - np.exp(-dt_s / time_s))).astype(np.float32)
    return out


def flow_field(size: int, turns: float, scale: float, seed: int) -> F32:
    """A smooth, divergence-free displacement field f32[size, size, 2] (y, x), every component within −1..1.

    The curl of a stream function made of eight plane waves whose phases drift at their own whole multiples of
    `turns`, so the field repeats when `turns` has grown by 1. `scale` is roughly the number of swirls across.
    Bridson et al., "Curl-noise for procedural fluid flow", SIGGRAPH 2007.
    """
    rng = np.random.default_rng(seed)
    n = 8
    angle = rng.uniform(0, 2 * np.pi, n)
    k = scale * rng.uniform(0.5, 1.5, n)
    phase = rng.uniform(0, 2 * np.pi, n)
    speed = rng.choice([-3, -2, -1, 1, 2, 3], n)
    grid = (np.arange(size) + 0.5) / size
    y, x = np.meshgrid(grid, grid, indexing="ij")
    ky, kx = k * np.sin(angle), k * np.cos(angle)
    arg = 2 * np.pi * (y[..., None] * ky + x[..., None] * kx + speed * turns) + phase
    wave = np.cos(arg) / k
    field = np.stack([-(wave * kx).sum(-1), (wave * ky).sum(-1)], axis=-1)
    # Eight unit waves add up to a spread of 2; tanh keeps the rare peaks inside the range.
    out: F32 = np.tanh(field / 2.0).astype(np.float32)
    return out
