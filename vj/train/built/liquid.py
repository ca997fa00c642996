"""Luminous liquid as a network: waves whose phases wander, two steps of a flow, a dye in bands, lines and lights.

    4 … 16    where each pixel is
    16, 32    the flow: where what is seen at each pixel was, one step ago and two
    32, 64    the dye there, in bands
    128       colours
    256       lines, and the light on the surface

A layer takes sums of what it is given (a style gives each wave its strength) and folds them: the leaky ReLU at many
thresholds makes the hinges of which the next layer makes sines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vj.core.types import F32, F64
from vj.generator.arch import Arch
from vj.train.built import controls, places, waves
from vj.train.built.piecewise import knots, level_outside, named, sums, through
from vj.train.built.places import ASIDE
from vj.train.built.waves import DYE, FLOW, Wave, dye_bank, flow_bank
from vj.train.built.wiring import DEAD, GAIN, ONE, Channels, Controls, Row, Style, Tensors, layer, to_rgb

ARCH = Arch(256, (32, 32, 192, 192, 36, 44, 16), z_dim=controls.Z_DIM, w_dim=512, mapping_layers=5)
Sum = Mapping[str, float]
_BANDS_REACH = 7.5
_BANDS = knots(-_BANDS_REACH, _BANDS_REACH, 30)
_MIX_ASIDE = 4.0
#: A bright line where the bands pass 0, with a glow around it.
_LINE = (np.array([-0.6, -0.16, 0.0, 0.16, 0.6], np.float32), np.array([0.0, 0.28, 1.0, 0.28, 0.0]))
#: How steep the surface is that the light falls on, and where it shines.
_STEEP, _SHINE = 1.0 / 30.0, 0.5
#: What noise of 1 does: radians of a phase, or a share of the bands' range.
_NOISE = {
    "b16.conv1": 0.02, "b32.conv0": 0.02, "b32.conv1": 0.03, "b64.conv0": 0.008, "b128.conv0": 0.006,
    "b256.conv0": 0.003,
}  # fmt: skip
_ONE = Row(ONE, {ONE: 1.0})
_X, _Y = {"x": 1.0, ONE: -ASIDE}, {"y": 1.0, ONE: -ASIDE}


@dataclass(slots=True)
class _Network:
    """The tensors so far, and what the last layer's channels mean."""

    of: Controls
    at: Channels
    tensors: Tensors = field(default_factory=dict)

    def add(self, name: str, rows: Sequence[Row], styles: Mapping[str, Style] | None = None) -> None:
        """One more convolution, `bSIDE.convI`."""
        wide = ARCH.channels[ARCH.resolutions.index(int(name[1:].split(".")[0]))]
        tensors, self.at = layer(f"synthesis.{name}", self.at, wide, rows, styles or {}, self.of)
        self.tensors |= tensors
        if name in _NOISE:
            scale = self.at.scales[rows[-1].name]
            self.tensors[f"synthesis.{name}.noise_strength"] = np.array(_NOISE[name] * scale / GAIN, np.float32)

    def paint(
        self, side: int, colours: Mapping[str, Sequence[float]] | None = None, styles: Mapping[str, Style] | None = None
    ) -> None:
        self.tensors |= to_rgb(f"synthesis.b{side}.torgb", self.at, colours or {}, styles or {}, self.of)


def synthesis(of: Controls) -> Tensors:
    """The tensors of the synthesis network `ARCH`, but for noise where there is none."""
    net = _located(of)
    first, second, dye = flow_bank("f"), flow_bank("s"), dye_bank("d")
    net.add(
        "b16.conv1", [*_carriers(_X, _Y), *_copies("second"), *_phased(first, FLOW, _X, _Y, "first")], _phases("first")
    )
    net.paint(16)
    x, y = _carried(first)
    still = _still(net.at, first)
    rows = [
        *_carriers(_added(x, still), _added(y, still)),
        *_copies("dye"),
        *_phased(second, FLOW, x, y, "second", still),
    ]
    net.add("b32.conv0", rows, _phases("second") | _carries(first))
    x, y = _carried(second)
    still = _still(net.at, second)
    rows = [_ONE, Row("wide", {ONE: 1.0}), *_phased(dye, DYE, x, y, "dye", still)]
    net.add("b32.conv1", rows, _phases("dye") | _carries(second))
    net.paint(32)
    _banded(net, dye)
    _coloured(net)
    _lit(net)
    return net.tensors


def _located(of: Controls) -> _Network:
    """Blocks 4 and 8, and the first layer of 16, whose channels are 1, x and y; 1 once for each phase."""
    const = np.zeros((ARCH.channels[0], 4, 4), np.float32)
    const[len(DEAD) : len(DEAD) + places.COUNT] = places.products(4)
    names = places.names()
    net = _Network(of, Channels(dict.fromkeys((*DEAD, *names), 1.0), ARCH.channels[0]))
    net.tensors["synthesis.b4.const"] = const
    same = [Row(name, {name: 1.0}) for name in names]
    net.add("b4.conv1", same)
    net.paint(4)
    up = places.taps(places.products(4), places.products(8))
    net.add("b8.conv0", [Row(name, dict(zip(names, taps, strict=True))) for name, taps in zip(names, up, strict=True)])
    net.add("b8.conv1", same)
    net.paint(8)
    one, x, y = (dict(zip(names, t, strict=True)) for t in places.taps(places.products(8), places.wanted(16)))
    first = [Row(f"first{i}", one) for i in range(waves.COUNT)]
    net.add("b16.conv0", [Row(ONE, one), Row("x", x), Row("y", y), *first])
    return net


def _banded(net: _Network, dye: list[Wave]) -> None:
    """The dye, what mixes a second palette into it, and the sine of the dye: bands."""
    dyed = _added(*(wave.cosine() for wave in dye))
    mixed = _added(*(_times((-1.0) ** i, wave.sine()) for i, wave in enumerate(dye)))
    along = _added(dyed, _times(0.3, mixed))
    hinges = [Row(f"b{m}", _added(along, {"wide": -float(knot)}), "bands") for m, knot in enumerate(_BANDS)]
    styles = _strengths(dye, "strength") | {"wide": Style(0.0, {"width": 1.0})}
    net.add("b64.conv0", [_ONE, Row("mix", _added(mixed, {ONE: _MIX_ASIDE})), *hinges], styles)
    sine = dict(zip(named("b", len(_BANDS)), map(float, sums(np.sin, _BANDS, _BANDS_REACH)), strict=True))
    rows = [_ONE, Row("mix", {"mix": 1.0}), Row("band", _added(sine, {ONE: ASIDE}))]
    net.add("b64.conv1", rows, {name: Style(0.0, {"banding": 1.0}) for name in sine})
    net.paint(64)


def _coloured(net: _Network) -> None:
    """A colour for each knot of the bands and of the mix, black where there is none."""
    kept = [_ONE, Row("band", {"band": 1.0})]
    bands, mixes = _hinges("band", ASIDE, controls.BAND_KNOTS), _hinges("mix", _MIX_ASIDE, controls.MIX_KNOTS)
    net.add("b128.conv0", [*kept, *mixes, *bands])
    rows: list[Row] = []
    colours: dict[str, Sequence[float]] = {}
    styles: dict[str, Style] = {}
    for name, at in (("band", controls.BAND_KNOTS), ("mix", controls.MIX_KNOTS)):
        for copy, source, colour, style in _curve(name, at):
            rows.append(Row(copy, {source: 1.0}))
            colours[copy], styles[copy] = colour, style
    net.add("b128.conv1", [*kept, *rows])
    net.paint(128, colours, styles)
    net.tensors["synthesis.b128.torgb.bias"] = np.full(3, -1.0, np.float32)


def _lit(net: _Network) -> None:
    """Lines where the bands pass 0; light from above left on a surface as high as they say: more, less, and shine."""
    at, values = _LINE
    slope = np.float32(128.0 * _STEEP) * np.array([[0.0, -0.6, 0.0], [0.5, 0.0, -0.5], [0.0, 0.6, 0.0]], np.float32)
    hinges = [Row(f"l{m}", {"band": 1.0, ONE: -ASIDE - float(knot)}, "line") for m, knot in enumerate(at)]
    shine = -ASIDE * slope
    shine[1, 1] = -_SHINE
    light = [
        Row("more", {"band": slope, ONE: -ASIDE * slope}),
        Row("less", {"band": -slope, ONE: ASIDE * slope}),
        Row("shine", {"band": slope, ONE: shine}),
    ]
    net.add("b256.conv0", [_ONE, *light, *hinges])
    tent = dict(zip([*named("l", len(at)), ONE], map(float, level_outside(at, values)), strict=True))
    rows = [Row("shine", {"shine": 1.0})]
    colours: dict[str, Sequence[float]] = {"shine": (0.9, 0.9, 0.9)}
    styles = {"shine": Style(0.0, {"gloss": 1.0})}
    parts = (("line", "line", tent, 1), ("more", "light", {"more": 1.0}, 1), ("less", "light", {"less": 1.0}, -1))
    for what, control, weights, sign in parts:
        for c, colour in zip(controls.CHANNELS, np.eye(3), strict=True):
            rows.append(Row(what + c, weights))
            colours[what + c], styles[what + c] = tuple(sign * colour), Style(0.0, {control + c: 1.0})
    net.add("b256.conv1", rows)
    net.paint(256, colours, styles)


def _carriers(x: Sum, y: Sum) -> list[Row]:
    aside = {ONE: ASIDE}
    return [Row("x", _added(x, aside)), Row("y", _added(y, aside)), _ONE]


def _copies(prefix: str) -> list[Row]:
    """1, once for each wave, to be given a style each."""
    return [Row(f"{prefix}{i}", {ONE: 1.0}) for i in range(waves.COUNT)]


def _phased(bank: list[Wave], vectors: F64, x: Sum, y: Sum, phase: str, still: Sum | None = None) -> list[Row]:
    """Hinges of each wave's phase at (x, y)."""
    rows = []
    for i, (wave, k) in enumerate(zip(bank, vectors, strict=True)):
        at = _added(
            _times(float(k[0]), x),
            _times(float(k[1]), y),
            {f"{phase}{i}": 1.0},
            _times(float(np.hypot(*k)), still or {}),
        )
        hinges = zip(wave.names, wave.at, strict=True)
        rows += [Row(name, _added(at, {ONE: -float(knot)}), phase) for name, knot in hinges]
    return rows


def _carried(bank: list[Wave]) -> tuple[Sum, Sum]:
    """(x, y) one step of the flow before: each wave carries across its own direction."""
    across = [(-k[1] / np.hypot(*k), k[0] / np.hypot(*k)) for k in FLOW]
    x, y = ([_times(float(d[i]), wave.sine()) for wave, d in zip(bank, across, strict=True)] for i in (0, 1))
    return _added(_X, *x), _added(_Y, *y)


def _still(at: Channels, bank: list[Wave]) -> Sum:
    """Weights that add nothing to a sum over a flow's waves, and to its norm what these lack (`controls`, "rest").

    Waves of a ring are spread evenly, so that each direction has half of their energy.
    """
    factor = 0.5 / at.scales[bank[0].names[0]]
    return {"rest+": factor, "rest-": -factor}


def _carries(bank: list[Wave]) -> dict[str, Style]:
    rest = Style(0.0, {"rest": 1.0})
    return _strengths(bank, "carry") | {"rest+": rest, "rest-": rest}


def _strengths(bank: list[Wave], control: str) -> dict[str, Style]:
    return {name: Style(0.0, {f"{control}{i}": 1.0}) for i, wave in enumerate(bank) for name in wave.names}


def _phases(control: str) -> dict[str, Style]:
    return {f"{control}{i}": Style(0.0, {f"{control}{i}": 1.0}) for i in range(waves.COUNT)}


def _hinges(name: str, aside: float, at: F32) -> list[Row]:
    """Hinges at all knots but the last, of a quantity that was moved aside."""
    return [Row(f"{name}{m}", {name: 1.0, ONE: -aside - float(knot)}, name) for m, knot in enumerate(at[:-1])]


def _curve(name: str, at: F32) -> list[tuple[str, str, tuple[float, ...], Style]]:
    """(name, source, colour, style) of copies of hinges: red, green and blue, each with its value at each knot."""
    out = []
    for c, colour in zip(controls.CHANNELS, np.eye(3), strict=True):
        for m, by_knot in enumerate(through(at)):
            style = Style(0.0, {f"{name}{k}{c}": float(f) for k, f in enumerate(by_knot) if abs(f) > 1e-9})
            out.append((f"{name}{m}{c}", ONE if m == 0 else f"{name}{m - 1}", tuple(colour), style))
    return out


def _added(*parts: Mapping[str, float]) -> dict[str, float]:
    out: dict[str, float] = {}
    for part in parts:
        for name, weight in part.items():
            out[name] = out.get(name, 0.0) + weight
    return out


def _times(factor: float, part: Sum) -> dict[str, float]:
    return {name: factor * weight for name, weight in part.items()}
