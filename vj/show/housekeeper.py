"""What the supervisor of a show looks after: ears, generators, files that are edited."""

import queue
from collections.abc import Callable
from pathlib import Path

from vj.audio.input.virtual import Virtual
from vj.audio.listener import Listener
from vj.audio.listener import Status as Hearing
from vj.core.edge import Edge
from vj.core.errors import MediaError, ShowError
from vj.generator.pool import GeneratorPool
from vj.generator.pool import Status as Dreaming
from vj.runtime.supervisor import TEND_S, Supervisor
from vj.show.file_watcher import FileWatcher

#: How often what may take longer is done.
_SELDOM_S = 0.5
#: A file whose output is not there for so long is played to the eyes alone.
_MUTE_S = 2.0


class Housekeeper:
    """`hearing` and `dreaming` are how it goes; `changed` holds files that were edited.

    silent_file  the file to play without speakers, should there be none
    read_ahead   reads what has been edited before it is told of
    """

    def __init__(
        self, listener: Listener, pool: GeneratorPool, watch: FileWatcher, silent_file: Path | None,
        tell: Callable[[str], None], edge: Edge, read_ahead: Callable[[], None],
    ) -> None:  # fmt: skip
        self._listener, self._pool, self._silent_file, self._tell = listener, pool, silent_file, tell
        self._watch, self._read_ahead = watch, read_ahead
        self.hearing: Hearing = listener.tend()
        self.dreaming: Dreaming = pool.tend()
        self.changed: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._waited_s = 0.0
        self._supervisor = Supervisor(edge)
        self._supervisor.tend(self._hear)
        self._supervisor.tend(self._dream)
        self._supervisor.tend(self._look_at_files, _SELDOM_S)

    @property
    def error(self) -> ShowError | None:
        """What ends the show."""
        return self._supervisor.error

    def later(self, job: Callable[[], object]) -> None:
        """Do this on the supervisor's thread, as it may take longer than a frame; what goes wrong is told."""
        self._supervisor.later(job)

    def each(self, job: Callable[[], object], every_s: float = TEND_S) -> Callable[[], None]:
        """Do this on the supervisor's thread again and again, so often; returns what to call to be done with it."""
        return self._supervisor.tend(job, every_s)

    def close(self) -> None:
        """End the thread; what it looked after is the caller's to close."""
        self._supervisor.close()

    def _hear(self) -> None:
        try:
            self.hearing = self._listener.tend()
        except MediaError as e:
            # A file without sound is the one thing that ends a show.
            raise ShowError(str(e)) from e
        self._waited_s = self._waited_s + TEND_S if self.hearing.state == "waiting" else 0.0
        if self._silent_file and self._waited_s >= _MUTE_S:
            self._tell(f"{self.hearing.device}: {self._silent_file.name} plays without speakers")
            self._listener.listen_to(Virtual(self._silent_file, once=True))
            self._silent_file = None

    def _dream(self) -> None:
        self.dreaming = self._pool.tend()

    def _look_at_files(self) -> None:
        changed = self._watch.changed()
        self._read_ahead()
        for path in changed:
            self.changed.put(path)
