"""The log file, one a show: what happened, with tracebacks, for whoever looks for the cause afterwards.

Written by a thread of its own: a disk that is full or slow holds nobody up, and what it cannot take is dropped. The
processes of a show find the file in their environment and write to it themselves: what they failed at, and in which
lines of Python they crashed.
"""

import contextlib
import faulthandler
import logging
import logging.handlers
import os
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

#: All of vj's loggers are below it.
ROOT = "vj"
LOG = logging.getLogger(ROOT)
# Without a file nothing is written anywhere: what a person should read is told elsewhere.
LOG.addHandler(logging.NullHandler())
#: The variable of the environment that names the file of a show.
ENVIRONMENT = "VJ_LOG"
_BYTES, _OLDER, _WAITING = 1_000_000, 3, 1000
#: Shows whose logs are left, the newest among them.
_SHOWS = 20
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


class _Appended(logging.FileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing, likewise."""


def _write(
    records: "queue.Queue[logging.LogRecord]", handlers: Sequence[logging.Handler], ends: threading.Event
) -> None:
    """Until the end, and then what waits."""
    while not (ends.is_set() and records.empty()):
        with contextlib.suppress(queue.Empty):
            record = records.get(timeout=_LOOK_S)
            for handler in handlers:
                handler.handle(record)


def new_file(folder: Path) -> Path:
    """A path for the log of a show that begins now; the oldest logs in the folder make room for it."""
    with contextlib.suppress(OSError):
        for path in of_shows(folder)[: -(_SHOWS - 1)]:
            for part in path.parent.glob(path.name + "*"):
                part.unlink()
    return folder / f"{time.strftime('%Y-%m-%d %H.%M.%S')} {os.getpid()}.log"


def of_shows(folder: Path) -> list[Path]:
    """The logs in a folder, from the oldest on."""
    return sorted(folder.glob("????-??-?? *.log"))


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
    before, logger.propagate, level = logger.propagate, False, logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(entrance)
    writer.start()
    try:
        with _crashes_told(path) if handlers and path else contextlib.nullcontext():
            yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(entrance)
        logger.propagate = before
        ends.set()
        # No longer than a moment for a disk that stands still.
        writer.join(_PATIENCE_S)
        for handler in handlers:
            with contextlib.suppress(OSError):
                handler.close()


@contextlib.contextmanager
def _crashes_told(path: Path) -> Iterator[None]:
    """This process and those that it starts write to this file where they crash."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            faulthandler.enable(stack.enter_context(path.open("a", encoding="utf-8")))
            stack.callback(tell_crashes)
        os.environ[ENVIRONMENT] = str(path)
        stack.callback(os.environ.pop, ENVIRONMENT, None)
        yield


def join() -> None:
    """In a process that another one started: write to the file of its show, or where it crashes to stderr."""
    path = os.environ.get(ENVIRONMENT)
    if not path:
        tell_crashes()
        return
    with contextlib.suppress(OSError):
        handler = _Appended(path, encoding="utf-8")
        handler.setFormatter(logging.Formatter(_FORM))
        LOG.setLevel(logging.INFO)
        LOG.addHandler(handler)
        LOG.propagate = False
        faulthandler.enable(handler.stream.fileno() if handler.stream else 2)


def tell_crashes() -> None:
    """On stderr, where there is one: the lines of Python of every thread, should the process crash."""
    # A stderr without a file behind it is nothing that a crashing process could write to.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        faulthandler.enable()
