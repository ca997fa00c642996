"""PASSES of an ISF file: what is drawn into which buffer, of what size. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vj.render.isf.header import Node
from vj.render.isf.inputs import identifier
from vj.render.isf.size import SizeExpr, parse_size

MAX_PASSES = 32
#: No buffer is wider or higher; an expression that moves past it while playing is held here.
MAX_BUFFER_SIDE = 8192


@dataclass(frozen=True, slots=True)
class Pass:
    """One entry of PASSES. `target` None draws to the output; width and height None take the output's size.

    Passes into one target agree in all of it: it is one buffer.
    """

    target: str | None = None
    persistent: bool = False
    float32: bool = False
    width: SizeExpr | None = None
    height: SizeExpr | None = None


def read_passes(root: Node, numbers: Iterable[str]) -> tuple[tuple[Pass, ...], tuple[Pass, ...]]:
    """(the passes in order, buffers that none of them draws); `numbers` are the inputs that a size may be made of."""
    known = {*numbers, "WIDTH", "HEIGHT"}
    found = root.get("PASSES")
    nodes = found.attempt(lambda n: n.elements(MAX_PASSES), ()) if found else ()
    passes = [node.attempt(lambda n: _pass(n.expect_object(), known), Pass(), "drawn to the picture") for node in nodes]
    listed = root.get("PERSISTENT_BUFFERS")
    buffers: Mapping[str, Pass] = listed.attempt(lambda n: _isf1_buffers(n, known), {}) if listed else {}
    merged = _merged([*passes, *buffers.values()])
    drawn = {one.target for one in passes}
    idle = tuple(merged[name] for name in buffers if name not in drawn)
    return tuple(merged[one.target] if one.target else one for one in passes) or (Pass(),), idle


def _pass(node: Node, known: set[str]) -> Pass:
    target = node.get("TARGET")
    return Pass(
        target=identifier(node, "TARGET") if target and target.text() else None,
        persistent=_flag(node, "PERSISTENT"),
        float32=_flag(node, "FLOAT"),
        width=_size(node, "WIDTH", known),
        height=_size(node, "HEIGHT", known),
    )


def _flag(node: Node, key: str) -> bool:
    found = node.get(key)
    return found is not None and found.attempt(Node.flag, False)


def _isf1_buffers(node: Node, known: set[str]) -> dict[str, Pass]:
    """ISF 1 lists persistent buffers apart from the passes: names, or an object of name → size and FLOAT."""
    if isinstance(node.value, list):
        described: dict[str, dict[str, Any]] = {n.text(): {} for n in node.elements(MAX_PASSES)}
    else:
        described = {name: n.expect_object().value for name, n in node.expect_object().items()}
    if len(described) > MAX_PASSES:
        node.refuse(f"at most {MAX_PASSES} buffers")
    nodes = [node.inside(name, {**value, "TARGET": name}) for name, value in described.items()]
    read = [n.attempt(lambda n: _pass(n, known), Pass()) for n in nodes]
    return {one.target: replace(one, persistent=True) for one in read if one.target}


def _merged(passes: Sequence[Pass]) -> dict[str | None, Pass]:
    """Target → what all entries that name it say together; of two sizes the first counts."""
    merged: dict[str | None, Pass] = {}
    for one in passes:
        before = merged.get(one.target, one)
        merged[one.target] = Pass(
            one.target,
            persistent=before.persistent or one.persistent,
            float32=before.float32 or one.float32,
            width=before.width or one.width,
            height=before.height or one.height,
        )
    return merged


def _size(node: Node, key: str, known: set[str]) -> SizeExpr | None:
    found = node.get(key)
    return found.attempt(lambda n: _read_size(n, known), None, "the picture's size") if found else None


def _read_size(node: Node, known: set[str]) -> SizeExpr | None:
    text = node.text()
    if not text.strip():
        return None
    try:
        expr = parse_size(text)
    except ValueError as e:
        node.fail(f"an expression of numbers, $WIDTH, $HEIGHT and $input, but {e}")
    if not expr.names <= known:
        node.fail(f"$WIDTH, $HEIGHT or an input of one number instead of ${sorted(expr.names - known)[0]}")
    if not expr.names and not 1 <= expr.value({}) <= MAX_BUFFER_SIDE:
        node.refuse(f"1 to {MAX_BUFFER_SIDE} pixels")
    return expr


def buffer_size(one: Pass, size: tuple[int, int], numbers: Mapping[str, float]) -> tuple[int, int]:
    """Width and height in pixels of a pass's buffer when the output has `size`; always 1 to MAX_BUFFER_SIDE.

    numbers  inputs of one number by name
    """
    variables = {**numbers, "WIDTH": float(size[0]), "HEIGHT": float(size[1])}

    def side(expr: SizeExpr | None, whole: int) -> int:
        value = whole if expr is None else expr.value(variables)
        return whole if value != value else int(min(max(value, 1), MAX_BUFFER_SIDE))

    return side(one.width, size[0]), side(one.height, size[1])
