"""Plays a file to the speakers and gives the ears what is heard, when it is heard; a process of its own.

As in `vj.audio.input.sound_card` the stream is never stopped: the process ends.
"""

import contextlib
import os
import queue
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vj.audio.blocks import BlockWriter, block_ring
from vj.audio.input.sound_card import RETRY_S, choose
from vj.core.errors import MediaError
from vj.core.types import F32
from vj.runtime.native import native_stderr_closed

if TYPE_CHECKING:
    from vj.audio.input.file import FileSource

_MAX_LATENCY_S = 2.0
#: Decoded ahead: some seconds.
_AHEAD = 256


@dataclass(frozen=True, slots=True)
class Playback:
    """What to play, from where, on which output, in blocks of so many samples.

    device  part of the output's name; None: the system's default
    """

    file: Path
    start_s: float = 0.0
    device: str | None = None
    block: int = 512


def run(pipe: Connection, blocks_name: str, number: int, wanted: Playback) -> None:
    """The process. Tells what `vj.audio.input.sound_card.run` tells, and ("ended",) after the last sample.

    Raises MediaError for a file that cannot be played.
    """
    # Whoever only says what is wanted need not load a decoder.
    from vj.audio.input.file import FileSource

    source = FileSource(wanted.file)
    blocks: queue.Queue[F32 | None] = queue.Queue(_AHEAD)
    threading.Thread(target=_decode, args=(source, wanted, blocks), daemon=True).start()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError), native_stderr_closed():
        callback = _opened(pipe, wanted, source, blocks, BlockWriter(block_ring(blocks_name), number, source.rate_hz))
        while callback.active:
            if pipe.poll(0.1):
                pipe.recv()
        pipe.send(("ended",) if callback.ended else ("lost", "the output has gone, or its server"))
    os._exit(0)


def _decode(source: "FileSource", wanted: Playback, blocks: "queue.Queue[F32 | None]") -> None:
    """Blocks of the size of a callback, the last filled up with silence, then None."""
    pending = np.zeros((0, source.channels), np.float32)
    with contextlib.suppress(MediaError):
        for block in source.blocks(wanted.start_s):
            pending = np.concatenate([pending, block])
            while len(pending) >= wanted.block:
                blocks.put(pending[: wanted.block].copy())
                pending = pending[wanted.block :]
    if len(pending):
        blocks.put(np.pad(pending, ((0, wanted.block - len(pending)), (0, 0))))
    blocks.put(None)


def _opened(
    pipe: Connection, wanted: Playback, source: "FileSource", blocks: "queue.Queue[F32 | None]", writer: BlockWriter
) -> "_Callback":
    import sounddevice

    told = ""
    while True:
        index = choose(sounddevice.query_devices(), int(sounddevice.default.device[1]), wanted.device, "output")
        try:
            if index is not None:
                return _Callback(pipe, wanted, source, blocks, writer, index, sounddevice)
            why = f"output {wanted.device!r}: not found" if wanted.device else "no audio output"
        except (sounddevice.PortAudioError, ValueError) as e:
            why = str(e).splitlines()[0]
        if why != told:
            pipe.send(("waiting", why))
            told = why
        if pipe.poll(RETRY_S):
            pipe.recv()
        sounddevice._terminate()
        sounddevice._initialize()


class _Callback:
    """A running output stream that takes blocks, plays them, and writes them to the ring with their time in the air."""

    def __init__(
        self, pipe: Connection, wanted: Playback, source: "FileSource", blocks: "queue.Queue[F32 | None]",
        writer: BlockWriter, index: int, sounddevice: Any,
    ) -> None:  # fmt: skip
        self._blocks, self._writer = blocks, writer
        self._stop: type[Exception] = sounddevice.CallbackStop
        self.ended, self._underruns = False, 0
        info = sounddevice.query_devices(index)
        self._stream = sounddevice.OutputStream(
            device=index, channels=min(source.channels, 2, int(info["max_output_channels"])),
            samplerate=source.rate_hz, blocksize=wanted.block, dtype="float32", callback=self._heard,
        )  # fmt: skip
        self._latency_s = float(self._stream.latency)
        pipe.send(("open", f"{wanted.file.name} on {info['name']}", float(source.rate_hz), self._latency_s))
        self._stream.start()

    @property
    def active(self) -> bool:
        """Whether it still plays."""
        return bool(self._stream.active)

    def _heard(self, out: F32, frames: int, times: Any, flags: Any) -> None:
        now_s = time.monotonic()
        self._underruns += bool(flags.output_underflow)
        delay_s = float(times.outputBufferDacTime) - float(times.currentTime)
        if not 0.0 < delay_s < _MAX_LATENCY_S:
            delay_s = min(self._latency_s, _MAX_LATENCY_S)
        try:
            block = self._blocks.get_nowait()
        except queue.Empty:
            # The decoder is late: silence, and the file goes on where it was.
            self._underruns += 1
            out[:] = 0.0
            return
        if block is None:
            out[:] = 0.0
            self.ended = True
            raise self._stop
        block = block[:, : out.shape[1]] if block.shape[1] >= out.shape[1] else np.repeat(block, out.shape[1], 1)
        out[:] = block
        self._writer.write(block, now_s + delay_s, self._underruns)
