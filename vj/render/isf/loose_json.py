"""JSON as people write it by hand, made into JSON as it is defined: lines and columns stay where they are. Pure.

Taken are comments, commas too many, commas that are missing between lines, numbers such as `.5`, `1.` and `+2`, and
brackets that are missing at the end. Everything else is left for the JSON reader to refuse.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*\\?(?:"|\Z))
      | (?P<comment>//[^\n]*|^[ \t]*\#[^\n]*)
      | (?P<mark>[][{},:])
      | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<word>[^][{},:"\s/]+|/|")""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_CLOSES = {"[": "]", "{": "}"}
#: More lines than this are not named one by one.
_NAMED_LINES = 5


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    begin: int
    line: int


def mended(text: str, first_line: int) -> tuple[str, tuple[str, ...]]:
    """(the text as JSON, what was repaired, one line each); `first_line` is the number of its first line."""
    tokens = list(_tokens(text, first_line))
    faults: dict[str, list[int]] = {}
    out, end = [], 0
    kept = [token for token in tokens if token.kind != "comment"]
    places = {id(token): i for i, token in enumerate(kept)}
    for token in tokens:
        out.append(text[end : token.begin])
        new, fault = _mended(token, kept, places.get(id(token), 0))
        out.append(new)
        end = token.begin + len(token.text)
        if fault:
            faults.setdefault(fault, []).append(token.line)
    missing = _unclosed(kept)
    told = [f"{_lines(lines)}: {fault}" for fault, lines in faults.items()]
    if missing:
        told.append(f"{_lines([tokens[-1].line])}: {missing} missing at the end: put there")
    return "".join(out) + text[end:] + missing, tuple(told)


def _tokens(text: str, line: int) -> Iterator[_Token]:
    end = 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        yield _Token(match.lastgroup or "", match.group(), match.start(), line)


def _mended(token: _Token, kept: list[_Token], place: int) -> tuple[str, str]:
    """(what stands for a token, what was wrong with it or nothing)."""
    before = kept[place - 1] if place else None
    after = kept[place + 1].text if place + 1 < len(kept) else ""
    if token.kind == "comment":
        return " " * len(token.text), "a comment in the header: left out"
    if token.text == "," and (after in ("]", "}", ",", "") or before is None or before.text in ("[", "{")):
        return " ", "a comma too many: left out"
    comma, fault = "", ""
    if before and _ends_value(before) and _begins_value(token) and token.line > before.line:
        comma, fault = ",", "a comma missing before this line: put there"
    if token.kind == "number" and not _JSON_NUMBER.fullmatch(token.text):
        return comma + _number(token.text), f"{token.text[:20]}: read as {_number(token.text)[:20]}"
    return comma + token.text, fault


def _ends_value(token: _Token) -> bool:
    return token.text in ("]", "}") or token.kind in ("string", "number", "word")


def _begins_value(token: _Token) -> bool:
    return token.text in ("[", "{") or token.kind in ("string", "number", "word")


def _number(text: str) -> str:
    mantissa, e, exponent = text.lstrip("+").lower().partition("e")
    sign, digits = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
    whole, _, part = digits.partition(".")
    return f"{sign}{whole.lstrip('0') or '0'}.{part or '0'}{e}{exponent}"


def _unclosed(tokens: Iterable[_Token]) -> str:
    """The brackets that would have to follow; none where brackets do not fit each other."""
    open_ones: list[str] = []
    for token in tokens:
        if token.text in _CLOSES:
            open_ones.append(_CLOSES[token.text])
        elif token.text in ("]", "}") and token.kind == "mark" and (not open_ones or open_ones.pop() != token.text):
            return ""
    return "".join(reversed(open_ones))


def _lines(lines: list[int]) -> str:
    distinct = list(dict.fromkeys(lines))
    named = ", ".join(map(str, distinct[:_NAMED_LINES])) + (" …" if len(distinct) > _NAMED_LINES else "")
    return f"line{'s' if len(distinct) > 1 else ''} {named}"
