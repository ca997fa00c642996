"""Whether a capture is alive. Pure: told what is known and the time."""

from typing import Literal

State = Literal["starting", "waiting", "open", "lost"]
#: Loading libraries and asking a sound server that is busy.
STARTING_S = 6.0
#: The first callback of some servers is one and a half seconds late.
FIRST_S = 2.5
#: Longer than any stall of a loaded machine that was seen (0.6 s); shorter than a listener's patience.
SILENT_S = 1.0


def stuck(state: State, since_s: float, last_block_s: float, now_s: float) -> bool:
    """Whether a capture that has been in `state` since `since_s` and wrote a block at `last_block_s` must be replaced.

    A frozen server is noticed by the age of the last callback alone: its stream stays "active".
    """
    if state == "lost":
        return True
    if state == "starting":
        return now_s - since_s > STARTING_S
    if state == "waiting":
        return False
    heard = last_block_s > since_s
    return now_s - (last_block_s if heard else since_s) > (SILENT_S if heard else FIRST_S)
