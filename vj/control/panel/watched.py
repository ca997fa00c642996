"""The show as the panel's process sees it: the newest of what the window has told."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from vj.control.panel.board import Board, json_of, picture_of
from vj.control.panel.lists import registry_of
from vj.core.types import F32, frozen
from vj.params.registry import Registry, Snapshot

_QUALITY = 70


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """Values at one moment: as asked for and as drawn, of one registry; signals by name, None: nothing is heard."""

    target: Snapshot
    now: F32
    row: Any


class WatchedShow:
    """`look` takes what is new. lists_number and picture_number count what came."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.registry: Registry = Registry(())
        self.lists: Mapping[str, Any] = {"revision": -1, "params": [], "presets": [], "shaders": []}
        self.state: Mapping[str, Any] = {}
        self.moment: Moment | None = None
        self.lists_number = self.state_number = self.values_number = self.picture_number = 0
        self._jpegs: dict[int, tuple[bool, bytes]] = {}

    def look(self) -> None:
        """Take the newest of everything but pictures."""
        board = self._board
        if board.lists.written != self.lists_number and (row := board.lists.newest()) is not None:
            self.lists_number, lists = board.lists.written, json_of(row)
            if self.lists["params"] != lists["params"]:
                self.registry = registry_of(lists)
            self.lists = lists
        if board.facts.written != self.state_number and (row := board.facts.newest()) is not None:
            self.state_number, self.state = board.facts.written, json_of(row)
        if board.values.written != self.values_number and (row := board.values.newest()) is not None:
            self.values_number = board.values.written
            # Between an edit of a shader and the list of it, values are of parameters that are not known here.
            if row["revision"] == self.lists["revision"] and row["count"] == len(self.registry):
                n = len(self.registry)
                self.moment = Moment(Snapshot(self.registry, frozen(row["target"][:n])), row["now"][:n], row)

    @property
    def snapshot(self) -> Snapshot:
        """Values as asked for; defaults before the first."""
        moment = self.moment
        return moment.target if moment and moment.target.registry is self.registry else self.registry.defaults()

    def jpegs(self, since: int) -> tuple[list[tuple[bool, bytes]], int]:
        """(pictures since that number, the newest of each kind alone, as (of the audition, JPEG); the next number)."""
        rows, first = self._board.pictures.since(since)
        newest = {bool(row["audition"]): first + i for i, row in enumerate(rows)}
        made = {number: self._jpegs.get(number) or self._made(rows[number - first]) for number in newest.values()}
        self._jpegs = {n: j for n, j in self._jpegs.items() if n > first - 8} | made
        return list(made.values()), first + len(rows)

    @staticmethod
    def _made(row: Any) -> tuple[bool, bytes]:
        out = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(picture_of(row))).save(out, "JPEG", quality=_QUALITY)
        return bool(row["audition"]), out.getvalue()
