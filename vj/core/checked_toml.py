"""What mapping files and OSC maps have in common: TOML by strangers, checked key by key. Pure but for the reading."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from vj.core.errors import ControlError

T = TypeVar("T")
#: What a value may be, as a type or types → in words.
NUMBER = (int, float)
_WORDS: dict[Any, str] = {
    int: "a whole number", str: "a text", list: "a list", dict: "a table", bool: "true or false", NUMBER: "a number"
}  # fmt: skip


def load(kind: str, path: Path, parse: Callable[[str], T]) -> T:
    """What `parse` makes of a file's text. Raises ControlError with `kind` and the file in front of what is wrong."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise ControlError(f"{kind} {path}: cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ControlError(f"{kind} {path}: not UTF-8 text (byte {e.start})") from e
    except ControlError as e:
        raise ControlError(f"{kind} {path}: {e}") from e


def table(text: str, version: int, allowed: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of a file of this version with only the allowed keys. Raises ControlError."""
    try:
        tree = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        raise ControlError(f"not valid TOML: {str(e) or 'nested too deeply'}") from e
    check(tree, allowed, "")
    if tree.get("version") != version:
        raise ControlError(f"version: found {tree.get('version')!r}, expected {version}")
    return tree


def entry(found: object, allowed: Mapping[str, Any], needed: tuple[str, ...], where: str) -> dict[str, Any]:
    """One of a list of tables, with only the allowed keys and all that are needed. Raises ControlError."""
    if not isinstance(found, dict):
        raise ControlError(f"{where}: found {found!r:.60}, expected a table")
    check(found, allowed, where + ": ")
    for key in needed:
        if key not in found:
            raise ControlError(f"{where}: {key} is missing")
    return found


def check(tree: Mapping[str, Any], allowed: Mapping[str, Any], where: str) -> None:
    """Raises ControlError for a key that is not allowed, or a value that is not of its kind."""
    for key, value in tree.items():
        if key not in allowed:
            raise ControlError(f"{where}unknown key {key!r:.60}, expected one of {', '.join(allowed)}")
        kind = allowed[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ControlError(f"{where}{key}: found {value!r:.60}, expected {_WORDS[kind]}")
