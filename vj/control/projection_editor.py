"""Where the picture lies on the wall, by a few keys and the mouse: no file, no GL.

enter           another part: corners, edges, mask
1 to 4          another corner, from the upper left clockwise; another edge, from the left
arrows          corners: move it; edges: more or less of the one that is chosen
page up, down   steps of 10 pixels or of one
V, W            mirrored, turned by a quarter
delete          the part as it was at first; of a mask: its last point
mouse           drags a corner, or a point of the mask; elsewhere it adds one
"""

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

from vj.core.types import Line
from vj.render.output.projection import MOST_POINTS, SOFTEST_EDGE, Point, Projection, Quad, found, placed

KEYS = (
    "enter", "1", "2", "3", "4", "up", "down", "left", "right", "page up", "page down", "v", "w", "delete", "backspace",
)  # fmt: skip
Part = Literal["corners", "edges", "mask"]
PARTS: tuple[Part, ...] = get_args(Part)
CORNERS = "upper left", "upper right", "lower right", "lower left"
EDGES = "left", "upper", "right", "lower"
#: What the mouse takes hold of, in pixels.
_REACH = 40.0
_EDGE_STEP = 0.01
_ARROWS: dict[str, tuple[int, int]] = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


@dataclass(frozen=True, slots=True)
class Place:
    """What the editor works on: a projection on a screen of (width, height) pixels, and the picture's size."""

    projection: Projection
    screen: tuple[int, int]
    picture: tuple[int, int]

    @property
    def quad(self) -> Quad:
        """The four corners, in shares of the screen."""
        return self.projection.quad(self.screen, self.picture)


class ProjectionEditor:
    """Which part is edited, what of it is chosen, and what the mouse holds."""

    def __init__(self) -> None:
        self.part: Part = "corners"
        self._chosen, self._step_px = 0, 1
        self._held: int | None = None

    def press(self, key: str, place: Place) -> Projection:
        """One of KEYS was pressed; returns the projection as it is then."""
        now = place.projection
        match key:
            case "enter":
                self._held = None
                self.part = PARTS[(PARTS.index(self.part) + 1) % len(PARTS)]
            case "1" | "2" | "3" | "4":
                self._chosen = int(key) - 1
            case "page up" | "page down":
                self._step_px = 10 if key == "page up" else 1
            case "v":
                return replace(now, mirrored=not now.mirrored)
            case "w":
                return replace(now, turns=(now.turns + 1) % 4)
            case "delete" | "backspace":
                return self._undone(now)
            case _ if self.part == "corners":
                return self._moved(_ARROWS[key], place)
            case _ if self.part == "edges":
                return self._faded(_ARROWS[key], now)
        return now

    def take(self, at: Point, place: Place) -> Projection:
        """The left button was pressed there, in pixels: on a handle, or on a new place of the mask."""
        now = place.projection
        self._held = self._nearest(at, place)
        if self.part == "corners" and self._held is not None:
            self._chosen = self._held
        if self.part != "mask" or self._held is not None or len(now.mask) == MOST_POINTS:
            return now
        self._held = len(now.mask)
        return replace(now, mask=(*now.mask, _within(at, place)))

    def drag(self, at: Point | None, place: Place) -> Projection:
        """The left button is held there, in pixels, or nowhere."""
        now = place.projection
        if at is None:
            self._held = None
        if at is None or self._held is None:
            return now
        if self.part == "mask":
            to = _within(at, place)
            return replace(now, mask=tuple(to if i == self._held else point for i, point in enumerate(now.mask)))
        return now.with_corner(self._held, _share(at, place), place.quad)

    def marks(self, place: Place) -> list[tuple[float, float, bool]]:
        """What the mouse may take hold of: x, y in pixels, and whether it is chosen."""
        chosen = self._chosen if self.part == "corners" else len(place.projection.mask) - 1
        return [
            (x * place.screen[0], y * place.screen[1], i == chosen) for i, (x, y) in enumerate(self._handles(place))
        ]

    def lines(self, now: Projection, monitor: str) -> list[Line]:
        """What the projection is, as lines of the HUD."""
        edge = ", ".join(f"{name} {share:.0%}" for name, share in zip(EDGES, now.edges, strict=True))
        says = {
            "corners": f"{CORNERS[self._chosen]}, by {self._step_px} px" if self.part == "corners" else "",
            "edges": edge,
            "mask": f"{len(now.mask)} points" if now.mask else "none",
        }
        if self.part == "edges":
            says["edges"] = f"{EDGES[self._chosen]}   ({edge})"
        turned = f"turned by {now.turns * 90}°" if now.turns else "upright"
        return [
            Line("projection", monitor or "no monitor"),
            *(_line(part, says[part], part == self.part) for part in PARTS),
            Line("", turned + (", mirrored" if now.mirrored else "")),
            Line("", "enter: next part    1 to 4: which    arrows: move    page up, down: step"),
            Line("", "V: mirror    W: turn    delete: as at first    mouse: drag, add to the mask"),
        ]

    def _handles(self, place: Place) -> list[Point]:
        """In shares of the screen."""
        if self.part == "mask":
            return [placed(point, place.quad) for point in place.projection.mask]
        return list(place.quad) if self.part == "corners" else []

    def _nearest(self, at: Point, place: Place) -> int | None:
        away = [math.dist(at, mark[:2]) for mark in self.marks(place)]
        return away.index(min(away)) if away and min(away) < _REACH else None

    def _moved(self, way: tuple[int, int], place: Place) -> Projection:
        quad = place.quad
        x, y = quad[self._chosen]
        to = (x + way[0] * self._step_px / place.screen[0], y + way[1] * self._step_px / place.screen[1])
        return place.projection.with_corner(self._chosen, to, quad)

    def _faded(self, way: tuple[int, int], now: Projection) -> Projection:
        edges = list(now.edges)
        by = (way[0] - way[1]) * _EDGE_STEP * self._step_px
        edges[self._chosen] = min(max(round(edges[self._chosen] + by, 3), 0.0), SOFTEST_EDGE)
        return replace(now, edges=(edges[0], edges[1], edges[2], edges[3]))

    def _undone(self, now: Projection) -> Projection:
        plain = Projection()
        if self.part == "mask":
            return replace(now, mask=now.mask[:-1])
        if self.part == "edges":
            return replace(now, edges=plain.edges)
        return replace(now, corners=None)


def _share(at: Point, place: Place) -> Point:
    """Pixels → shares of the screen."""
    return at[0] / place.screen[0], at[1] / place.screen[1]


def _within(at: Point, place: Place) -> Point:
    """Pixels → shares of the picture, at its rim where they are beyond."""
    x, y = found(_share(at, place), place.quad)
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)


def _line(part: Part, says: str, edited: bool) -> Line:
    return Line(">" if edited else "", f"{part}   {says}", alarm=edited)
