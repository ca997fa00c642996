"""The process of the MIDI ports, without MIDI: a controller whose knob never stops, counting in 14 bits."""

import time


def run(pipe, api):
    pipe.send(("ports", "fake", ("knob",), ()))
    for i in range(1 << 14):
        pipe.send(("in", [("knob", time.monotonic(), bytes((0xB0, i >> 7, i & 127)))]))
        time.sleep(0.001)
