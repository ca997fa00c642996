"""The stage: the window, what is drawn in it at the display's rate, and whoever looks after the other processes.

Never imports TensorFlow: it and Mesa crash each other in one process.
"""

from vj.params.spec import Param, toggle

#: What a performer does to the output. Loading a preset leaves these as they are, but for `stage/blend`.
PARAMS = (
    toggle("stage/blackout", False, "Fade the output to black."),
    Param("stage/blackout_s", 0.4, 0.0, 10.0, "s", doc="Time of that fade, both ways."),
    toggle("stage/freeze", False, "Hold the picture that is there."),
    Param(
        "stage/blend",
        1.0,
        doc="Share of the time between two of the network's pictures that is spent blending them; 0 cuts.",
    ),
)
#: Ids that a preset does not touch when it is recalled.
PERFORMED = ("stage/blackout", "stage/blackout_s", "stage/freeze")
