"""A generator without a network: two green halves, the left one brighter. Faults by the seed.

1: raises after ten pictures.   2: fails before it is ready.   3: is ready after two seconds.
"""

import time

import numpy as np

from vj.audio.process import feature_ring
from vj.core.errors import WorkerError
from vj.generator.mailbox import picture_ring, values_ring


def run(pipe, wanted):
    if wanted.seed == 2:
        raise WorkerError("nothing will come of it")
    if wanted.seed == 3:
        time.sleep(2.0)
    with (
        picture_ring(wanted.side, wanted.pictures_name) as pictures,
        values_ring(len(wanted.params), wanted.values_name) as values,
        values_ring(len(wanted.params), wanted.audition_name) as auditioned,
        feature_ring(wanted.features_name) as heard,
    ):
        sigma, psi = ([p.id for p in wanted.params].index(id) for id in ("noise/sigma", "motion/psi"))
        pipe.send(("ready", "pretended", ""))
        told = "wait"
        while True:
            pictures.beat(time.monotonic())
            if pipe.poll(0.1 if told == "wait" else 0.02):
                (new,) = pipe.recv()
                told = "go" if told == "go" else new
            if told != "wait":
                if wanted.seed == 1 and pictures.written >= 10:
                    raise ZeroDivisionError("ten is enough")
                newest = (values if told == "go" else auditioned).newest()
                pictures.write(picture(wanted.side, heard.newest(), newest, pictures, sigma, psi))


def picture(side, row, values, pictures, sigma, psi):
    """Two greens, red as much as the onset's peak and as motion/psi is below 1, blue as noise/sigma (1: half)."""
    out = np.zeros(1, pictures.dtype)
    out["seq"], out["t_done_s"], out["gen_ms"] = pictures.written, time.monotonic(), 20.0
    out["t_audio_s"] = row["t_air_s"] if row is not None else time.monotonic()
    red = 255 * float(row["onset_peak"]) if row is not None else 0
    red += 255 * max(1 - float(values["values"][psi]), 0) if values is not None else 0
    blue = 128 * float(values["values"][sigma]) if values is not None else 0
    out["rgba"] = (min(red, 255), 160, min(blue, 255), 255)
    out["rgba"][:, :, side // 2 :, 1] = 60
    return out
