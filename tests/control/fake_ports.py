"""The process of the MIDI ports, without MIDI: a controller whose knob never stops, counting in 14 bits.

With the API "deaf" it plays nothing, and reads nothing that is sent to it.
"""

import time

from vj.control.midi.message_ring import Message, message_ring, packed


def run(pipe, api, in_name, out_name):
    with message_ring(in_name) as heard:
        pipe.send(("ports", "fake", ("knob",), ("knob",)))
        for i in range(1 << 14):
            heard.beat(time.monotonic())
            if api != "deaf":
                heard.write(packed([Message("knob", time.monotonic(), bytes((0xB0, i >> 7, i & 127)))]))
            time.sleep(0.001)
