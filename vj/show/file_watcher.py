"""Files that were changed on disk, found by looking."""

from collections.abc import Callable, Iterable
from pathlib import Path

Stamp = tuple[int, int]


class FileWatcher:
    """Tells of each change once, when the file has stayed the same from one look to the next."""

    def __init__(self, files: Callable[[], Iterable[Path]]) -> None:
        self._files = files
        self._known: dict[Path, Stamp | None] = {path: stamp(path) for path in files()}
        self._moving: dict[Path, Stamp | None] = {}

    def changed(self) -> list[Path]:
        """Files that were changed and are whole by now; those that went away not, nor those seen for the first time."""
        now = {path: stamp(path) for path in self._files()}
        # Another preset is played: its file is not news.
        self._known = {path: at for path, at in now.items() if path not in self._known} | self._known
        differs = {path: at for path, at in now.items() if at and at != self._known.get(path)}
        settled = [path for path, at in differs.items() if self._moving.get(path) == at]
        self._moving = dict(differs)
        for path in settled:
            self._known[path] = now[path]
        return settled


def stamp(path: Path) -> Stamp | None:
    """What changes with a file's content: (time of its last change in ns, size); None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
