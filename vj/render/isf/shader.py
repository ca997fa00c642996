"""ISF 2.0 files (Interactive Shader Format, https://github.com/mrRay/ISF_Spec) as values: inputs, passes, source. Pure.

A file's INPUTS become parameters `fx/<file>/<input>`; a point is two of them (/x, /y), a colour four (/r, /g, /b, /a).
Two optional keys of an input go beyond the standard and are ignored by other hosts: "UNIT" (as in `Param`) and
"BOUND" ("clip", "wrap" or "fold"). "IDENTITY" is the value at which the filter leaves the picture as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

from vj.core.errors import ShaderError
from vj.core.types import Params
from vj.params.spec import Bound, Kind, Param, choice
from vj.render.isf.header import Node, parse_header, split_source
from vj.render.isf.size import SizeExpr, parse_size

InputType: TypeAlias = Literal["float", "bool", "long", "event", "color", "point2D", "image", "audio", "audioFFT"]
#: What a GLSL uniform is set to.
UniformValue: TypeAlias = float | int | bool | tuple[float, ...]

MAX_FILE_BYTES = 1_000_000
MAX_INPUTS = 200
MAX_CHOICES = 256
MAX_PASSES = 32
MAX_SOUND_WIDTH = 8192
#: No buffer is wider or higher; an expression that moves past it while playing is held here.
MAX_BUFFER_SIDE = 8192

_IDENTIFIER = re.compile(r"(?!gl_)(?!.*__)[A-Za-z_][A-Za-z0-9_]{0,63}")
_COMPONENTS: Mapping[str, tuple[str, ...]] = {"point2D": ("x", "y"), "color": ("r", "g", "b", "a")}
_TEXTURE_TYPES = ("image", "audio", "audioFFT")


@dataclass(frozen=True, slots=True)
class Input:
    """One entry of INPUTS. `default`, `lo`, `hi`, `identity` have one value a component; empty for textures.

    ids      the parameter of each component
    values   long: the integer behind each choice, `labels` its name; the parameter is the index
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


@dataclass(frozen=True, slots=True)
class Pass:
    """One entry of PASSES. `target` None draws to the output; width and height None take the output's size."""

    target: str | None = None
    persistent: bool = False
    float32: bool = False
    width: SizeExpr | None = None
    height: SizeExpr | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """A picture that the shader brings along: sampler name and file, which lies in the shader's folder or below."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class IsfShader:
    """One ISF file. `name` is its parameter group, `body` its GLSL with `body_line` the line where that begins.

    vertex   the GLSL of the vertex shader beside it, None where there is none
    """

    file: str
    name: str
    description: str
    credit: str
    categories: tuple[str, ...]
    inputs: tuple[Input, ...]
    passes: tuple[Pass, ...]
    imported: tuple[Imported, ...]
    body: str
    body_line: int
    vertex: str | None = None

    @property
    def has_further_images(self) -> bool:
        """It reads images besides the one that it is a filter of."""
        return any(i.type == "image" and i.name not in ("inputImage", "startImage") for i in self.inputs)

    @property
    def kind(self) -> Literal["filter", "generator", "transition"]:
        """What ISF takes the file for, by the names of its images."""
        images = {i.name for i in self.inputs if i.type == "image"}
        if {"startImage", "endImage"} <= images:
            return "transition"
        return "filter" if "inputImage" in images else "generator"


def load(path: Path) -> IsfShader:
    """Read and parse a file (and `.vs` beside it, when there is one). Raises ShaderError."""
    vertex = path.with_suffix(".vs")
    return parse(_read(path), str(path), _read(vertex) if vertex.is_file() else None)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ShaderError(f"{path}: {path.stat().st_size} bytes, expected a shader of at most {MAX_FILE_BYTES}")
        # Comments in old files are in many encodings; nothing but comments may hold such characters.
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as e:
        raise ShaderError(f"{path}: cannot be read: {e.strerror or e}") from None


def parse(text: str, file: str, vertex: str | None = None) -> IsfShader:
    """Parse an ISF file's text; `file` names it in errors and gives the parameters their group. Raises ShaderError."""
    header, header_line, body, body_line = split_source(text, file)
    root = parse_header(header, header_line, file)
    name = _slug(Path(file).stem)
    inputs = _inputs(root, name)
    passes = _passes(root)
    imported = _imported(root)
    _check_names(root, inputs, passes, imported)
    return IsfShader(
        file=file,
        name=name,
        description=_text(root, "DESCRIPTION"),
        credit=_text(root, "CREDIT"),
        categories=tuple(n.text() for n in node.elements(50)) if (node := root.get("CATEGORIES")) else (),
        inputs=inputs,
        passes=passes,
        imported=imported,
        body=body,
        body_line=body_line,
        vertex=vertex,
    )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "x"


def _text(node: Node, key: str) -> str:
    found = node.get(key)
    return found.text() if found else ""


def _check_names(root: Node, inputs: Sequence[Input], passes: Sequence[Pass], imported: Sequence[Imported]) -> None:
    seen: set[str] = set()
    targets = {p.target for p in passes if p.target is not None}
    for name in [i.name for i in inputs] + sorted(targets) + [i.name for i in imported]:
        if name in seen:
            Node(name, root.file, "INPUTS, PASSES, IMPORTED").fail("a name used once")
        seen.add(name)
    known = {i.name for i in inputs if len(i.ids) == 1} | {"WIDTH", "HEIGHT"}
    for p in passes:
        for expr in (p.width, p.height):
            if expr is not None and not expr.names <= known:
                unknown = sorted(expr.names - known)[0]
                Node(expr.text, root.file, "PASSES").fail(f"$WIDTH, $HEIGHT or an input instead of ${unknown}")


def _identifier(node: Node, key: str) -> str:
    found = node.get(key)
    if found is None:
        node.missing(key, "a name")
    if not _IDENTIFIER.fullmatch(found.text()):
        found.fail("a GLSL name: letters, digits and single _")
    return found.text()


def _inputs(root: Node, group: str) -> tuple[Input, ...]:
    found = root.get("INPUTS")
    nodes = [n.expect_object() for n in found.elements(MAX_INPUTS)] if found else []
    inputs, taken = [], set[str]()
    for node in nodes:
        base = slug = _slug(_identifier(node, "NAME"))
        # Names that differ in case only are two inputs in GLSL, and must stay two parameters.
        for i in range(2, MAX_INPUTS + 2):
            if slug not in taken:
                break
            slug = f"{base}_{i}"
        taken.add(slug)
        inputs.append(_input(node, f"fx/{group}/{slug}"))
    return tuple(inputs)


def _input(node: Node, id: str) -> Input:
    type_node = node.get("TYPE")
    if type_node is None:
        node.missing("TYPE", "one of " + ", ".join(get_args(InputType)))
    type_ = type_node.one_of(cast(tuple[InputType, ...], get_args(InputType)))
    bound = node.get("BOUND")
    common = Input(
        _identifier(node, "NAME"),
        type_,
        label=_text(node, "LABEL"),
        unit=_text(node, "UNIT"),
        bound=bound.one_of(cast(tuple[Bound, ...], get_args(Bound))) if bound else "clip",
    )
    if common.is_texture:
        return replace(common, width=_width(node)) if common.type != "image" else common
    ids = tuple(f"{id}/{c}" for c in _COMPONENTS.get(type_, ())) or (id,)
    if type_ in ("bool", "event"):
        return _switch(node, replace(common, ids=ids, lo=(0.0,), hi=(1.0,)))
    return _choices(node, replace(common, ids=ids)) if type_ == "long" else _numbers(node, replace(common, ids=ids))


def _width(node: Node) -> int:
    found = node.get("MAX")
    value = found.number() if found else 0.0
    if found and not 1 <= value <= MAX_SOUND_WIDTH:
        found.fail(f"1 to {MAX_SOUND_WIDTH} samples or bins")
    return int(value)


def _switch(node: Node, common: Input) -> Input:
    default, identity = node.get("DEFAULT"), node.get("IDENTITY")
    on = default is not None and default.flag() and common.type == "bool"
    return replace(common, default=(float(on),), identity=(float(identity.flag()),) if identity else None)


def _choices(node: Node, common: Input) -> Input:
    if values_node := node.get("VALUES"):
        values = tuple(int(n.number()) for n in values_node.elements(MAX_CHOICES))
        if not values:
            values_node.fail("at least one value")
    else:
        lo, hi = (int(n.number()) if (n := node.get(key)) else d for key, d in (("MIN", 0), ("MAX", 1)))
        if not 0 <= hi - lo < MAX_CHOICES:
            node.fail(f"VALUES, or MIN..MAX with at most {MAX_CHOICES} steps")
        values = tuple(range(lo, hi + 1))
    labels_node = node.get("LABELS")
    labels = [n.text() for n in labels_node.elements(MAX_CHOICES)] if labels_node else []
    # Choices are told apart by name in presets, so a missing or repeated label falls back on the number.
    named = [
        labels[i] if i < len(labels) and labels[i] and labels.index(labels[i]) == i else f"{v}"
        for i, v in enumerate(values)
    ]
    named = [n if named.index(n) == i else f"{n} ({i})" for i, n in enumerate(named)]

    def index_of(key: str) -> tuple[float, ...] | None:
        found = node.get(key)
        if found is None:
            return None
        return (float(values.index(int(found.number()))) if int(found.number()) in values else 0.0,)

    last = float(max(len(values) - 1, 1))
    default, identity = index_of("DEFAULT") or (0.0,), index_of("IDENTITY")
    return replace(
        common, default=default, identity=identity, lo=(0.0,), hi=(last,), values=values, labels=tuple(named)
    )


def _numbers(node: Node, common: Input) -> Input:
    n = len(common.ids)

    def numbers(key: str) -> tuple[float, ...] | None:
        found = node.get(key)
        return found.numbers(n) if found else None

    lo = numbers("MIN") or (0.0,) * n
    hi = numbers("MAX") or (1.0,) * n
    # Some files have the two the wrong way round.
    lo, hi = (tuple(pick(a, b) for a, b in zip(lo, hi, strict=True)) for pick in (min, max))
    if any(a == b for a, b in zip(lo, hi, strict=True)):
        node.fail("MIN and MAX that differ")
    # No DEFAULT: the middle; for a colour opaque white, which leaves what it multiplies as it is.
    middle = tuple((a + b) / 2 for a, b in zip(lo, hi, strict=True))
    default = numbers("DEFAULT") or ((1.0,) * n if common.type == "color" else middle)
    identity = numbers("IDENTITY")
    # A default or identity outside the range widens it: points in old files are in pixels, without any MAX.
    reached = (default, identity or default)
    lo = tuple(min(a, *(r[i] for r in reached)) for i, a in enumerate(lo))
    hi = tuple(max(b, *(r[i] for r in reached)) for i, b in enumerate(hi))
    return replace(common, default=default, identity=identity, lo=lo, hi=hi)


def _passes(root: Node) -> tuple[Pass, ...]:
    found = root.get("PASSES")
    passes = tuple(_pass(n.expect_object()) for n in found.elements(MAX_PASSES)) if found else ()
    if buffers := root.get("PERSISTENT_BUFFERS"):
        passes = _with_isf1_buffers(passes, buffers)
    return passes or (Pass(),)


def _pass(node: Node) -> Pass:
    target = node.get("TARGET")
    persistent, float32 = node.get("PERSISTENT"), node.get("FLOAT")
    return Pass(
        target=_identifier(node, "TARGET") if target and target.text() else None,
        persistent=persistent is not None and persistent.flag(),
        float32=float32 is not None and float32.flag(),
        width=_size(node, "WIDTH"),
        height=_size(node, "HEIGHT"),
    )


def _with_isf1_buffers(passes: Sequence[Pass], buffers: Node) -> tuple[Pass, ...]:
    """ISF 1 lists persistent buffers apart from the passes: names, or an object of name → size and FLOAT."""
    described: dict[str, Pass] = {}
    if isinstance(buffers.value, list):
        described = {n.text(): Pass(persistent=True) for n in buffers.elements(MAX_PASSES)}
    else:
        described = {k: replace(_pass(n.expect_object()), persistent=True) for k, n in buffers.expect_object().items()}
    return tuple(p if p.target not in described else replace(described[p.target], target=p.target) for p in passes)


def _size(node: Node, key: str) -> SizeExpr | None:
    found = node.get(key)
    if found is None or not found.text().strip():
        return None
    try:
        expr = parse_size(found.text())
    except ValueError as e:
        raise ShaderError(f"{found.where}: found {e}") from None
    if not expr.names and not 1 <= expr.value({}) <= MAX_BUFFER_SIDE:
        found.fail(f"1 to {MAX_BUFFER_SIDE} pixels")
    return expr


def _imported(root: Node) -> tuple[Imported, ...]:
    found = root.get("IMPORTED")
    if found is None:
        return ()
    if isinstance(found.value, list):
        nodes = [n.expect_object() for n in found.elements(MAX_PASSES)]
        return tuple(Imported(_identifier(n, "NAME"), _beside(n)) for n in nodes)
    # ISF 1: an object of name → { PATH }.
    named = ((key, n.expect_object()) for key, n in found.expect_object().items())
    found_all = tuple(
        Imported(_identifier(Node({"NAME": k}, root.file, "IMPORTED"), "NAME"), _beside(n)) for k, n in named
    )
    if len(found_all) > MAX_PASSES:
        found.fail(f"at most {MAX_PASSES} pictures")
    return found_all


def _beside(node: Node) -> Path:
    """The picture that PATH names: nothing outside the shader's folder is read."""
    found = node.get("PATH")
    if found is None:
        node.missing("PATH", "the name of a picture")
    folder, text = Path(node.file).parent, found.text()
    try:
        path = (folder / text).resolve()
        inside = path.is_relative_to(folder.resolve())
    except (OSError, ValueError):
        inside = False
    if not inside or not text.strip():
        found.fail("a picture in the shader's own folder")
    return folder / text


_KINDS: Mapping[InputType, Kind] = {"bool": "toggle", "event": "trigger"}


def params_of(shader: IsfShader) -> tuple[Param, ...]:
    """The shader's INPUTS as parameters, in the order of the file; textures have none."""
    return tuple(p for i in shader.inputs for p in _params(shader, i))


def _params(shader: IsfShader, i: Input) -> list[Param]:
    what = i.label or i.name
    if i.type == "long":
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
    ]


def identity_of(shader: IsfShader) -> dict[str, float]:
    """Parameter values at which the filter changes nothing; inputs without an IDENTITY stay at their default."""
    return {id: v for i in shader.inputs for id, v in zip(i.ids, i.identity or i.default, strict=True)}


def uniform_value(i: Input, p: Params) -> UniformValue:
    """What the uniform of input `i` is set to, from the parameters of its components."""
    if i.type in ("bool", "event"):
        return p[i.ids[0]] >= 0.5
    if i.type == "long":
        return i.values[min(max(round(p[i.ids[0]]), 0), len(i.values) - 1)]
    return p[i.ids[0]] if len(i.ids) == 1 else tuple(p[id] for id in i.ids)


def pass_size(one: Pass, size: tuple[int, int], shader: IsfShader, p: Params) -> tuple[int, int]:
    """Width and height in pixels of a pass's buffer when the output has `size`; always 1 to MAX_BUFFER_SIDE."""
    variables: dict[str, float] = {"WIDTH": size[0], "HEIGHT": size[1]}
    for i in shader.inputs:
        if len(i.ids) == 1:
            variables[i.name] = float(cast(float, uniform_value(i, p)))

    def side(expr: SizeExpr | None, whole: int) -> int:
        value = whole if expr is None else expr.value(variables)
        return whole if value != value else int(min(max(value, 1), MAX_BUFFER_SIDE))

    return side(one.width, size[0]), side(one.height, size[1])
