"""The JSON header of an ISF file: what is sloppy is repaired and told, what cannot be is named. Pure."""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

from vj.core.errors import ShaderError
from vj.render.isf.loose_json import mended

MAX_HEADER_CHARS = 200_000
#: No more repairs are told of one file.
_MAX_TOLD = 100

_COMMENT = re.compile(r"//[^\n]*|/\*(?P<inside>.*?)(?P<end>\*/|\Z)", re.DOTALL)
_T = TypeVar("_T")
_U = TypeVar("_U")


class SloppyError(ShaderError):
    """One entry that cannot be used; the file can without it."""


def split_source(text: str, name: str) -> tuple[str, int, str]:
    """(header, its first line, GLSL body) of an ISF file's text; lines count from 1. Raises ShaderError.

    The header is the first /* comment */ that begins as JSON does; comments and lines with # may stand before it. The
    body has empty lines in its place, so that lines keep their numbers.
    """
    found = _header(text)
    if found is None or any(
        line.strip() and not line.lstrip("\ufeff \t").startswith("#")
        for line in _COMMENT.sub("", text[: found.start()]).splitlines()
    ):
        raise ShaderError(f"{name}: line 1: found no ISF header, expected the file to begin with /* {{ … }} */")
    line = text.count("\n", 0, found.start()) + 1
    if not found["end"]:
        raise ShaderError(f"{name}: line {line}: the comment that holds the ISF header has no end, expected */")
    if len(found["inside"]) > MAX_HEADER_CHARS:
        raise ShaderError(f"{name}: header of {len(found['inside'])} characters, expected at most {MAX_HEADER_CHARS}")
    blank = "\n" * found.group().count("\n")
    return found["inside"], line, text[: found.start()] + blank + text[found.end() :]


def _header(text: str) -> re.Match[str] | None:
    comments = [found for found in _COMMENT.finditer(text) if found["inside"] is not None]
    return next((one for one in comments if one["inside"].lstrip()[:1] in ("{", "[")), next(iter(comments), None))


def parse_header(header: str, first_line: int, name: str) -> "Node":
    """The header as a `Node`. Raises ShaderError with the line where the JSON is damaged."""
    told: list[str] = []
    try:
        found = _loaded(header)
    except json.JSONDecodeError:
        text, repairs = mended(header, first_line)
        told += [f"{name}: {repair}" for repair in repairs[:_MAX_TOLD]]
        try:
            found = _loaded(text)
        except json.JSONDecodeError as e:
            line = first_line + e.lineno - 1
            raise ShaderError(f"{name}: line {line}: the header is not JSON: {e.msg}, column {e.colno}") from None
        except (RecursionError, ValueError) as e:
            raise _unusable(e, first_line, name) from None
    except (RecursionError, ValueError) as e:
        raise _unusable(e, first_line, name) from None
    node = Node(found, name, "", told)
    return node if isinstance(found, dict) else node.refuse("an object { … }")


def _loaded(text: str) -> Any:
    return json.loads(text, strict=False, parse_constant=_refuse_constant)


def _unusable(error: Exception, line: int, name: str) -> ShaderError:
    if isinstance(error, RecursionError):
        return ShaderError(f"{name}: line {line}: the header is nested too deeply")
    return ShaderError(f"{name}: line {line}: the header has a number that cannot be used: {error}")


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


class Node:
    """One JSON value and the place where it stands, such as `warp.fs: input "blur": MIN`.

    told   the file's repairs, one line each, which all nodes of the file share
    """

    def __init__(self, value: Any, file: str, place: str, told: list[str]) -> None:
        self.value, self.file, self.told, self._place = value, file, told, place

    @property
    def where(self) -> str:
        """File and key, as they stand in errors."""
        return f"{self.file}: {self._place or 'header'}"

    def _found(self, expected: str) -> str:
        found = json.dumps(self.value, ensure_ascii=False, default=str)
        found = found if len(found) <= 60 else found[:57] + "…"
        return f"{self.where}: found {found}, expected {expected}"

    def fail(self, expected: str) -> NoReturn:
        """Raise SloppyError: what was found here, what was expected."""
        raise SloppyError(self._found(expected))

    def refuse(self, expected: str) -> NoReturn:
        """Raise ShaderError, for what the file cannot do without or must not ask for."""
        raise ShaderError(self._found(expected))

    def tell(self, repair: str) -> None:
        """Say what was done to this entry."""
        if len(self.told) < _MAX_TOLD:
            self.told.append(f"{self.where}: {repair}")

    def attempt(self, read: "Callable[[Node], _T]", otherwise: _U, instead: str = "left out") -> _T | _U:
        """What `read` makes of this node; where it is sloppy, `otherwise`, and `instead` is told."""
        try:
            return read(self)
        except SloppyError as e:
            if len(self.told) < _MAX_TOLD:
                self.told.append(f"{e}: {instead}")
            return otherwise

    def named(self, place: str) -> "Node":
        """The same entry under a name that people know it by."""
        return Node(self.value, self.file, place, self.told)

    def inside(self, key: str, value: Any) -> "Node":
        """Another entry, which stands under `key` of this one."""
        return Node(value, self.file, f"{self._place}.{key}", self.told)

    def expect_object(self) -> "Node":
        """This node, which must be a JSON object."""
        if not isinstance(self.value, dict):
            self.fail("an object { … }")
        return self

    def get(self, key: str) -> "Node | None":
        """The node under `key`, None when there is none or it is null."""
        value = self.value.get(key)
        dot = ": " if self._place.endswith('"') else "."
        return None if value is None else Node(value, self.file, f"{self._place}{dot}{key}".lstrip("."), self.told)

    def need(self, key: str, expected: str) -> "Node":
        """The node under `key`. Raises SloppyError when there is none."""
        found = self.get(key)
        if found is None:
            raise SloppyError(f"{self.where}: {key} is missing, expected {expected}")
        return found

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
        return [Node(v, self.file, f"{self._place}[{i}]", self.told) for i, v in enumerate(self.value)]

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
        """The finite number here (true and false are 1 and 0), also where it stands as text."""
        try:
            value = float(self.value) if isinstance(self.value, bool | int | float | str) else math.nan
        except (OverflowError, ValueError):
            value = math.nan
        if not math.isfinite(value) or abs(value) > 1e9:
            self.fail("a number of at most a thousand million")
        if isinstance(self.value, str):
            self.tell(f"text, read as the number {value:g}")
        return value

    def numbers(self, usual: Sequence[float]) -> tuple[float, ...]:
        """As many numbers as `usual` has: a list, or one number for all; those that lack at its end are as usual."""
        n = len(usual)
        if not isinstance(self.value, list):
            if n > 1:
                self.tell(f"one number for all {n} components")
            return (self.number(),) * n
        found = tuple(node.number() for node in self.elements(1000))
        if not found:
            self.fail(f"{n} number{'s' if n > 1 else ''}")
        if len(found) != n:
            self.tell(
                f"{len(found)} numbers for {n}: {'the last left out' if len(found) > n else 'the others as usual'}"
            )
        return (*found, *usual[len(found) :])[:n]

    def one_of(self, known: Sequence[_T]) -> _T:
        """The member of `known` that stands here."""
        if self.value not in known:
            self.fail("one of " + ", ".join(map(str, known)))
        return known[known.index(self.value)]
