"""Connections of the server: so many at a time, of which the oldest that only waits gives way, and none for ever."""

import asyncio
from collections.abc import Callable

#: More would cost the window frames.
MOST_OPEN = 64
#: What a request may take to come, and a kept connection may say nothing.
PATIENCE_S = 10.0


class Connections:
    """Makes the protocol of each connection; `inner` makes the one that speaks HTTP."""

    def __init__(
        self, inner: Callable[[], asyncio.Protocol], most: int = MOST_OPEN, patience_s: float = PATIENCE_S
    ) -> None:
        self._inner, self._most, self.patience_s = inner, most, patience_s
        self._open: dict[asyncio.BaseTransport, _Guarded] = {}

    def __call__(self) -> asyncio.Protocol:
        """A connection comes."""
        return _Guarded(self._inner(), self)

    def __len__(self) -> int:
        """Those that are open."""
        return len(self._open)

    def busy(self, transport: asyncio.BaseTransport | None, *, busy: bool) -> None:
        """A request is being answered on a connection from now on, which is not ended meanwhile; or it was."""
        if transport in self._open:
            self._open[transport].busy(busy=busy)

    def opened(self, transport: asyncio.Transport, guarded: "_Guarded") -> None:
        """It is there. Of too many the oldest that only waits is ended, or this one where all are busy."""
        self._open[transport] = guarded
        if len(self._open) > self._most:
            waiting = next((one for one, its in self._open.items() if not its.is_busy), transport)
            self._open.pop(waiting).abort()

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """It is not any more."""
        self._open.pop(transport, None)


class _Guarded(asyncio.Protocol):
    """Stands before the protocol that speaks HTTP, and ends a connection that says nothing whole for too long."""

    def __init__(self, inner: asyncio.Protocol, all_: Connections) -> None:
        self._inner, self._all, self.is_busy = inner, all_, False
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._inner.connection_made(transport)
        self.busy(busy=False)
        self._all.opened(transport, self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        if self._transport:
            self._all.closed(self._transport)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def busy(self, *, busy: bool) -> None:
        """A request is being answered from now on, or it was."""
        self.is_busy = busy
        self._stop_timer()
        if not busy:
            self._timer = asyncio.get_running_loop().call_later(self._all.patience_s, self.abort)

    def abort(self) -> None:
        """End it at once."""
        self._stop_timer()
        if self._transport:
            self._transport.abort()

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
