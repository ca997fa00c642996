"""`vj demo`: the bundled track through the whole instrument, in a window, or as a video and a contact sheet."""

import dataclasses
from fractions import Fraction
from pathlib import Path

from vj import demo
from vj.core import resources
from vj.core.errors import GraphicsError, MediaError
from vj.core.progress import bar
from vj.render.output.video_check import contact_sheet
from vj.render.output.window import has_display
from vj.session.loading import DEFAULT_PRESET, load_show
from vj.show import offline
from vj.show.score import OnePreset
from vj.show.summary import timings_text

#: From the lift through the breakdown and its silence into the drop.
START_S, DURATION_S = 34.0, 20.0
#: Chosen by eye for the default model.
SEED = 3
FPS = Fraction(30)
SIZE = (640, 360)


def run(folder: Path) -> str:
    """Show the bundled track in a window where there is a display, else as a video; returns what to tell the person."""
    if not has_display():
        return f"no display: {render(folder)}"
    try:
        return in_window()
    except GraphicsError as e:
        return f"{e}\n{render(folder)}"


def in_window() -> str:
    """Play the whole track in a window. Raises GraphicsError where none can be opened, or another VjError."""
    from vj.audio.input.player import Playback
    from vj.control.keyboard import help_text
    from vj.show import app
    from vj.show.live import PictureConfig

    print(f"the instrument in a window; keys:\n{help_text()}", flush=True)
    playing = app.ShowConfig(Playback(demo.track_path()), _model(), DEFAULT_PRESET, seed=SEED)
    return app.play(playing, PictureConfig(SIZE), app.OutputConfig()).summary


def render(folder: Path) -> str:
    """Render demo.mp4 and demo.png into `folder`, made if need be; returns what to tell the person.

    Without OpenGL the network's picture is shown as it is, and the text says so. Raises VjError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise MediaError(f"{folder}: cannot be made: {e.strerror}") from None
    video, sheet = folder / "demo.mp4", folder / "demo.png"
    look = offline.VideoConfig(*SIZE)
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


def _model() -> Path:
    return resources.find("model", "default", resources.models_dir(), ".safetensors")


def _render(look: offline.VideoConfig, video: Path) -> offline.Timings:
    part = offline.Part(demo.track_path(), FPS, START_S, DURATION_S)
    with bar(video.name, "fps") as update:
        return offline.render(OnePreset(load_show(), _model()), part, look, video, seed=SEED, on_frame=update)
