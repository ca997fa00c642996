"""JSON by strangers: cards of models, manifests of data sets, what checkpoints say of themselves."""

import json
from typing import Any

from vj.core.checked_tree import check_tree
from vj.core.errors import VjError


def tree(what: str, data: str | bytes, error: type[VjError]) -> Any:
    """The tree of a JSON text in UTF-8, with or without a byte order mark.

    Raises `error`, with `what` in front, for what is no JSON, and for numbers and texts of no use.
    """
    try:
        found = json.loads(data.decode("utf-8-sig") if isinstance(data, bytes) else data)
    # A number of thousands of digits is a plain ValueError.
    except (ValueError, RecursionError) as e:
        raise error(f"{what} is not JSON: {e}") from e
    try:
        check_tree(found, error)
    except error as e:
        raise error(f"{what}: {e}") from e
    return found
