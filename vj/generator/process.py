"""The generator of a live show: motion and the network, as fast as they go. Newest sound and values in, pictures out.

A process of its own, which may die, hang or be killed at any moment: it owns nothing, and another one takes over
(`vj.generator.pool`).
"""

import math
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from vj.audio.features import FEATURE_DTYPE
from vj.audio.process import feature_ring
from vj.core.errors import WorkerError
from vj.core.types import F32, U8, FeatureFrame
from vj.generator.config import GeneratorConfig
from vj.generator.directions_file import directions_of
from vj.generator.engine import Engine
from vj.generator.latents import motion
from vj.generator.latents.source import SeededLatents
from vj.generator.mailbox import picture_ring, unpacked, values_ring
from vj.generator.opening import measure_beside, open_engine
from vj.modulation.matrix import Matrix, Row, signal_names
from vj.modulation.signals import SIGNALS, Seen, look, together
from vj.modulation.sources import at_rest
from vj.params.registry import Registry, Snapshot
from vj.runtime.ring import Ring

#: The longest step of motion: after a pause it goes on from where it was.
_LONGEST_STEP_S = 0.5
#: So many pictures in a row that are no numbers end the process: another one may do better.
_HOPELESS = 60
_POLL_S = 0.2
#: From one picture of an audition to the next, so that those of the show have the processors.
_AUDITION_S = 0.25
#: When it has drawn for so long, the engines are timed with this network where that was not done yet.
_SETTLED_S = 30.0


def run(pipe: Connection, wanted: GeneratorConfig) -> None:
    """The process. Says ("ready", engine, troubles) when it could draw; from ("go",) on it does, as the values say.

    Before that, from ("audition",) to ("wait",), it draws now and then, as the values of the audition say.
    Raises VjError.
    """
    stand_back(wanted.nice)
    engine, troubles = _engine(wanted)
    with (
        picture_ring(wanted.side, wanted.pictures_name) as pictures,
        values_ring(len(wanted.params), wanted.values_name) as values,
        values_ring(len(wanted.params), wanted.audition_name or wanted.values_name) as auditioned,
        feature_ring(wanted.features_name) as heard,
    ):
        dream = LiveGenerator(engine, wanted, directions_of(wanted.model, len(engine.w_avg), troubles.append))
        pipe.send(("ready", engine.name, "; ".join(troubles)))
        told, measure_s = "wait", math.inf
        while True:
            pictures.beat(time.monotonic())
            before, told = told, _told(pipe, told, _POLL_S if told == "wait" else 0.0)
            if told == "go" != before:
                stand_back(wanted.nice)
                measure_s = time.monotonic() + _SETTLED_S if wanted.engine == "auto" else math.inf
            if time.monotonic() > measure_s:
                measure_beside(wanted.model, wanted.threads)
                measure_s = math.inf
            if told == "go":
                _draw(dream, pictures, heard.newest(), values.newest(), pipe, 1.0 / wanted.fps)
            elif told == "audition" and (newest := auditioned.newest()) is not None:
                _draw(dream, pictures, heard.newest(), newest, pipe, _AUDITION_S)


def _engine(wanted: GeneratorConfig) -> tuple[Engine, list[str]]:
    """What draws, and what it had to do without."""
    troubles: list[str] = []
    engine = open_engine(
        wanted.model, wanted.engine, noise_seed=wanted.seed, threads=wanted.threads, tell=troubles.append
    )
    if engine.resolution != wanted.side:
        raise WorkerError(f"{wanted.model}: pictures of {engine.resolution} pixels, expected {wanted.side}")
    return engine, troubles


def stand_back(nice: int) -> None:
    """Leave the processors to others, so much more than before; where the system has such a thing."""
    if nice and hasattr(os, "nice"):
        os.nice(nice)


def _told(pipe: Connection, told: str, wait_s: float) -> str:
    """What it is to do by the newest message: "wait", "audition", or "go", after which there is nothing else."""
    while pipe.poll(wait_s):
        (new,) = pipe.recv()
        told, wait_s = told if told == "go" else new, 0.0
    return told


def _draw(dream: "LiveGenerator", pictures: Ring, row: Any, values: Any, pipe: Connection, least_s: float) -> None:
    begin_s = time.monotonic()
    t_audio_s = float(row["t_air_s"]) if row is not None else begin_s
    t_told_s = float(values["t_s"]) if values is not None else 0.0
    rgba = dream.picture(begin_s, row, values)
    done_s = time.monotonic()
    if rgba is not None:
        out = np.zeros(1, pictures.dtype)
        out["seq"], out["t_audio_s"], out["t_told_s"] = pictures.written, t_audio_s, t_told_s
        out["t_done_s"] = done_s
        out["gen_ms"], out["bad"], out["rgba"] = (done_s - begin_s) * 1000.0, dream.bad, rgba
        pictures.write(out)
    if (left_s := begin_s + least_s - time.monotonic()) > 0:
        pipe.poll(left_s)


class LiveGenerator:
    """Motion and the network with what they remember. `bad` counts pictures that were no numbers."""

    def __init__(self, engine: Any, wanted: GeneratorConfig, directions: F32 | None = None) -> None:
        self._engine = engine
        self._latents = SeededLatents(wanted.seed, engine.z_dim, engine.map, engine.w_avg, engine.z_names, directions)
        self._shape = motion.Shape(engine.num_ws, engine.n_noise, engine.n_noise)
        self._registry = Registry(wanted.params)
        self._values, self._moves = self._registry.defaults().array, at_rest()
        self._began_s = wanted.began_s
        self._state: motion.MotionState | None = None
        self._seen = Seen()
        self._last_s = 0.0
        self._bad_in_a_row = 0
        self.bad = 0
        self._signals, self._targets = signal_names(SIGNALS), tuple(self._registry.index)
        self._rows_version = 0
        self.use_rows(())

    def use_rows(self, rows: Sequence[Row], leaving: Sequence[Row] = ()) -> None:
        """These modulations from now on, while the others fade out."""
        self._matrix = Matrix(self._registry, SIGNALS, rows, leaving)
        self._stands: F32 | None = None

    def picture(self, now_s: float, row: FeatureFrame | None, values: Any) -> U8 | None:
        """The picture u8[side, side, 4] for a feature row (None: silence) and a row of `values_ring` (None: as before).

        None where the network's output is no number: motion begins anew then. Raises WorkerError after many of those.
        """
        if values is not None:
            self._take(values)
        heard = row if row is not None else np.zeros(1, FEATURE_DTYPE)[0]
        dt_s = min(max(now_s - self._last_s, 0.0), _LONGEST_STEP_S)
        self._last_s = now_s
        # What came since its own last picture: the window, which looks more often, counts for itself.
        self._seen, new = look(self._seen, row, int(self._moves["beats"]))
        base, signals = Snapshot(self._registry, self._values), together(heard, self._moves, new)
        p, self._stands = self._matrix.apply(base, signals, self._stands, dt_s)
        state = self._state or self._begun(heard, p, now_s)
        state, given = motion.step(state, heard, p, dt_s, self._latents, self._shape)
        try:
            rgba = self._engine.frame(given)
        except WorkerError:
            self.bad += 1
            self._bad_in_a_row += 1
            self._state = None
            if self._bad_in_a_row >= _HOPELESS:
                raise
            return None
        self._state, self._bad_in_a_row = state, 0
        return rgba  # type: ignore[no-any-return]

    def _take(self, told: Any) -> None:
        self._values, self._moves = told["values"], told["moves"]
        if int(told["rows_version"]) != self._rows_version:
            self._rows_version = int(told["rows_version"])
            names = self._signals, self._targets
            rows, leaving = told["rows"][: told["n_rows"]], told["leaving"][: told["n_leaving"]]
            self.use_rows(unpacked(rows, *names), unpacked(leaving, *names))

    def _begun(self, heard: FeatureFrame, p: Snapshot, now_s: float) -> motion.MotionState:
        """Where motion stands at this time of the show, whichever process drew before."""
        shown_s = now_s - self._began_s
        state = motion.start(self._latents, int(heard["tempo_segment"]), in_z=p["motion/space"] >= 0.5)
        return replace(
            state,
            drift_turns=shown_s / p["motion/drift/period_s"],
            flow_turns=shown_s / p["flow/period_s"] % 1.0,
        )
