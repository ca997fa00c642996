"""Names in a file's GLSL that clash with GLSL 3.30 or with what the host declares: renamed, or taken out. Pure.

A word that later GLSL took for itself is a name wherever it is not used as GLSL uses it; so is that of a built-in
function where no ( follows. A built-in function that the file declares itself is renamed with all its calls, and what
was built in stands beside it under the new name: a driver may forget the built-in ones then. Lines keep their numbers.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vj.render.isf.glsl_words import FIXED, FUNCTIONS, QUALIFIERS, RESERVED, STATEMENTS, TYPE_NAME, built_in

PREFIX = "isf_"

_CLASHING = RESERVED | QUALIFIERS | FUNCTIONS
_TOKEN = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)|[A-Za-z_]\w*|(?:\d|\.\d)[\w.]*|\s+|.", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_WORD_OR_NUMBER = re.compile(r"\w+|\.\d+\w*")
_DEFINES = ("define", "undef", "ifdef", "ifndef")


def can_be_named(name: str) -> bool:
    """Whether an input or a buffer may have this name, if by another one in GLSL."""
    return name not in FIXED and not TYPE_NAME.fullmatch(name)


def glsl_name(name: str) -> str:
    """What an input or a buffer of this name is called in the GLSL that `fitted` gives."""
    return PREFIX + name if name in _CLASHING else name


def own_name(text: str) -> str:
    """A driver's message with the names of the user's file."""
    return re.sub(rf"\b{PREFIX}(\w+)", lambda m: m[1] if m[1] in _CLASHING else m[0], text)


def fitted(text: str, declared: Collection[str]) -> tuple[str, str]:
    """(GLSL to stand before the file's, the file's GLSL without clashes).

    `declared` are the names that the host declares: declarations of them in the file are taken out.
    """
    code = _Code(_TOKEN.findall(text))
    _take_out(code, {*declared, *FIXED, "gl_FragColor"})
    overloads = _overloads(code)
    variables = _variables(code) | (FUNCTIONS & set(declared))
    for k, word in enumerate(code.tokens):
        called = word in overloads and code.at(k + 1) == "("
        if called or (word in _CLASHING and _is_name(code, k, variables)):
            code.replace(k, PREFIX + word)
    return "\n".join(_beside(overloads)), "".join(code.parts)


class _Code:
    """The text in parts; `tokens` are those that are neither space nor comment."""

    def __init__(self, parts: list[str]) -> None:
        self.parts = parts
        self._places = [i for i, p in enumerate(parts) if not p.isspace() and not p.startswith(("//", "/*"))]
        self.tokens = [parts[i] for i in self._places]
        self.directive = self._directives()
        self._closing = self._pairs()

    def at(self, k: int) -> str:
        return self.tokens[k] if 0 <= k < len(self.tokens) else ""

    def closing(self, k: int) -> int:
        """Where the ( at `k` is closed; the end where it is not."""
        return self._closing.get(k, len(self.tokens))

    def replace(self, k: int, text: str) -> None:
        self.parts[self._places[k]] = text

    def blank(self, first: int, end: int) -> None:
        """Take out tokens `first` to before `end`; they are still in `tokens`."""
        for k in range(first, end):
            self.replace(k, "")
            self.tokens[k] = ""

    def _pairs(self) -> dict[int, int]:
        found: dict[int, int] = {}
        opened: list[int] = []
        for k, token in enumerate(self.tokens):
            if token == "(":
                opened.append(k)
            elif token == ")" and opened:
                found[opened.pop()] = k
        return found

    def _directives(self) -> list[bool]:
        """Whether each token stands in a line that begins with #."""
        found, inside, place = [], False, 0
        for i in self._places:
            between = "".join(self.parts[place:i])
            if "\n" in between.replace("\\\n", "") and not between.endswith("\\"):
                inside = False
            if self.parts[i] == "#":
                inside = True
            found.append(inside)
            place = i + 1 if self.parts[i] != "\\" else i
        return found


def _is_name(code: _Code, k: int, variables: Collection[str]) -> bool:
    """Whether a word that clashes stands for something of the file's own at this place."""
    word, after = code.tokens[k], code.at(k + 1)
    if word in FUNCTIONS:
        return after != "(" and word in variables
    if word in RESERVED or code.at(k - 1) in _DEFINES:
        return True
    starts = code.at(k - 1) in ("", ";", "{", "}", ":")
    used = word in STATEMENTS and starts and after in ("(", ":", "-", "+") and code.at(k + 2) != "="
    return not (used or _WORD_OR_NUMBER.fullmatch(after))


def _variables(code: _Code) -> set[str]:
    """Names of built-in functions that the file has for something else; a #define may be another name for one."""
    return {
        word
        for k, word in enumerate(code.tokens)
        if word in FUNCTIONS and code.at(k + 1) != "(" and not code.directive[k]
    }


def _overloads(code: _Code) -> dict[str, set[tuple[str, ...]]]:
    """Built-in functions that the file declares → the types of the arguments of each."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for k, word in enumerate(code.tokens):
        if word not in FUNCTIONS or code.at(k + 1) != "(" or code.directive[k]:
            continue
        before, end = code.at(k - 1), code.closing(k + 1)
        if _WORD.fullmatch(before) and before not in ("return", "else", "in") and code.at(end + 1) in ("{", ";"):
            found.setdefault(word, set()).add(_argument_types(code.tokens[k + 2 : end]))
    return found


def _argument_types(tokens: Sequence[str]) -> tuple[str, ...]:
    qualifiers = {"in", "out", "inout", "const", "lowp", "mediump", "highp"}
    arguments = " ".join(t for t in tokens if t not in qualifiers).split(",")
    return tuple(words[0] for one in arguments if (words := one.split()))


def _beside(overloads: Mapping[str, Collection[tuple[str, ...]]]) -> Iterator[str]:
    """What is built in, under the name that the file's own functions now have."""
    said = set()
    for name, result, types in built_in():
        if name in overloads and types not in overloads[name] and (name, types) not in said:
            said.add((name, types))
            arguments = ", ".join(f"{type_} a{i}" for i, type_ in enumerate(types))
            values = ", ".join(f"a{i}" for i in range(len(types)))
            yield f"{result} {PREFIX}{name}({arguments}) {{ return {name}({values}); }}"


def _take_out(code: _Code, declared: Collection[str]) -> None:
    """Take out what the file declares of the host's names."""
    for one in _declarations(code):
        names = [k for k in one.names if code.tokens[k] in declared]
        if len(names) == len(one.names):
            code.blank(one.first, one.end + 1)
            continue
        for k in names:
            # With the comma after it, or that before the last one.
            end = next(e for e in range(k, one.end + 1) if code.tokens[e] in (",", ";"))
            first = k if code.tokens[end] == "," else k - 1
            code.blank(first, end + (code.tokens[end] == ","))


@dataclass(frozen=True, slots=True)
class _Declaration:
    """Tokens `first` to `end`, a semicolon; `names` are the places of what is declared."""

    first: int
    end: int
    names: tuple[int, ...]


def _declarations(code: _Code) -> Iterator[_Declaration]:
    """Declarations of uniforms, ins and outs outside functions."""
    depth, first = 0, 0
    for k, token in enumerate(code.tokens):
        if code.directive[k]:
            first = k + 1
        elif token in ("{", "}"):
            depth, first = max(depth + (1 if token == "{" else -1), 0), k + 1
        elif token == ";":
            if depth == 0 and (names := _declared(code, first, k)):
                yield _Declaration(first, k, names)
            first = k + 1


def _declared(code: _Code, first: int, end: int) -> tuple[int, ...]:
    begin = code.closing(first + 1) + 1 if code.at(first) == "layout" else first
    words = code.tokens[begin:end]
    if not {"uniform", "varying", "in", "out", "attribute"} & set(words[:3]) or "(" in words:
        return ()
    separators = [k for k in range(begin, end + 1) if code.tokens[k] in (",", ";", "=", "[")]
    # A name stands before what follows it, and after its type or a comma.
    return tuple(k - 1 for i, k in enumerate(separators) if i == 0 or code.tokens[separators[i - 1]] == ",")
