"""A set that was played, on a frame clock: what was heard and what hands did, at any rate and size, with its sound."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vj.audio.features import FEATURE_DTYPE
from vj.audio.input.file import FileSource
from vj.clock.beat_clock import Ahead
from vj.core.errors import MediaError, PresetError, VjError
from vj.core.types import F32, FeatureFrame, Params, frozen
from vj.modulation.matrix import Matrix, Row
from vj.modulation.signals import SIGNALS
from vj.params.bounds import checked
from vj.params.registry import Registry
from vj.render.isf.shader import IsfShader
from vj.session.loading import Show
from vj.session.presets import Preset
from vj.session.set_log import Frame, SetLog
from vj.session.stage_params import PERFORMED
from vj.session.state import Entry, SessionState, begun, changed, entered, landed, with_rows
from vj.show.frame import Rows, State

_SILENCE: FeatureFrame = frozen(np.zeros(1, FEATURE_DTYPE))[0]
#: Without sound: the form of a track that is silent.
_SILENT_FORM = 48_000, 2
#: What a log that somebody else made up may bring about.
_ODD = VjError, ValueError, TypeError, KeyError, OverflowError
#: Times that are as good as one.
_SAME_S = 1e-6
#: What is left out is told by its first names.
_MOST_TOLD = 8


class Replay:
    """The score of a set that was played (`vj.show.score.Score`).

    model_of  the file of a network, by the name that a preset gives or empty; tell: is told what cannot be as it was

    Raises PresetError where its first scene cannot be.
    """

    def __init__(
        self, log: SetLog, registry: Registry, shaders: Mapping[str, IsfShader], model_of: Callable[[str], Path],
        tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.shaders = shaders
        self._registry, self._model_of, self._tell = registry, model_of, tell
        self._frames = log.frames()
        self._now: Frame | None = None
        self._heard: tuple[FeatureFrame, float] | None = None
        self._t_s = 0.0
        self._held: dict[str, float] = {}
        self._left_out: set[str] = set()
        first = next(self._frames)
        try:
            self.state = self._begun((first.changes or {})["scene"])
        except _ODD as e:
            raise PresetError(f"{log.path}: does not begin with a scene ({type(e).__name__}: {str(e)[:80]})") from e
        self._take(first)
        self._next: Frame | None = next(self._frames, None)
        self.model = self._model_of(self.state.show.preset.model)

    def before(self, t_s: float) -> SessionState | None:
        """See `vj.show.score.Score`: everything up to this time has happened."""
        self._t_s, left = t_s, None
        released, self._held = self._held, {}
        self._set(released)
        while self._next is not None and self._next.t_s <= t_s + _SAME_S:
            one = self._next
            self._take(one)
            if one.changes:
                with_left = self._apply(one.changes)
                left = with_left or left
            self._next = next(self._frames, None)
        return left

    def rows(self, features: FeatureFrame) -> Rows:
        """See `vj.show.score.Score`: what was heard by then."""
        now = self._now
        assert now is not None
        since_s = self._t_s - now.t_s
        clocks = {name: (beats + since_s * bpm / 60.0, bpm) for name, (beats, bpm) in now.clocks.items()}
        row, air_s = self._heard or (None, self._t_s)
        return Rows(self._t_s, row, air_s, clocks, Ahead(*now.ahead))

    def after(self, state: State, heard: FeatureFrame | None, dt_s: float) -> None:
        """See `vj.show.score.Score`."""
        show, self.state = self.state.show, state.session
        if self.state.show is not show:
            self._use_model()

    def _take(self, one: Frame) -> None:
        self._now = one
        if one.row is not None:
            self._heard = one.row, one.air_s

    def _apply(self, changes: Mapping[str, Any]) -> SessionState | None:
        """What hands changed; returns what was played before, where another preset is entered through a transition."""
        left = None
        with self._telling():
            if "scene" in changes:
                left = self._enter(changes["scene"], cut=bool(changes.get("cut")))
        with self._telling():
            if "waits" in changes:
                waits = changes["waits"]
                entry = None if waits is None else Entry(str(waits["preset"]), *self._show(waits))
                self.state = replace(self.state, waiting=entry)
        with self._telling():
            self._edit(changes)
        return left

    def _edit(self, changes: Mapping[str, Any]) -> None:
        if "preset" in changes:
            self.state = replace(self.state, preset=str(changes["preset"]))
        if "chain" in changes:
            self.state = replace(self.state, chain=self._chain(changes["chain"]))
        if "rows" in changes:
            self.state = with_rows(self.state, self._rows(changes["rows"]))
        if "locked" in changes:
            self.state = replace(self.state, locked=self._ids(changes["locked"]))
        if "set" in changes:
            self._set(self._values(changes["set"]))

    def _begun(self, scene: Any) -> SessionState:
        show, over = self._show(scene)
        state = replace(begun(str(scene["preset"]), show), target=show.base.with_values(over))
        return landed(replace(state, locked=self._ids(scene["locked"])))

    def _enter(self, scene: Any, *, cut: bool) -> SessionState | None:
        before = self.state
        show, over = self._show(scene)
        self.state = entered(replace(before, locked=frozenset()), Entry(str(scene["preset"]), show, over))
        self.state = replace(self.state, locked=self._ids(scene["locked"]))
        self._use_model()
        if cut:
            self.state = landed(self.state)
            return None
        return before

    def _show(self, scene: Any) -> tuple[Show, dict[str, float]]:
        """A scene as a preset, and what is laid over it. Raises PresetError."""
        values, rows, chain = self._values(scene["values"]), self._rows(scene["rows"]), self._chain(scene["chain"])
        slews = {id: float(s) for id, s in dict(scene["slews"]).items() if id in self._registry}
        names = tuple(shader.name for shader in chain)
        preset = Preset(str(scene["preset"]), "", names, values, rows, slews, str(scene["model"]))
        base = self._registry.defaults().with_values(values)
        over = self._values(scene["over"]) if "over" in scene else {id: base[id] for id in PERFORMED}
        return Show(self._registry, base, Matrix(self._registry, SIGNALS, rows), chain, preset), over

    def _set(self, values: Mapping[str, float]) -> None:
        """Values that hands gave. A trigger that was let go of before a frame was drawn is let go of after it."""
        at_once = dict(values)
        for id, value in values.items():
            pressed = self._registry[id].kind == "trigger" and self.state.target[id] >= 0.5
            if pressed and value < 0.5 and id not in self._held:
                self._held[id] = at_once.pop(id)
        if at_once:
            self.state = changed(self.state, at_once)

    def _values(self, given: Any) -> dict[str, float]:
        """Those that there are; the others are told, once."""
        out: dict[str, float] = {}
        unknown = []
        for id, value in dict(given).items():
            if id not in self._registry:
                unknown.append(str(id))
                continue
            param = self._registry[id]
            out[param.id] = checked(param, float(value))
        self._without(unknown)
        return out

    def _rows(self, given: Any) -> tuple[Row, ...]:
        rows = [Row(str(s), str(t), float(d), str(c), float(a), float(r)) for s, t, d, c, a, r in given]
        self._without([row.target for row in rows if row.target not in self._registry])
        return tuple(row for row in rows if row.target in self._registry)

    def _chain(self, names: Any) -> tuple[IsfShader, ...]:
        names = [str(name) for name in names]
        self._without([name for name in names if name not in self.shaders])
        return tuple(self.shaders[name] for name in dict.fromkeys(names) if name in self.shaders)

    def _ids(self, given: Any) -> frozenset[str]:
        return frozenset(str(id) for id in given if id in self._registry)

    def _without(self, names: Sequence[str]) -> None:
        new = [name for name in names if name not in self._left_out]
        if new and len(self._left_out) < _MOST_TOLD:
            self._tell(f"the set has {', '.join(new)[:200]}, which there is not here; left out")
        self._left_out.update(new)

    def _use_model(self) -> None:
        self.model = self._model_of(self.state.show.preset.model)

    def _telling(self) -> "_Telling":
        return _Telling(self._tell, self._t_s)


class _Telling:
    """What cannot be done of a set is told, and the rest goes on."""

    def __init__(self, tell: Callable[[str], None], t_s: float) -> None:
        self._tell, self._t_s = tell, t_s

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> bool:
        known = isinstance(error, _ODD)
        if known:
            self._tell(f"at {self._t_s:.1f} s: {error}"[:300])
        return known


class ReplayClock:
    """The frames of a set with the sound that was heard then (`vj.show.offline.Clock`).

    sound      the file, None: silence; starts_s: where in it the set begins, which may be before its beginning
    """

    def __init__(
        self, log: SetLog, fps: Fraction, sound: FileSource | None, starts_s: float, duration_s: float | None
    ) -> None:
        self.fps, self._sound, self._starts_s = fps, sound, starts_s
        length_s = log.duration_s if duration_s is None else min(duration_s, log.duration_s)
        self.total = max(round(length_s * fps), 1)
        self.sound_form = (sound.rate_hz, sound.channels) if sound else _SILENT_FORM
        self.before = next((one.row for one in log.frames() if one.row is not None), _SILENCE)

    def use(self, p: Params) -> None:
        """Nothing is analysed: what was heard is known."""

    def __iter__(self) -> Iterator[tuple[FeatureFrame | None, F32]]:
        rate_hz, _ = self.sound_form
        blocks, taken, pending = self._blocks(), 0, np.zeros((0, self.sound_form[1]), np.float32)
        for number in range(self.total):
            wanted = round((number + 1) * rate_hz / self.fps) - taken
            while len(pending) < wanted:
                pending = np.concatenate([pending, next(blocks)])
            taken += wanted
            yield _SILENCE, pending[:wanted]
            pending = pending[wanted:]

    def _blocks(self) -> Iterator[F32]:
        """The sound from the beginning of the set on, and silence where there is none."""
        rate_hz, channels = self.sound_form
        silence = np.zeros((rate_hz, channels), np.float32)
        if self._sound:
            if self._starts_s < 0:
                yield np.zeros((round(-self._starts_s * rate_hz), channels), np.float32)
            yield from self._sound.blocks(max(self._starts_s, 0.0))
        yield from itertools.repeat(silence)


def sound_starts_s(log: SetLog) -> float:
    """Where in the file that was played the set began, in seconds; negative: the set began before the file."""
    heard = next((one for one in log.frames() if one.row is not None), None)
    return 0.0 if heard is None or heard.row is None else float(heard.row["t_s"]) - heard.air_s


def sound_of(log: SetLog) -> FileSource | None:
    """The file that was played, where it still is. Raises MediaError where it is damaged."""
    path = Path(log.head.sound) if log.head.sound else None
    if path is None:
        return None
    if not path.is_file():
        raise MediaError(f"{path}: the sound of the set is not there, expected it, or --audio FILE or --silent")
    return FileSource(path)
