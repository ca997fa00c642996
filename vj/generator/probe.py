"""Times an engine with a network: `python -m vj.generator.probe ENGINE MODEL THREADS` prints milliseconds a picture."""

import sys
import time
from pathlib import Path

from vj.core.errors import WorkerError
from vj.generator.config import EngineName
from vj.generator.engine import Engine, resting_input
from vj.generator.opening import open_engine
from vj.runtime.native import signal_at_parents_end

#: Pictures, and the time after which those that were drawn are enough.
_PICTURES, _ENOUGH_S = 40, 4.0


def best_ms(engine: Engine) -> float:
    """The best time of a picture, which other work disturbs least."""
    given = resting_input(engine)
    best_s, began_s = float("inf"), time.perf_counter()
    for _ in range(_PICTURES):
        at_s = time.perf_counter()
        engine.frame(given)
        now_s = time.perf_counter()
        best_s = min(best_s, now_s - at_s)
        if now_s - began_s > _ENOUGH_S:
            break
    return 1e3 * best_s


def main(name: EngineName, path: Path, threads: int) -> None:
    """Print the best time. Raises VjError."""
    signal_at_parents_end("SIGKILL")
    print(best_ms(open_engine(path, name, threads=threads, tell=_refuse)))


def _refuse(why: str) -> None:
    """Another engine's time is of no use."""
    raise WorkerError(why)


if __name__ == "__main__":
    main("openvino" if sys.argv[1] == "openvino" else "xla", Path(sys.argv[2]), int(sys.argv[3]))
