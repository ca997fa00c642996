"""`vj bench --live`: how long after a click the picture changes, and how evenly the window draws, on this machine.

Clicks come from a file in their own time, so that it is known when each is in the air; a sound card adds its own delay.
The pixels are looked at as soon as the frame has been handed to the display.
"""

import socket
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vj.audio.blocks import block_ring
from vj.audio.input.virtual import Virtual
from vj.audio.listener import AudioInput
from vj.control.osc.server import OscConfig, message
from vj.core.types import F32, F64
from vj.generator.config import EngineChoice
from vj.render.output.frame_pacing import percentiles_ms
from vj.show import app
from vj.show.live import LiveShow, PictureConfig

RATE_HZ = 48_000
SIZES = ((640, 360), (1280, 720))
_CLICKS, _SPAN_S, _CLICK_S = 40, 0.9, 0.02
#: Longer than this, the click was not seen.
_LATEST_S = 0.6
#: Mean difference of two pictures, of the levels 0 … 255, that counts as a change; at rest there is none.
_CHANGE = 4.0
_SMALL = (18, 32)
_STILL = """version = 1
chain = {chain}
[values.motion]
drift.depth = 0.0
component.gain = 0.0
[values.noise]
sigma = 0.0
[values.stage]
flash_limit = false
"""
_ROW = '[[modulation]]\nsignal = "onset_peak"\ntarget = "{target}"\ndepth = {depth}\n'
#: What a click moves: an exposure in a shader, the truncation of the network's latents.
PATHS = {
    "shaders": _STILL.format(chain='["grade"]') + _ROW.format(target="fx/grade/exposure", depth=2.0),
    "network": _STILL.format(chain="[]") + _ROW.format(target="motion/psi", depth=-1.0),
}

_FLASH = """[values.envelope.1]
source = "beat"
attack_s = 0.0
hold_s = 0.12
release_s = 0.06
[[modulation]]
signal = "envelope/1"
target = "{target}"
depth = {depth}
"""
#: What a beat moves there.
BEAT_PATHS = {
    "shaders": _STILL.format(chain='["grade"]') + _FLASH.format(target="fx/grade/exposure", depth=2.0),
    "network": _STILL.format(chain="[]") + _FLASH.format(target="motion/psi", depth=-1.0),
}
_BEAT_SPAN_S = 0.6
#: Until the tempo is found and what is looked ahead was measured.
_LOCKED_S = 15.0

#: What a hand turns there: the parameter, and its two values.
HANDS = {"shaders": ("fx/grade/exposure", 0.0, 2.0), "network": ("motion/psi", 1.0, 0.0)}


def run(
    model: Path,
    seconds: float = 20.0,
    tell: Callable[[str], None] = lambda text: None,
    engine: EngineChoice = "auto",
) -> dict[str, Any]:
    """{"light_ms", "hand_ms", "beat_ms": {path: percentiles, "seen", "clicks"}, "frames": [{"size", "frame_ms", …}]}.

    seconds  for each size whose frames are timed; engine  what draws
    Raises GraphicsError without a display, and other VjErrors
    """
    report: dict[str, Any] = {"light_ms": {}, "hand_ms": {}, "beat_ms": {}, "frames": []}
    with tempfile.TemporaryDirectory() as folder:
        clicks = write_clicks(Path(folder) / "clicks.wav")
        for path, text in PATHS.items():
            tell(f"sound to light through the {path}")
            preset = Path(folder) / f"{path}.toml"
            preset.write_text(text)
            report["light_ms"][path] = light(Virtual(clicks), model, preset, engine=engine)
            tell(f"hand to light through the {path}")
            report["hand_ms"][path] = by_osc(model, preset, path, engine=engine)
            tell(f"beats through the {path}")
            preset.write_text(BEAT_PATHS[path])
            beats = write_beats(Path(folder) / "beats.wav", _LOCKED_S + _CLICKS * _BEAT_SPAN_S)
            report["beat_ms"][path] = on_beat(Virtual(beats), model, preset, engine=engine)
        for size in SIZES:
            tell(f"frames at {size[0]}x{size[1]}")
            report["frames"].append(frames(Virtual(clicks), model, size, seconds, engine))
    return report


def write_clicks(file: Path, count: int = _CLICKS) -> Path:
    """Clicks of 20 ms of noise, not quite regular; returns the file."""
    rng = np.random.default_rng(0)
    return _write(file, [(i + 0.3 + 0.4 * rng.random()) * _SPAN_S for i in range(count)], (count + 1) * _SPAN_S)


def write_beats(file: Path, seconds: float) -> Path:
    """The same clicks at 100 bpm; returns the file."""
    return _write(file, list(np.arange(0.3, seconds - _CLICK_S, _BEAT_SPAN_S)), seconds)


def _write(file: Path, clicks_s: Sequence[float], seconds: float) -> Path:
    sound = np.zeros(round(seconds * RATE_HZ))
    noise = np.random.default_rng(1).standard_normal(round(_CLICK_S * RATE_HZ)) * 0.3
    for at_s in clicks_s:
        at = round(at_s * RATE_HZ)
        sound[at : at + len(noise)] = noise
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes((sound.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return file


def light(
    wanted: AudioInput,
    model: Path,
    preset: Path,
    count: int = _CLICKS,
    job: str = app.GENERATOR,
    engine: EngineChoice = "auto",
) -> dict[str, float]:
    """Milliseconds from each click in the air to a picture that differs, with the network drawing all the time."""
    clicks_s, shown_s, pictures = _watched(wanted, model, preset, count * _SPAN_S, job, engine)
    took_s = answers(clicks_s, shown_s, pictures)
    return {**percentiles_ms(took_s), "seen": len(took_s), "clicks": len(clicks_s)}


def on_beat(
    wanted: AudioInput,
    model: Path,
    preset: Path,
    count: int = _CLICKS,
    job: str = app.GENERATOR,
    engine: EngineChoice = "auto",
) -> dict[str, float]:
    """The same from each click of a track (`write_beats`) to the beat on the screen; negative: it was there before."""
    clicks_s, shown_s, pictures = _watched(wanted, model, preset, count * _BEAT_SPAN_S, job, engine, _LOCKED_S)
    late_s = landings(clicks_s, shown_s, pictures)
    return {**percentiles_ms(late_s), "seen": len(late_s), "clicks": len(clicks_s)}


def _watched(
    wanted: AudioInput,
    model: Path,
    preset: Path,
    seconds: float,
    job: str,
    engine: EngineChoice,
    settle_s: float = 3.0,
) -> tuple[F64, F64, F32]:
    """(when clicks were in the air f64[n], when pictures were shown f64[m], those f32[m, …]), after a show settled."""
    playing = app.ShowConfig(wanted, model, str(preset), spare=False, job=job, engine=engine)
    with (
        app.opened(playing, PictureConfig(SIZES[0]), app.OutputConfig()) as show,
        block_ring(show.listener.blocks_name) as blocks,
    ):
        probe = _Probe(show.live)
        _settle(show, settle_s)
        heard, at = Clicks(), blocks.written
        show.live.on_shown = probe.look
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s and not show.live.window.closed:
            show.live.step()
            found, first = blocks.since(at)
            at = first + len(found)
            for block in found:
                heard.block(
                    block["samples"][: int(block["frames"]), 0], float(block["t_air_s"]), float(block["rate_hz"])
                )
    return np.array(heard.times_s), np.array(probe.times_s), np.array(probe.pictures)


def hand(
    playing: app.ShowConfig, press: Callable[[bool], object], count: int = _CLICKS, ready_s: float = 3.0
) -> dict[str, float]:
    """Milliseconds from each `press` (True: on, False: off again) to a picture that differs."""
    pressed_s: list[float] = []

    def play() -> None:
        rng = np.random.default_rng(0)
        for i in range(count):
            time.sleep(_SPAN_S * (0.7 + 0.6 * rng.random()))
            pressed_s.append(time.monotonic())
            press(i % 2 == 0)

    with app.opened(playing, PictureConfig(SIZES[0]), app.OutputConfig()) as show:
        probe = _Probe(show.live)
        _settle(show, ready_s)
        show.live.on_shown = probe.look
        thread = threading.Thread(target=play)
        thread.start()
        _until(show, lambda: not thread.is_alive(), 2.0 * count * _SPAN_S)
        _until(show, lambda: False, 1.0)
        thread.join()
    took_s = answers(np.array(pressed_s), np.array(probe.times_s), np.array(probe.pictures))
    return {**percentiles_ms(took_s), "seen": len(took_s), "clicks": len(pressed_s)}


def by_osc(
    model: Path,
    preset: Path,
    path: str,
    count: int = _CLICKS,
    job: str = app.GENERATOR,
    engine: EngineChoice = "auto",
) -> dict[str, float]:
    """The same through the port for OSC, from a socket on this machine."""
    id, low, high = HANDS[path]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    playing = app.ShowConfig(
        Virtual(gain_db=float("-inf")), model, str(preset), spare=False, job=job, osc=OscConfig(port=port),
        engine=engine,
    )  # fmt: skip
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        return hand(
            playing, lambda on: one.sendto(message(f"/vj/{id}", high if on else low), ("127.0.0.1", port)), count
        )


def frames(
    wanted: AudioInput, model: Path, size: tuple[int, int], seconds: float, engine: EngineChoice = "auto"
) -> dict[str, Any]:
    """How the window draws the default preset, after it has settled."""
    playing = app.ShowConfig(wanted, model, "default", spare=False, engine=engine)
    with app.opened(playing, PictureConfig(size), app.OutputConfig()) as show:
        _until(show, lambda: show.housekeeper.dreaming.fps > 0.0, 600.0)
        _until(show, lambda: False, 5.0)
        show.live.meters.times.forget()
        _until(show, lambda: False, seconds)
        return {"size": size, **app.figures(show.live, show.housekeeper)}


def _settle(show: app.Joined, seconds: float = 3.0) -> None:
    _until(show, lambda: show.housekeeper.dreaming.fps > 0.0, 600.0)
    _until(show, lambda: False, seconds)


def _until(show: app.Joined, what: Callable[[], bool], within_s: float) -> None:
    end_s = time.monotonic() + within_s
    while not what() and time.monotonic() < end_s and not show.live.window.closed:
        show.live.step()


class Clicks:
    """When clicks were in the air, from the blocks of sound that they are in."""

    def __init__(self) -> None:
        self.times_s: list[float] = []

    def block(self, samples: Any, t_air_s: float, rate_hz: float) -> None:
        """A block f32[n] whose first sample was in the air at `t_air_s`."""
        loud = np.flatnonzero(np.abs(samples) > 0.05)
        if len(loud):
            t_s = t_air_s + int(loud[0]) / rate_hz
            if not self.times_s or t_s > self.times_s[-1] + 5 * _CLICK_S:
                self.times_s.append(t_s)


class _Probe:
    """Each picture that was shown, small, and when."""

    def __init__(self, live: LiveShow) -> None:
        self._live = live
        self.times_s: list[float] = []
        self.pictures: list[F32] = []

    def look(self, shown_s: float) -> None:
        self.times_s.append(shown_s)
        rgb = self._live.scenes.chain.read_rgb()
        rows, columns = (np.linspace(0, side - 1, n).astype(int) for side, n in zip(rgb.shape, _SMALL, strict=False))
        self.pictures.append(rgb[rows][:, columns].astype(np.float32))


def answers(clicks_s: F64, shown_s: F64, pictures: F32) -> F64:
    """Seconds from each click to the first of the pictures [n, …] that differs from the one before it, f64[seen]."""
    took: list[float] = []
    for click_s in clicks_s:
        after = np.flatnonzero((shown_s > click_s) & (shown_s < click_s + _LATEST_S))
        if not len(after) or not after[0]:
            continue
        before = pictures[after[0] - 1]
        changed = [i for i in after if np.abs(pictures[i] - before).mean() > _CHANGE]
        if len(changed):
            took.append(float(shown_s[changed[0]] - click_s))
    return np.array(took)


def landings(clicks_s: F64, shown_s: F64, pictures: F32) -> F64:
    """Seconds from each click to the first picture of [n, …] that is half way to the most unlike around it, f64[seen].

    Negative where that was shown before the click. Clicks at the ends, around which not all was seen, are left out.
    """
    late: list[float] = []
    half_s = 0.5 * _BEAT_SPAN_S
    for click_s in clicks_s:
        around = np.flatnonzero((shown_s > click_s - half_s) & (shown_s < click_s + half_s))
        if not len(around) or shown_s[0] > click_s - half_s or shown_s[-1] < click_s + half_s:
            continue
        at_rest = np.median(pictures[around], axis=0)
        unlike = np.abs(pictures[around] - at_rest).reshape(len(around), -1).mean(1)
        if unlike.max() > _CHANGE:
            late.append(float(shown_s[around[unlike >= 0.5 * unlike.max()][0]] - click_s))
    return np.array(late)


def text(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = []
    for name, kind in (("sound to light", "light_ms"), ("hand to light", "hand_ms"), ("click to beat", "beat_ms")):
        lines.append(f"{name + ', ms':26}median    95 %     max   seen")
        for path, found in report[kind].items():
            figures = "".join(f"{found.get(name, float('nan')):8.1f}" for name in ("p50", "p95", "max"))
            lines.append(f"  through the {path:10}{figures}   {found['seen']} of {found['clicks']}")
    lines.append("frames, ms                median    95 %    99 %     max   drawing  inside    network")
    for found in report["frames"]:
        figures = "".join(f"{found['frame_ms'][name]:8.1f}" for name in ("p50", "p95", "p99", "max"))
        inside = "x".join(map(str, found["drawing"]["size"]))
        lines.append(
            f"  {found['size'][0]}x{found['size'][1]:<16}{figures}{found['draw_ms']['p50']:10.1f}  {inside:9} "
            f"{found['dreaming']['fps']:.1f} fps"
        )
    return "\n".join(lines)
