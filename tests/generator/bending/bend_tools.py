"""What the bend tests share: parameters by name, and one compiled site that every bend runs through."""

import functools

import keras
import numpy as np

from vj.core.types import FLOW_SIZE
from vj.generator import bending
from vj.generator.bending.primitives import bender

#: The site that the tests bend, of this many.
SITE, N_SITES = 3, 8
SHAPE = (2, 12, 12, 8)
DEFAULTS = {p.id: p.default for p in bending.PARAMS}
STILL = np.zeros((FLOW_SIZE, FLOW_SIZE, 2), np.float32)
BY_NAME = {bend.name: bend for bend in bending.BENDS}


def amounts(name, *values):
    """Parameters with one bend at SITE, its amounts in the order of its file; all else neutral."""
    bend = BY_NAME[name]
    given = {p.id: v for p, v in zip(bend.amounts, values, strict=False)}
    return DEFAULTS | given | {f"bend/{name}/layer": SITE / N_SITES}


def strong(name):
    """The same, every amount as far from its default as it goes upwards, or downwards where it starts at the top."""
    return amounts(name, *(a.hi if a.hi != a.default else a.lo for a in BY_NAME[name].amounts))


def bent(x, p, flow=STILL, site=SITE):
    """x through one site of a compiled graph."""
    return bent_by(x, bending.pack(p, N_SITES), flow, site)


def bent_by(x, values, flow=STILL, site=SITE):
    return np.asarray(bend_at(site)(x, values, flow))


@functools.cache
def bend_at(site):
    return compiled(lambda x, values, flow: bender(values, flow)(site, x))


def compiled(function):
    """The function, compiled by the stack's own XLA."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    import tensorflow as tf

    return tf.function(function, jit_compile=True, autograph=False)


def features(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape or SHAPE).astype(np.float32)
