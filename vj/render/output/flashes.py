"""Which parts of the picture flash too often, and how much of each new picture may be shown there. Pure.

After WCAG 2.2, success criterion 2.3.1 "Three Flashes or Below Threshold" and its definition of "general flash and red
flash thresholds" (W3C, 2023). A general flash is a pair of opposing changes of relative luminance by 0.1 or more whose
darker state is below 0.8; a red flash a pair of opposing changes of (R − G − B) · 320 by more than 20 where one of the
states is saturated, R / (R + G + B) ≥ 0.8. At most three within any second, unless they fill less than a quarter of any
field of ten degrees: taken here, as the distance of the audience is not known, as a third of the picture each way.

The picture is looked at as a grid of cells, each the average of its linear light. Where it is held back it follows
what comes slowly, as an average over time does. How slowly is a soft mask without edges: it is spread to the cells
around before it is blurred, so that no cell is let through more of than it may be. Mixing towards what comes adds no
change of its own, so the surroundings that are slowed down with a cell stay within the limits too.
"""

import numpy as np
import numpy.typing as npt

from vj.core.types import F32, Bools

GRID = (128, 72)
#: Shares of linear R, G, B in relative luminance (sRGB).
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
#: A little below the limits, for what a cell's average hides.
_STEP, _DARK, _RED_STEP, _SATURATED = 0.09, 0.8, 0.9 * 20 / 320, 0.78
#: Opposing changes that make three flashes.
_MOST = 6
#: Windows in which they are counted: of what comes, and, to be safe, longer of what is shown.
_COMING_S, _SHOWN_S = 0.98, 1.02
_FIELD, _AREA = 1 / 3, 0.15
#: While something flashes it is shown as its average over this time; that comes and goes within the others, and the
#: limits of the criterion hold meanwhile.
_AVERAGE_S, _ATTACK_S, _RELEASE_S = 0.6, 0.5, 0.5
#: The slowest that a cell follows what comes, as a root of the averaging time in units of `_AVERAGE_S`.
_SLOWEST = 1.5
#: The mask has a cell for so many of the grid's each way; it is blurred by this many of its own cells (standard
#: deviation and where it is cut off): what one cell needs fades out within half of the picture's height.
_COARSE, _BLUR, _REACH = 4, 1.6, 4
#: Of what could be shown to the limit; mixing is not exactly linear in light.
_SAFE = 0.9


class Changes:
    """Opposing changes of one quantity in every cell, and when the last of them were.

    step   the smallest change that counts
    """

    def __init__(self, shape: tuple[int, int], step: float) -> None:
        self._step = np.float32(step)
        self._hi, self._lo = np.full(shape, -np.inf, np.float32), np.full(shape, np.inf, np.float32)
        # +1: the last change went up; 0: there was none yet.
        self._way = np.zeros(shape, np.int8)
        self._when_s = np.full((_MOST + 2, *shape), -np.inf, np.float64)
        self._next = np.zeros(shape, np.int8)

    @property
    def darkest(self) -> F32:
        """The lowest value since the last change, f32[rows, columns]."""
        return self._lo

    def take(self, value: F32, counts: Bools, t_s: float) -> Bools:
        """The cells have these values f32[rows, columns] now; a change counts where `counts`, bool[rows, columns].

        Returns where there was one, bool[rows, columns].
        """
        np.maximum(self._hi, value, out=self._hi)
        np.minimum(self._lo, value, out=self._lo)
        down = (self._way >= 0) & (value <= self._hi - self._step) & counts
        up = (self._way <= 0) & (value >= self._lo + self._step) & counts & ~down
        at = np.nonzero(down | up)
        if len(at[0]):
            self._when_s[self._next[at], at[0], at[1]] = t_s
            self._next[at] = (self._next[at] + 1) % len(self._when_s)
            self._way[down], self._way[up] = -1, 1
            # What came before a change is no extreme of what follows.
            self._hi[at] = self._lo[at] = value[at]
        return down | up

    def count(self, t_s: float, window_s: float) -> npt.NDArray[np.intp]:
        """Changes within the window before `t_s`, int[rows, columns], at most _MOST + 2."""
        found: npt.NDArray[np.intp] = (self._when_s > t_s - window_s).sum(0)
        return found

    def room(self, before: F32, wanted: F32) -> F32:
        """f32[rows, columns], 0..1: share of the way from `before` to `wanted`, shaped alike, without a change."""
        far = np.where(wanted > before, self._lo + self._step * _SAFE, self._hi - self._step * _SAFE)
        # Going on the way it went last is no opposing change.
        free = (self._way == np.sign(wanted - before)) | (np.abs(wanted - before) < 1e-6)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.clip((far - before) / (wanted - before), 0.0, 1.0) * _SAFE
        out: F32 = np.where(free, 1.0, share).astype(np.float32)
        return out


class Flashes:
    """Give it every picture; it says how much of each may be shown where. `limited` is the share of cells held back."""

    def __init__(self, shape: tuple[int, int] = (GRID[1], GRID[0])) -> None:
        self._coming, self._shown = _Kinds(shape), _Kinds(shape)
        # How slowly each cell has to follow what comes, 0 (at once) .. _SLOWEST.
        self._slow: F32 = np.zeros(shape, np.float32)
        self._last_s: float | None = None
        self.limited = 0.0

    def share(self, coming: F32, shown: F32, t_s: float) -> F32 | None:
        """How much of the way to the new picture is gone, f32[h / 4, w / 4] in 0..1; None: all of it everywhere.

        To be sampled bilinearly over the picture.

        coming  the new picture's linear light f32[h, w, 3]
        shown   the same of what was shown last
        t_s     when it is shown; it never goes back
        """
        dt_s = 0.0 if self._last_s is None else max(t_s - self._last_s, 0.0)
        self._last_s = t_s
        self._shown.take(shown, t_s - dt_s)
        self._coming.take(coming, t_s)
        often = self._coming.more_than(_MOST, t_s, _COMING_S)
        held = often & _large(often) if often.any() else often
        self._slow = _towards(self._slow, held, dt_s)
        if not self._slow.any():
            self.limited = 0.0
            return None
        room = self._room(coming, t_s)
        self._slow = np.maximum(self._slow, _slowness(room, dt_s))
        slow = _soft(_blocks(self._slow).max((1, 3)))
        self.limited = float((slow > 0.5).mean())
        share = np.minimum(_followed(slow, dt_s), _least(_blocks(room).min((1, 3))))
        return None if (share == 1.0).all() else share

    def _room(self, coming: F32, t_s: float) -> F32:
        """f32[h, w], 0..1: share of the way to what comes that keeps within the limits.

        What is not held back at all is not bounded either: it flashes on too small a field.
        """
        bounded = (self._slow > 0.0) & self._shown.more_than(_MOST - 1, t_s, _SHOWN_S)
        return np.where(bounded, self._shown.room(coming), np.float32(1.0))


def _towards(slow: F32, held: Bools, dt_s: float) -> F32:
    """The slowness after `dt_s`: what is held back comes to 1, the rest to 0."""
    out: F32 = np.clip(held, slow - dt_s / _RELEASE_S, slow + dt_s / _ATTACK_S).astype(np.float32)
    return out


def _followed(slow: F32, dt_s: float) -> F32:
    """Share of the way that is gone in `dt_s` at this slowness."""
    with np.errstate(divide="ignore"):
        share: F32 = np.where(slow > 0.0, -np.expm1(-dt_s / (_AVERAGE_S * np.square(slow))), 1.0).astype(np.float32)
    return share


def _slowness(share: F32, dt_s: float) -> F32:
    """The slowness at which this share of the way is gone in `dt_s`, at most _SLOWEST."""
    with np.errstate(divide="ignore", invalid="ignore"):
        slow = np.sqrt(dt_s / (_AVERAGE_S * -np.log1p(-share)))
    out: F32 = np.where(share < 1.0, np.fmin(slow, _SLOWEST), 0.0).astype(np.float32)
    return out


def _blocks(cells: F32) -> F32:
    """The cells of each block of the mask along axes 1 and 3: f32[h, w] → f32[h / 4, 4, w / 4, 4]."""
    h, w = cells.shape
    blocks: F32 = cells.reshape(h // _COARSE, _COARSE, w // _COARSE, _COARSE)
    return blocks


def _soft(slow: F32) -> F32:
    """Without edges, and nowhere less than it was, nor than its neighbours: between cells the shares are mixed."""
    from scipy import ndimage

    y, x = np.ogrid[-_REACH - 1 : _REACH + 2, -_REACH - 1 : _REACH + 2]
    spread = ndimage.maximum_filter(slow, footprint=x * x + y * y <= (_REACH + 1) ** 2, mode="nearest")
    out: F32 = ndimage.gaussian_filter(spread, _BLUR, truncate=_REACH / _BLUR, mode="nearest")
    return out


class _Kinds:
    """General and red flashes of one picture after another."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._general, self._red = Changes(shape, _STEP), Changes(shape, _RED_STEP)
        self._luminance: F32 = np.zeros(shape, np.float32)
        self._redness: F32 = np.zeros(shape, np.float32)
        # Whether a state was saturated since the last change, of red.
        self._saturated = np.zeros(shape, bool)

    def take(self, light: F32, t_s: float) -> None:
        luminance, redness = _quantities(light)
        saturated = (light[..., 0] >= _SATURATED * light.sum(-1)) & (redness > 0)
        self._general.take(luminance, np.minimum(luminance, self._general.darkest) < _DARK, t_s)
        changed = self._red.take(redness, saturated | self._saturated, t_s)
        self._saturated = saturated | (self._saturated & ~changed)
        self._luminance, self._redness = luminance, redness

    def more_than(self, n: int, t_s: float, window_s: float) -> Bools:
        return (self._general.count(t_s, window_s) > n) | (self._red.count(t_s, window_s) > n)

    def room(self, coming: F32) -> F32:
        """Share of the way from the last picture to this one that makes no further change of either kind."""
        luminance, redness = _quantities(coming)
        return np.minimum(
            self._general.room(self._luminance, luminance), self._red.room(self._redness, redness)
        )  # fmt: skip


def _quantities(light: F32) -> tuple[F32, F32]:
    """(relative luminance, redness) of linear light f32[h, w, 3]."""
    red = light[..., 0] - light[..., 1] - light[..., 2]
    return light @ LUMINANCE, np.maximum(red, 0.0)


def _large(cells: Bools) -> Bools:
    """Where a field of view lies near in which such cells fill more than the area that may flash.

    Beyond the picture nothing flashes.
    """
    from scipy import ndimage

    field = [max(round(side * _FIELD), 1) for side in cells.shape]
    filled = ndimage.uniform_filter(cells.astype(np.float32), field, mode="constant")
    large: Bools = ndimage.maximum_filter(filled, field, mode="constant") > _AREA
    return large


def _least(share: F32) -> F32:
    """The least of each cell and its neighbours: between cells the shares are mixed, and none may get more than its."""
    padded = np.pad(share, 1, mode="edge")
    rows = np.minimum(np.minimum(padded[:-2], padded[1:-1]), padded[2:])
    least: F32 = np.minimum(np.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return least
