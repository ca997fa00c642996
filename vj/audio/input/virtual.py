"""Sound without a sound card: silence, a tone or a file, in the time that it would take; a process of its own."""

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from vj.audio.blocks import FRAMES, BlockWriter, block_ring
from vj.audio.input.generated import ToneSource
from vj.core.types import F32


class Sound(Protocol):
    """What a file, a tone and silence have in common."""

    rate_hz: int

    def blocks(self, start_s: float = 0.0, duration_s: float | None = None) -> Iterator[F32]:
        """Blocks f32[n, channels]."""


@dataclass(frozen=True, slots=True)
class Virtual:
    """file: sound from it, `once` or again and again; otherwise a tone of `gain_db`, −inf for silence."""

    file: Path | None = None
    gain_db: float = -math.inf
    frequency_hz: float = 440.0
    once: bool = False

    def sound(self) -> Sound:
        """The source. Raises MediaError."""
        # Whoever only says what is wanted need not load a decoder.
        from vj.audio.input.file import FileSource

        return FileSource(self.file) if self.file else ToneSource(self.frequency_hz, self.gain_db)

    @property
    def name(self) -> str:
        """As people call it."""
        if self.file:
            return self.file.name
        return "silence" if self.gain_db == -math.inf else f"tone of {self.frequency_hz:g} Hz"


def run(pipe: Connection, blocks_name: str, number: int, wanted: Virtual) -> None:
    """The process: as `vj.audio.input.sound_card.run`, from a source that is not a device."""
    sound = wanted.sound()
    writer = BlockWriter(block_ring(blocks_name), number, sound.rate_hz)
    pipe.send(("open", wanted.name, float(sound.rate_hz), 0.0))
    begin_s, sent = time.monotonic(), 0
    for block in in_pieces(sound, wanted.once):
        due_s = begin_s + (sent + len(block)) / sound.rate_hz
        while (left_s := due_s - time.monotonic()) > 0:
            if pipe.poll(left_s):
                pipe.recv()
        writer.write(block, due_s - len(block) / sound.rate_hz)
        sent += len(block)
    pipe.send(("ended",))


def in_pieces(sound: Sound, once: bool) -> Iterator[F32]:
    """The sound, once or for ever, as a sound card gives it: f32[≤ FRAMES, 1 or 2]."""
    times = range(1) if once else itertools.count()
    for block in itertools.chain.from_iterable(sound.blocks() for _ in times):
        for at in range(0, len(block), FRAMES):
            yield block[at : at + FRAMES, :2]
