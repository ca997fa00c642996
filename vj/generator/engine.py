"""What draws: one interface for XLA and OpenVINO, and what both have in common. Imports neither."""

from typing import Any, Protocol

import numpy as np

from vj.core.errors import ModelError, WorkerError
from vj.core.types import F32, FLOW_SIZE, U8, GeneratorInput
from vj.generator import bending, ops
from vj.generator.config import EngineName


class Engine(Protocol):
    """A network, ready to draw. Not thread-safe: one thread calls it.

    name   what draws, for people
    w_avg  f32[w_dim], the centre of w space; z_names  what the first numbers of z mean, where the model says it
    """

    name: EngineName
    resolution: int
    num_ws: int
    n_noise: int
    z_dim: int
    w_dim: int
    w_avg: F32
    z_names: tuple[str, ...]

    def map(self, z: F32) -> F32:
        """The mapping network: f32[n, z_dim] → f32[n, w_dim], not truncated."""

    def warm(self) -> None:
        """Draw one picture, having compiled whatever any later one needs."""

    def frame(self, given: GeneratorInput) -> U8:
        """One picture u8[resolution, resolution, 4], alpha 255.

        Raises WorkerError when the network's output is not a number, ModelError when the input's shapes are not those
        of the network.
        """


def resting_input(engine: Engine) -> GeneratorInput:
    """The average picture, without noise and bends."""
    ws = np.repeat(engine.w_avg[None], engine.num_ws, axis=0)
    still = np.zeros(engine.n_noise, np.float32)
    return GeneratorInput(ws, still, still, bending.neutral(), np.zeros((FLOW_SIZE, FLOW_SIZE, 2), np.float32))


def checked_styles(engine: Engine, given: GeneratorInput) -> None:
    """Raises ModelError where the styles are not of the network's shape."""
    if given.ws.shape != (engine.num_ws, engine.w_dim):
        raise ModelError(f"styles of shape {given.ws.shape}, expected {(engine.num_ws, engine.w_dim)}")


def checked_picture(picture: U8, finite: bool) -> U8:
    """The picture u8[h, w, 4] as it is. Raises WorkerError where it came of what is no number."""
    if not finite:
        raise WorkerError("the network's picture holds NaN or infinity; its weights or inputs are out of range")
    return picture


def noise_field(seed: int, side: int) -> tuple[F32, F32]:
    """The fixed normal field of one resolution, read as vectors that turn: their parts, f32[side, side] each."""
    field = np.random.default_rng([seed, side]).standard_normal((side, side, 2), np.float32)
    return np.ascontiguousarray(field[..., 0]), np.ascontiguousarray(field[..., 1])


def turned_noise(first: Any, second: Any, turns: Any, sigma: Any) -> Any:
    """A field's vectors (`noise_field`) rotated by `turns`, their parts added and scaled: f32[side, side].

    Divided by √2, so that sigma is the standard deviation whatever the angle. Cheap noise that moves in a circle.
    """
    angle = 2.0 * np.pi * turns
    cos, sin = ops.cos(angle), ops.sin(angle)
    return sigma * ((cos + sin) * first + (cos - sin) * second) / np.sqrt(2.0)


def finished(picture: Any) -> tuple[Any, Any]:
    """The network's picture f32[h, w, 3] as u8[h, w, 4], alpha 255, and whether all of it are numbers."""
    # As the original rounds it; casting truncates.
    levels = ops.cast(ops.clip(picture * 127.5 + 128.0, 0.0, 255.0), "uint8")
    opaque = ops.full((*picture.shape[:2], 1), 255, "uint8")
    return ops.concatenate([levels, opaque], axis=2), ops.all(ops.isfinite(picture))
