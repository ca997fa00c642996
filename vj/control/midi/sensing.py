"""Active sensing: who once said that it is there, and then says nothing more, has let go of all its keys. Pure.

So the MIDI 1.0 specification has it: after a first 0xFE something comes every 300 ms; where nothing does, the sender or
its cable has gone, and nobody will say that keys were released.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from vj.control.midi.message_ring import Message

_SENSING, _SYSTEM, _CONTROLLER, _ALL_NOTES_OFF = 0xFE, 0xF0, 0xB0, 123
#: The specification's 300 ms, and what USB and a busy machine may add.
SILENT_S = 0.5
#: Who looks so late was held up, and messages may wait that it has not seen.
_LATE_S = 0.3


@dataclass(slots=True)
class _Sender:
    heard_s: float
    #: Whether it has said that it will be heard, and the channels (from 0) on which it was.
    senses: bool = False
    channels: set[int] = field(default_factory=set)


class Sensing:
    """Call `take` with what came, often, also where that is nothing."""

    def __init__(self) -> None:
        self._senders: dict[str, _Sender] = {}
        self._looked_s = 0.0

    def take(self, messages: Iterable[Message], now_s: float) -> list[Message]:
        """What came without active sensing itself, and "all notes off" for senders that fell silent."""
        played = [message for message in messages if self._played(message)]
        if now_s - self._looked_s > _LATE_S:
            for sender in self._senders.values():
                sender.heard_s = now_s
        self._looked_s = now_s
        gone = [port for port, one in self._senders.items() if one.senses and now_s - one.heard_s > SILENT_S]
        return played + [message for port in gone for message in self._let_go(port, now_s)]

    def _played(self, message: Message) -> bool:
        sender = self._senders.setdefault(message.port, _Sender(message.t_s))
        sender.heard_s = max(sender.heard_s, message.t_s)
        status = message.data[0] if message.data else 0
        if status == _SENSING:
            sender.senses = True
        elif status < _SYSTEM:
            sender.channels.add(status & 0x0F)
        return status != _SENSING

    def _let_go(self, port: str, now_s: float) -> list[Message]:
        channels = self._senders.pop(port).channels
        return [Message(port, now_s, bytes((_CONTROLLER | one, _ALL_NOTES_OFF, 0))) for one in sorted(channels)]
