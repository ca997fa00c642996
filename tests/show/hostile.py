"""Hostile shaders, saved over one that plays, one after another. Run by test_show_hostile.py, on its display.

    python -c 'import hostile; hostile.run()' MODEL FOLDER SECONDS [NAME …]

SECONDS are those that each may be tried for.

Prints a JSON object: name → the worst frame in ms, as the clock and as the processor time of this process say it, the
seconds until the verdict, what was told, the colour that is seen after. "nothing": the same where nothing is saved.
"""

import json
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from hostile_shaders import GOOD, HOSTILE, isf, turns_slow

from vj.audio.input.virtual import Virtual
from vj.render.proving import LIVE
from vj.show import app
from vj.show.live import PictureConfig
from vj.show.prover import Prover

#: Longer than what is allowed to be tried for, by as much as a busy machine may need.
PATIENCE_S = 40.0
#: Frames after a verdict that count as well, for what comes of it.
_AFTER = 30
PRESET = 'version = 1\nchain = ["victim"]\n[values.stage]\ntransition = "cut"\n'


class Attacked:
    """A show whose one shader is overwritten."""

    def __init__(self, show, file):
        self.live, self.file, self.edits = show.live, file, []
        self.live.scenes.on_edited = lambda shader, lost: self.edits.append(shader)

    @property
    def verdicts(self):
        return self.live.edge.refused["shader"] + len(self.edits)

    def until(self, what, within_s=PATIENCE_S):
        """Frames until something is so, and some more for what comes of it; returns what they took."""
        begin_s, frames, verdict_s = time.monotonic(), [self._frame()], 0.0
        while not verdict_s:
            assert time.monotonic() < begin_s + within_s, f"not in {within_s} s: {self.live.notices.texts()}"
            frames.append(self._frame())
            verdict_s = time.monotonic() - begin_s if what() else 0.0
        frames += [self._frame() for _ in range(_AFTER)]
        wall_ms, worked_ms = (1000 * max(one) for one in zip(*frames, strict=True))
        return {"worst_ms": wall_ms, "worked_ms": worked_ms, "verdict_s": verdict_s}

    def _frame(self):
        wall_s, worked_s = time.perf_counter(), time.process_time()
        self.live.step()
        return time.perf_counter() - wall_s, time.process_time() - worked_s

    def turns_slow(self):
        """One that passes, and gets slow after some frames."""
        self.save(turns_slow())
        took = self.until(lambda: "left out of the picture" in self.live.edge.last)
        found = took | {"told": self.live.edge.last, "colour": self.colour()}
        return found | {"good": self.save(isf(GOOD)) | {"colour": self.colour()}}

    def save(self, text, file=None):
        """Save it, and play until there is a verdict; returns what `until` does."""
        before = self.verdicts
        (file or self.file).write_text(text)
        return self.until(lambda: self.verdicts > before)

    def colour(self):
        w, h = self.live.texture.size
        return np.frombuffer(self.live.texture.read(), np.uint8).reshape(h, w, 4)[h // 2, w // 2, :3].tolist()


def main(model, folder, seconds, names):
    app.Prover = partial(Prover, replace(LIVE, total_s=seconds))
    own, found = folder / "own", {}
    own.mkdir()
    texts = {name: HOSTILE[name](own) for name in names or HOSTILE}
    file = own / "victim.fs"
    file.write_text(isf(GOOD))
    (folder / "p.toml").write_text(PRESET)
    playing = app.ShowConfig(
        Virtual(None), model, str(folder / "p.toml"), job="fake_generator", spare=False, own=(own,)
    )
    with app.opened(playing, PictureConfig((640, 360)), app.OutputConfig()) as show:
        one = Attacked(show, file)
        one.until(lambda: one.colour() == [0, 0, 255])
        end_s = time.monotonic() + 3.0
        found["nothing"] = one.until(lambda: time.monotonic() > end_s)
        for name, text in texts.items():
            found[name] = one.save(text) | {"told": one.live.edge.last, "colour": one.colour()}
            print(name, found[name], file=sys.stderr, flush=True)
            # Another good one comes in, and the first again.
            found[name]["good"] = one.save(isf(GOOD.replace("0.0, 0.0", "0.0, 1.0"))) | {"colour": one.colour()}
            one.save(isf(GOOD))
        if not names:
            found["turns slow"] = one.turns_slow()
            # A file that was not there at the start.
            found["new file"] = one.save(isf(GOOD), own / "new.fs") | {"there": "new" in show.live.session.shaders}
        found["restarts"] = show.housekeeper.dreaming.restarts
    print(json.dumps(found))


def run():
    """By the arguments of the command (`faults.run`)."""
    model, folder, seconds, *names = sys.argv[1:]
    main(Path(model), Path(folder), float(seconds), names)
