"""The network by XLA: one program that turns styles, noise angles and bends into a finished picture.

Everything that may change from frame to frame is an input of the program, and the weights are captured tensors, so
another network of the same shape finds its program in the cache. Lives in the generator process.
"""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from vj.core import resources
from vj.core.files import can_keep_in
from vj.core.types import F32, FLOW_SIZE, U8, GeneratorInput
from vj.generator import bending, stylegan2
from vj.generator.arch import Arch
from vj.generator.config import EngineName
from vj.generator.engine import checked_picture, checked_styles, finished, noise_field, resting_input, turned_noise
from vj.generator.machine import processor, version
from vj.generator.weights import Model
from vj.runtime.native import native_stderr_closed


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
    if "persistent_cache_directory" not in flags and folder and can_keep_in(folder):
        os.environ["TF_XLA_FLAGS"] = f'{flags} --tf_xla_persistent_cache_directory="{folder}"'.strip()
    if threads:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)


def default_cache_dir() -> Path | None:
    """The folder of compiled programs for this TensorFlow and this processor: neither runs the other's.

    None for a user without a folder of caches: what others can write to is not run.
    """
    tensorflow = next(filter(None, map(version, ("tensorflow", "tensorflow-cpu"))), "unknown")
    machine = re.sub(r"[^A-Za-z0-9]+", "-", processor())
    folder = resources.cache_dir()
    return folder / "xla" / f"tensorflow-{tensorflow}-{machine}" if folder else None


class XlaEngine:
    """A model, ready to draw.

    noise_seed  chooses the fixed noise fields. Not thread-safe: one thread calls it.
    """

    name: EngineName = "xla"

    def __init__(self, model: Model, *, noise_seed: int = 0) -> None:
        import tensorflow as tf

        self.arch = model.arch
        self.resolution, self.num_ws, self.n_noise = model.arch.resolution, model.arch.num_ws, model.arch.n_conv
        self.z_dim, self.w_dim = model.arch.z_dim, model.arch.w_dim
        self.z_names = model.z_names
        prepared = stylegan2.prepare(model.tensors, model.arch)
        self.w_avg = prepared["w_avg"]
        self._constant = tf.constant
        weights = {name: tf.constant(value) for name, value in prepared.items()}
        fields = {side: tf.constant(np.stack(noise_field(noise_seed, side))) for side in model.arch.resolutions}
        self._draw = _compiled(weights, model.arch, fields)
        self._map = tf.function(lambda z: stylegan2.mapping(weights, model.arch, z))

    def map(self, z: F32) -> F32:
        """The mapping network: f32[n, z_dim] → f32[n, w_dim], not truncated."""
        out: F32 = self._map(np.asarray(z, np.float32)).numpy()
        return out

    def warm(self) -> None:
        """Compile, or fetch the program from the cache, and draw one picture."""
        # A program from the cache is greeted with a page about processor features, which no setting turns off.
        with native_stderr_closed():
            self.frame(resting_input(self))

    def frame(self, given: GeneratorInput) -> U8:
        """One picture u8[resolution, resolution, 4], alpha 255.

        Raises WorkerError when the network's output is not a number, ModelError when the input's shapes are not those
        of the network.
        """
        checked_styles(self, given)
        inputs = (given.ws, given.noise_turns, given.noise_sigma, given.bends, given.flow)
        picture, finite = self._draw(*map(self._constant, inputs))
        return checked_picture(picture.numpy(), bool(finite))


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
        noises = [turned_noise(fields[s][0], fields[s][1], turns[i], sigma[i]) for i, s in enumerate(arch.noise_sides)]
        picture = stylegan2.synthesis(weights, arch, ws[None], noises, bender(bends, flow, share))[0]
        return finished(picture)

    # Traced at once: the number in the traced function's name is part of the cache's key, so that an engine made after
    # other functions were traced would not find its program.
    return tf.function(draw, jit_compile=True, input_signature=signature, autograph=False).get_concrete_function()
