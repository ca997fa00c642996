"""Takes a few steps of a tiny training under a strategy and saves the state: run by test_train_distributed.py.

Arguments: folder to save in, strategy (mirrored, for two devices of this process and one; or workers), kinds of step.
Saves STRATEGY-KIND.npz for each: TensorFlow takes longer to start than all of the steps.
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parent))

import small
from conftest import write_toy_dataset

from vj.train.dataset import open_dataset
from vj.train.distribute import strategy_for
from vj.train.feed import Feed
from vj.train.fused import Fused, unfused
from vj.train.loop import first_checkpoint
from vj.train.networks import Networks
from vj.train.state import discriminator_arch, generator_arch
from vj.train.tensorflow_step import TensorFlowStep


def trained(folder, name, strategy, kind):
    """Three steps of one kind under a strategy, None for one device."""
    settings = small.settings("sharpen@8x8:1k")
    dataset = open_dataset(write_toy_dataset(folder / f"{name}-{kind}.data"))
    feed = Feed.of(settings, dataset)
    g, d = generator_arch(settings, 8), discriminator_arch(settings, 8)
    nets = Networks(g, d, Fused())
    engine = TensorFlowStep(nets, settings, first_checkpoint(feed).state, strategy, fused=unfused)
    for step in range(3):
        figures = engine.step(kind, feed.inputs(kind, settings.stages[0], 8 * step), 0.9)
    np.savez(folder / f"{name}-{kind}.npz", **engine.state(), **{f"figure {k}": v for k, v in figures.items()})


def main(folder, name, *kinds):
    if name == "mirrored":
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        strategies = {"one": None, name: tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])}
    else:
        strategies = {name: strategy_for(name)[0]}
    for name, strategy in strategies.items():
        for kind in kinds:
            trained(Path(folder), name, strategy, kind)


if __name__ == "__main__":
    main(*sys.argv[1:])
