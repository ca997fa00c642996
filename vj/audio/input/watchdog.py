"""How long a capture may be silent. Pure."""

import math
from typing import Literal

State = Literal["starting", "waiting", "open", "lost"]
#: Loading libraries and asking a sound server takes 3 s where six others want the two processors.
STARTING_S = 15.0
#: The first callback of some servers is one and a half seconds late, on a machine at rest.
FIRST_S = 5.0
#: Three times the longest stall of a source that worked (0.82 s, on two processors shared with four busy processes).
#: It says only how late a frozen server is noticed: silence stands in long before (`vj.audio.process.PATIENCE_S`).
SILENT_S = 2.5


def patience_s(state: State, *, heard: bool) -> float:
    """How long a capture in `state` may give no sign of life: since it came into it, or since the newest if `heard`.

    A frozen server is noticed by the age of the last callback alone: its stream stays "active".
    """
    if state == "open":
        return SILENT_S if heard else FIRST_S
    return STARTING_S if state == "starting" else math.inf
