"""Captures a sound card: a process that does nothing else, and that may be killed at any moment.

PortAudio hangs in `stop()` and in its own end where a sound server froze or died, and its list of devices is stale
until it is started again. So this process never stops a stream: it is ended, and another begins (`vj.audio.listener`).
The callback copies into shared memory and returns.
"""

import contextlib
import gc
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from vj.audio.blocks import BlockWriter, block_ring
from vj.core.errors import UsageError
from vj.core.types import F32
from vj.runtime.native import native_stderr_closed
from vj.runtime.ring import Ring

#: How often a device that is not there is looked for.
RETRY_S = 0.3
#: A latency that PortAudio reports and that is beyond this is not believed.
_MAX_LATENCY_S = 1.0
#: How often it is looked whether the stream goes on.
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Input:
    """What to listen to.

    device    part of its name, or None for the system's default
    channels  one or two of its inputs, counted from 1
    rate_hz   None: the device's own
    block     samples a callback, a power of two ≥ 256
    """

    device: str | None = None
    channels: tuple[int, ...] = (1, 2)
    rate_hz: float | None = None
    block: int = 256

    def __post_init__(self) -> None:
        if self.block < 256 or self.block & (self.block - 1) or self.block > 65536:
            raise UsageError(f"block of {self.block} samples: expected a power of two from 256 to 65536")
        if len(self.channels) not in (1, 2) or min(self.channels) < 1:
            raise UsageError(f"channels {self.channels}: expected one or two numbers from 1 on")


def choose(devices: Sequence[Any], default: int, wanted: str | None, kind: str = "input") -> int | None:
    """Index of the device to use among those that PortAudio lists; None where it is not there (now).

    A whole name is better than a part of one; case does not matter. `default` is the system's own, −1 for none.
    """
    usable = [i for i, d in enumerate(devices) if d[f"max_{kind}_channels"] > 0]
    if wanted is None:
        return default if default in usable else next(iter(usable), None)
    text = wanted.casefold()
    names = {i: str(devices[i]["name"]).casefold() for i in usable}
    whole = [i for i, name in names.items() if name == text]
    part = [i for i, name in names.items() if text in name]
    return next(iter(whole + part), None)


def columns(channels: tuple[int, ...], offered: int) -> list[int]:
    """Columns of the stream for the wanted channels, as far as the device has them: at least one."""
    found = [c - 1 for c in channels if c <= offered]
    return found or [0]


def run(pipe: Connection, blocks_name: str, number: int, wanted: Input) -> None:
    """The process. Tells ("waiting", why) while there is no device, ("open", name, rate_hz, latency_s), ("lost", why).

    Ends when the pipe is closed, without a word to PortAudio.
    """
    # Nothing here makes cycles, and a pause for collecting them would be heard.
    gc.freeze()
    gc.disable()
    # An end by closing the pipe or by the stream is always at once: whatever PortAudio has at heart may hang.
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError), native_stderr_closed():
        stream = _opened(pipe, block_ring(blocks_name), number, wanted)
        while stream.active:
            if pipe.poll(LOOK_S):
                pipe.recv()
        pipe.send(("lost", "the device has gone, or its server"))
    os._exit(0)


def _opened(pipe: Connection, ring: Ring, number: int, wanted: Input) -> Any:
    """A running stream of the wanted device, as soon as there is one."""
    import sounddevice

    told = ""
    while True:
        try:
            return _open(pipe, ring, number, wanted, sounddevice)
        except (sounddevice.PortAudioError, _NotThereError, ValueError) as e:
            why = str(e).splitlines()[0] if str(e) else type(e).__name__
        if why != told:
            pipe.send(("waiting", why))
            told = why
        if pipe.poll(RETRY_S):
            pipe.recv()
        # The list of devices is that of PortAudio's start.
        sounddevice._terminate()
        sounddevice._initialize()


class _NotThereError(Exception):
    """The wanted device is not among those that there are."""


def _open(pipe: Connection, ring: Ring, number: int, wanted: Input, sounddevice: Any) -> Any:
    devices = list(sounddevice.query_devices())
    index = choose(devices, int(sounddevice.default.device[0]), wanted.device)
    if index is None:
        names = ", ".join(str(d["name"]) for d in devices if d["max_input_channels"] > 0) or "none"
        raise _NotThereError(f"input {wanted.device!r}: not found among {names}" if wanted.device else "no audio input")
    info = devices[index]
    offered = int(info["max_input_channels"])
    count = min(max(wanted.channels), offered)
    callback = _Callback(columns(wanted.channels, count))
    stream = sounddevice.InputStream(
        device=index, channels=count, samplerate=wanted.rate_hz, blocksize=wanted.block, dtype="float32",
        latency="low", callback=callback,
    )  # fmt: skip
    callback.attach(
        BlockWriter(ring, number, float(stream.samplerate)), float(stream.samplerate), float(stream.latency)
    )
    stream.start()
    pipe.send(("open", str(info["name"]), float(stream.samplerate), float(stream.latency)))
    return stream


class _Callback:
    """Copies into the ring, counts what PortAudio says was lost."""

    def __init__(self, picked: list[int]) -> None:
        self._picked, self._overflows = picked, 0

    def attach(self, writer: BlockWriter, rate_hz: float, latency_s: float) -> None:
        """Before the stream starts: what is known once it is open."""
        self._writer, self._rate_hz, self._latency_s = writer, rate_hz, latency_s

    def __call__(self, data: F32, frames: int, times: Any, flags: Any) -> None:
        now_s = time.monotonic()
        self._overflows += bool(flags.input_overflow)
        age_s = float(times.currentTime) - float(times.inputBufferAdcTime)
        if not 0.0 < age_s < _MAX_LATENCY_S:
            age_s = min(self._latency_s, _MAX_LATENCY_S) + frames / self._rate_hz
        samples = data if data.shape[1] == len(self._picked) else data[:, self._picked]
        self._writer.write(np.asarray(samples), now_s - age_s, self._overflows)
