"""`vj demo` around the renderer: what it asks for, and what it does without OpenGL. Nothing is rendered."""

from pathlib import Path

import pytest

from vj import demo
from vj.core.errors import GraphicsError, MediaError
from vj.demo import show
from vj.show import offline


class Renderer:
    """Stands for `offline.render`: remembers what it was asked for."""

    def __init__(self, has_opengl: bool) -> None:
        self.has_opengl = has_opengl
        self.asked: list[tuple[offline.Part, offline.VideoConfig]] = []

    def __call__(
        self, show: object, part: offline.Part, look: offline.VideoConfig, *_: object, **__: object
    ) -> offline.Timings:
        self.asked.append((part, look))
        if look.use_shaders and not self.has_opengl:
            raise GraphicsError("no OpenGL here")
        return offline.Timings(frames=1, total_s=1.0)


@pytest.fixture(params=[True, False], ids=["opengl", "no opengl"])
def renderer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Renderer:
    stand_in = Renderer(request.param)
    monkeypatch.setattr(offline, "render", stand_in)
    monkeypatch.setattr(show, "contact_sheet", lambda video, sheet: None)
    return stand_in


def test_twenty_seconds_with_the_silence_and_the_drop(renderer: Renderer, tmp_path: Path) -> None:
    text = show.render(tmp_path / "out")
    (silence,) = demo.truth().silences
    part, look = renderer.asked[-1]
    assert part.duration_s == 20
    assert part.start_s < silence.start_s < silence.end_s < part.start_s + 20
    assert str(tmp_path / "out" / "demo.mp4") in text
    assert str(tmp_path / "out" / "demo.png") in text
    assert look.use_shaders == renderer.has_opengl
    assert ("no OpenGL here" in text) != renderer.has_opengl


def test_a_folder_that_cannot_be_made_is_named(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(MediaError, match="out: cannot be made"):
        show.render(tmp_path / "out")
    assert renderer.asked == []
