"""Which parts of the picture flash too often, and how much of each new picture may be shown there. Pure.

After WCAG 2.2, success criterion 2.3.1 "Three Flashes or Below Threshold" and its definition of "general flash and red
flash thresholds" (W3C, 2023). A general flash is a pair of opposing changes of relative luminance by 0.1 or more whose
darker state is below 0.8; a red flash a pair of opposing changes of (R − G − B) · 320 by more than 20 where one of the
states is saturated, R / (R + G + B) ≥ 0.8. At most three within any second, unless they fill less than a quarter of any
field of ten degrees: taken here, as the distance of the audience is not known, as a third of the picture each way.

The picture is looked at as a grid of cells, each the average of its linear light.
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
#: While something flashes it is shown as its average over this time, and a calm picture comes back within the other.
_AVERAGE_S, _RELEASE_S = 0.6, 0.5
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
        self._calm: F32 = np.ones(shape, np.float32)
        self._last_s: float | None = None
        self.limited = 0.0

    def share(self, coming: F32, shown: F32, t_s: float) -> F32 | None:
        """How much of the way to the new picture is gone in each cell, f32[h, w] in 0..1; None: all of it everywhere.

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
        calm = 1.0 - (1.0 - self._calm) * np.exp(-dt_s / _RELEASE_S)
        self._calm = np.where(held, 0.0, np.where(calm > 0.98, 1.0, calm)).astype(np.float32)
        self.limited = float((self._calm < 0.5).mean())
        if (self._calm == 1.0).all():
            return None
        average = 1.0 - np.exp(-dt_s / _AVERAGE_S)
        share = self._calm + (1.0 - self._calm) * average
        # What is not held back at all is not bounded either: it flashes on too small a field.
        bounded = (self._calm < 1.0) & self._shown.more_than(_MOST - 1, t_s, _SHOWN_S)
        share = np.where(bounded, np.minimum(share, self._shown.room(coming)), share)
        return _least(share.astype(np.float32))


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
    """Where a field of view lies near in which such cells fill more than the area that may flash."""
    from scipy import ndimage

    field = [max(round(side * _FIELD), 1) for side in cells.shape]
    filled = ndimage.uniform_filter(cells.astype(np.float32), field, mode="reflect")
    large: Bools = ndimage.maximum_filter(filled, field) > _AREA
    return large


def _least(share: F32) -> F32:
    """The least of each cell and its neighbours: between cells the shares are mixed, and none may get more than its."""
    padded = np.pad(share, 1, mode="edge")
    rows = np.minimum(np.minimum(padded[:-2], padded[1:-1]), padded[2:])
    least: F32 = np.minimum(np.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return least
