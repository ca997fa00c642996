"""Takes one step of every kind from the same state and saves what came of it: `python jax_worker.py OUT.npz DATA`.

Run under KERAS_BACKEND=tensorflow and =jax by test_train_jax.py.
"""

import sys
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import small

from vj.generator.arch import Arch
from vj.train.dataset import open_dataset
from vj.train.feed import Feed
from vj.train.fused import Fused, unfused
from vj.train.loop import first_checkpoint
from vj.train.networks import Networks
from vj.train.state import discriminator_arch, discriminator_side, generator_arch

ARCH = Arch(resolution=64, channels=(8, 8, 6, 6, 4), z_dim=24, w_dim=16, mapping_layers=2)
#: Schedule, kinds of step, and the chance of each augmentation.
STEPS = (
    ("sharpen@8x8:1k", ("teach", "sharpen", "gan", "r1", "path"), 0.5),
    ("detail@64x4:1k", ("detail", "r1"), 0.0),
)


def engine(settings, stage, state):
    nets = Networks(
        generator_arch(settings, stage.resolution), discriminator_arch(settings, discriminator_side(stage)), Fused()
    )
    if keras.backend.backend() == "jax":
        from vj.train.jax_step import JaxStep

        return JaxStep(nets, settings, state)
    from vj.train.tensorflow_step import TensorFlowStep

    return TensorFlowStep(nets, settings, state, fused=unfused)


def main(out, data):
    dataset, saved = open_dataset(Path(data)), {}
    for schedule, kinds, p in STEPS:
        settings = small.settings(schedule, generator=ARCH, d_channels=ARCH.channels, path_weight=2.0)
        feed, stage = Feed.of(settings, dataset), settings.stages[0]
        start = first_checkpoint(feed).state
        for kind in kinds:
            one = engine(settings, stage, start)
            figures = one.step(kind, feed.inputs(kind, stage, 0, p), 0.5)
            name = f"{stage.kind} {kind}"
            saved |= {f"{name} {k}": a for k, a in one.state().items()}
            saved |= {f"{name} figure {k}": np.float32(v) for k, v in figures.items()}
    np.savez(out, backend=keras.backend.backend(), **saved)


if __name__ == "__main__":
    main(*sys.argv[1:])
