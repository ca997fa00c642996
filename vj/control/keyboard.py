"""What keys do: what stands in the table of actions (`vj.params.actions`). Pure."""

from vj.params.actions import ACTIONS

#: A second press within this time ends the show; one could be a slip.
TWICE_S = 1.5


def help_lines() -> list[tuple[str, str]]:
    """(keys, what they do) for each thing that can be done."""
    return [(" or ".join(action.keys), action.doc) for action in ACTIONS if action.keys]


def help_text() -> str:
    """The same for the terminal."""
    return "\n".join(f"{names:>12}  {words}" for names, words in help_lines())


class Twice:
    """Whether something was asked for twice in a short time."""

    def __init__(self) -> None:
        self._last_s = float("-inf")

    def asked(self, now_s: float) -> bool:
        """It is asked for; returns whether for the second time."""
        again = now_s - self._last_s < TWICE_S
        self._last_s = float("-inf") if again else now_s
        return again
