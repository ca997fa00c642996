"""Video files, encoded in a thread of their own as the pictures come.

Memory is bounded by a short queue, whatever the length. The file grows under a name of its own (`OUT.partial.mp4` for
OUT.mp4) and takes the real one when it is complete, so that a file of the real name is always a whole one.
"""

import queue
import threading
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np

from vj.core.errors import MediaError
from vj.core.types import F32, U8
from vj.render.output.encoder import Encoder
from vj.render.output.video_check import VideoInfo, check_video, contact_sheet, pictures, probe

__all__ = ["VideoInfo", "VideoWriter", "check_video", "contact_sheet", "pictures", "probe"]

EXTENSIONS = (".mp4", ".m4v", ".mov")
#: Pictures and blocks of sound that may wait for the encoder.
QUEUE = 16


class VideoWriter:
    """A video of `size` (width, height; even) at `fps`, with sound that comes at `rate_hz` in any number of channels.

    Picture n is shown at n / fps, and the first sample sounds with the first picture. `write_audio` and `write_frame`
    wait when the encoder is behind. Raises MediaError: unknown extension, odd size, a path that cannot be written, a
    full disk; the incomplete file is removed then.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: Fraction, rate_hz: int, channels: int) -> None:
        check_path(path, size)
        self._path, self._size = path, size
        self._partial = path.with_name(f"{path.stem}.partial{path.suffix}")
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(QUEUE)
        self._error: Exception | None = None
        self._aborted = False
        self._thread = threading.Thread(target=self._encode, name="video encoder", daemon=True)
        try:
            # FFmpeg's own message for a file that cannot be made is less clear than the system's.
            self._partial.touch()
            self._encoder = Encoder(self._partial, size, fps, rate_hz, channels)
            self._thread.start()
        except BaseException as e:
            # Ctrl-C too: nobody has a writer yet whom they could tell to stop.
            self._partial.unlink(missing_ok=True)
            if isinstance(e, OSError | av.FFmpegError):
                raise _cannot_write(path, e) from None
            raise

    def write_audio(self, samples: F32) -> None:
        """The next samples f32[n, channels], −1..1; the array must not change afterwards."""
        self._put(partial(self._encoder.sound, samples))

    def write_frame(self, rgb: U8) -> None:
        """The next picture u8[h, w, 3], top row first; the array must not change afterwards."""
        if rgb.shape != (self._size[1], self._size[0], 3) or rgb.dtype != np.uint8:
            raise ValueError(f"a picture of {rgb.shape} {rgb.dtype} for a video of {self._size}")
        self._put(partial(self._encoder.picture, rgb))

    def close(self) -> None:
        """Finish the file and give it its name."""
        self._finish()
        self._raise_error()
        try:
            self._partial.replace(self._path)
        except OSError as e:
            self._partial.unlink(missing_ok=True)
            raise _cannot_write(self._path, e) from None

    def abort(self) -> None:
        """Stop and remove what was written; an older file of that name stays. May be called after an error."""
        self._aborted = True
        self._finish()
        self._partial.unlink(missing_ok=True)

    def _finish(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _put(self, job: Callable[[], None]) -> None:
        self._raise_error()
        self._queue.put(job)

    def _raise_error(self) -> None:
        if self._error is not None:
            self._finish()
            self._partial.unlink(missing_ok=True)
            raise _cannot_write(self._path, self._error)

    def _encode(self) -> None:
        """In the encoder's thread: after an error the queue is emptied unread, so that nobody waits for ever."""
        while (job := self._queue.get()) is not None:
            if self._error is None and not self._aborted:
                self._guarded(job)
        self._guarded(partial(self._encoder.close, complete=self._error is None and not self._aborted))

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except (OSError, av.FFmpegError) as e:
            self._error = self._error or e


def check_path(path: Path, size: tuple[int, int]) -> None:
    """Raise MediaError for a file that no video of `size` (width, height) can be."""
    if path.suffix.lower() not in EXTENSIONS:
        raise MediaError(f"{path}: found extension {path.suffix!r}, expected one of {', '.join(EXTENSIONS)}")
    if min(size) < 2 or size[0] % 2 or size[1] % 2:
        raise MediaError(f"{path}: a video of {size[0]}x{size[1]}, expected even numbers (H.264 in yuv420p)")
    if path.is_dir():
        raise MediaError(f"{path}: is a folder, expected the name of a file")


def _cannot_write(path: Path, e: Exception) -> MediaError:
    return MediaError(f"{path}: cannot be written: {getattr(e, 'strerror', None) or e}")
