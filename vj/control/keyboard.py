"""What keys do on the stage. Pure."""

from typing import Literal

Action = Literal[
    "full screen", "leave full screen", "next preset", "previous preset", "blackout", "freeze", "panic", "hud",
    "reload", "tap", "help", "chain", "params", "save", "last", "limiter", "quit",
]  # fmt: skip
#: Key → (what it does, in words). A key is the character that it types, or its name.
KEYS: dict[str, tuple[Action, str]] = {
    "f": ("full screen", "full screen, and back"),
    "n": ("next preset", "next preset"),
    "right": ("next preset", "next preset"),
    "p": ("previous preset", "previous preset"),
    "left": ("previous preset", "previous preset"),
    "b": ("blackout", "fade to black, and back"),
    "space": ("freeze", "hold the picture, and go on"),
    "x": ("panic", "panic: the default preset, nothing black, nothing frozen, at once"),
    "h": ("hud", "figures over the picture, and away"),
    "c": ("chain", "the shaders over the picture: see them, and change them with the keys that stand there"),
    "m": ("params", "the parameters over the picture: turn them, and give them to MIDI controls"),
    "s": ("save", "save what is played as a preset of one's own"),
    "k": ("last", "what was played when the last show ended"),
    "l": ("limiter", "hold back flashes that could harm, or let them through"),
    "r": ("reload", "read the preset, the shaders and the network again"),
    "t": ("tap", "tap the tempo"),
    "?": ("help", "these lines, in the terminal and over the picture"),
    "escape": ("leave full screen", "leave full screen; in a window, twice: end"),
    "q": ("quit", "twice: end"),
}
#: A second press within this time ends the show; one could be a slip.
TWICE_S = 1.5


def help_lines() -> list[tuple[str, str]]:
    """(keys, what they do) for each thing that can be done."""
    lines: dict[str, list[str]] = {}
    for key, (_, words) in KEYS.items():
        lines.setdefault(words, []).append(key)
    return [(" or ".join(names), words) for words, names in lines.items()]


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
