"""How a show goes, as a panel is told: plain values by name, ready to be written as JSON. Pure."""

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from vj.audio.listener import Status as Hearing
from vj.clock.beat_clock import ClockState, Says, all_clocks
from vj.generator.pool import Status as Dreaming
from vj.modulation.matrix import Row
from vj.render.isf.shader import IsfShader
from vj.session.state import SessionState
from vj.show.status_lines import Drawing


def of_session(session: SessionState, troubles: Mapping[str, str]) -> dict[str, Any]:
    """What is played. troubles: shader → why it is not drawn, or not as it was edited."""
    return {
        "preset": session.preset,
        "waiting": session.waiting.name if session.waiting else None,
        "arrived": round(session.morph.arrived, 2),
        "chain": [_layer(shader, troubles) for shader in session.chain],
        "shader_errors": dict(troubles),
        "rows": _rows(session.rows),
    }


@functools.lru_cache(maxsize=4)
def _rows(rows: tuple[Row, ...]) -> list[dict[str, Any]]:
    return [asdict(row) for row in rows]


def _layer(shader: IsfShader, troubles: Mapping[str, str]) -> dict[str, str]:
    return {"name": shader.name, "kind": shader.kind, "error": troubles.get(shader.name, "")}


def of_clock(tempo: ClockState, says: Says, confidence: float, now_s: float) -> dict[str, Any]:
    """Where the beat is and who says so. confidence: of the analysis, 0..1."""
    beat = tempo.beat
    clocks = all_clocks(tempo.heard, says, now_s)
    return {
        "bpm": round(beat.bpm, 1),
        "ruler": tempo.ruler,
        "says": {name: round(bpm, 1) for name, (_, bpm) in clocks.items()},
        "beat": math.floor(beat.beats % beat.per_bar) + 1,
        "per_bar": beat.per_bar,
        "confidence": round(confidence, 2),
    }


def of_figures(drawing: Drawing, dreaming: Dreaming) -> dict[str, Any]:
    """How fast window and network are."""
    return {
        "fps": round(drawing.fps, 1), "p99_ms": round(drawing.p99_ms), "draw_ms": round(drawing.draw_ms, 1),
        "size": list(drawing.size), "scale": round(drawing.scale, 2), "limited": _rounded(drawing.limited),
        "light_ms": round(drawing.light_ms), "network_light_ms": round(drawing.dream_light_ms),
        "network_fps": round(dreaming.fps, 1), "network_ms": round(dreaming.gen_ms), "model": dreaming.model,
        "engine": dreaming.engine,
    }  # fmt: skip


def of_sound(hearing: Hearing) -> dict[str, Any]:
    """What is listened to."""
    return {
        "device": hearing.device, "state": hearing.state, "rate_hz": hearing.rate_hz,
        "lost_s": round(hearing.lost_s, 1), "overflows": hearing.overflows,
    }  # fmt: skip


def of_health(hearing: Hearing, dreaming: Dreaming, others: Iterable[tuple[str, int, str]]) -> list[dict[str, Any]]:
    """Each process: its name, whether all is well, and in words. others: (name, restarts, trouble or empty)."""
    found = [
        _one("sound", hearing.state in ("open", "ended"), f"{hearing.state}, restarts {hearing.restarts}"),
        _one("ears", hearing.age_s < 1.0, f"restarts {hearing.ears_restarts}"),
        _one("network", dreaming.state == "drawing", dreaming.trouble or f"{dreaming.state}, "
             f"restarts {dreaming.restarts}{', a spare one is ready' if dreaming.spare else ''}"),
    ]  # fmt: skip
    return [*found, *(_one(name, not trouble, trouble or f"restarts {n}") for name, n, trouble in others)]


def of_midi(learning: str, controls: Mapping[str, Sequence[str]], text: str) -> dict[str, Any]:
    """The controllers: which parameter waits for a control, and who plays which."""
    return {"on": True, "learning": learning, "controls": {id: list(names) for id, names in controls.items()},
            "text": text}  # fmt: skip


def _one(name: str, ok: bool, text: str) -> dict[str, Any]:
    return {"name": name, "ok": ok, "text": text}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)
