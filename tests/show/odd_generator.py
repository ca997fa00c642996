"""Generators without a network that show what they were told, or that are trouble. By the seed.

1: is ready, draws, and never reads its pipe.   2: is ready after a second; `bad` is the number of its modulations.
"""

import time

import numpy as np

from vj.generator.mailbox import picture_ring, values_ring


def run(pipe, wanted):
    if wanted.seed == 2:
        time.sleep(1.0)
    with (
        picture_ring(wanted.side, wanted.pictures_name) as pictures,
        values_ring(len(wanted.params), wanted.values_name) as values,
    ):
        pipe.send(("ready", "pretended", ""))
        while True:
            pictures.beat(time.monotonic())
            out = np.zeros(1, pictures.dtype)
            told = values.newest()
            out["bad"] = 1000 * told["n_rows"] + told["n_leaving"] if told is not None else 99
            pictures.write(out)
            if wanted.seed == 1:
                time.sleep(0.02)
            elif pipe.poll(0.02):
                pipe.recv()
