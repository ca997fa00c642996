"""Takes a few steps of a tiny training under a strategy and saves the state: run by test_train_distributed.py.

Arguments: where to save, strategy (one, mirrored or workers), kind of step.
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


def main(out, name, kind):
    if name == "mirrored":
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    else:
        strategy, _ = strategy_for(name)
    settings = small.settings("sharpen@8x8:1k")
    dataset = open_dataset(write_toy_dataset(Path(out).with_suffix(".data")))
    feed = Feed.of(settings, dataset)
    g, d = generator_arch(settings, 8), discriminator_arch(settings, 8)
    nets = Networks(g, d, Fused())
    engine = TensorFlowStep(nets, settings, first_checkpoint(feed).state, strategy, fused=unfused)
    for step in range(3):
        figures = engine.step(kind, feed.inputs(kind, settings.stages[0], 8 * step), 0.9)
    np.savez(out, **engine.state(), **{f"figure {k}": v for k, v in figures.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
