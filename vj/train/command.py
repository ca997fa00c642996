"""What `vj train` does: begin or go on, in a folder of its own."""

import contextlib
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vj.core.errors import TrainingError
from vj.core.types import F32
from vj.train import efficientnet
from vj.train.board import Board
from vj.train.checkpoint import Checkpoint, checkpoints, load_checkpoint
from vj.train.dataset import Pictures, open_dataset
from vj.train.feed import Feed
from vj.train.fused import Fused, unfused
from vj.train.given import Given, given_weights
from vj.train.loop import Engines, Pace, Watcher, first_checkpoint, train
from vj.train.networks import Networks, as_float
from vj.train.processor import dtype_for
from vj.train.projected import Projection
from vj.train.quality import RunningFid
from vj.train.report import Extras, Report, cut_log
from vj.train.settings import Settings, Stage, parse_schedule
from vj.train.sheets import training_figure
from vj.train.state import discriminator_arch, discriminator_side, generator_arch

#: For pictures with known parameters: what trained the default model.
TAUGHT = "teach@16x8:30k,teach@32x8:44k,teach@64x8:50k,teach@128x8:16k,detail@256x16:40k"
#: For any other pictures.
ADVERSARIAL = "gan@32x32:300k,gan@64x16:300k,detail@256x16:200k"


#: Pictures over which what a projected discriminator sees is brought to mean 0 and variance 1.
_MEASURED = 64
_PACE = Pace()


@dataclass(frozen=True, slots=True)
class Plan:
    """The command's arguments, beside the hyper-parameters.

    schedule   stages, see `vj.train.settings.parse_schedule`; None for one that suits the data set
    given      a model, a run or a snapshot to go on from
    precision  "auto", "float32" or "bfloat16"
    engine     "tensorflow" or "jax"
    strategy   "one", "mirrored" (every GPU of this machine) or "workers" (many machines, named by TF_CONFIG)
    hours      stop after so long, with a checkpoint; 0 for no limit
    keep       the newest state, packed: written at every snapshot, gone on from where `run` has no checkpoint yet
    fid_of     pictures that the running distance to the data set is measured on; 0 for none
    """

    data: Path
    run: Path
    schedule: str | None = None
    given: Path | None = None
    precision: str = "auto"
    strategy: str = "one"
    hours: float = 0.0
    engine: str = "tensorflow"
    pace: Pace = _PACE
    fid_of: int = 500
    keep: Path | None = None


def run(plan: Plan, changes: Mapping[str, Any]) -> str:
    """Train, with `changes` to the hyper-parameters of `Settings`; returns one line that says how it ended.

    Raises VjErrors, each one line; checkpoints are kept.
    """
    dataset = open_dataset(plan.data)
    given = given_weights(plan.given) if plan.given else None
    feed = Feed.of(settings_for(plan.schedule, dataset, given, changes), dataset)
    start = first_state(plan, feed, given)
    engines, chief = _engines(plan, feed)
    watcher: Watcher = _report(plan, feed, start) if chief else Silence()
    with interruption() as interrupted:
        found = train(start, feed, engines, watcher, plan.pace, _any_of(interrupted, _over(plan.hours)))
    done = found.settings.stage_at(found.seen) is None
    return f"{plan.run}: {found.seen / 1000:.1f} kimg, {'done' if done else 'stopped; the same command goes on'}"


class Silence:
    """A watcher for the processes of a training on many machines that do not write."""

    def figures(self, seen: int, stage: Stage, means: Mapping[str, float], images_per_s: float) -> None:
        """Nothing."""

    def snapshot(self, found: Checkpoint, stage: Stage, left_s: float) -> None:
        """Nothing."""


def settings_for(schedule: str | None, dataset: Pictures, given: Given | None, changes: Mapping[str, Any]) -> Settings:
    """The settings of a training: the shape of what is given, or the default model's cut to the data set's size.

    Raises TrainingError.
    """
    values = dict(changes)
    if given:
        values |= {"generator": given.arch, "d_channels": given.d_channels}
    if schedule is None:
        schedule = f"gan@{given.resolution}x8:200k" if given else default_schedule(dataset)
    return Settings(stages=parse_schedule(schedule), **values)


def default_schedule(dataset: Pictures) -> str:
    """The stages that the data set's size allows."""
    text = TAUGHT if dataset.taught else ADVERSARIAL
    stages = [stage for stage in parse_schedule(text) if stage.resolution <= dataset.resolution]
    if not stages:
        raise TrainingError(f"{dataset.path}: pictures of {dataset.resolution} pixels a side; name a schedule")
    return ",".join(map(str, stages))


def first_state(plan: Plan, feed: Feed, given: Given | None) -> Checkpoint:
    """Where a training begins: at the newest checkpoint of its folder, at what was kept elsewhere, or at nothing.

    Raises TrainingError for a folder that cannot be made, another data set, or settings that cannot go on there.
    """
    folder = plan.run
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise TrainingError(f"{folder}: cannot be made: {e.strerror}") from e
    kept = checkpoints(folder) or [path for path in (plan.keep,) if path and path.exists()]
    if not kept:
        return first_checkpoint(feed, given.weights if given else None)
    found = load_checkpoint(kept[-1])
    if found.dataset != feed.dataset.digest:
        raise TrainingError(f"{kept[-1]}: was trained on another data set than {feed.dataset.path}; use another folder")
    if wrong := feed.settings.continues(found.settings, found.seen):
        raise TrainingError(f"{kept[-1]}: {wrong}; another folder and --from {folder} go on from its weights")
    return Checkpoint(feed.settings, found.seen, found.state, found.ada, found.dataset)


def _report(plan: Plan, feed: Feed, start: Checkpoint) -> Report:
    cut_log(plan.run / "log.csv", start.seen)
    command = "vj train " + shlex.join(arg.replace(os.path.expanduser("~"), "~") for arg in sys.argv[2:])
    fid = RunningFid(feed.dataset, plan.fid_of) if plan.fid_of else None
    # Two stacks in one process would share its memory badly: under JAX there are no event files.
    board = Board(plan.run).tell if plan.engine == "tensorflow" else None
    extras = Extras(fid=fid, fid_of=plan.fid_of, board=board, curves=training_figure, keep=plan.keep)
    return Report(plan.run, feed, plan.run.name, command, extras)


def _engines(plan: Plan, feed: Feed) -> tuple[Engines, bool]:
    """(how to make an engine for a stage, whether this process is the one that writes)."""
    if plan.engine == "jax" and feed.settings.projected:
        raise TrainingError("engine jax: a projected discriminator is trained by tensorflow alone")
    return _jax_engines(plan) if plan.engine == "jax" else _tensorflow_engines(plan, feed)


def _projection(feed: Feed, frozen: Mapping[str, F32]) -> Projection:
    """What a projected discriminator sees through; needs TensorFlow to be ready."""
    adversarial = [stage for stage in feed.settings.stages if stage.kind != "teach"] or feed.settings.stages
    picked = np.random.RandomState(0).randint(0, feed.dataset.count, _MEASURED, np.int64)
    pictures = feed.dataset.batch(picked, adversarial[0].resolution)
    return Projection.of(frozen, feed.settings.seed, as_float(pictures))


def _tensorflow_engines(plan: Plan, feed: Feed) -> tuple[Engines, bool]:
    frozen = efficientnet.load_weights(efficientnet.WEIGHTS.path()) if feed.settings.projected else None
    from vj.generator.load_tensorflow import import_tensorflow
    from vj.generator.xla import configure_tensorflow

    configure_tensorflow()
    import_tensorflow()
    import tensorflow as tf

    from vj.train.distribute import strategy_for
    from vj.train.tensorflow_step import TensorFlowStep, fuse

    steps = Fused(fuse, dtype_for(plan.precision, tf))
    projection = _projection(feed, frozen) if frozen else None
    strategy, chief = strategy_for(plan.strategy)
    return lambda settings, stage, state: TensorFlowStep(
        _networks(settings, stage, steps, projection), settings, state, strategy
    ), chief


def _jax_engines(plan: Plan) -> tuple[Engines, bool]:
    if plan.strategy != "one":
        raise TrainingError(f"strategy {plan.strategy}: expected one; the JAX engine uses one device")
    os.environ["KERAS_BACKEND"] = "jax"
    from vj.train.jax_step import JaxStep

    # XLA compiles the whole step here, and emulates bfloat16 on most processors.
    steps = Fused(unfused, "float32" if plan.precision == "auto" else plan.precision)
    return lambda settings, stage, state: JaxStep(_networks(settings, stage, steps), settings, state), True


def _networks(settings: Settings, stage: Stage, steps: Fused, projection: Projection | None = None) -> Networks:
    g, d = generator_arch(settings, stage.resolution), discriminator_arch(settings, discriminator_side(stage))
    return Networks(g, d, steps, settings.relativistic, projection)


@contextlib.contextmanager
def interruption() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed or the process told to end; pressed again it ends at once."""
    told: list[int] = []

    def note(number: int, frame: Any) -> None:
        del frame
        told.append(number)
        signal.signal(number, signal.SIG_DFL)

    earlier = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _over(hours: float) -> Callable[[], bool]:
    end = time.monotonic() + hours * 3600.0
    return lambda: bool(hours) and time.monotonic() >= end


def _any_of(*conditions: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: any(condition() for condition in conditions)
