"""Every fault in turn, beside a show that is measured all the time. Run by test_show_faults.py, on its display.

    python -c 'import faults; faults.run()' MODEL JOB FOLDER REPEATS SECONDS SERVER_PID

Prints a JSON object: fault → frame times, how long until all was well.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from vj.audio.input.sound_card import Input
from vj.render.output.frame_pacing import percentiles_ms
from vj.show import app
from vj.show.live import PictureConfig

#: At least so long; longer where it has to be noticed first.
BROKEN_S = 2.0
#: After so long it counts as never.
WELL_S = 90.0


class Faults:
    """Each method breaks something; what mends it is called later."""

    def __init__(self, show, folder, server_pid):
        self.show, self.folder, self.server_pid = show, folder, server_pid
        self.live, self.pool = show.live, show.live.controls.peers.pool
        self.shader = folder / "shaders" / "grade.fs"
        self.text = self.shader.read_text()
        self.model = self.pool.model
        self.whole = self.model.read_bytes()

    def nothing(self):
        return lambda: None

    def generator_killed(self):
        os.kill(self.pool.pids[0], signal.SIGKILL)
        return lambda: None

    def generator_hung(self):
        os.kill(self.pool.pids[0], signal.SIGSTOP)
        return lambda: None

    def ears_killed(self):
        os.kill(self.show.listener.pids[1], signal.SIGKILL)
        return lambda: None

    def capture_hung(self):
        os.kill(self.show.listener.pids[0], signal.SIGSTOP)
        return lambda: None

    def sound_server_frozen(self):
        os.kill(self.server_pid, signal.SIGSTOP)
        return lambda: os.kill(self.server_pid, signal.SIGCONT)

    def network_is_garbage(self):
        self.model.write_bytes(b"garbage" * 1000)
        return lambda: self.model.write_bytes(self.whole)

    def shader_is_garbage(self):
        self.shader.write_text(self.text + "garbage")
        return lambda: self.shader.write_text(self.text)

    def values_flooded(self):
        live = self.live

        def flood(shown_s):
            for i in range(200):
                live.controls.set_values({"noise/sigma": (i % 40) / 10.0, "motion/psi": (i % 20) / 10.0})

        live.on_shown = flood
        return lambda: setattr(live, "on_shown", None)


def well(show):
    """A picture that is new, sound that is new, nothing being started."""
    row = show.listener.newest()
    return (
        show.housekeeper.dreaming.state == "drawing" and show.housekeeper.hearing.state == "open" and row is not None
        and row["live"] and time.monotonic() - row["t_out_s"] < 0.3
    )  # fmt: skip


def play(show, seconds):
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        show.live.step()


def noticed(show, fault, restarts):
    """Whether the show found out what it has to by itself; `restarts` of the capture there were before the fault."""
    told = " ".join(show.live.notices.texts())
    return {
        "sound_server_frozen": show.housekeeper.hearing.restarts > restarts,
        "network_is_garbage": "net.safetensors: not a whole" in told,
        "shader_is_garbage": "grade.fs: line" in told,
    }.get(fault.__name__, True)


def suffer(show, fault, seconds):
    """(frame times, how long until all was well again or −1) around one fault."""
    until_s = time.monotonic() + WELL_S
    while not (well(show) and show.housekeeper.dreaming.spare) and time.monotonic() < until_s:
        show.live.step()
    show.live.meters.times.forget()
    begin_s, restarts = time.monotonic(), show.housekeeper.hearing.restarts
    mend = fault()
    play(show, BROKEN_S)
    while not noticed(show, fault, restarts) and time.monotonic() < begin_s + WELL_S:
        show.live.step()
    mend()
    mended_s = time.monotonic()
    well_s = -1.0
    while time.monotonic() < mended_s + seconds or (well_s < 0 and time.monotonic() < mended_s + WELL_S):
        show.live.step()
        if well_s < 0 and well(show):
            well_s = time.monotonic() - mended_s
    return list(show.live.meters.times.intervals_s), well_s


def main(model, job, folder, repeats, seconds, server_pid):
    import numpy as np

    app.resources.shaders_dir = lambda: folder / "shaders"
    playing = app.ShowConfig(Input("pulse", rate_hz=48_000), model, "default", job=job)
    found = {}
    with app.opened(playing, PictureConfig((640, 360)), app.OutputConfig()) as show:
        play(show, 1.0)
        faults = Faults(show, folder, server_pid)
        for name in ("nothing", *[n for n in vars(Faults) if not n.startswith("_") and n != "nothing"]):
            runs = [suffer(show, getattr(faults, name), seconds) for _ in range(repeats)]
            times = percentiles_ms(np.concatenate([r[0] for r in runs]))
            found[name] = {**times, "well_after_s": [r[1] for r in runs]}
            print(name, {k: round(v, 1) for k, v in times.items()}, found[name]["well_after_s"], file=sys.stderr)
        found["restarts"] = show.housekeeper.dreaming.restarts
        found["hearing"] = [show.housekeeper.hearing.restarts, show.housekeeper.hearing.ears_restarts]
    print(json.dumps(found))


def run():
    """By the arguments of the command. No script of its own, as each process would run and import that again."""
    model, job, folder, repeats, seconds, server_pid = sys.argv[1:]
    main(Path(model), job, Path(folder), int(repeats), float(seconds), int(server_pid))
