"""The JSON header of an ISF file, read with errors that name the key. Pure."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn, TypeVar

from vj.core.errors import ShaderError

MAX_HEADER_CHARS = 200_000

_T = TypeVar("_T")


def split_source(text: str, name: str) -> tuple[str, int, str, int]:
    """(header, its first line, GLSL body, its first line) of an ISF file's text; lines count from 1.

    The header is the first /* comment */; only white space and // comments may stand before it. Raises ShaderError.
    """
    begin = text.find("/*")
    before = text[:begin] if begin >= 0 else text
    if begin < 0 or any(line.strip() and not line.strip().startswith("//") for line in before.splitlines()):
        raise ShaderError(f"{name}: line 1: found no ISF header, expected the file to begin with /* {{ … }} */")
    end = text.find("*/", begin)
    if end < 0:
        line = before.count("\n") + 1
        raise ShaderError(f"{name}: line {line}: the comment that holds the ISF header has no end, expected */")
    if end - begin > MAX_HEADER_CHARS:
        raise ShaderError(f"{name}: header of {end - begin} characters, expected at most {MAX_HEADER_CHARS}")
    return text[begin + 2 : end], before.count("\n") + 1, text[end + 2 :], text.count("\n", 0, end) + 1


def parse_header(header: str, first_line: int, name: str) -> "Node":
    """The header as a `Node`. Raises ShaderError with the line where the JSON is damaged."""
    try:
        found = json.loads(header, strict=False, parse_constant=_refuse_constant)
    except json.JSONDecodeError as e:
        line = first_line + e.lineno - 1
        raise ShaderError(f"{name}: line {line}: the header is not JSON: {e.msg}, column {e.colno}") from None
    except RecursionError:
        raise ShaderError(f"{name}: line {first_line}: the header is nested too deeply") from None
    except ValueError as e:
        raise ShaderError(f"{name}: line {first_line}: the header has a number that cannot be used: {e}") from None
    return Node(found, name, "").expect_object()


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


class Node:
    """One JSON value and the place where it stands, such as `warp.fs: INPUTS[2].MIN`."""

    def __init__(self, value: Any, file: str, place: str) -> None:
        self.value, self.file, self._place = value, file, place

    @property
    def where(self) -> str:
        """File and key, as they stand in errors."""
        return f"{self.file}: {self._place or 'header'}"

    def fail(self, expected: str) -> NoReturn:
        """Raise ShaderError: what was found here, what was expected."""
        found = json.dumps(self.value, ensure_ascii=False, default=str)
        found = found if len(found) <= 60 else found[:57] + "…"
        raise ShaderError(f"{self.where}: found {found}, expected {expected}")

    def missing(self, key: str, expected: str) -> NoReturn:
        """Raise ShaderError: a key is not there."""
        raise ShaderError(f"{self.where}: {key} is missing, expected {expected}")

    def expect_object(self) -> "Node":
        """This node, which must be a JSON object."""
        if not isinstance(self.value, dict):
            self.fail("an object { … }")
        return self

    def get(self, key: str) -> "Node | None":
        """The node under `key`, None when there is none or it is null."""
        value = self.value.get(key)
        return None if value is None else Node(value, self.file, f"{self._place}.{key}".lstrip("."))

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """Key and node of every member of this object."""
        for key in self.value:
            if (node := self.get(key)) is not None:
                yield key, node

    def elements(self, limit: int) -> Sequence["Node"]:
        """The nodes of this array, at most `limit` of them."""
        if not isinstance(self.value, list):
            self.fail("a list [ … ]")
        if len(self.value) > limit:
            raise ShaderError(f"{self.where}: found {len(self.value)} entries, expected at most {limit}")
        return [Node(v, self.file, f"{self._place}[{i}]") for i, v in enumerate(self.value)]

    def text(self) -> str:
        """The string here; a number is written out (sizes such as "WIDTH": 64 come as numbers)."""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float):
            self.fail("text")
        return str(self.value)

    def flag(self) -> bool:
        """The truth value here: true/false, 0/1, or (ISF 1) one of those as text."""
        known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
        if isinstance(self.value, bool | int | float):
            return bool(self.value)
        if not isinstance(self.value, str) or self.value.lower() not in known:
            self.fail("true or false")
        return known[self.value.lower()]

    def number(self) -> float:
        """The finite number here (true and false are 1 and 0)."""
        try:
            value = float(self.value) if isinstance(self.value, bool | int | float) else math.nan
        except OverflowError:
            value = math.inf
        if not math.isfinite(value) or abs(value) > 1e9:
            self.fail("a number of at most a thousand million")
        return value

    def numbers(self, n: int) -> tuple[float, ...]:
        """Exactly `n` numbers: a list, or for n = 1 the number alone."""
        if n == 1 and not isinstance(self.value, list):
            return (self.number(),)
        nodes = self.elements(1000)
        if len(nodes) != n:
            self.fail(f"{n} number{'s' if n > 1 else ''}")
        return tuple(node.number() for node in nodes)

    def one_of(self, known: Sequence[_T]) -> _T:
        """The member of `known` that stands here."""
        if self.value not in known:
            self.fail("one of " + ", ".join(map(str, known)))
        return known[known.index(self.value)]
