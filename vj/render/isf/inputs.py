"""INPUTS of an ISF file: what a performer sets, and what GLSL gets of it. Pure.

An input becomes a parameter `fx/<shader>/<input>`; a point is two of them (/x, /y), a colour four (/r, /g, /b, /a).
Two optional keys go beyond the standard and are ignored by other hosts: "UNIT" (as in `Param`) and "BOUND" ("clip",
"wrap" or "fold"). "IDENTITY" is the value at which a filter leaves the picture as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeAlias, cast, get_args

from vj.core.types import Params
from vj.params.spec import Bound, Kind, Param, choice
from vj.render.isf.header import Node
from vj.render.isf.words import can_be_named

InputType: TypeAlias = Literal["float", "bool", "long", "event", "color", "point2D", "image", "audio", "audioFFT"]
#: What a GLSL uniform is set to.
UniformValue: TypeAlias = float | int | bool | tuple[float, ...]

MAX_INPUTS = 200
MAX_CHOICES = 256
MAX_SOUND_WIDTH = 8192

IDENTIFIER = re.compile(r"(?!gl_)(?!.*__)[A-Za-z_][A-Za-z0-9_]{0,63}")
_COMPONENTS: Mapping[str, tuple[str, ...]] = {"point2D": ("x", "y"), "color": ("r", "g", "b", "a")}
_TEXTURE_TYPES = ("image", "audio", "audioFFT")
_KINDS: Mapping[InputType, Kind] = {"bool": "toggle", "event": "trigger"}
#: What stands at these places of an id already: the layer's parameters, and the address of a value along its range.
_TAKEN = ("layer", "norm")


@dataclass(frozen=True, slots=True)
class Input:
    """One entry of INPUTS. `default`, `lo`, `hi`, `identity` have one value a component; empty for textures.

    ids      the parameter of each component; empty text where MIN = MAX, so that there is nothing to set
    values   long: the integer behind each choice, `labels` its name; the parameter is the index.
             Empty: any integer, which is the parameter
    width    audio, audioFFT: samples or bins wanted, 0 for as many as the host likes
    """

    name: str
    type: InputType
    ids: tuple[str, ...] = ()
    label: str = ""
    default: tuple[float, ...] = ()
    lo: tuple[float, ...] = ()
    hi: tuple[float, ...] = ()
    identity: tuple[float, ...] | None = None
    unit: str = ""
    bound: Bound = "clip"
    values: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    width: int = 0

    @property
    def is_texture(self) -> bool:
        """It is a sampler in GLSL, not a number."""
        return self.type in _TEXTURE_TYPES

    @property
    def is_number(self) -> bool:
        """It is one number in GLSL, which a size may be made of."""
        return len(self.ids) == 1


def read_inputs(root: Node, group: str) -> tuple[Input, ...]:
    """The inputs of a file whose parameters begin with fx/`group`; what cannot be used is left out and told."""
    found = root.get("INPUTS")
    nodes = found.attempt(lambda n: n.elements(MAX_INPUTS), ()) if found else ()
    inputs: list[Input] = []
    taken = set(_TAKEN)
    for node in nodes:
        one = node.attempt(partial(_read_input, group=group, taken=taken, before=tuple(i.name for i in inputs)), None)
        if one:
            inputs.append(one)
    return tuple(inputs)


def _read_input(node: Node, group: str, taken: set[str], before: Sequence[str]) -> Input:
    name = identifier(node.expect_object(), "NAME")
    if name in before:
        node.need("NAME", "a name").fail("a name used once")
    slug = _new_slug(name, taken)
    node = node.named(f'input "{name}"')
    if slug != slug_of(name) and slug_of(name) in _TAKEN:
        node.tell(f"its parameter is fx/{group}/{slug}, as {slug_of(name)} means something else there")
    one = _input(node, name, f"fx/{group}/{slug}")
    taken.add(slug)
    return one


def _new_slug(name: str, taken: set[str]) -> str:
    """Names that differ in case only are two inputs in GLSL, and must stay two parameters."""
    slug = slug_of(name)
    numbered = (f"{slug}_{i}" for i in range(2, MAX_INPUTS + 3 + len(_TAKEN)))
    return slug if slug not in taken else next(one for one in numbered if one not in taken)


def slug_of(text: str) -> str:
    """A name as a part of an id: lower case, digits and _."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "x"


def identifier(node: Node, key: str) -> str:
    """The GLSL name under `key`. Raises SloppyError."""
    found = node.need(key, "a name")
    if not IDENTIFIER.fullmatch(found.text()):
        found.fail("a GLSL name: letters, digits and single _")
    if not can_be_named(found.text()):
        found.fail("a name that is no word of GLSL or ISF")
    return found.text()


def told_text(node: Node, key: str) -> str:
    """The text under `key`, empty where there is none."""
    found = node.get(key)
    return found.attempt(Node.text, "") if found else ""


def _input(node: Node, name: str, id: str) -> Input:
    types = cast(tuple[InputType, ...], get_args(InputType))
    bounds = cast(tuple[Bound, ...], get_args(Bound))
    type_ = node.need("TYPE", "one of " + ", ".join(types)).one_of(types)
    bound = node.get("BOUND")
    common = Input(
        name,
        type_,
        label=told_text(node, "LABEL"),
        unit=told_text(node, "UNIT"),
        bound=bound.attempt(lambda n: n.one_of(bounds), "clip") if bound else "clip",
    )
    if common.is_texture:
        return replace(common, width=_width(node)) if common.type != "image" else common
    common = replace(common, ids=tuple(f"{id}/{c}" for c in _COMPONENTS.get(type_, ())) or (id,))
    if type_ in ("bool", "event"):
        return _switch(node, common)
    return _choices(node, common) if type_ == "long" else _numbers(node, common)


def _width(node: Node) -> int:
    found = node.get("MAX")
    value = found.attempt(Node.number, 0.0) if found else 0.0
    if found and not 1 <= value <= MAX_SOUND_WIDTH:
        found.tell(f"{value:g}, expected 1 to {MAX_SOUND_WIDTH} samples or bins: as many as usual")
        return 0
    return int(value)


def _switch(node: Node, common: Input) -> Input:
    default, identity = (
        found.attempt(Node.flag, False) if (found := node.get(key)) else None for key in ("DEFAULT", "IDENTITY")
    )
    on = bool(default) and common.type == "bool"
    same = None if identity is None else (float(identity),)
    return replace(common, default=(float(on),), lo=(0.0,), hi=(1.0,), identity=same)


def _number(node: Node, key: str) -> int | None:
    found = node.get(key)
    value = found.attempt(Node.number, None) if found else None
    return None if value is None else int(value)


def _choices(node: Node, common: Input) -> Input:
    default, identity = _number(node, "DEFAULT"), _number(node, "IDENTITY")
    listed = node.get("VALUES")
    values: tuple[int, ...] = listed.attempt(_integers, ()) if listed else ()
    if not values:
        ends = [_number(node, "MIN") or 0, 1 if (hi := _number(node, "MAX")) is None else hi]
        ends += [] if default is None else [default]
        if max(ends) - min(ends) >= MAX_CHOICES:
            return _whole_numbers(common, min(ends), max(ends), default, identity)
        values = tuple(range(min(ends), max(ends) + 1))
    if default is not None and default not in values:
        node.tell(f"DEFAULT {default} is none of its VALUES: taken as one more")
        values = (*values, default)
    last = float(max(len(values) - 1, 1))
    at = {value: float(i) for i, value in reversed(tuple(enumerate(values)))}
    return replace(
        common,
        default=(0.0 if default is None else at[default],),
        identity=None if identity is None else (at.get(identity, 0.0),),
        lo=(0.0,),
        hi=(last,),
        values=values,
        labels=_labels(node, values),
    )


def _integers(node: Node) -> tuple[int, ...]:
    return tuple(int(n.number()) for n in node.elements(MAX_CHOICES))


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(n.text() for n in node.elements(MAX_CHOICES))


def _whole_numbers(common: Input, lo: int, hi: int, default: int | None, identity: int | None) -> Input:
    """Too many to choose from by name."""
    start = lo if default is None else default
    return replace(
        common,
        default=(float(start),),
        lo=(float(lo),),
        hi=(float(hi),),
        identity=None if identity is None else (float(min(max(identity, lo), hi)),),
    )


def _labels(node: Node, values: Sequence[int]) -> tuple[str, ...]:
    """Choices are told apart by name in presets, so a missing or repeated label falls back on the number."""
    found = node.get("LABELS")
    labels: Sequence[str] = (
        found.attempt(lambda n: [one.text() for one in n.elements(MAX_CHOICES)], ()) if found else ()
    )
    named = [
        labels[i] if i < len(labels) and labels[i] and labels.index(labels[i]) == i else f"{v}"
        for i, v in enumerate(values)
    ]
    return tuple(n if named.index(n) == i else f"{n} ({i})" for i, n in enumerate(named))


def _numbers(node: Node, common: Input) -> Input:
    n = len(common.ids)

    def numbers(key: str, usual: Sequence[float]) -> tuple[float, ...] | None:
        found = node.get(key)
        return found.attempt(lambda one: one.numbers(usual), None) if found else None

    lo = numbers("MIN", (0.0,) * n) or (0.0,) * n
    hi = numbers("MAX", (1.0,) * n) or (1.0,) * n
    # Some files have the two the wrong way round.
    lo, hi = (tuple(pick(a, b) for a, b in zip(lo, hi, strict=True)) for pick in (min, max))
    # No DEFAULT: the middle; for a colour opaque white, which leaves what it multiplies as it is.
    usual = (1.0,) * n if common.type == "color" else tuple((a + b) / 2 for a, b in zip(lo, hi, strict=True))
    default = numbers("DEFAULT", usual) or usual
    identity = numbers("IDENTITY", default)
    # A default or identity outside the range widens it: points in old files are in pixels, without any MAX.
    reached = (default, identity or default)
    wide = tuple(min(a, *(r[i] for r in reached)) for i, a in enumerate(lo))
    high = tuple(max(b, *(r[i] for r in reached)) for i, b in enumerate(hi))
    common = replace(common, default=default, identity=identity, lo=wide, hi=high)
    return _held(node, common)


def _held(node: Node, common: Input) -> Input:
    """Components whose range is one number are no parameters."""
    same = [a == b for a, b in zip(common.lo, common.hi, strict=True)]
    for id, held, value in zip(common.ids, same, common.lo, strict=True):
        if held:
            part = f" of {id.rpartition('/')[2]}" if len(common.ids) > 1 else ""
            node.tell(f"MIN = MAX {value:g}{part}: held there")
    return replace(common, ids=tuple("" if held else id for id, held in zip(common.ids, same, strict=True)))


def params_of_input(i: Input) -> list[Param]:
    """The parameters of one input; textures have none."""
    what = i.label or i.name
    if i.values:
        return [replace(choice(i.ids[0], i.labels[int(i.default[0])], i.labels, what), unit=i.unit)]
    return [
        Param(
            id,
            i.default[k],
            i.lo[k],
            i.hi[k],
            unit=i.unit,
            bound=i.bound,
            kind=_KINDS.get(i.type, "continuous"),
            doc=what if len(i.ids) == 1 else f"{what}, {id.rpartition('/')[2]}",
        )
        for k, id in enumerate(i.ids)
        if id
    ]


def uniform_value(i: Input, p: Params) -> UniformValue:
    """What the uniform of input `i` is set to, from the parameters of its components."""
    numbers = tuple(p[id] if id else default for id, default in zip(i.ids, i.default, strict=True))
    if i.type in ("bool", "event"):
        return numbers[0] >= 0.5
    if i.type == "long":
        whole = round(numbers[0])
        return i.values[min(max(whole, 0), len(i.values) - 1)] if i.values else whole
    return numbers[0] if len(numbers) == 1 else numbers
