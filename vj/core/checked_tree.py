"""What strangers wrote, as numbers, texts, lists and tables: of use or not. The same for TOML and JSON."""

import math
from typing import Any

from vj.core.errors import VjError

#: Tables and lists in each other.
_DEEPEST = 64


def check_tree(found: Any, error: type[VjError], where: str = "", depth: int = 0) -> None:
    """Raises `error` for nesting beyond 64, numbers that are infinite or have more than 64 bits, halves of letters."""
    if depth > _DEEPEST:
        raise error(f"{_at(where)}nested too deeply")
    if isinstance(found, dict | list):
        for key, value in found.items() if isinstance(found, dict) else enumerate(found, 1):
            check_tree(key, error, where, depth + 1)
            check_tree(value, error, f"{where}.{key}" if where else str(key), depth + 1)
    elif isinstance(found, int) and not -(2**63) <= found < 2**63:
        raise error(f"{_at(where)}a whole number of {found.bit_length()} bits, expected at most 64")
    elif isinstance(found, float) and not math.isfinite(found):
        raise error(f"{_at(where)}found {found}, expected a finite number")
    elif isinstance(found, str) and any("\ud800" <= letter <= "\udfff" for letter in found):
        raise error(f"{_at(where)}a text with half a letter")


def _at(where: str) -> str:
    return f"{where[:60]}: " if where else ""
