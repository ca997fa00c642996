"""`vj demo`: the bundled track through the whole instrument, as a video and a contact sheet."""

import dataclasses
from fractions import Fraction
from pathlib import Path

from vj import demo, offline, resources
from vj.errors import GraphicsError, MediaError
from vj.progress import bar
from vj.render.video_check import contact_sheet
from vj.show import load_show
from vj.summary import timings_text

#: From the lift through the breakdown and its silence into the drop.
START_S, DURATION_S = 34.0, 20.0
FPS = Fraction(30)
SIZE = (640, 360)


def run(folder: Path) -> str:
    """Render demo.mp4 and demo.png into `folder`, made if need be; returns what to tell the person.

    Without OpenGL the network's picture is shown as it is, and the text says so. Raises VjError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise MediaError(f"{folder}: cannot be made: {e.strerror}") from None
    video, sheet = folder / "demo.mp4", folder / "demo.png"
    model = resources.find("model", "default", resources.models_dir(), ".safetensors")
    look = offline.Look(model, *SIZE)
    note = ""
    try:
        timings = _render(look, video)
    except GraphicsError as e:
        note = f"without the shaders: {e}\n"
        timings = _render(dataclasses.replace(look, use_shaders=False), video)
    contact_sheet(video, sheet)
    return (
        f"{note}{timings_text(video, timings)}\n"
        f"rendered {DURATION_S:g} s of the demo track to {video}, with a contact sheet in {sheet}"
    )


def _render(look: offline.Look, video: Path) -> offline.Timings:
    part = offline.Part(demo.track_path(), FPS, START_S, DURATION_S)
    with bar(video.name, "fps") as update:
        return offline.render(load_show(), part, look, video, seed=0, on_frame=update)
