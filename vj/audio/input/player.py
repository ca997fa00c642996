"""Plays a file to the speakers and gives the ears what is heard, when it is heard; a process of its own.

As in `vj.audio.input.sound_card` the stream is never stopped: the process ends.
"""

import contextlib
import math
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
from vj.audio.input.sound_card import LOOK_S, RETRY_S, choose
from vj.core.errors import MediaError
from vj.core.types import F32
from vj.runtime.native import native_stderr_closed

if TYPE_CHECKING:
    from vj.audio.input.file import FileSource

_MAX_LATENCY_S = 2.0
#: Decoded ahead: some seconds.
_AHEAD = 256
#: A decoder that is late for so long hangs, with the disk it reads from; a busy machine delays it by parts of a second.
DECODER_S = 10.0
#: How much longer than its latency a server may take to play the last block. One that freezes there plays nothing more.
DRAIN_S = 1.0


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
        writer = BlockWriter(block_ring(blocks_name), number, source.rate_hz)
        playing = Playing(blocks, writer, time.monotonic())
        stream = _opened(pipe, wanted, source, playing)
        while stream.active and not playing.drained(time.monotonic()):
            if pipe.poll(LOOK_S):
                pipe.recv()
        pipe.send(("ended",) if playing.ended else ("lost", "the output has gone, or its server"))
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


class Playing:
    """What a callback plays, block after block, and writes to the ring with its time in the air. Time is an argument.

    It says that it lives while the server asks for sound and the decoder is not late for `DECODER_S`, and as it drains.
    """

    def __init__(self, blocks: "queue.Queue[F32 | None]", writer: BlockWriter, now_s: float) -> None:
        self._blocks, self._writer, self._decoded_s = blocks, writer, now_s
        self._underruns, self._drained_s = 0, math.inf

    @property
    def ended(self) -> bool:
        """Whether the last block was given to the server."""
        return self._drained_s < math.inf

    def fill(self, out: F32, now_s: float, delay_s: float, *, underrun: bool = False) -> bool:
        """The next block into `out` f32[n, 1 or 2], heard `delay_s` from now; whether there is more to come."""
        self._underruns += underrun
        out[:] = 0.0
        try:
            block = self._blocks.get_nowait()
        except queue.Empty:
            # The decoder is late: silence, and the file goes on where it was.
            self._underruns += 1
            if now_s - self._decoded_s < DECODER_S:
                self._writer.lives()
            return True
        self._decoded_s = now_s
        if block is None:
            self._drained_s = now_s + delay_s + DRAIN_S
            self._writer.lives()
            return False
        out[:] = block[:, : out.shape[1]] if block.shape[1] >= out.shape[1] else np.repeat(block, out.shape[1], 1)
        self._writer.write(out, now_s + delay_s, self._underruns)
        return True

    def drained(self, now_s: float) -> bool:
        """Whether all was heard by now. No callback comes after the last block, so being asked is the sign of life."""
        if self.ended:
            self._writer.lives()
        return now_s > self._drained_s


def _opened(pipe: Connection, wanted: Playback, source: "FileSource", playing: Playing) -> Any:
    """A running stream of the wanted output, as soon as there is one."""
    import sounddevice

    told = ""
    while True:
        index = choose(sounddevice.query_devices(), int(sounddevice.default.device[1]), wanted.device, "output")
        try:
            if index is not None:
                return _open(pipe, wanted, source, playing, index, sounddevice)
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


def _open(
    pipe: Connection, wanted: Playback, source: "FileSource", playing: Playing, index: int, sounddevice: Any
) -> Any:
    info = sounddevice.query_devices(index)

    def callback(out: F32, _frames: int, times: Any, flags: Any) -> None:
        delay_s = float(times.outputBufferDacTime) - float(times.currentTime)
        if not 0.0 < delay_s < _MAX_LATENCY_S:
            delay_s = min(latency_s, _MAX_LATENCY_S)
        if not playing.fill(out, time.monotonic(), delay_s, underrun=bool(flags.output_underflow)):
            raise sounddevice.CallbackStop

    stream = sounddevice.OutputStream(
        device=index, channels=min(source.channels, 2, int(info["max_output_channels"])),
        samplerate=source.rate_hz, blocksize=wanted.block, dtype="float32", callback=callback,
    )  # fmt: skip
    latency_s = float(stream.latency)
    pipe.send(("open", f"{wanted.file.name} on {info['name']}", float(source.rate_hz), latency_s))
    stream.start()
    return stream
