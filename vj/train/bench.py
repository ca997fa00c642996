"""`vj bench --training`: pictures a second of training steps, beside the same steps without XLA and in full precision.

What is compared is measured in turns, one step of each at a time: the ratio is what to read.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from vj.train import draws, state
from vj.train.fused import Fused, unfused
from vj.train.networks import Networks
from vj.train.processor import dtype_for
from vj.train.settings import Settings, parse_schedule
from vj.train.teacher import Coordinates

KINDS = ("teach", "gan", "r1", "path")
_WARM = 2


def run(resolution: int, batch: int, steps: int) -> dict[str, Any]:
    """Measure `steps` steps of each kind, for the default model's shape.

    Returns {"resolution", "batch", "dtype", "kinds": {kind: {"fused", "plain", "fused_over_plain"}}}: pictures a second
    of the median step, and their ratio. Raises TrainingError for a shape the model cannot have.
    """
    from vj.generator.load_tensorflow import import_tensorflow
    from vj.generator.xla import configure_tensorflow

    settings = Settings(stages=parse_schedule(f"gan@{resolution}x{batch}:1k"))
    configure_tensorflow()
    import_tensorflow()
    import tensorflow as tf

    from vj.train.tensorflow_step import TensorFlowStep, fuse

    rng, dtype = np.random.default_rng(0), dtype_for("auto", tf)
    found = state.begin(settings, Coordinates(1, 0, settings.generator.z_dim), rng)
    g, d = state.generator_arch(settings, resolution), state.discriminator_arch(settings, resolution)
    engines = {
        name: TensorFlowStep(Networks(g, d, Fused(how, precision)), settings, found, fused=how)
        for name, how, precision in (("fused", fuse, dtype), ("plain", unfused, "float32"))
    }
    report: dict[str, Any] = {"resolution": resolution, "batch": batch, "dtype": dtype, "kinds": {}}
    for kind in KINDS:
        inputs = _inputs(kind, g.z_dim, draws.noises(g, batch, rng), resolution, batch, rng)
        times = _in_turns({name: _step(engine, kind, inputs) for name, engine in engines.items()}, steps)
        rates = {name: len(next(iter(inputs.values()))) / float(np.median(t)) for name, t in times.items()}
        report["kinds"][kind] = rates | {"fused_over_plain": rates["fused"] / rates["plain"]}
    return report


def text(report: dict[str, Any]) -> str:
    """The report for people."""
    side = report["resolution"]
    lines = [
        f"training steps at {side}×{side}, batches of {report['batch']}, pictures a second",
        f"{'':8}{'fused, ' + report['dtype']:>18}{'plain, float32':>18}{'ratio':>8}",
    ]
    for kind, found in report["kinds"].items():
        lines.append(f"{kind:8}{found['fused']:18.1f}{found['plain']:18.1f}{found['fused_over_plain']:8.2f}")
    return "\n".join(lines)


def _inputs(kind: str, z_dim: int, noises: list[Any], side: int, n: int, rng: np.random.Generator) -> dict[str, Any]:
    real = rng.integers(0, 256, (n, side, side, 3)).astype(np.uint8)
    if kind == "r1":
        return {"real": real}
    inputs = {"z": rng.standard_normal((n, z_dim), np.float32), **{f"noise{i}": a for i, a in enumerate(noises)}}
    direction = rng.standard_normal((n, side, side, 3), np.float32)
    return inputs | ({"direction": direction} if kind == "path" else {"real": real})


def _step(engine: Any, kind: str, inputs: dict[str, Any]) -> Callable[[], float]:
    def timed() -> float:
        began = time.perf_counter()
        engine.step(kind, inputs, 0.99)
        return time.perf_counter() - began

    return timed


def _in_turns(kinds: dict[str, Callable[[], float]], steps: int) -> dict[str, list[float]]:
    for timed in kinds.values():
        for _ in range(_WARM):
            timed()
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(steps):
        for name, timed in kinds.items():
            times[name].append(timed())
    return times
