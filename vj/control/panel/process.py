"""The process that serves the panel: apart from the window, so that no client costs it a frame."""

import asyncio
import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from vj.control.panel.announce import Announcement
from vj.control.panel.board import Board, Names
from vj.control.panel.config import PanelConfig
from vj.control.panel.server import PanelServer
from vj.core.errors import ControlError

_BEAT_S = 0.5


def run(
    pipe: Connection, config: PanelConfig, names: Names, presets: tuple[Path, ...] = (), shaders: tuple[Path, ...] = ()
) -> None:
    """The process, until the pipe is closed.

    Says ("port", number) when it serves, ("watched", (how many pages look, how many clients listen)), ("told", line).
    The beat of the inbox says that it lives. Raises ControlError where the port cannot be had.
    """
    # Whatever clients do wrong is no concern of the log's.
    logging.getLogger("aiohttp").disabled = logging.getLogger("aiohttp.server").disabled = True
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    if sys.platform != "win32":
        # The window comes first.
        os.nice(4)
    with Board(names) as board:
        asyncio.run(_serve(pipe, config, board, presets, shaders))


async def _serve(
    pipe: Connection, config: PanelConfig, board: Board, presets: tuple[Path, ...], shaders: tuple[Path, ...]
) -> None:
    ends, loop = asyncio.Event(), asyncio.get_running_loop()
    board.inbox.beat(time.monotonic())
    server = PanelServer(
        config, board, lambda page, listener: _say(pipe, "watched", (page, listener)), presets, shaders
    )
    try:
        port = await server.open()
    except (OSError, OverflowError) as e:
        await server.close()
        raise ControlError(f"OSCQuery {config.host}:{config.port} cannot be opened: {_why(e)}") from None
    _say(pipe, "port", port)
    announced = Announcement(config.host, port, config.osc[1], lambda text: _say(pipe, "told", text))
    end = partial(loop.call_soon_threadsafe, ends.set)
    threading.Thread(target=_wait_for_end, args=(pipe, end), daemon=True).start()
    while not ends.is_set():
        board.inbox.beat(time.monotonic())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ends.wait(), _BEAT_S)
    await server.close()
    announced.close()


def _why(error: Exception) -> str:
    # asyncio puts the address into the text of its own.
    number = getattr(error, "errno", None)
    return os.strerror(number) if number and number > 0 else str(error)


def _say(pipe: Connection, *message: object) -> None:
    with contextlib.suppress(OSError):
        pipe.send(message)


def _wait_for_end(pipe: Connection, end: Callable[[], object]) -> None:
    """The window says nothing here; its pipe ends when it does."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.recv()
    with contextlib.suppress(RuntimeError):
        end()
