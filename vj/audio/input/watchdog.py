"""How long a capture may be silent. Pure."""

import math
from typing import Literal

State = Literal["starting", "waiting", "open", "lost"]
#: Loading libraries and asking a sound server that is busy.
STARTING_S = 6.0
#: The first callback of some servers is one and a half seconds late.
FIRST_S = 2.5
#: Longer than any stall of a loaded machine that was seen (0.6 s); shorter than a listener's patience.
SILENT_S = 1.0


def patience_s(state: State, *, heard: bool) -> float:
    """How long a capture in `state` may go without a sign: since it came into it, or since its newest block if `heard`.

    A frozen server is noticed by the age of the last callback alone: its stream stays "active".
    """
    if state == "open":
        return SILENT_S if heard else FIRST_S
    return STARTING_S if state == "starting" else math.inf
