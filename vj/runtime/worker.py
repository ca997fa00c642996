"""A child process that does one job and is spoken to through a pipe.

Spawned, never forked, so that all systems behave alike and no thread or GL context is inherited. The child ignores
Ctrl-C and a terminal that is closed: the parent decides when it ends. A child that dies, whatever the reason, is a
WorkerError in the parent. A parent that is killed takes its children with it: their pipes end, and Linux
kills also those that hang, when the thread that started them is gone.
"""

import contextlib
import importlib
import multiprocessing
import os
import signal
import sys
import traceback
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vj.core import logs
from vj.core.errors import VjError, WorkerError
from vj.runtime.native import signal_at_parents_end

#: What a process that was asked to end is given, and then one that was killed.
_POLITE_S = 2.0
_EXIT_S = 0.5
#: Ctrl-C and a terminal that is closed come to all processes of a terminal; the parent decides what they mean.
_FOR_THE_PARENT = tuple(getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name))


class Worker:
    """Calls `run(connection, *args)` of the module named `job` in a process of its own.

    The module is imported by the child alone: the parent must not load what the child needs (TensorFlow, say).
    Messages are small tuples. `receive` raises the VjError that the job raised, or WorkerError when the process is
    gone or stays silent for `timeout_s`.
    """

    def __init__(self, name: str, job: str, *args: object) -> None:
        self.name = name
        _stand_somewhere()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(theirs, name, job, args), name=f"vj {name}", daemon=True)
        self._process.start()
        # Only the child may hold its end, or its death would not be seen as the end of the pipe.
        theirs.close()

    @property
    def pid(self) -> int | None:
        """The process number."""
        return self._process.pid

    def send(self, message: tuple[Any, ...]) -> None:
        """Send one message. A dead worker is reported by the next `receive`."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._pipe.send(message)

    def waiting(self, timeout_s: float) -> bool:
        """Whether a message, or the news of the process's end, comes within `timeout_s`."""
        return bool(wait([self._pipe], timeout_s))

    def receive(self, timeout_s: float) -> tuple[Any, ...]:
        """The next message from the worker."""
        if not self.waiting(timeout_s):
            raise WorkerError(f"the {self.name} gave no answer for {timeout_s:g} s")
        try:
            message: tuple[Any, ...] = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            raise WorkerError(f"the {self.name} process ended unexpectedly: {self._how_it_ended()}") from None
        if message and message[0] == "failed":
            raise message[1]
        return message

    def _how_it_ended(self) -> str:
        # Its pipe is closed, so it is at its very end, unless something hangs there.
        self._process.join(_EXIT_S)
        code = self._process.exitcode
        if code is None:
            return "its pipe is closed"
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}" + (" (out of memory?)" if code == -signal.SIGKILL else "")
        return f"exit code {code}"

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process.is_alive()

    def ask_to_end(self) -> None:
        """Close the pipe, at which a process that listens ends. Does not wait, and may be called again."""
        self._pipe.close()

    def kill(self) -> None:
        """Have the process end now, whatever it does. Does not wait until it has."""
        self._pipe.close()
        self._process.kill()

    def close(self) -> None:
        """End the process: it is asked by closing the pipe, then made to. Waits some seconds at most."""
        self.ask_to_end()
        self._process.join(_POLITE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_POLITE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def _stand_somewhere() -> None:
    """A process begins in the folder of its parent, which may have been removed since that began."""
    try:
        os.getcwd()
    except FileNotFoundError:
        os.chdir(os.sep)


def _run(connection: Connection, name: str, job: str, args: tuple[object, ...]) -> None:
    """What the child does: the job, and a message when it fails."""
    # What `top` and `pkill` call it, where there is such a file.
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(f"vj {name}")
    for number in _FOR_THE_PARENT:
        signal.signal(number, signal.SIG_IGN)
    signal_at_parents_end("SIGKILL")
    logs.join()
    try:
        importlib.import_module(job).run(connection, *args)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # The parent closed the pipe: the ordinary end.
    except VjError as e:
        logs.LOG.error("%s", e)
        _tell(connection, e)
    except Exception as e:  # noqa: BLE001 – the edge of the process: everything else becomes one line for the parent.
        logs.LOG.exception("the %s failed", name)
        if os.environ.get("VJ_DEBUG"):
            traceback.print_exc(file=sys.stderr)
        _tell(connection, WorkerError(f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else 'no message'}"))


def _tell(connection: Connection, error: VjError) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.send(("failed", error))
