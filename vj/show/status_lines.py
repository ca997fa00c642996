"""The figures that a performer wants to see, as lines and meters. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vj.audio.listener import Status as Hearing
from vj.core.types import Line
from vj.generator.pool import Status as Dreaming


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the window itself does: rates, times, the size drawn inside; `limited`: share where flashes are held back."""

    fps: float
    p99_ms: float
    draw_ms: float
    size: tuple[int, int]
    scale: float
    preset: str
    light_ms: float
    dream_light_ms: float
    limited: float | None = 0.0


def lines(
    drawing: Drawing,
    dreaming: Dreaming,
    hearing: Hearing,
    row: Any,
    notices: Sequence[str],
    hands: Sequence[tuple[str, str]] = (),
) -> list[Line]:
    """What the HUD shows. `row` is the newest of `vj.audio.process.LIVE_DTYPE`, or None."""
    size = f"{drawing.size[0]}x{drawing.size[1]}"
    reduced = f" ({drawing.scale:.0%} of what was asked for)" if drawing.scale < 1.0 else ""
    return [
        Line("preset", drawing.preset),
        Line("window", f"{drawing.fps:5.1f} fps   p99 {drawing.p99_ms:.0f} ms   drawing {drawing.draw_ms:.1f} ms"),
        Line("picture", size + reduced),
        _pool(dreaming),
        Line("to light", f"shaders {drawing.light_ms:.0f} ms   network {drawing.dream_light_ms:.0f} ms"),
        _flashes(drawing.limited),
        *(Line(name, text) for name, text in hands),
        *_sound(hearing, row),
        *(Line("", text, alarm=True) for text in notices),
    ]


def _flashes(limited: float | None) -> Line:
    if limited is None:
        return Line("flashes", "not limited", alarm=True)
    return Line("flashes", f"limited on {limited:.0%} of the picture" if limited else "limiter on", alarm=limited > 0)


def _pool(dreaming: Dreaming) -> Line:
    if dreaming.state != "drawing":
        return Line("network", f"{dreaming.model}: {dreaming.state}   {dreaming.trouble}", alarm=bool(dreaming.trouble))
    by = f" by {dreaming.engine}" if dreaming.engine else ""
    text = f"{dreaming.model}{by}: {dreaming.fps:4.1f} fps   {dreaming.gen_ms:.0f} ms   restarts {dreaming.restarts}"
    if dreaming.bad:
        text += f"   no pictures {dreaming.bad}"
    return Line("network", text + ("   spare ready" if dreaming.spare else ""), alarm=bool(dreaming.trouble))


def _sound(hearing: Hearing, row: Any) -> list[Line]:
    if hearing.state != "open" or row is None:
        return [Line("sound", f"{hearing.state}: {hearing.device}", alarm=hearing.state in ("waiting", "lost"))]
    lost = f"missed {hearing.lost_s:.1f} s   overflows {hearing.overflows}   restarts {hearing.restarts}"
    phase = float(row["beat_phase"])
    return [
        Line("sound", f"{hearing.device}   {hearing.rate_hz:g} Hz"),
        Line("", lost, alarm=hearing.age_s > 1.0),
        Line("level", f"{float(row['rms_db']):.0f} dBFS", float(row["level"])),
        *(Line(name, "", float(v)) for name, v in zip(("sub", "low", "mid", "high"), row["bands"], strict=True)),
        *(Line(name, "", float(row[name])) for name in ("drums", "bass", "melody")),
        Line("onset", "", float(row["onset_peak"])),
        Line("beat", f"{float(row['bpm']):.1f} bpm   {float(row['bpm_confidence']):.2f}", 1.0 - phase),
    ]
