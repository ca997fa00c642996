"""When a sample was in the air, told from the times at which blocks of sound arrive. Pure."""

from collections import deque
from itertools import islice

#: Blocks that the clock looks back on, and those of them that show that the stream stood still.
_BLOCKS, _FEW = 128, 8
#: Later than this all at once is no late callback.
_STALL_S = 0.05


class StreamClock:
    """Maps numbers of samples to the monotonic clock.

    Blocks say when they were in the air, each a little late, as a callback is called late and never early. So the
    earliest of the last 128 (0.7 s at 256 samples and 48 kHz: no sound card drifts by a tenth of a millisecond in
    that time) tells best. Where a few in a row are all much later, the stream itself stood still: they count alone.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._origins_s: deque[float] = deque(maxlen=_BLOCKS)

    def heard(self, sample: int, t_s: float) -> None:
        """A block that begins with this sample said that it was in the air at `t_s`."""
        origins_s = self._origins_s
        origins_s.append(t_s - sample / self._rate_hz)
        few = list(islice(reversed(origins_s), _FEW))
        if len(few) == _FEW and min(few) > min(origins_s) + _STALL_S:
            self._origins_s = deque(reversed(few), maxlen=_BLOCKS)

    def at(self, sample: float) -> float:
        """When a sample was in the air, in seconds of the monotonic clock. At least one block must have been heard."""
        return min(self._origins_s) + sample / self._rate_hz
