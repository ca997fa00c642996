"""Which of the monitors that are there is meant. Pure."""

from collections.abc import Sequence


def pick(names: Sequence[str], wanted: str | None) -> int | None:
    """Index of the monitor `wanted`: its number from 1, its name or a part of that. None where it is not there.

    Without a wish it is the last one, which is the projector where there is one.
    """
    if not names:
        return None
    if wanted is None:
        return len(names) - 1
    folded = [name.casefold() for name in names]
    text = wanted.casefold()
    if text in folded:
        return folded.index(text)
    if text.isdigit():
        return int(text) - 1 if 1 <= int(text) <= len(names) else None
    return next((i for i, name in enumerate(folded) if text in name), None)
