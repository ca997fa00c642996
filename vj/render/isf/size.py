"""Sizes of ISF pass buffers, such as "floor($WIDTH / 16.0)": a small arithmetic of its own, nothing is executed. Pure.

Grammar, as in C: expression = level ("?" expression ":" expression)?; a level is the next higher ones joined by its
operators (|| && == != < > <= >= + - * / %), the highest power = unary ("^" power)?; unary = ("-" | "+" | "!") unary |
number | $NAME | function "(" expression ("," expression)* ")" | "(" expression ")". True is 1, false 0.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

MAX_CHARS = 200
MAX_DEPTH = 24

#: ("number", value) | ("name", text) | (operator or function, argument, …)
_Tree: TypeAlias = tuple["str | float | _Tree", ...]

_TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d{1,3})?|\.\d+)|(\$[A-Za-z_]\w*)|([A-Za-z_]\w*)"
    r"|(<=|>=|==|!=|&&|\|\||[-+*/%^(),<>!?:]))"
)

_FUNCTIONS: Mapping[str, tuple[int, Callable[..., float]]] = {
    "floor": (1, math.floor),
    "ceil": (1, math.ceil),
    "round": (1, round),
    "trunc": (1, math.trunc),
    "abs": (1, abs),
    "sqrt": (1, math.sqrt),
    "exp": (1, math.exp),
    "log": (1, math.log),
    "log2": (1, math.log2),
    "sin": (1, math.sin),
    "cos": (1, math.cos),
    "min": (2, min),
    "max": (2, max),
    "pow": (2, math.pow),
    "mod": (2, math.fmod),
}
_BINARY: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "^": math.pow,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "&&": lambda a, b: bool(a and b),
    "||": lambda a, b: bool(a or b),
}
#: Operators that are worked out from left to right, the weakest first.
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))


@dataclass(frozen=True, slots=True)
class SizeExpr:
    """A parsed expression: `text` as written, `names` the variables it reads (without the $)."""

    text: str
    names: frozenset[str]
    tree: _Tree

    def value(self, variables: Mapping[str, float]) -> float:
        """Its value; NaN where the arithmetic has none (division by zero, overflow, square root of −1)."""
        try:
            found = float(_evaluate(self.tree, variables))
        except (ArithmeticError, ValueError):
            return math.nan
        return found if math.isfinite(found) else math.nan


def parse_size(text: str) -> SizeExpr:
    """Parse an expression. Raises ValueError with what was found and what was expected."""
    if len(text) > MAX_CHARS:
        raise ValueError(f"an expression of {len(text)} characters, expected at most {MAX_CHARS}")
    parser = _Parser(_tokens(text))
    tree = parser.expression(0)
    if parser.here != "":
        raise ValueError(f"{parser.here!r}, expected an operator or the end of the expression")
    return SizeExpr(text, frozenset(parser.names), tree)


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"{text[at:].strip()[:1]!r}, expected a number, $WIDTH, $HEIGHT, $input, an operator or (")
        tokens.append(match.group().strip())
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens; every level is counted, so that no text can exhaust the stack."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0
        self.names: set[str] = set()

    @property
    def here(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self.here
        self._at += 1
        return token

    def _expect(self, wanted: str) -> None:
        if self.here != wanted:
            raise ValueError(f"{self.here or 'the end'!r}, expected {wanted!r}")
        self._at += 1

    def expression(self, depth: int) -> _Tree:
        tree = self._level(0, depth + 1)
        if self.here != "?":
            return tree
        self._next()
        then = self.expression(depth + 1)
        self._expect(":")
        return ("?", tree, then, self.expression(depth + 1))

    def _level(self, level: int, depth: int) -> _Tree:
        if level == len(_LEVELS):
            return self._power(depth)
        tree = self._level(level + 1, depth)
        while self.here in _LEVELS[level]:
            tree = (self._next(), tree, self._level(level + 1, depth))
        return tree

    def _power(self, depth: int) -> _Tree:
        base = self._unary(depth)
        if self.here != "^":
            return base
        return (self._next(), base, self._power(depth + 1))

    def _unary(self, depth: int) -> _Tree:
        if depth > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} levels, expected a flatter expression")
        token = self._next()
        if token == "-":
            return ("-", ("number", 0.0), self._unary(depth + 1))
        if token == "+":
            return self._unary(depth + 1)
        if token == "!":
            return ("==", ("number", 0.0), self._unary(depth + 1))
        if token == "(":
            tree = self.expression(depth + 1)
            self._expect(")")
            return tree
        if token.startswith("$"):
            self.names.add(token[1:])
            return ("name", token[1:])
        if token in _FUNCTIONS:
            return self._call(token, depth)
        if token[:1].isdigit() or token[:1] == ".":
            return ("number", float(token))
        raise ValueError(f"{token or 'the end'!r}, expected a number, $WIDTH, $HEIGHT, $input, (, or a function")

    def _call(self, function: str, depth: int) -> _Tree:
        self._expect("(")
        arguments = [self.expression(depth + 1)]
        while self.here == ",":
            self._next()
            arguments.append(self.expression(depth + 1))
        self._expect(")")
        wanted = _FUNCTIONS[function][0]
        if len(arguments) != wanted:
            raise ValueError(f"{function} of {len(arguments)} values, expected {wanted}")
        return (function, *arguments)


def _evaluate(tree: "str | float | _Tree", variables: Mapping[str, float]) -> float:
    assert isinstance(tree, tuple)
    kind, *rest = tree
    if kind == "number":
        return float(rest[0])  # type: ignore[arg-type]
    if kind == "name":
        return float(variables[str(rest[0])])
    if kind == "?":
        return _evaluate(rest[1 if _evaluate(rest[0], variables) else 2], variables)
    values = [_evaluate(r, variables) for r in rest]
    if kind in _BINARY:
        return _BINARY[str(kind)](*values)
    return float(_FUNCTIONS[str(kind)][1](*values))
