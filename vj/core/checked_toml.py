"""TOML by strangers: presets, settings, mappings, OSC maps. One reader for all of them, which checks at the door.

Text in UTF-8 with or without a byte order mark, numbers that are finite and have 64 bits, a file of ordinary size.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from vj.core import files
from vj.core.checked_tree import check_tree
from vj.core.errors import ControlError, VjError
from vj.core.files import reason

T = TypeVar("T")
Error = type[VjError]
_MOST_BYTES = 4 << 20
#: What a value may be, as a type or types → in words.
NUMBER = (int, float)
_WORDS: dict[Any, str] = {
    int: "a whole number", str: "a text", list: "a list", dict: "a table", bool: "true or false", NUMBER: "a number"
}  # fmt: skip


def read_text(path: Path) -> str:
    """The text of a file, without the mark that some editors put in front. Raises OSError, UnicodeDecodeError."""
    return files.read_text(path, _MOST_BYTES)


def load(kind: str, path: Path, parse: Callable[[str], T], error: Error = ControlError) -> T:
    """What `parse` makes of a file's text. Raises `error` with `kind` and the file in front of what is wrong."""
    try:
        return parse(read_text(path))
    except OSError as e:
        raise error(f"{kind} {path}: cannot be read: {reason(e)}") from e
    except UnicodeDecodeError as e:
        raise error(f"{kind} {path}: not UTF-8 text (byte {e.start})") from e
    except error as e:
        raise error(f"{kind} {path}: {e}") from e


def tree(text: str, error: Error = ControlError) -> dict[str, Any]:
    """The tree of a TOML text. Raises `error` for what is no TOML, and for numbers of no use."""
    try:
        found = tomllib.loads(text)
    # A number of thousands of digits is a plain ValueError.
    except (ValueError, RecursionError) as e:
        raise error(f"not valid TOML: {(str(e).splitlines() or ['nested too deeply'])[0]}") from e
    check_tree(found, error)
    return found


def table(text: str, version: int, allowed: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of a file of this version with only the allowed keys. Raises ControlError."""
    found = tree(text)
    check(found, allowed, "")
    if found.get("version") != version:
        raise ControlError(f"version: found {found.get('version')!r}, expected {version}")
    return found


def entry(found: object, allowed: Mapping[str, Any], needed: tuple[str, ...], where: str) -> dict[str, Any]:
    """One of a list of tables, with only the allowed keys and all that are needed. Raises ControlError."""
    if not isinstance(found, dict):
        raise ControlError(f"{where}: found {found!r:.60}, expected a table")
    check(found, allowed, where + ": ")
    for key in needed:
        if key not in found:
            raise ControlError(f"{where}: {key} is missing")
    return found


def check(tree: Mapping[str, Any], allowed: Mapping[str, Any], where: str, error: Error = ControlError) -> None:
    """Raises `error` for a key that is not allowed, or a value that is not of its kind."""
    for key, value in tree.items():
        if key not in allowed:
            raise error(f"{where}unknown key {key!r:.60}, expected one of {', '.join(allowed)}")
        kind = allowed[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise error(f"{where}{key}: found {value!r:.60}, expected {_WORDS[kind]}")
