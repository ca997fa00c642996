"""Pictures drawn by an ISF generator at parameters spread over their ranges. Draws; never beside TensorFlow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import moderngl
import numpy as np
from PIL import Image
from scipy.stats import qmc

from vj.core.errors import ShaderError
from vj.core.types import F64, U8
from vj.render.isf.filter import Buffer, Compiled, Filter, Moment, Sources
from vj.render.isf.program import check_gl
from vj.render.isf.shader import Input, IsfShader, load
from vj.train.sources import Item, file_sha256, source_seed

#: Inputs that stay at their default: the pace of TIME, which is drawn itself.
HELD = ("speed",)
#: Inputs that colour a picture and do not move what is in it.
WIDE = ("palette", "contrast", "glow")
TIME = "time"
#: A shader that remembers its last frame draws this long before its picture is taken, so that it has settled.
SETTLE_S = 3.0
FPS = 30
#: So many times the wanted pictures are tried, when near-duplicates are dropped.
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Axis:
    """One number that is drawn: its name in the manifest, its parameter (None: TIME), and what 0..1 stands for.

    `steps` 0 means all values from `lo` to `hi`, otherwise that many whole ones from 0 on.
    """

    name: str
    id: str | None
    lo: float
    hi: float
    steps: int = 0

    def settle(self, u: float) -> tuple[float, float]:
        """(the value to draw with, the value to record, 0..1) for a draw `u` from [0, 1)."""
        if not self.steps:
            return self.lo + (self.hi - self.lo) * u, u
        k = min(int(u * self.steps), self.steps - 1)
        return float(k), k / max(self.steps - 1, 1)


def axes_of(shader: IsfShader, time: tuple[float, float], spread: float = 1.0) -> tuple[Axis, ...]:
    """What is drawn for a shader: TIME within `time`, then its inputs within MIN..MAX, in the order of the file.

    With `spread` below 1, that share of the range around the default; `WIDE` inputs, which colour a picture without
    moving what is in it, keep all of theirs.
    Held at their defaults are `HELD`, a colour's alpha and events. A range of one value is not an axis.
    """
    axes = [Axis(TIME, None, *time)]
    for i in shader.inputs:
        if i.name.lower() not in HELD and i.type != "event":
            axes += [_narrowed(a, i, 1.0 if i.name in WIDE else spread) for a in _axes(i)]
    return tuple(a for a in axes if a.lo < a.hi)


def _narrowed(axis: Axis, i: Input, spread: float) -> Axis:
    if axis.steps or spread >= 1.0:
        return axis
    around, reach = i.default[i.ids.index(axis.id)], 0.5 * spread * (axis.hi - axis.lo)
    lo = min(max(around - reach, axis.lo), axis.hi - 2.0 * reach)
    return replace(axis, lo=lo, hi=lo + 2.0 * reach)


def _axes(i: Input) -> list[Axis]:
    steps = {"bool": 2, "long": len(i.values)}.get(i.type, 0)
    if len(i.ids) == 1:
        return [Axis(i.name, i.ids[0], i.lo[0], i.hi[0] if steps != 1 else i.lo[0], steps)]
    parts = [(id.rpartition("/")[2], id, lo, hi) for id, lo, hi in zip(i.ids, i.lo, i.hi, strict=True)]
    return [Axis(f"{i.name}/{part}", id, lo, hi) for part, id, lo, hi in parts if (i.type, part) != ("color", "a")]


def spread_points(count: int, dims: int, seed: int) -> F64:
    """f64[≥ count, dims] in [0, 1): a scrambled Sobol' sequence, which fills the space more evenly than chance.

    The same beginning whatever the count (Owen 1998 and Joe and Kuo 2008, as in scipy.stats.qmc).
    """
    bits = max(count - 1, 1).bit_length()
    points: F64 = qmc.Sobol(max(dims, 1), scramble=True, bits=30, rng=np.random.default_rng(seed)).random_base2(bits)
    return points[:, :dims]


@dataclass(frozen=True, slots=True)
class Drawing:
    """How pictures are drawn: `size` pixels a side, each the mean of `supersample` × `supersample`; see `axes_of`."""

    size: int
    supersample: int
    time: tuple[float, float]
    spread: float = 1.0


class ShaderSource:
    """One generator. Raises ShaderError when the file is not one or does not compile."""

    kind = "shader"

    def __init__(self, ctx: moderngl.Context, path: Path, how: Drawing, wanted: int, seed: int) -> None:
        self._shader, self._sha256 = load(path), file_sha256(path)
        if self._shader.kind != "generator":
            raise ShaderError(f"{path}: is a {self._shader.kind}, expected a generator (a shader without input image)")
        self.name, self.wanted, self.expected = self._shader.name, wanted, wanted
        self._how, self._seed = how, source_seed(seed, self.kind, self.name)
        self._axes = axes_of(self._shader, how.time, how.spread)
        self.parameters = tuple(a.name for a in self._axes)
        self._canvas = Canvas(ctx, self._shader, how.size * how.supersample)

    def about(self) -> dict[str, Any]:
        """See `Source`."""
        return {
            "kind": self.kind,
            "name": self.name,
            "sha256": self._sha256,
            "seed": self._seed,
            "parameters": list(self.parameters),
        }

    def items(self, cursor: int) -> Iterator[Item]:
        """See `Source`. The cursor counts the points of the sequence."""
        tries = _TRIES * self.wanted
        points = spread_points(tries, len(self._axes), self._seed)
        for k in range(cursor, tries):
            drawn, recorded = self._settled(points[k])
            t_s = drawn.pop(None, self._how.time[0])
            yield Item(k + 1, self._picture(drawn, t_s), recorded)

    def _settled(self, point: Sequence[float] | F64) -> tuple[dict[Any, float], tuple[float, ...]]:
        pairs = [axis.settle(float(u)) for axis, u in zip(self._axes, point, strict=True)]
        drawn = {axis.id: value for axis, (value, _) in zip(self._axes, pairs, strict=True)}
        return drawn, tuple(recorded for _, recorded in pairs)

    def _picture(self, drawn: dict[Any, float], t_s: float) -> U8:
        rgb = self._canvas.draw(drawn, t_s)
        factor = self._how.supersample
        return rgb if factor == 1 else np.array(Image.fromarray(rgb).reduce(factor), np.uint8)

    def close(self) -> None:
        """See `Source`."""
        self._canvas.release()


class Canvas:
    """A generator and the square picture that it draws on."""

    def __init__(self, ctx: moderngl.Context, shader: IsfShader, side: int) -> None:
        self._ctx = ctx
        self._defaults = {id: v for i in shader.inputs for id, v in zip(i.ids, i.default, strict=True)}
        self._compiled = Compiled(ctx, shader)
        self._filter = Filter(self._compiled)
        self._buffer = Buffer(ctx, (side, side))
        self._nothing = ctx.texture((1, 1), 4, bytes(4))
        self._frames = round(SETTLE_S * FPS) if any(p.persistent for p in shader.passes) else 1
        self._rows = np.empty((side, side, 3), np.uint8)

    def draw(self, values: dict[str, float], t_s: float) -> U8:
        """u8[side, side, 3], top row first, at `t_s`, with nothing left of what was drawn before; alpha is left out."""
        p = self._defaults | values
        self._filter.release()
        self._ctx.disable(moderngl.BLEND)
        for frame in range(self._frames):
            now_s = max(t_s - (self._frames - 1 - frame) / FPS, 0.0)
            moment = Moment(now_s, 1 / FPS, frame, (2000.0, 1.0, 1.0, now_s))
            self._filter.draw(Sources(self._nothing, self._nothing), self._buffer.back, moment, p)
        self._buffer.flip()
        self._buffer.front.read_into(self._rows, components=3, alignment=1)
        check_gl(self._ctx, f"drawing {self._filter.shader.file}")
        return np.ascontiguousarray(self._rows[::-1])

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self._buffer.release()
        self._filter.release()
        self._compiled.release()
        self._nothing.release()
