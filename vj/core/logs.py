"""The log file: what happened, with tracebacks, for whoever looks for the cause afterwards.

Written by a thread of its own: a disk that is full or slow holds nobody up, and what it cannot take is dropped.
"""

import contextlib
import logging
import logging.handlers
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

#: All of vj's loggers are below it.
ROOT = "vj"
_BYTES, _OLDER, _WAITING = 1_000_000, 3, 1000
_PATIENCE_S, _LOOK_S = 1.0, 0.1
_FORM = "%(asctime)s %(processName)s %(name)s %(levelname)s: %(message)s"


class _Queued(logging.handlers.QueueHandler):
    """Leaves records for another thread, and drops them where that does not keep up."""

    def enqueue(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(queue.Full):
            self.queue.put_nowait(record)


class _File(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: the usual is to write to a terminal, which may be what does not work."""


def _write(
    records: "queue.Queue[logging.LogRecord]", handlers: Sequence[logging.Handler], ends: threading.Event
) -> None:
    """Until the end, and then what waits."""
    while not (ends.is_set() and records.empty()):
        with contextlib.suppress(queue.Empty):
            record = records.get(timeout=_LOOK_S)
            for handler in handlers:
                handler.handle(record)


@contextlib.contextmanager
def to_file(path: Path | None) -> Iterator[None]:
    """What vj logs meanwhile goes to this file, after what is there; None, and where it cannot be written: nowhere."""
    logger, handlers = logging.getLogger(ROOT), list[logging.Handler]()
    with contextlib.suppress(OSError):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(_File(path, maxBytes=_BYTES, backupCount=_OLDER, encoding="utf-8"))
    records: queue.Queue[logging.LogRecord] = queue.Queue(_WAITING)
    entrance, ends = _Queued(records), threading.Event()
    writer = threading.Thread(target=_write, args=(records, handlers, ends), name="log", daemon=True)
    for handler in handlers:
        handler.setFormatter(logging.Formatter(_FORM))
    before, logger.propagate = logger.propagate, False
    logger.addHandler(entrance)
    writer.start()
    try:
        yield
    finally:
        logger.removeHandler(entrance)
        logger.propagate = before
        ends.set()
        # No longer than a moment for a disk that stands still.
        writer.join(_PATIENCE_S)
        for handler in handlers:
            with contextlib.suppress(OSError):
                handler.close()
