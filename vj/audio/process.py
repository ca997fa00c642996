"""The ears: a process that turns blocks of sound into rows of features as they come.

It has nothing to do with sound cards, so nothing that a driver does can stop it. Where no sound comes it hears silence,
so that lights go out, the beat runs on freely and time passes; what was missed is counted.
"""

import time
from multiprocessing.connection import Connection

import numpy as np
import numpy.typing as npt

from vj.audio.analyser import Analyser
from vj.audio.blocks import block_ring
from vj.audio.features import FEATURE_DTYPE
from vj.audio.parameters import ParameterReader, parameter_ring
from vj.core.types import I64, Params
from vj.runtime.clock import StreamClock
from vj.runtime.ring import Ring

#: t_air_s  when the end of the row's hop was in the air; t_out_s  when the row was there, on the monotonic clock
#: live     0 where silence stood in for sound that did not come
#: lost_s   sound that was missed so far
LIVE_DTYPE = np.dtype(
    [*((name, FEATURE_DTYPE[name]) for name in FEATURE_DTYPE.names or ()), ("t_air_s", "f8"), ("t_out_s", "f8"),
     ("live", "u1"), ("lost_s", "f8")],
)  # fmt: skip
CAPACITY = 2048
#: After so long without sound, silence stands in for it: longer than any block, shorter than a bar.
PATIENCE_S = 0.3
_POLL_S = 0.002
_USUAL_HZ = 48_000.0

LiveRows = npt.NDArray[np.void]


def feature_ring(name: str | None = None) -> Ring:
    """The ring of feature rows: a new one, or that of another process."""
    return Ring(LIVE_DTYPE, CAPACITY, name)


class Ear:
    """Blocks in, rows out, whatever happens between two blocks. Deterministic: time comes in as an argument."""

    def __init__(self, lost_s: float = 0.0, events: I64 | None = None) -> None:
        self.lost_s = lost_s
        # Counted on by each new analyser, so that no reader sees events twice.
        self._events = events
        self._analyser: Analyser | None = None
        self._clock: StreamClock | None = None
        self._run = self._next = -1
        # Samples given to the analyser, silence among them, and what to add for the number in the present run.
        self._fed = self._shift = 0
        self._end_s = self._last_s = 0.0
        self._silent = False

    def hear(self, block: np.void, now_s: float, p: Params) -> LiveRows:
        """Rows [k] of LIVE_DTYPE that a row of `vj.audio.blocks.BLOCK` completes."""
        analyser = self._for_rate(float(block["rate_hz"]))
        start, frames, rate_hz = int(block["start"]), int(block["frames"]), analyser.setup.rate_hz
        if self._clock is None or (int(block["run"]), start) != (self._run, self._next):
            self._clock = self._resumed(block, rate_hz)
        # Silence that stood in was given to the analyser too.
        self._shift = start - self._fed
        self._clock.heard(start, float(block["t_air_s"]))
        self._run, self._next = int(block["run"]), start + frames
        self._end_s, self._last_s, self._silent = float(block["t_air_s"]) + frames / rate_hz, now_s, False
        return self._rows(block["samples"][:frames], now_s, p, live=True)

    def wait(self, now_s: float, p: Params) -> LiveRows:
        """Rows of silence, where nothing was heard for so long that it has to stand in for sound."""
        if self._analyser is None or not (self._silent or now_s - self._last_s > PATIENCE_S):
            return np.zeros(0, LIVE_DTYPE)
        rate_hz, self._silent = self._analyser.setup.rate_hz, True
        # A process that slept for a day need not catch up.
        missing_s = min(now_s - self._last_s, 1.0)
        self._last_s = now_s
        return self._rows(np.zeros((round(missing_s * rate_hz), 2), np.float32), now_s, p, live=False)

    def _for_rate(self, rate_hz: float) -> Analyser:
        if self._analyser is None or self._analyser.setup.rate_hz != rate_hz:
            self._analyser, self._fed, self._clock = Analyser(rate_hz, self._events), 0, None
        return self._analyser

    def _resumed(self, block: np.void, rate_hz: float) -> StreamClock:
        """The clock after a gap, when the numbers of samples begin anew or jump; what was missed is counted."""
        if self._end_s:
            self.lost_s += max(float(block["t_air_s"]) - self._end_s, 0.0)
        return StreamClock(rate_hz)

    def _rows(self, samples: npt.NDArray[np.float32], now_s: float, p: Params, *, live: bool) -> LiveRows:
        analyser = self._analyser
        if analyser is None:
            raise ValueError("nothing was heard yet")
        features = analyser.process(samples, p)
        self._events = analyser.events
        self._fed += len(samples)
        out = np.zeros(len(features), LIVE_DTYPE)
        for name in features.dtype.names or ():
            out[name] = features[name]
        for row in out:
            row["t_air_s"] = self._air_s(float(row["t_s"])) if live else now_s
        out["t_out_s"], out["live"], out["lost_s"] = now_s, live, self.lost_s
        return out

    def _air_s(self, t_s: float) -> float:
        if self._analyser is None or self._clock is None:
            raise ValueError("nothing was heard yet")
        return self._clock.at(t_s * self._analyser.setup.rate_hz + self._shift)


def run(
    pipe: Connection, blocks_name: str, rows_name: str, parameters_name: str, lost_s: float, events: I64 | None
) -> None:
    """The process: reads blocks and writes rows until the pipe is closed.

    lost_s  sound that was missed before; events: how many there were before, i64[n_pulses], None: none
    """
    ear = Ear(lost_s, events)
    # What it loads takes a second, which is not to be missed of the sound.
    Analyser(_USUAL_HZ)
    with (
        block_ring(blocks_name) as blocks,
        feature_ring(rows_name) as rows,
        parameter_ring(parameters_name) as told,
    ):
        parameters, at = ParameterReader(told), blocks.written
        while True:
            # Waiting for the end is the pause between two looks.
            if pipe.poll(_POLL_S):
                pipe.recv()
            p = parameters.look()
            found, first = blocks.since(at)
            at = first + len(found)
            for block in found:
                _write(rows, ear.hear(block, time.monotonic(), p), parameters)
                # Who catches up on a busy machine has much to do, and does not hang.
                rows.beat(time.monotonic())
            # Who is behind may not take that for silence.
            if not len(found):
                _write(rows, ear.wait(time.monotonic(), p), parameters)
            rows.beat(time.monotonic())


def _write(ring: Ring, rows: LiveRows, parameters: ParameterReader) -> None:
    if len(rows):
        rows["t_out_s"] = time.monotonic()
        ring.write(rows)
        parameters.used()
