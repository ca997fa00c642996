"""The network by OpenVINO, ready to draw."""

import contextlib
import itertools
import tempfile
from pathlib import Path
from typing import Any

from vj.core.errors import WorkerError, one_line
from vj.core.logs import LOG
from vj.core.types import F32, U8, GeneratorInput
from vj.generator.arch import Arch
from vj.generator.bending.spec import KINDS
from vj.generator.config import EngineName
from vj.generator.engine import checked_picture, checked_styles, resting_input
from vj.generator.openvino import cuts, program
from vj.generator.openvino.program import Program, bend_name
from vj.generator.openvino.running import Runner, settings
from vj.generator.weights import Model, load_model
from vj.runtime.module import run_module

#: Large networks take minutes, on a machine that does other things at once.
_COMPILING_S = 900.0


class OpenvinoEngine:
    """See `vj.generator.engine.Engine`.

    made  the network, compiled; noise_seed  chooses the fixed noise fields; threads  of a picture, 0: one for each core
    Raises WorkerError where the library does not take the program.
    """

    name: EngineName = "openvino"

    def __init__(self, model: Model, made: Program, *, noise_seed: int = 0, threads: int = 0) -> None:
        arch = self.arch = model.arch
        self.resolution, self.num_ws, self.n_noise = arch.resolution, arch.num_ws, arch.n_conv
        self.z_dim, self.w_dim, self.z_names = arch.z_dim, arch.w_dim, model.z_names
        self.w_avg = model.tensors["mapping.w_avg"]
        self.precision = made.precision
        try:
            self._runner = _loaded(made, arch, threads, noise_seed)
        except (ImportError, OSError, RuntimeError, LookupError, TypeError, ValueError) as e:
            raise WorkerError(f"the compiled network cannot be loaded: {one_line(str(e))}") from e
        LOG.info("openvino draws in %s", describe_precision(self.precision))

    def map(self, z: F32) -> F32:
        """The mapping network: f32[n, z_dim] → f32[n, w_dim], not truncated."""
        return self._runner.map(z)

    def warm(self) -> None:
        """Draw one picture; all that later ones need is compiled."""
        self.frame(resting_input(self))

    def frame(self, given: GeneratorInput) -> U8:
        """One picture u8[resolution, resolution, 4], alpha 255; see `vj.generator.engine.Engine`."""
        checked_styles(self, given)
        try:
            return checked_picture(*self._runner.draw(given))
        except RuntimeError as e:
            raise WorkerError(f"OpenVINO: {one_line(str(e))}") from e


def opened(
    path: Path, *, noise_seed: int = 0, threads: int = 0, folder: Path | None = None, bf16: bool = True
) -> OpenvinoEngine:
    """The network of a file, ready to draw: by the program that was kept of it, else by one that is compiled now.

    folder  where programs are kept, None: in the user's cache; bf16  whether layers may be computed in it
    Raises ModelError, and WorkerError where the library fails.
    """
    model = load_model(path)
    with contextlib.ExitStack() as stack:
        kept_in = folder or program.default_folder() or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = program.program_path(kept_in, model, bf16)
        with contextlib.suppress(WorkerError):
            if made := program.read_program(file):
                return _warmed(OpenvinoEngine(model, made, noise_seed=noise_seed, threads=threads))
        # Keras serves one library a process, and what fails or crashes here must not end what could draw by XLA.
        run_module("vj.generator.openvino.compiling", str(path), str(file), str(threads), str(int(bf16)),
                   timeout_s=_COMPILING_S)  # fmt: skip
        if not (made := program.read_program(file)):
            raise WorkerError(f"{file}: the compiled network cannot be kept there")
        return _warmed(OpenvinoEngine(model, made, noise_seed=noise_seed, threads=threads))


def _warmed(engine: OpenvinoEngine) -> OpenvinoEngine:
    engine.warm()
    return engine


def _loaded(made: Program, arch: Arch, threads: int, noise_seed: int) -> Runner:
    import openvino

    core = openvino.Core()

    def load(blob: bytes, precision: str = "f32") -> Any:
        return core.import_model(blob, "CPU", settings(threads, precision))

    keys = itertools.product(KINDS, cuts.bent_shapes(arch))
    bends = {(kind, shape): load(made.graphs[bend_name(kind, shape)]) for kind, shape in keys}
    pieces = {part: load(blob, made.precision[part.first]) for part, blob in made.pieces.items()}
    return Runner(arch, load(made.graphs["mapping"]), pieces, bends, noise_seed)


def describe_precision(precision: tuple[str, ...]) -> str:
    """For people: in what the convolutions are computed, of a precision for each site."""
    layers = precision[:-2]
    rough = layers.count("bf16")
    return "bf16" if rough == len(layers) else f"f32, {rough} of {len(layers)} layers bf16" if rough else "f32"
