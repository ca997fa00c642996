"""What is played on a frame clock: one preset throughout, or a set that changes by a list or by what was recorded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from vj.core import resources
from vj.core.types import FeatureFrame
from vj.render.isf.folder import load_folder
from vj.render.isf.shader import IsfShader
from vj.session.loading import Show
from vj.session.state import SessionState, begun
from vj.show.frame import Rows, State


class Score(Protocol):
    """Asked before each frame, told after it."""

    @property
    def state(self) -> SessionState:
        """What is played now."""

    @property
    def shaders(self) -> Mapping[str, IsfShader]:
        """All shaders that may come to be drawn, by name."""

    @property
    def model(self) -> Path:
        """The network that draws."""

    def before(self, t_s: float) -> SessionState | None:
        """A frame at `t_s` since the beginning comes: `state` is that which it is worked out from.

        Returns what was played before, where another preset is entered. Raises VjError where it cannot be.
        """

    def rows(self, features: FeatureFrame) -> Rows:
        """What comes in by that frame, where the clock gives this row of features."""

    def after(self, state: State, heard: FeatureFrame | None, dt_s: float) -> None:
        """A frame was worked out, `dt_s` long, from this row of features; it left the show in `state`."""


def heard_now(features: FeatureFrame) -> Rows:
    """What comes in by a frame that hears a file: its row, at its own time."""
    t_s = float(features["t_s"])
    return Rows(t_s, features, t_s)


class OnePreset:
    """One preset, as it was loaded, from beginning to end."""

    def __init__(self, show: Show, model: Path) -> None:
        self.state, self.model = begun(show.preset.name, show), model
        self.shaders = {**load_folder(resources.shaders_dir()), **{shader.name: shader for shader in show.chain}}

    def before(self, t_s: float) -> None:
        """See `Score`: nothing changes."""

    def rows(self, features: FeatureFrame) -> Rows:
        """See `Score`."""
        return heard_now(features)

    def after(self, state: State, heard: FeatureFrame | None, dt_s: float) -> None:
        """See `Score`."""
        self.state = state.session
