"""A show that is never left alone, measured beside the same show at rest. Run by test_show_stress.py, on its display.

    python -c 'import stress; stress.run()' MODEL JOB SECONDS KILL_EVERY_S

For so long presets are called 30 times a second, and a knob and the tap move 100 times a second, over OSC from another
process; ears and generator are killed again and again. All presets were seen before, so that no shader is compiled
any more. Prints a JSON object: times of frames and of their stages at rest and under stress, how many were killed,
recalled and told, and how long until all was well again (−1: never).
"""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from faults import play, well

from vj.audio.input.virtual import Virtual
from vj.control.osc.server import OscConfig
from vj.render.output.frame_pacing import percentiles_ms
from vj.runtime.trace import Trace
from vj.show import app
from vj.show.live import PictureConfig

#: As fast as a person with a broken controller: messages a second.
KNOBS_HZ, PRESETS_HZ = 100, 30
SENDER = """
import sys, time
from pythonosc.udp_client import SimpleUDPClient
client, end_s, i = SimpleUDPClient("127.0.0.1", int(sys.argv[1])), time.monotonic() + float(sys.argv[2]), 0
begin_s, presets = time.monotonic(), 0
while time.monotonic() < end_s:
    client.send_message("/vj/macro/1", (i % 100) / 100.0)
    client.send_message("/vj/audio/gain/gate_db", -60.0 + i % 30)
    client.send_message("/vj/tap", [])
    if presets < (time.monotonic() - begin_s) * PRESETS_HZ:
        client.send_message("/vj/preset/next", [])
        presets += 1
    i += 1
    time.sleep(max(begin_s + i / KNOBS_HZ - time.monotonic(), 0.0))
""".replace("KNOBS_HZ", str(KNOBS_HZ)).replace("PRESETS_HZ", str(PRESETS_HZ))


def until_well(show, within_s):
    """Draw until all is well; returns how long that took, or −1."""
    begin_s = time.monotonic()
    while time.monotonic() < begin_s + within_s:
        show.live.step()
        if well(show):
            return time.monotonic() - begin_s
    return -1.0


def kill(pids):
    """Kill those that are there; returns how many were."""
    there = [pid for pid in pids if pid is not None]
    for pid in there:
        os.kill(pid, signal.SIGKILL)
    return len(there)


def stressed(show, port, seconds, every_s):
    """Draw under stress; returns (ears killed, generators killed)."""
    sender = subprocess.Popen([sys.executable, "-c", SENDER, str(port), str(seconds)])
    ears = generators = 0
    try:
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            play(show, min(every_s, left_s))
            if end_s - time.monotonic() > 0:
                ears += kill([show.listener.pids[1]])
                generators += kill([show.live.controls.peers.pool.pids[0]])
    finally:
        sender.kill()
        sender.wait()
    return ears, generators


def seen_before(show, span_s):
    """Every preset is drawn for a moment."""
    for preset in show.live.session.presets:
        show.live.controls.recall(preset)
        play(show, span_s)
    show.live.controls.recall("default", cut=True)
    play(show, 1.0)


def measured(show, what):
    """Frame times and where they went, in milliseconds; and what came of it."""
    show.live.meters.times.forget()
    trace = show.live.trace = Trace()
    result = what()
    spans = defaultdict(list)
    for event in trace.events():
        if event["ph"] == "X":
            spans[event["name"]].append(event["dur"] / 1e6)
    stages = {name: percentiles_ms(np.array(spent_s)) for name, spent_s in spans.items()}
    return percentiles_ms(show.live.meters.times.intervals_s), stages, result


def main(model, job, seconds, every_s):
    playing = app.ShowConfig(Virtual(gain_db=-20.0), model, "default", job=job, osc=OscConfig(port=0))
    with app.opened(playing, PictureConfig((640, 360)), app.OutputConfig()) as show:
        assert until_well(show, 600.0) >= 0.0
        osc, presets = show.live.osc._osc, []
        recall = show.live.session.recall
        show.live.session.recall = lambda preset, over: presets.append(preset) or recall(preset, over)
        # A second each where it is measured.
        seen_before(show, min(seconds / 60.0, 1.0))
        # As `vj play` does: the collector's walk through all that stays would be measured otherwise.
        gc.collect()
        gc.freeze()
        calm, calm_stages, _ = measured(show, lambda: play(show, min(seconds / 3.0, 10.0)))
        presets.clear()
        times, stages, (ears, generators) = measured(show, lambda: stressed(show, osc.port, seconds, every_s))
        found = {
            "calm": calm, "stressed": times, "calm_stages": calm_stages, "stages": stages,
            "killed": {"ears": ears, "generator": generators},
            "failed": dict(show.live.edge.failed),
            "refused": dict(show.live.edge.refused),
            "presets": len(presets), "received": osc.inbox.received,
            "well_after_s": until_well(show, 60.0),
            "restarts": {
                "ears": show.housekeeper.hearing.ears_restarts, "generator": show.housekeeper.dreaming.restarts
            },
        }  # fmt: skip
    print(json.dumps(found))


def run():
    """By the arguments of the command (`faults.run`)."""
    model, job, seconds, every_s = sys.argv[1:]
    main(Path(model), job, float(seconds), float(every_s))
