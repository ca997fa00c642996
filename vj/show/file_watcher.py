"""Files that were changed on disk, found by looking."""

from collections.abc import Callable, Iterable
from pathlib import Path

Stamp = tuple[int, int]


class FileWatcher:
    """Tells of each change once, when the file has stayed the same from one look to the next.

    files     those that are in use, whose changes count; arriving: those of folders where a new file counts as well
    """

    def __init__(
        self, files: Callable[[], Iterable[Path]], arriving: Callable[[], Iterable[Path]] = lambda: ()
    ) -> None:
        self._files, self._arriving = files, arriving
        self._known: dict[Path, Stamp | None] = _stamps(files()) | _stamps(arriving())
        self._moving: dict[Path, Stamp | None] = {}

    def changed(self) -> list[Path]:
        """Files that were changed and are whole by now; not those that went away, nor others that come into use."""
        now, arriving = _stamps(self._files()), _stamps(self._arriving())
        # Another preset is played: its file is not news.
        used = {path: at for path, at in now.items() if path not in self._known and path not in arriving}
        self._known, now = used | self._known, now | arriving
        differs = {path: at for path, at in now.items() if at and at != self._known.get(path)}
        settled = [path for path, at in differs.items() if self._moving.get(path) == at]
        self._moving = dict(differs)
        for path in settled:
            self._known[path] = now[path]
        return settled


def _stamps(paths: Iterable[Path]) -> "dict[Path, Stamp | None]":
    return {path: stamp(path) for path in paths}


def stamp(path: Path) -> Stamp | None:
    """What changes with a file's content: (time of its last change in ns, size); None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
