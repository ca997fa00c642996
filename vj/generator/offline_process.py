"""The generator process: motion and the network, answering one tick with one picture.

Runs in a process of its own because TensorFlow and Mesa crash each other, and because compiling must not stop
anything else. Nothing here reads a clock but to say how long a picture took.
"""

import itertools
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from vj.generator.config import EngineChoice
from vj.generator.directions_file import directions_of
from vj.generator.latents import motion
from vj.generator.latents.source import SeededLatents
from vj.generator.opening import open_engine
from vj.params.registry import Registry, Snapshot
from vj.params.spec import Param
from vj.runtime.slots import FrameSlots


def run(
    connection: Connection,
    model_path: Path,
    params: tuple[Param, ...],
    seed: int,
    slot_count: int,
    engine_choice: EngineChoice = "auto",
) -> None:
    """The job of the worker.

    Says ("ready", name of the slots, height, width, troubles). Then each (features, parameter values f32[n_params],
    dt_s since the last picture) is answered by ("frame", slot, seconds it took). Slots are used in turn; the parent
    asks for no more pictures than it has slots free.
    """
    troubles: list[str] = []
    engine = open_engine(model_path, engine_choice, noise_seed=seed, tell=troubles.append)
    directions = directions_of(model_path, len(engine.w_avg), troubles.append)
    latents = SeededLatents(seed, engine.z_dim, engine.map, engine.w_avg, engine.z_names, directions)
    shape = motion.Shape(engine.num_ws, engine.n_noise, engine.n_noise)
    registry = Registry(params)
    state: motion.MotionState | None = None
    side = engine.resolution
    with FrameSlots(slot_count, side, side) as slots:
        connection.send(("ready", slots.name, side, side, "; ".join(troubles)))
        for seq in itertools.count():
            features, values, dt_s = connection.recv()
            began = time.perf_counter()
            state = state or motion.start(latents, int(features["tempo_segment"]))
            state, given = motion.step(state, features, Snapshot(registry, values), dt_s, latents, shape)
            np.copyto(slots[seq % slot_count], engine.frame(given))
            connection.send(("frame", seq % slot_count, time.perf_counter() - began))
