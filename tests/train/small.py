"""A training small enough for a test."""

from dataclasses import replace

from vj.generator.arch import Arch
from vj.train.checkpoint import Checkpoint
from vj.train.feed import Feed
from vj.train.fused import Fused, unfused
from vj.train.loop import Pace, first_checkpoint, train
from vj.train.networks import Networks
from vj.train.settings import Settings, parse_schedule
from vj.train.state import discriminator_arch, discriminator_side, generator_arch
from vj.train.tensorflow_step import TensorFlowStep

ARCH = Arch(resolution=16, channels=(12, 8, 8), z_dim=16, w_dim=16, mapping_layers=2)


def settings(schedule, **changes):
    return Settings(**{"generator": ARCH, "d_channels": ARCH.channels, **changes, "stages": parse_schedule(schedule)})


def engines(compiled=unfused, dtype="float32", projection=None):
    def engine(found, stage, state):
        g, d = generator_arch(found, stage.resolution), discriminator_arch(found, discriminator_side(stage))
        nets = Networks(g, d, Fused(compiled, dtype), found.relativistic, projection)
        return TensorFlowStep(nets, found, state, fused=compiled)

    return engine


class Notes:
    """A watcher that remembers."""

    def __init__(self):
        self.rows, self.kept = [], []

    def figures(self, seen, stage, means, images_per_s):
        self.rows.append((seen, str(stage), dict(means), images_per_s))

    def snapshot(self, found: Checkpoint, stage, left_s):
        self.kept.append(replace(found, state={k: a.copy() for k, a in found.state.items()}))


OFTEN = Pace(0.064, 0.064)


def run(dataset, found_settings, pace=OFTEN, stop=lambda: False, start=None, engine=None):
    feed = Feed.of(found_settings, dataset)
    notes = Notes()
    end = train(start or first_checkpoint(feed), feed, engine or engines(), notes, pace, stop)
    return end, notes
