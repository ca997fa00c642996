"""Luminous liquid as a network: waves whose phases wander, two steps of a flow, a dye in bands, lines and lights.

    4 … 16    where each pixel is
    16, 32    the flow: where what is seen at each pixel was, one step ago and two
    32, 64    the dye there
    128       bands of it, and their colours
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
from vj.train.built.waves import BENDS, DYE, FLOW, RING, Folded, Wave, dye_bank, first_bank, second_bank
from vj.train.built.wiring import DEAD, GAIN, ONE, Channels, Controls, Row, Style, Tensors, layer, to_rgb

ARCH = Arch(256, (32, 32, 240, 96, 96, 44, 16), z_dim=controls.Z_DIM, w_dim=512, mapping_layers=5)
Sum = Mapping[str, float]
_BANDS_REACH = 7.5
_BANDS = knots(-_BANDS_REACH, _BANDS_REACH, 30)
_MIX_ASIDE = 4.0
_ALONG_ASIDE = 6.0
#: The longest waves mix the palettes.
_MIX_RINGS = 2
#: The width of the bands is a style: without room their norm, and so all colours, would follow it (`layer`, rooms).
_BAND_ROOM = 25.0
#: A bright line where the bands pass 0, with a glow around it.
_LINE = (np.array([-0.9, -0.2, 0.0, 0.2, 0.9], np.float32), np.array([0.0, 0.26, 1.0, 0.26, 0.0]))
#: How steep the surface is that the light falls on, and where it shines.
_STEEP, _SHINE = 1.0 / 20.0, 0.45
#: What noise of 1 does: radians of a phase, or a share of the bands' range.
_NOISE = {
    "b16.conv1": 0.004, "b32.conv0": 0.004, "b32.conv1": 0.0024, "b64.conv0": 0.004, "b64.conv1": 0.0024,
    "b128.conv0": 0.0032, "b256.conv0": 0.0012,
}  # fmt: skip
#: Layers that upsample, and what every weight becomes there: with the filter behind, quantities go through samples
#: as parabolas do, where contours would show the corners of the coarser grid.
_DOUBLES = ("b32.conv0", "b64.conv0", "b128.conv0", "b256.conv0")
_SHARP = np.outer([-0.375, 1.75, -0.375], [-0.375, 1.75, -0.375]).astype(np.float32)
_X, _Y = {"x": 1.0, ONE: -ASIDE}, {"y": 1.0, ONE: -ASIDE}


@dataclass(slots=True)
class _Network:
    """The tensors so far, and what the last layer's channels mean."""

    of: Controls
    at: Channels
    tensors: Tensors = field(default_factory=dict)

    def add(
        self,
        name: str,
        rows: Sequence[Row],
        styles: Mapping[str, Style] | None = None,
        rooms: Mapping[str, float] | None = None,
    ) -> None:
        """One more convolution, `bSIDE.convI`."""
        wide = ARCH.channels[ARCH.resolutions.index(int(name[1:].split(".")[0]))]
        if name in _DOUBLES:
            rows = [_doubled(row) for row in rows]
        tensors, self.at = layer(f"synthesis.{name}", self.at, wide, rows, styles or {}, self.of, rooms)
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
    second, dye = second_bank("s"), dye_bank("d")
    x, y = _flowed(net, second)
    _dyed(net, dye, second, x, y)
    _coloured(net, dye)
    _lit(net)
    return net.tensors


def _flowed(net: _Network, second: list[Folded]) -> tuple[Sum, Sum]:
    """Where what is seen at each pixel came from, as sums over channels of the 32×32 block: (x, y)."""
    first = first_bank("f")
    rows = [*_carriers(_X, _Y), *_copies("second"), *_phased(first, FLOW, _X, _Y, "first")]
    net.add("b16.conv1", rows, _phases("first"))
    net.paint(16)
    x, y = _carried(first)
    still = _still(net.at, first[0].names[0])
    rows = [
        *_carriers(_added(x, still), _added(y, still)),
        *_copies("dye"),
        *_phased(second, FLOW, x, y, "second", still),
    ]
    net.add("b32.conv0", rows, _phases("second") | _carries(first, 0))
    net.add("b32.conv1", [*_kept("x", "y", ONE), *_kept(*_names("dye")), *_bent(second)])
    net.paint(32)
    return _carried(second)


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


def _dyed(net: _Network, dye: list[Folded], second: list[Folded], x: Sum, y: Sum) -> None:
    """The waves of the dye at (x, y)."""
    still = _still(net.at, second[0].bends[0])
    rows = [_one("dye"), *_phased(dye, DYE, x, y, "dye", still)]
    net.add("b64.conv0", rows, _phases("dye") | _carries(second, 1))
    net.add("b64.conv1", [*_kept(ONE), Row("wide", {ONE: 1.0}, "bends"), *_bent(dye)])
    net.paint(64)


def _coloured(net: _Network, dye: list[Folded]) -> None:
    """Bands, the sine of what the waves add up to, with a colour for each of its knots and those of what mixes them."""
    mixed = _added(*(wave.doubled() for wave, ring in zip(dye, RING, strict=True) if ring < _MIX_RINGS))
    along = _added(*(wave.sine() for wave in dye), _times(0.3, mixed))
    hinges = [Row(f"b{m}", _added(along, {"wide": -float(knot)}), "bands") for m, knot in enumerate(_BANDS)]
    rows = [_one("bands"), Row("mix", _added(mixed, {ONE: _MIX_ASIDE}), "bands")]
    rows += [Row("along", _added(along, {ONE: _ALONG_ASIDE}), "bands"), *hinges]
    net.add("b128.conv0", rows, _strengths(dye, "strength") | {"wide": Style(0.0, {"width": 1.0})})
    band = dict(zip(named("b", len(_BANDS)), map(float, sums(np.sin, _BANDS, _BANDS_REACH)), strict=True))
    rows = [_one("band"), Row("along", {"along": 1.0}), Row("band", _added(band, {ONE: ASIDE}), "band")]
    colours: dict[str, Sequence[float]] = {}
    styles: dict[str, Style] = {}
    parts = (("band", band, controls.BAND_KNOTS), ("mix", {"mix": 1.0, ONE: -_MIX_ASIDE}, controls.MIX_KNOTS))
    for name, of, at in parts:
        for copy, row, colour, style in _curve(name, of, at):
            rows.append(row)
            colours[copy], styles[copy] = colour, style
    net.add("b128.conv1", rows, {name: Style(0.0, {"banding": 1.0}) for name in band}, {"band": _BAND_ROOM})
    net.paint(128, colours, styles)
    net.tensors["synthesis.b128.torgb.bias"] = np.full(3, -1.0, np.float32)


def _lit(net: _Network) -> None:
    """Lines where the bands pass 0; light from above left on a surface as high as they say: more, less, and shine."""
    at, values = _LINE
    slope = np.float32(128.0 * _STEEP) * np.array([[0.0, -0.6, 0.0], [0.5, 0.0, -0.5], [0.0, 0.6, 0.0]], np.float32)
    hinges = [Row(f"l{m}", {"band": 1.0, ONE: -ASIDE - float(knot)}, "line") for m, knot in enumerate(at)]
    shine = -_ALONG_ASIDE * slope
    shine[1, 1] = -_SHINE
    light = [
        Row("more", {"along": slope, ONE: -_ALONG_ASIDE * slope}),
        Row("less", {"along": -slope, ONE: _ALONG_ASIDE * slope}),
        Row("shine", {"along": slope, ONE: shine}),
    ]
    net.add("b256.conv0", [_one("line"), *light, *hinges])
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


def _doubled(row: Row) -> Row:
    weights = {name: one if isinstance(one, np.ndarray) else one * _SHARP for name, one in row.weights.items()}
    return Row(row.name, weights, row.group)


def _carriers(x: Sum, y: Sum) -> list[Row]:
    aside = {ONE: ASIDE}
    return [Row("x", _added(x, aside), "place"), Row("y", _added(y, aside), "place"), _one("place")]


def _copies(prefix: str) -> list[Row]:
    """1, once for each wave, to be given a style each."""
    return [Row(name, {ONE: 1.0}, "place") for name in _names(prefix)]


def _names(prefix: str) -> list[str]:
    return named(prefix, waves.COUNT)


def _kept(*names: str) -> list[Row]:
    """Channels as they are, at the scale of the bends beside them."""
    return [Row(name, {name: 1.0}, "bends") for name in names]


def _bent(bank: list[Folded]) -> list[Row]:
    """Hinges of each wave's folded phase."""
    return [
        Row(name, _added(wave.weights, {ONE: wave.constant - float(knot)}), "bends")
        for wave in bank
        for name, knot in zip(wave.bends, BENDS, strict=True)
    ]


def _one(group: str = "") -> Row:
    """1 again. In a group its scale is that of the others: half precision holds weights that are alike in size."""
    return Row(ONE, {ONE: 1.0}, group)


def _phased(
    bank: Sequence[Wave | Folded], vectors: F64, x: Sum, y: Sum, phase: str, still: Sum | None = None
) -> list[Row]:
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


def _carried(bank: Sequence[Wave | Folded]) -> tuple[Sum, Sum]:
    """(x, y) one step of the flow before: each wave carries across its own direction."""
    across = [(-k[1] / np.hypot(*k), k[0] / np.hypot(*k)) for k in FLOW]
    x, y = ([_times(float(d[i]), wave.sine()) for wave, d in zip(bank, across, strict=True)] for i in (0, 1))
    return _added(_X, *x), _added(_Y, *y)


def _still(at: Channels, hinge: str) -> Sum:
    """Weights that add nothing to a sum over a flow's waves, and to its norm what these lack (`controls`, "rest").

    Waves of a ring are spread evenly, so that each direction has half of their energy. `hinge`: one of theirs.
    """
    factor = 0.5 / at.scales[hinge]
    return {"rest+": factor, "rest-": -factor}


def _carries(bank: Sequence[Wave | Folded], step: int) -> dict[str, Style]:
    rest = Style(0.0, {f"rest{step}": 1.0})
    return _strengths(bank, "carry") | {"rest+": rest, "rest-": rest}


def _strengths(bank: Sequence[Wave | Folded], control: str) -> dict[str, Style]:
    return {
        name: Style(0.0, {f"{control}{i}": 1.0})
        for i, wave in enumerate(bank)
        for name in (wave.bends if isinstance(wave, Folded) else wave.names)
    }


def _phases(control: str) -> dict[str, Style]:
    return {f"{control}{i}": Style(0.0, {f"{control}{i}": 1.0}) for i in range(waves.COUNT)}


def _curve(name: str, of: Sum, at: F32) -> list[tuple[str, Row, tuple[float, ...], Style]]:
    """(name, row, colour, style) of hinges of a sum: in red, green and blue, each with its value at each knot."""
    out = []
    for c, colour in zip(controls.CHANNELS, np.eye(3), strict=True):
        for m, by_knot in enumerate(through(at)):
            weights = _added(of, {ONE: -float(at[m - 1])}) if m else {ONE: 1.0}
            style = Style(0.0, {f"{name}{k}{c}": float(f) for k, f in enumerate(by_knot) if abs(f) > 1e-9})
            out.append((f"{name}{m}{c}", Row(f"{name}{m}{c}", weights, name), tuple(colour), style))
    return out


def _added(*parts: Mapping[str, float]) -> dict[str, float]:
    out: dict[str, float] = {}
    for part in parts:
        for name, weight in part.items():
            out[name] = out.get(name, 0.0) + weight
    return out


def _times(factor: float, part: Sum) -> dict[str, float]:
    return {name: factor * weight for name, weight in part.items()}
