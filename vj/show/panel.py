"""The show's side of the panel: what it is told of each frame, and a few times a second of everything else."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vj.control.panel.link import PanelLink
from vj.core import resources
from vj.params.registry import Registry
from vj.show import panel_facts
from vj.show.frame import Values
from vj.show.preview import Preview

if TYPE_CHECKING:
    from vj.show.live import LiveShow

#: How often facts are gathered while somebody looks, and how often lists are looked through.
_FACTS_S, _LISTS_S = 0.2, 1.0
#: How often values are told while nobody listens: who asks for one by HTTP has it no older.
_IDLE_S = 0.05


class Panel:
    """`frame` belongs to the window's thread, `tend` to the supervisor's. The link stays the caller's."""

    def __init__(self, link: PanelLink, live: "LiveShow") -> None:
        self.link, self._live = link, live
        self.preview = Preview(live.window.ctx, live.picture_size)
        live.controls.take_picture = lambda: self.preview.now(live.texture)
        self._facts: Mapping[str, Any] | None = None
        self._told_s = self._facts_s = self._lists_s = 0.0
        #: The parameters and presets that were told of.
        self._listed: tuple[Registry | None, list[dict[str, Any]]] = (None, [])

    def frame(self, values: Values, now_s: float) -> None:
        """A frame was drawn with these values."""
        if self.link.attended or now_s - self._told_s > _IDLE_S:
            self._told_s = now_s
            self.link.frame(self._live.session.target, values.p.array, values.signals if values.heard else None)
        if not self.link.watched:
            # What nobody sees is not drawn.
            self._live.controls.audition.end()
            return
        rgb = self.preview.frame(self._live.texture, values.gain, now_s)
        if rgb is not None:
            self.link.picture(rgb)
        rgb = self._live.controls.audition.frame(values, now_s)
        if rgb is not None:
            self.link.picture(rgb, audition=True)
        if now_s - self._facts_s > _FACTS_S:
            self._facts_s, self._facts = now_s, self._gathered(now_s)

    def tend(self) -> None:
        """Look after the server, and tell it what has changed."""
        self.link.tend()
        now_s = time.monotonic()
        if now_s - self._lists_s > _LISTS_S:
            self._lists_s = now_s
            self._tell_lists()
        facts, self._facts = self._facts, None
        if facts is not None:
            self.link.show(facts)

    def _tell_lists(self) -> None:
        """What there is, where it has changed: writing all of it takes longer than a frame."""
        session = self._live.session
        registry, cards = session.registry, session.cards()
        if registry is self._listed[0] and cards == self._listed[1]:
            return
        self._listed = registry, cards
        pictures = [path.stem for path in resources.gallery_dir().glob("*.jpg")]
        self.link.tell_lists(registry, cards, tuple(session.shaders.values()), pictures)

    def release(self) -> None:
        """Let go of everything on the GPU."""
        self.preview.release()

    def _gathered(self, now_s: float) -> dict[str, Any]:
        live = self._live
        controls, session, midi = live.controls, live.session.state, live.controls.midi
        tempo, peers = controls.state.tempo, controls.peers
        row = peers.listener.newest() if peers else None
        found = panel_facts.of_session(session, live.scenes.troubles)
        sure = float(row["bpm_confidence"]) if row is not None else 0.0
        found["clock"] = panel_facts.of_clock(tempo, controls.clock.says(now_s, session.target), sure, now_s)
        if peers:
            hearing, dreaming = peers.housekeeper.hearing, peers.housekeeper.dreaming
            others = [("panel", self.link.restarts, "")]
            if midi:
                others.append(("midi", midi.restarts, ""))
            found["figures"] = panel_facts.of_figures(live.reading(), dreaming)
            found["sound"] = panel_facts.of_sound(hearing)
            found["health"] = panel_facts.of_health(hearing, dreaming, others)
        off = {"on": False, "learning": "", "controls": {}, "text": "off"}
        found["midi"] = panel_facts.of_midi(midi.learning, midi.all_controls(), midi.reading()) if midi else off
        recorder = live.recorder
        return found | {
            "recording": f"{recorder.pictures} pictures, {recorder.dropped} dropped" if recorder else None,
            "notices": live.notices.texts(),
            "faults": {"count": live.edge.failures, "last": live.edge.last if live.edge.failures else ""},
            "may": {
                "audition": peers is not None and peers.pool.has_spare, "midi": midi is not None,
                "presets": controls.library is not None,
            },
            "locked": sorted(session.locked), "undo": list(controls.editing.history.steps),
            "audition": controls.audition.facts(), "cues": controls.cueing.facts(),
        }  # fmt: skip
