"""The network, compiled: one XLA program that turns styles, noise angles and bends into a finished picture.

Everything that may change from frame to frame is an input of the program, and the weights are captured tensors, so
another network of the same shape finds its program in the cache. Lives in the generator process.
"""

import importlib.metadata
import os
import platform
import re
from pathlib import Path
from typing import Any

import numpy as np

from vj.core import resources
from vj.core.errors import ModelError, WorkerError
from vj.core.types import F32, FLOW_SIZE, U8, GeneratorInput
from vj.generator import bending, stylegan2
from vj.generator.arch import Arch
from vj.generator.weights import Model


def configure_tensorflow(cache_dir: Path | None = None, threads: int | None = None) -> None:
    """Settings that TensorFlow reads once, at its import; call this first in the process.

    cache_dir  where compiled programs are kept between runs (default: the user's cache folder); where it cannot be
               made there is no cache
    threads    of one operation: all cores (the default) where nothing else matters, one fewer beside a live show
    """
    # At 2 XLA still writes pages about processor features that do not matter here.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    folder = cache_dir or default_cache_dir()
    flags = os.environ.get("TF_XLA_FLAGS", "")
    if "persistent_cache_directory" not in flags and folder and _made(folder):
        os.environ["TF_XLA_FLAGS"] = f'{flags} --tf_xla_persistent_cache_directory="{folder}"'.strip()
    if threads:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)


def _made(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def default_cache_dir() -> Path | None:
    """The folder of compiled programs for this TensorFlow and this processor: neither runs the other's.

    None for a user without a folder of caches: what others can write to is not run.
    """
    version = next(filter(None, map(_version, ("tensorflow", "tensorflow-cpu"))), "unknown")
    processor = re.sub(r"[^A-Za-z0-9]+", "-", _processor())
    folder = resources.cache_dir()
    return folder / "xla" / f"tensorflow-{version}-{processor}" if folder else None


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found[1] if found else platform.machine()


class Engine:
    """A model, ready to draw.

    noise_seed  chooses the fixed noise fields. Not thread-safe: one thread calls it.
    """

    def __init__(self, model: Model, *, noise_seed: int = 0) -> None:
        import tensorflow as tf

        self.arch = model.arch
        self.resolution, self.num_ws, self.n_noise = model.arch.resolution, model.arch.num_ws, model.arch.n_conv
        self.z_dim, self.w_dim = model.arch.z_dim, model.arch.w_dim
        prepared = stylegan2.prepare(model.tensors, model.arch)
        self.w_avg = prepared["w_avg"]
        self._constant = tf.constant
        weights = {name: tf.constant(value) for name, value in prepared.items()}
        fields = {side: tf.constant(noise_field(noise_seed, side)) for side in model.arch.resolutions}
        self._draw = _compiled(weights, model.arch, fields)
        self._map = tf.function(lambda z: stylegan2.mapping(weights, model.arch, z))

    def map(self, z: F32) -> F32:
        """The mapping network: f32[n, z_dim] → f32[n, w_dim], not truncated."""
        out: F32 = self._map(np.asarray(z, np.float32)).numpy()
        return out

    def warm(self) -> None:
        """Compile, or fetch the program from the cache, and draw one picture."""
        ws = np.repeat(self.w_avg[None], self.num_ws, axis=0)
        still = np.zeros(self.n_noise, np.float32)
        self.frame(GeneratorInput(ws, still, still, bending.neutral(), np.zeros((FLOW_SIZE, FLOW_SIZE, 2), np.float32)))

    def frame(self, given: GeneratorInput) -> U8:
        """One picture u8[resolution, resolution, 4], alpha 255.

        Raises WorkerError when the network's output is not a number, ModelError when the input's shapes are not those
        of the network.
        """
        if given.ws.shape != (self.num_ws, self.w_dim):
            raise ModelError(f"styles of shape {given.ws.shape}, expected {(self.num_ws, self.w_dim)}")
        inputs = (given.ws, given.noise_turns, given.noise_sigma, given.bends, given.flow)
        picture, finite = self._draw(*map(self._constant, inputs))
        if not finite:
            raise WorkerError("the network's picture holds NaN or infinity; its weights or inputs are out of range")
        out: U8 = picture.numpy()
        return out


def noise_field(seed: int, side: int) -> F32:
    """The fixed normal field f32[side, side, 2] of one resolution, read as vectors that turn."""
    return np.random.default_rng([seed, side]).standard_normal((side, side, 2), np.float32)


def turned_noise(field: Any, turns: Any, sigma: Any) -> Any:
    """A field's vectors rotated by `turns`, their two components added and scaled: f32[side, side].

    Divided by √2, so that sigma is the standard deviation whatever the angle. Cheap noise that moves in a circle.
    """
    from vj.generator import ops

    angle = 2.0 * np.pi * turns
    cos, sin = ops.cos(angle), ops.sin(angle)
    return sigma * ((cos + sin) * field[..., 0] + (cos - sin) * field[..., 1]) / np.sqrt(2.0)


def _compiled(weights: dict[str, Any], arch: Arch, fields: dict[int, Any]) -> Any:
    import tensorflow as tf

    from vj.generator.bending.primitives import bender

    signature = [
        tf.TensorSpec(shape, tf.float32)
        for shape in (
            (arch.num_ws, arch.w_dim),
            (arch.n_conv,),
            (arch.n_conv,),
            (bending.N_VALUES,),
            (FLOW_SIZE, FLOW_SIZE, 2),
        )
    ]

    def share(bend: Any) -> Any:
        return tf.function(bend, autograph=False)

    def draw(ws: Any, turns: Any, sigma: Any, bends: Any, flow: Any) -> Any:
        noises = [turned_noise(fields[side], turns[i], sigma[i]) for i, side in enumerate(arch.noise_sides)]
        picture = stylegan2.synthesis(weights, arch, ws[None], noises, bender(bends, flow, share))[0]
        # As the original rounds it; casting truncates.
        levels = tf.cast(tf.clip_by_value(picture * 127.5 + 128.0, 0.0, 255.0), tf.uint8)
        opaque = tf.fill((arch.resolution, arch.resolution, 1), tf.constant(255, tf.uint8))
        return tf.concat([levels, opaque], axis=2), tf.reduce_all(tf.math.is_finite(picture))

    # Traced at once: the number in the traced function's name is part of the cache's key, so that an engine made after
    # other functions were traced would not find its program.
    return tf.function(draw, jit_compile=True, input_signature=signature, autograph=False).get_concrete_function()
