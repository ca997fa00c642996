"""The window's side of the panel: tells its server what is, takes what it was asked for, and keeps it running."""

import secrets
import time
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vj.control.panel.announce import own_addresses
from vj.control.panel.board import FACTS_ROW, LISTS_ROW, Board, json_row, packets_of, picture_row, values_row
from vj.control.panel.config import PanelConfig
from vj.control.panel.lists import lists
from vj.core.types import F32, U8
from vj.params.registry import Registry, Snapshot
from vj.render.isf.shader import IsfShader
from vj.runtime.ending import Ending
from vj.runtime.lifecycle import Patience
from vj.runtime.supervisor import Supervised
from vj.runtime.worker import Worker

_PATIENCE = Patience(starting_s=30.0, silent_s=8.0)
_BACK_OFF_S = (0.2, 1.0, 3.0, 10.0)
#: After so long without trouble the next one is the first.
_STEADY_S = 10.0
#: What saying goodbye to the network may take.
_EXIT_S = 3.0
_TOKEN_BYTES = 12
_JOB = "vj.control.panel.process"


class PanelLink:
    """`frame`, `picture` and `take` belong to the window's thread and never wait; the rest to a supervisor's.

    tell     is told what a performer should know; on_ready: called once, when the page can be opened
    presets  folders of thumbnails, shaders: of pictures; watched: how many pages look;
    attended: whether anybody is told of values as they change
    """

    def __init__(
        self, config: PanelConfig, tell: Callable[[str], None], on_ready: Callable[["PanelLink"], None] | None = None,
        presets: Sequence[Path] = (), shaders: Sequence[Path] = (), job: str = _JOB,
    ) -> None:  # fmt: skip
        if config.beyond and not config.token:
            config = replace(config, token=secrets.token_urlsafe(_TOKEN_BYTES))
        self.config, self._tell, self._on_ready, self._job = config, tell, on_ready, job
        self._folders = tuple(presets), tuple(shaders)
        self.board, self._ending = Board(), Ending()
        self.port, self.watched, self.attended, self.trouble = config.port, 0, False, ""
        self._taken = self._revision = 0
        self._known: Registry | None = None
        self._listed: Mapping[str, Any] = {}
        self._facts: Mapping[str, Any] = {}
        self._process = Supervised(self._start, _BACK_OFF_S, self._ending)
        self._process.begin(time.monotonic())

    def frame(self, target: Snapshot, now: F32, signals: Mapping[str, Any] | None) -> None:
        """The values of a frame: as asked for, as drawn f32[n_params], and the signals, None: nothing is heard."""
        if self._known is not None and target.registry is self._known and len(now) == len(self._known):
            self.board.values.write(values_row(self._revision, target.array, now, signals))

    def picture(self, rgb: U8, *, audition: bool = False) -> None:
        """What is seen, u8[h, w, 3], small."""
        self.board.pictures.write(picture_row(rgb, audition=audition))

    def take(self) -> list[tuple[bytes, tuple[str, int]]]:
        """Packets of OSC that have come since it was asked last, and from whom; nothing can be sent back there."""
        rows, first = self.board.inbox.since(self._taken)
        self._taken = first + len(rows)
        return [(packet, (f"panel {client}", 0)) for packet, client in packets_of(rows)]

    def tell_lists(
        self, registry: Registry, presets: Sequence[Mapping[str, Any]], shaders: Sequence[IsfShader],
        pictures: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """What there is, told where it has changed."""
        known = registry is self._known
        revision = self._revision if known else self._revision + 1
        found = lists(revision, registry, presets, shaders, pictures)
        if found == self._listed:
            return
        if (row := json_row(LISTS_ROW, found)) is None:
            self._tell("the panel cannot show so many parameters and shaders")
            return
        self.board.lists.write(row)
        self._listed, self._revision, self._known = found, revision, registry

    def show(self, facts: Mapping[str, Any]) -> None:
        """How it goes."""
        if facts != self._facts and (row := json_row(FACTS_ROW, facts)) is not None:
            self._facts = facts
            self.board.facts.write(row)

    def tend(self) -> None:
        """Look after the process: hear what it says, and start it again when it has died."""
        now_s = time.monotonic()
        self._ending.step(now_s)
        for kind, found in self._process.hear():
            self._hear(kind, found)
        if self._process.begun_s and now_s - self._process.begun_s > _STEADY_S:
            self._process.worked()
        if self._process.tend(now_s, self.board.inbox.beat_s, _PATIENCE):
            self.watched, self.attended = 0, False
            if self._process.trouble != self.trouble:
                self._tell(self._process.trouble)
            self.trouble = self._process.trouble

    def _hear(self, kind: str, found: Any) -> None:
        match kind:
            case "port":
                self.port, self.trouble = found, ""
                ready, self._on_ready = self._on_ready, None
                if ready:
                    ready(self)
            case "watched":
                self.watched, listeners = found
                self.attended = self.watched + listeners > 0
            case "told":
                self._tell(found)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page."""
        host = self.config.host if self.config.host not in ("0.0.0.0", "::") else "127.0.0.1"
        return self._url(host)

    @property
    def urls_elsewhere(self) -> list[str]:
        """Where browsers on other machines find it, token and all; none where it is not open to them."""
        if not self.config.beyond:
            return []
        return [self._url(host) for host in (own_addresses() if self.config.host == "0.0.0.0" else [self.config.host])]

    def _url(self, host: str) -> str:
        return f"http://{host}:{self.port}/panel/" + (f"t/{self.config.token}/" if self.config.token else "")

    def open_browser(self) -> None:
        """On this machine, where it has one."""
        if not webbrowser.open(self.url):
            self._tell(f"no browser was found; the panel is at {self.url}")

    @property
    def pid(self) -> int | None:
        """Process number of the server."""
        return self._process.pid

    @property
    def restarts(self) -> int:
        """How often the server was started again."""
        return self._process.restarts

    def close(self) -> None:
        """End the process."""
        self._process.end(time.monotonic(), _EXIT_S)
        self._ending.close()
        self.board.close()

    def _start(self) -> Worker:
        return Worker("panel", self._job, self.config, self.board.names, *self._folders)
