"""A cue list on a frame clock: the set that `vj play --cues` plays by itself, from its first cue on."""

from collections.abc import Callable, Mapping
from pathlib import Path

from vj.core.errors import PresetError
from vj.core.types import FeatureFrame
from vj.render.isf.shader import IsfShader
from vj.session.session import Session
from vj.session.state import SessionState
from vj.show.cueing import Cueing, music_of
from vj.show.frame import Rows, State
from vj.show.score import heard_now


class CueScore:
    """Belongs to one rendering (`vj.show.score.Score`).

    model_of  the file of a network, by the name that a preset gives or empty

    Raises PresetError or UsageError where the first cue cannot be played, or for a list that is none.
    """

    def __init__(
        self, file: Path, session: Session, model_of: Callable[[str], Path], tell: Callable[[str], None]
    ) -> None:
        self._session, self._model_of, self._tell = session, model_of, tell
        self._cueing = Cueing(file, session, tell)
        self._left: SessionState | None = None
        # The first is there from the first frame on, whatever it waits for live.
        self._cut = True
        self._cueing.act("cue/go", None, 0.0)
        self._cueing.carry_out(self)
        self._cut = False
        self.model = model_of(session.show.preset.model)

    @property
    def state(self) -> SessionState:
        """What is played now."""
        return self._session.state

    @property
    def shaders(self) -> Mapping[str, IsfShader]:
        """All shaders, by name."""
        return self._session.shaders

    def before(self, t_s: float) -> SessionState | None:
        """See `vj.show.score.Score`."""
        self._left = None
        try:
            self._cueing.carry_out(self)
        except PresetError as e:
            self._tell(str(e))
        return self._left

    def rows(self, features: FeatureFrame) -> Rows:
        """See `vj.show.score.Score`."""
        return heard_now(features)

    def after(self, state: State, heard: FeatureFrame | None, dt_s: float) -> None:
        """See `vj.show.score.Score`."""
        show, self._session.state = self._session.show, state.session
        self._cueing.frame(music_of(state, heard), dt_s)
        if self._session.show is not show:
            self._use_model()

    def enter(self, preset: str, over: Mapping[str, float]) -> None:
        """Play a preset with these values laid over it (`vj.show.cueing.Player`)."""
        before = self._session.state
        if before.target["stage/quantise"] >= 0.5 and not self._cut:
            self._session.recall_on_beat(preset, over)
            return
        self._session.recall(preset, over)
        if self._cut:
            self._session.land()
        else:
            self._left = before
            self._use_model()

    def set_values(self, values: dict[str, float]) -> None:
        """Change parameters (`vj.show.cueing.Player`)."""
        self._session.set(values)

    def _use_model(self) -> None:
        self.model = self._model_of(self._session.show.preset.model)
