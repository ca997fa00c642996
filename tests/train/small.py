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


#: Engines by what their programs were made of: tracing one takes longer than the steps of a test.
_TRACED = {}


def engines(compiled=unfused, dtype="float32", projection=None, *, traced=_TRACED):
    """Engines whose programs may be those of an earlier one, of which nobody takes steps any more.

    With `traced={}` all is made anew.
    """

    def engine(found, stage, state):
        stages = tuple(replace(one, kimg=1.0) for one in found.stages)
        key = (replace(found, stages=stages, seed=0), stage.kind, stage.resolution, compiled, dtype, id(projection))
        if key not in traced:
            g, d = generator_arch(found, stage.resolution), discriminator_arch(found, discriminator_side(stage))
            nets = Networks(g, d, Fused(compiled, dtype), found.relativistic, projection)
            traced[key] = TensorFlowStep(nets, found, state, fused=compiled)
        one = traced[key]
        assert one._v.keys() == state.keys()
        for name, value in state.items():
            one._v[name].assign(value)
        return one

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
