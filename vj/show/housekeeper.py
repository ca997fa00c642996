"""A thread that looks after the other processes, so that starting one never makes a picture late."""

import queue
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from vj.audio.input.virtual import Virtual
from vj.audio.listener import Listener
from vj.audio.listener import Status as Hearing
from vj.core.errors import MediaError, VjError
from vj.generator.pool import GeneratorPool
from vj.generator.pool import Status as Dreaming
from vj.show.file_watcher import FileWatcher

_TEND_S = 0.05
_WATCH_TICKS = 10
#: A file whose output is not there for so many ticks is played to the eyes alone.
_MUTE_TICKS = 40


class Tender:
    """`hearing` and `dreaming` are how it goes; `changed` holds files that were edited.

    error        what ends the show: a file without sound
    silent_file  the file to play without speakers, should there be none
    """

    def __init__(
        self, listener: Listener, pool: GeneratorPool, files: Callable[[], Iterable[Path]], silent_file: Path | None,
        tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._listener, self._pool, self._silent_file, self._tell = listener, pool, silent_file, tell
        self._watch = FileWatcher(files)
        self.hearing: Hearing = listener.tend()
        self.dreaming: Dreaming = pool.tend()
        self.changed: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self.error: VjError | None = None
        self._jobs: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._regular: list[Callable[[], object]] = []
        self._ends = threading.Event()
        self._waited = 0
        self._thread = threading.Thread(target=self._run, name="tender", daemon=True)
        self._thread.start()

    def later(self, job: Callable[[], object]) -> None:
        """Do this on the tender's thread, as it may take longer than a frame; what goes wrong is told."""
        self._jobs.put(job)

    def each(self, job: Callable[[], object]) -> None:
        """Do this on the tender's thread again and again, several times a second."""
        self._regular.append(job)

    def _run(self) -> None:
        tick = 0
        while not self._ends.wait(_TEND_S):
            tick += 1
            try:
                self._look(tick)
            except MediaError as e:
                self.error = e
                return
            except Exception as e:  # noqa: BLE001 – no memory for a process, say: whoever looks after the rest goes on.
                self._tell(f"{type(e).__name__}: {e}")

    def _look(self, tick: int) -> None:
        while not self._jobs.empty():
            try:
                self._jobs.get()()
            except VjError as e:
                self._tell(str(e))
        self.hearing = self._listener.tend()
        self._play_anyway()
        self.dreaming = self._pool.tend()
        if tick % _WATCH_TICKS == 0:
            for job in self._regular:
                job()
            for path in self._watch.changed():
                self.changed.put(path)

    def _play_anyway(self) -> None:
        self._waited = self._waited + 1 if self.hearing.state == "waiting" else 0
        if self._silent_file and self._waited >= _MUTE_TICKS:
            self._tell(f"{self.hearing.device}: {self._silent_file.name} plays without speakers")
            self._listener.listen_to(Virtual(self._silent_file, once=True))
            self._silent_file = None

    def close(self) -> None:
        """End the thread; what it tended is the caller's to close."""
        self._ends.set()
        self._thread.join()
