"""ISF 2.0 files (Interactive Shader Format, https://github.com/mrRay/ISF_Spec) as values: inputs, passes, source. Pure.

What a file says sloppily is repaired where its meaning is plain, or left out, and told (`IsfShader.repairs`); what asks
for too much of the machine, or for files that are not its own, is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from vj.core.errors import ShaderError
from vj.core.files import read_text, reason
from vj.core.types import Params
from vj.params.spec import Param
from vj.render.isf.header import Node, parse_header, split_source
from vj.render.isf.inputs import (
    Input,
    UniformValue,
    identifier,
    params_of_input,
    read_inputs,
    slug_of,
    told_text,
    uniform_value,
)
from vj.render.isf.passes import MAX_BUFFER_SIDE, MAX_PASSES, Pass, buffer_size, read_passes

__all__ = [
    "MAX_BUFFER_SIDE", "Imported", "Input", "IsfShader", "Pass", "UniformValue", "identity_of", "load", "params_of",
    "parse", "pass_size", "uniform_value",
]  # fmt: skip

MAX_FILE_BYTES = 1_000_000
_CUBE_FACES = 6
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*(?P<word>include)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Imported:
    """A picture that the shader brings along: sampler name and files, which lie in the shader's folder or below.

    One file is a picture, six the faces of a cube (+x −x +y −y +z −z); where there is none, it is black.
    """

    name: str
    paths: tuple[Path, ...]
    cube: bool = False


@dataclass(frozen=True, slots=True)
class IsfShader:
    """One ISF file. `name` is its parameter group, `body` its GLSL, with the line numbers of the file.

    vertex   the GLSL of the vertex shader beside it, None where there is none
    idle     buffers that no pass draws
    repairs  what was made of sloppy entries, one line each
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
    vertex: str | None = None
    idle: tuple[Pass, ...] = ()
    repairs: tuple[str, ...] = ()

    @property
    def buffers(self) -> Mapping[str, Pass]:
        """What passes draw into, and other passes read, by name."""
        return {one.target: one for one in (*self.passes, *self.idle) if one.target}

    @property
    def has_further_images(self) -> bool:
        """It reads images besides the one that it is a filter of."""
        return any(i.type == "image" and i.name not in ("inputImage", "startImage") for i in self.inputs)

    @property
    def kind(self) -> Literal["filter", "generator", "transition"]:
        """What ISF takes the file for, by the names of its inputs."""
        types = {i.name: i.type for i in self.inputs}
        if [types.get(name) for name in ("startImage", "endImage", "progress")] == ["image", "image", "float"]:
            return "transition"
        return "filter" if types.get("inputImage") == "image" else "generator"


def load(path: Path, name: str | None = None) -> IsfShader:
    """Read and parse a file (and `.vs` beside it, when there is one); `name` as of `parse`. Raises ShaderError."""
    vertex = path.with_suffix(".vs")
    return parse(_read(path), str(path), _read(vertex) if vertex.is_file() else None, name)


def _read(path: Path) -> str:
    try:
        # Comments in old files are in many encodings; nothing but comments may hold such characters.
        return read_text(path, MAX_FILE_BYTES, "replace")
    except OSError as e:
        raise ShaderError(f"{path}: cannot be read: {reason(e)}") from None


def parse(text: str, file: str, vertex: str | None = None, name: str | None = None) -> IsfShader:
    """Parse an ISF file's text. Raises ShaderError.

    `file` names it in errors; `name` is the group of its parameters, without one that of the file.
    """
    header, header_line, body = split_source(text, file)
    _without_includes(body, file)
    root = parse_header(header, header_line, file)
    name = name or slug_of(Path(file).stem)
    inputs = read_inputs(root, name)
    passes, idle = read_passes(root, [i.name for i in inputs if i.is_number])
    imported = _imported(root)
    targets = [one.target for one in (*passes, *idle) if one.target]
    inputs, imported = _without_clashes(root, inputs, imported, targets)
    categories = root.get("CATEGORIES")
    return IsfShader(
        file=file,
        name=name,
        description=told_text(root, "DESCRIPTION"),
        credit=told_text(root, "CREDIT"),
        categories=categories.attempt(_texts, ()) if categories else (),
        inputs=inputs,
        passes=passes,
        imported=imported,
        body=body,
        vertex=vertex,
        idle=idle,
        repairs=tuple(root.told),
    )


def _without_includes(body: str, file: str) -> None:
    found = _INCLUDE.search(body)
    if found:
        line = body.count("\n", 0, found.start("word")) + 1
        raise ShaderError(f"{file}: line {line}: #include: expected a shader that is one file")


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(n.text() for n in node.elements(50))


def _without_clashes(
    root: Node, inputs: Sequence[Input], imported: Sequence[Imported], targets: Sequence[str]
) -> tuple[tuple[Input, ...], tuple[Imported, ...]]:
    """Inputs and pictures whose names nothing else has: a buffer goes before an input, an input before a picture."""
    kept = tuple(i for i in inputs if i.name not in targets)
    taken = {*targets, *(i.name for i in kept)}
    pictures = {one.name: one for one in reversed(imported) if one.name not in taken}
    lost = ({i.name for i in inputs} & set(targets)) | ({one.name for one in imported} & taken)
    for name in sorted(lost):
        root.tell(f'"{name}" is the name of two things: one left out')
    return kept, tuple(reversed(pictures.values()))


def _imported(root: Node) -> tuple[Imported, ...]:
    found = root.get("IMPORTED")
    nodes = found.attempt(_entries, ()) if found else ()
    pictures = [node.attempt(_picture, None) for node in nodes]
    return tuple(one for one in pictures if one)


def _entries(node: Node) -> Sequence[Node]:
    if isinstance(node.value, list):
        return node.elements(MAX_PASSES)
    # ISF 1: an object of name → { PATH }.
    named = node.expect_object().value
    if len(named) > MAX_PASSES:
        node.refuse(f"at most {MAX_PASSES} pictures")
    return [node.inside(name, {**one, "NAME": name} if isinstance(one, dict) else one) for name, one in named.items()]


def _picture(node: Node) -> Imported:
    name = identifier(node.expect_object(), "NAME")
    node = node.named(f'picture "{name}"')
    kind, found = told_text(node, "TYPE").lower(), node.get("PATH")
    if found is None:
        node.tell("PATH is missing: black")
        return Imported(name, (), kind == "cube")
    many = isinstance(found.value, list)
    paths = tuple(_beside(n) for n in found.elements(_CUBE_FACES)) if many else (_beside(found),)
    cube = kind == "cube" or len(paths) == _CUBE_FACES
    if len(paths) != (_CUBE_FACES if cube else 1):
        found.tell(f"{len(paths)} files, expected {f'{_CUBE_FACES} for a cube' if cube else 'one'}: black")
        return Imported(name, (), cube)
    missing = next((path for path in paths if not path.is_file()), None)
    if missing:
        node.tell(f"there is no {missing.name[:60]}: black")
    return Imported(name, () if missing else paths, cube)


def _beside(node: Node) -> Path:
    """The picture that PATH names: nothing outside the shader's folder is read."""
    folder, text = Path(node.file).parent, node.text()
    try:
        path = (folder / text).resolve()
        inside = path.is_relative_to(folder.resolve())
    except (OSError, ValueError):
        inside = False
    if not inside or not text.strip():
        node.refuse("a picture in the shader's own folder")
    return folder / text


def params_of(shader: IsfShader) -> tuple[Param, ...]:
    """The shader's INPUTS as parameters, in the order of the file; textures have none."""
    return tuple(p for i in shader.inputs for p in params_of_input(i))


def identity_of(shader: IsfShader) -> dict[str, float]:
    """Parameter values at which the filter changes nothing; inputs without an IDENTITY stay at their default."""
    return {id: v for i in shader.inputs for id, v in zip(i.ids, i.identity or i.default, strict=True) if id}


def pass_size(one: Pass, size: tuple[int, int], shader: IsfShader, p: Params) -> tuple[int, int]:
    """Width and height in pixels of a pass's buffer when the output has `size`; always 1 to MAX_BUFFER_SIDE."""
    numbers = {i.name: float(cast(float, uniform_value(i, p))) for i in shader.inputs if i.is_number}
    return buffer_size(one, size, numbers)
