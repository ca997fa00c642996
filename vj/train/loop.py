"""The training loop: which step when, growing between stages, averaging, augmentation, and when to look and to save.

It knows neither TensorFlow nor JAX: an engine takes the steps. It knows no files: a watcher is told.
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol

from vj.core.errors import TrainingError
from vj.core.types import F32
from vj.train import ada
from vj.train import state as states
from vj.train.checkpoint import Checkpoint
from vj.train.feed import Feed, Inputs, rng_of
from vj.train.settings import Settings, Stage, images
from vj.train.state import State


class Engine(Protocol):
    """Holds a training's state and takes steps: `vj.train.tensorflow_step`, `vj.train.jax_step`."""

    def step(self, kind: str, inputs: Mapping[str, Any], ema_decay: float = 1.0) -> dict[str, float]:
        """Take one step; returns its figures."""

    def state(self) -> State:
        """A copy of everything."""


class Watcher(Protocol):
    """Is told how the training goes."""

    def figures(self, seen: int, stage: Stage, means: Mapping[str, float], images_per_s: float) -> None:
        """Means since the last call."""

    def snapshot(self, found: Checkpoint, stage: Stage, left_s: float) -> None:
        """A moment to save and to look at; `left_s` is an estimate of what remains."""


Engines = Callable[[Settings, Stage, State], Engine]


@dataclass(frozen=True, slots=True)
class Pace:
    """Every how many thousand pictures figures are told and snapshots taken."""

    figures_kimg: float = 1.0
    snapshot_kimg: float = 10.0


def first_checkpoint(feed: Feed, given: Mapping[str, F32] | None = None) -> Checkpoint:
    """Before the first step; `given` are weights f32[…] to go on from, see `vj.train.state.begin`."""
    settings = feed.settings
    state = states.begin(settings, feed.coordinates, rng_of(settings, 0, "enter"), given)
    return Checkpoint(settings, 0, state, ada.START, feed.dataset.digest)


def train(
    start: Checkpoint, feed: Feed, engines: Engines, watcher: Watcher, pace: Pace, stop: Callable[[], bool]
) -> Checkpoint:
    """Train until the schedule is done or `stop()` says so; returns the last state, of which a snapshot was taken.

    Raises TrainingError at the first loss that is not finite.
    """
    found = start
    while (at := found.settings.stage_at(found.seen)) and not stop():
        _, stage, within = at
        if not within:
            entered = states.enter(found.state, found.settings, stage, rng_of(found.settings, found.seen, "enter"))
            found = replace(found, state=entered)
        found = _Stretch(found, feed, stage, watcher, pace).run(engines, within, stop)
    return found


def ema_decay(settings: Settings, batch: int, seen: int) -> float:
    """Of the averaged generator for one step; its half-life grows with the pictures seen (StyleGAN2-ADA's ramp-up)."""
    half_life = settings.ema_kimg * 1000.0
    if settings.ema_ramp:
        half_life = min(half_life, seen * settings.ema_ramp)
    return float(0.5 ** (batch / max(half_life, 1e-8)))


def steps_at(settings: Settings, stage: Stage, step: int) -> list[str]:
    """The kinds of step to take, in order: the stage's own, and the lazy regularisers where it is their turn."""
    kinds: list[str] = [stage.kind]
    if stage.kind != "teach":
        if settings.path_weight and step % settings.path_every == 0:
            kinds.append("path")
        if settings.gamma and step % settings.r1_every == 0:
            kinds.append("r1")
    return kinds


class Ahead:
    """Draws what the next step needs in a thread beside the present one. What is drawn depends on nothing else."""

    def __init__(self, feed: Feed, stage: Stage) -> None:
        self._feed, self._stage = feed, stage
        self._thread = ThreadPoolExecutor(1, "ahead")
        self._next: tuple[tuple[str, int], Future[Inputs]] | None = None

    def begin(self, kind: str, seen: int) -> None:
        """Begin to draw for a step of `kind` after `seen` pictures."""
        self._next = (kind, seen), self._thread.submit(self._feed.plain, kind, self._stage, seen)

    def take(self, kind: str, seen: int) -> Inputs:
        """What a step needs, begun before or not. Raises what drawing it raised."""
        if self._next and self._next[0] == (kind, seen):
            return self._next[1].result()
        return self._feed.plain(kind, self._stage, seen)

    def close(self) -> None:
        """Wait for what was begun, and end the thread."""
        self._thread.shutdown()


class _Stretch:
    """One stage, from wherever it is to its end."""

    def __init__(self, found: Checkpoint, feed: Feed, stage: Stage, watcher: Watcher, pace: Pace) -> None:
        self._found, self._feed, self._stage, self._watcher, self._pace = found, feed, stage, watcher, pace
        self._sums: dict[str, list[float]] = defaultdict(list)
        self._since, self._told = time.monotonic(), found.seen
        self._rate = 0.0
        self._ada = found.ada
        self._ahead = Ahead(feed, stage)

    def run(self, engines: Engines, within: int, stop: Callable[[], bool]) -> Checkpoint:
        """Go on from `within` pictures into the stage."""
        settings, stage, seen = self._found.settings, self._stage, self._found.seen
        engine = engines(settings, stage, self._found.state)
        try:
            return self._steps(engine, seen, within, stop)
        finally:
            self._ahead.close()

    def _steps(self, engine: Engine, seen: int, within: int, stop: Callable[[], bool]) -> Checkpoint:
        settings, stage = self._found.settings, self._stage
        begin = seen - within
        end, done = begin + images(stage), False
        while not done:
            kinds = steps_at(settings, stage, (seen - begin) // stage.batch)
            for kind, after in zip(kinds, [*kinds[1:], None], strict=True):
                self._take(engine, kind, seen, (after, seen) if after else (stage.kind, seen + stage.batch))
            seen += stage.batch
            done = seen >= end or stop()
            if done or _passed(seen, stage.batch, self._pace.figures_kimg):
                self._tell(seen)
            if done or _passed(seen, stage.batch, self._pace.snapshot_kimg):
                self._found = replace(self._found, seen=seen, state=engine.state(), ada=self._ada)
                self._watcher.snapshot(self._found, stage, left_s(settings, stage, seen, self._rate))
                # What the watcher did is not the training's speed.
                self._since = time.monotonic()
        return self._found

    def _take(self, engine: Engine, kind: str, seen: int, then: tuple[str, int]) -> None:
        """Take a step, while what the next one needs (its kind, pictures seen) is drawn."""
        settings, batch = self._found.settings, self._stage.batch
        plain = self._ahead.take(kind, seen)
        self._ahead.begin(*then)
        inputs = plain | self._feed.augmented(kind, self._stage, seen, self._ada["p"])
        figures = engine.step(kind, inputs, ema_decay(settings, batch, seen))
        if "real_sign" in figures and settings.ada_target:
            figures["ada_p"] = self._ada["p"]
            self._ada = ada.heard(self._ada, figures["real_sign"], batch, settings.ada_target, settings.ada_kimg)
        for name, value in figures.items():
            if not math.isfinite(value):
                raise TrainingError(f"{name} became {value} at {seen / 1000:.1f} thousand pictures of {self._stage}")
            self._sums[name].append(value)

    def _tell(self, seen: int) -> None:
        now = time.monotonic()
        if seen > self._told:
            self._rate = (seen - self._told) / max(now - self._since, 1e-9)
        self._since, self._told = now, seen
        means = {name: sum(values) / len(values) for name, values in self._sums.items()}
        self._sums.clear()
        self._watcher.figures(seen, self._stage, means, self._rate)


def left_s(settings: Settings, stage: Stage, seen: int, images_per_s: float) -> float:
    """Seconds until the schedule is done, where `stage` ran at `images_per_s`; 0 where that is 0.

    The cost of a picture is taken to be proportional to its side, and three times as much with a discriminator.
    """
    at = settings.stage_at(seen)
    if not at or not images_per_s:
        return 0.0
    index, present, within = at
    left = [(present, images(present) - within), *((s, images(s)) for s in settings.stages[index + 1 :])]
    return sum(count * _cost(s) for s, count in left) / _cost(stage) / images_per_s


def _cost(stage: Stage) -> float:
    return stage.resolution * (1.0 if stage.kind == "teach" else 3.0)


def _passed(seen: int, batch: int, every_kimg: float) -> bool:
    """Whether the last batch crossed a multiple of `every_kimg`."""
    every = every_kimg * 1000.0
    return seen // every > (seen - batch) // every
