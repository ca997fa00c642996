"""The stage: the window, what is drawn in it at the display's rate, and whoever looks after the other processes.

Never imports TensorFlow: it and Mesa crash each other in one process.
"""

from collections.abc import Sequence

from vj.params.spec import Param, choice, toggle

_PARAMS = (
    toggle("stage/blackout", False, "Fade the output to black."),
    Param("stage/blackout_s", 0.4, 0.0, 10.0, "s", doc="Time of that fade, both ways."),
    toggle("stage/freeze", False, "Hold the picture that is there."),
    Param(
        "stage/blend",
        1.0,
        doc="Share of the time between two of the network's pictures that is spent blending them; 0 cuts.",
    ),
    Param("stage/transition_s", 1.5, 0.0, 30.0, "s", doc="Time in which a preset is entered; 0 cuts."),
    Param(
        "stage/transition_bars",
        0.0,
        0.0,
        16.0,
        "bar",
        doc="The same in bars; 0: in seconds. Where the shaders stay the same their values go there meanwhile.",
    ),
    choice("stage/quantise", "off", ("off", "beat", "bar"), "A preset that is called waits for the next beat or bar."),
    toggle("stage/flash_limit", True, "Hold back flashes that could harm (WCAG 2.3.1): more than three in a second."),
)
#: The transition that is none.
CUT = "cut"
#: The one that is taken where nothing else is said.
_USUAL = "fade"
#: Ids that a preset does not touch when it is recalled.
PERFORMED = (
    "stage/blackout", "stage/blackout_s", "stage/freeze", "stage/flash_limit", "stage/quantise",
    "tempo/source", "tempo/offset_ms", "tempo/beats_per_bar", "tempo/downbeat",
)  # fmt: skip


def params(transitions: Sequence[str]) -> tuple[Param, ...]:
    """What a performer does to the output, with the names of the transitions that there are.

    Loading a preset leaves those in PERFORMED as they are.
    """
    choices = (CUT, *transitions)
    usual = _USUAL if _USUAL in choices else CUT
    return (*_PARAMS, choice("stage/transition", usual, choices, "How a preset is entered from the one before."))
