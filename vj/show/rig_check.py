"""The rig's pass sheet before doors: everything that a show needs is tried once, and said in a line each."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from vj.audio.features import FEATURE_DTYPE
from vj.audio.input.virtual import Virtual
from vj.audio.listener import AudioInput, Listener
from vj.control.midi.mapping import Control
from vj.control.midi.mapping_files import MappingFiles
from vj.control.midi.messages import Event, Joiner, decoded
from vj.control.midi.ports import Midi, MidiConfig
from vj.core.edge import described
from vj.core.errors import VjError
from vj.core.types import U8
from vj.generator.config import EngineChoice, GeneratorConfig
from vj.generator.pool import GeneratorPool
from vj.session import cues
from vj.session.session import Session
from vj.session.state import GENERATOR_PARAMS, begun
from vj.show import devices
from vj.show.frame import Rows, State, frame
from vj.show.offline import Networks
from vj.show.painter import Made, Shown, open_painter

Verdict = Literal["ok", "look", "fail"]
#: The sound is listened to for so long; less than so loud is silence.
_LISTEN_S, _SILENT_DB = 3.0, -60.0
#: Pictures by which a network is timed, and frames by which a preset is, after the first.
_PICTURES, _FRAMES = 20, 5
#: Fewer pictures a second are seen as steps.
_FEW_PICTURES = 15.0
#: What an hour of recording takes, and what should be free.
_HOUR_BYTES, _LITTLE_BYTES = 8 << 30, 2 << 30
_TEND_S = 0.05
#: What opening MIDI may take.
_PORTS_S = 15.0
#: What a cold start of two networks on a slow machine may take.
_WORKER_S = 180.0
_FRAME_S = 1 / 60


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing: ok, or "look" at it, or it will "fail" in the show."""

    part: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class Rig:
    """What the show will be played with.

    session    presets and shaders; model_of: the file of a network, by the name that a preset gives or empty
    source     what is to be heard; size: of the picture; cues: the list, None: none
    config     the folder of mappings, None: none; midi: None: no controllers; touch_s: so long to move each control
    record     where a recording would lie
    """

    session: Session
    model_of: Callable[[str], Path]
    source: AudioInput
    size: tuple[int, int]
    config: Path | None
    record: Path
    midi: MidiConfig | None = None
    touch_s: float = 0.0
    cues: Path | None = None
    engine: EngineChoice = "auto"


def findings(rig: Rig) -> Iterator[Finding]:
    """Try everything, one after the other; what goes wrong with one says nothing of the next."""
    for part, check in CHECKS.items():
        try:
            yield from check(rig)
        except VjError as e:
            yield Finding(part, "fail", str(e))
        except (OSError, subprocess.SubprocessError) as e:
            yield Finding(part, "look", f"cannot be asked: {described(e)}")


def _sound(rig: Rig) -> Iterator[Finding]:
    values = {id: v for id, v in rig.session.current.items() if id.startswith("audio/")}
    loudest, silent = -np.inf, True
    with Listener(rig.source, values) as listener:
        until_s = time.monotonic() + _LISTEN_S
        while time.monotonic() < until_s:
            status, row = listener.tend(), listener.newest()
            if row is not None and row["live"]:
                loudest, silent = max(loudest, float(row["rms_db"])), False
            time.sleep(_TEND_S)
    if status.state != "open":
        yield Finding("sound", "fail", f"{status.state}: {status.device}")
        return
    heard = f"{status.device}, {status.rate_hz:g} Hz, {status.latency_s * 1000:.0f} ms"
    if silent or loudest < _SILENT_DB:
        yield Finding("sound", "look", f"{heard}: nothing louder than {_SILENT_DB:g} dB came in {_LISTEN_S:g} s")
    elif status.overflows or status.restarts:
        yield Finding("sound", "look", f"{heard}: {status.overflows} overflows, {status.restarts} restarts")
    else:
        yield Finding("sound", "ok", f"{heard}, up to {loudest:.0f} dB")


def _controllers(rig: Rig) -> Iterator[Finding]:
    if rig.midi is None:
        yield Finding("MIDI", "ok", "left to other programs")
        return
    files = MappingFiles(rig.config / "midi" if rig.config else None, lambda text: None)
    with ExitStack() as stack:
        midi = Midi(rig.midi, lambda text: None)
        stack.callback(midi.close)
        _tend(midi, _PORTS_S, lambda: bool(midi.api or midi.trouble))
        # The first news may come before a system has listed all.
        _tend(midi, 1.0, lambda: bool(midi.inputs))
        if not midi.inputs:
            yield Finding("MIDI", "look", midi.trouble or "no controller is there")
            return
        wanted = {port: list(files.of(port).controls) for port in midi.inputs}
        if rig.touch_s:
            yield from _touched(midi, wanted, rig.touch_s)
            return
        for port, controls in wanted.items():
            yield Finding("MIDI", "ok", f"{port}: {len(controls)} controls are learnt")


def _tend(midi: Midi, within_s: float, done: Callable[[], bool]) -> None:
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s and not done():
        midi.tend()
        time.sleep(_TEND_S)


def _touched(midi: Midi, wanted: Mapping[str, list[Control]], within_s: float) -> Iterator[Finding]:
    """Whether each control that is learnt was moved."""
    joiners = {port: Joiner() for port in wanted}
    left = {port: list(controls) for port, controls in wanted.items()}

    def all_moved() -> bool:
        for message in midi.take():
            event = decoded(message.data)
            if event is None or message.port not in left:
                continue
            for one in joiners[message.port].take(event):
                left[message.port] = [c for c in left[message.port] if not _is_of(one, c)]
        return not any(left.values())

    _tend(midi, within_s, all_moved)
    for port, missing in left.items():
        count = len(wanted[port])
        if missing:
            names = ", ".join(control.name for control in missing[:8])
            yield Finding("MIDI", "look", f"{port}: of {count} controls {len(missing)} were not moved: {names}")
        else:
            yield Finding("MIDI", "ok", f"{port}: {count} controls, all moved")


def _is_of(event: Event, control: Control) -> bool:
    here = control.message, control.number
    return here == (event.kind, event.number) and control.channel in (0, event.channel)


def _screens(rig: Rig) -> Iterator[Finding]:
    monitors = devices.monitors()
    if isinstance(monitors, str) or not monitors:
        yield Finding("monitor", "fail", monitors if isinstance(monitors, str) else "there is none")
        return
    for name in monitors:
        yield Finding("monitor", "ok", name)
    if len(monitors) == 1:
        yield Finding("monitor", "look", "one alone: is the projector plugged in?")


def _drawing(rig: Rig) -> Iterator[Finding]:
    text = devices.opengl()
    software = any(name in text.lower() for name in ("llvmpipe", "softpipe", "swrast"))
    if "OpenGL 3.3" in text or " on " not in text:
        yield Finding("OpenGL", "fail", text)
    else:
        yield Finding("OpenGL", "look" if software else "ok", f"{text}{': no graphics card draws' if software else ''}")


def _presets(rig: Rig) -> Iterator[Finding]:
    """Each preset, drawn at the show's size over a picture that stands for the network's."""
    picture = np.random.default_rng(0).integers(0, 256, (256, 256, 4), np.uint8)
    for name in rig.session.presets:
        try:
            took_ms = _cost_ms(rig, name, picture)
        except VjError as e:
            yield Finding("preset", "fail", f"{name}: {e}")
            continue
        slow = took_ms > 1000 * _FRAME_S
        width, height = rig.size
        told = f"{name}: {took_ms:.1f} ms a frame at {width}x{height}"
        yield Finding("preset", *(("look", f"{told}; a window draws it smaller") if slow else ("ok", told)))


def _cost_ms(rig: Rig, name: str, picture: U8) -> float:
    """What a frame of a preset takes, the median of some; reading it back is part of it."""
    show = rig.session.auditioned(name).show
    rig.model_of(show.preset.model)
    state = State(begun(name, show))
    painter = open_painter(Shown(state.session, rig.session.shaders), rig.size, "cover", True)
    times_s, silence = [], np.zeros(1, FEATURE_DTYPE)[0]
    try:
        for number in range(_FRAMES + 1):
            state, values = frame(state, Rows(number * _FRAME_S, silence, 0.0), _FRAME_S)
            made = Made(state.session, values, np.zeros((0, 2), np.float32))
            began_s = time.perf_counter()
            painter.paint(picture, made, number * _FRAME_S, _FRAME_S, number)
            times_s.append(time.perf_counter() - began_s)
    finally:
        painter.close()
    return float(np.median(times_s[1:])) * 1000.0


def _networks(rig: Rig) -> Iterator[Finding]:
    """Each network that a preset or the show plays."""
    names = [rig.session.auditioned(name).show.preset.model for name in rig.session.presets if _loads(rig, name)]
    models = dict.fromkeys([rig.model_of(""), *(rig.model_of(name) for name in names)])
    for model in models:
        networks = Networks(rig.session.registry.params, 0, rig.engine)
        try:
            yield _speed(model, networks, rig)
        except VjError as e:
            yield Finding("network", "fail", f"{model.stem}: {e}")
        finally:
            networks.close()


def _loads(rig: Rig, preset: str) -> bool:
    try:
        rig.model_of(rig.session.auditioned(preset).show.preset.model)
    except VjError:
        # It is said where presets are drawn.
        return False
    return True


def _speed(model: Path, networks: Networks, rig: Rig) -> Finding:
    began_s = time.perf_counter()
    generator = networks.of(model)
    ready_s = time.perf_counter() - began_s
    heard, values = np.zeros(1, FEATURE_DTYPE)[0], rig.session.current.array
    generator.ask(heard, values, 0.0)
    generator.picture()
    took_s = []
    for _ in range(_PICTURES):
        generator.ask(heard, values, 1 / 30)
        took_s.append(generator.picture()[1])
    fps = 1.0 / float(np.median(took_s))
    told = f"{model.stem}: {fps:.0f} pictures a second, there after {ready_s:.1f} s"
    trouble = f"; {generator.troubles}" if generator.troubles else ""
    return Finding("network", "look" if trouble or fps < _FEW_PICTURES else "ok", told + trouble)


def _worker(rig: Rig) -> Iterator[Finding]:
    """A network that is killed in a show: the spare one takes over."""
    cores = os.cpu_count() or 1
    with ExitStack() as stack:
        listener = stack.enter_context(Listener(Virtual(), {}))
        config = GeneratorConfig(
            rig.model_of(""), GENERATOR_PARAMS, 0, 0, "", listener.rows.name, "", time.monotonic(),
            threads=max(cores - 1, 1), engine=rig.engine,
        )  # fmt: skip
        pool = GeneratorPool(config, spare=True, tell=lambda text: None)
        stack.callback(pool.close)
        if not _until(pool, lambda: _drew_since(pool, 0.0) and pool.tend().spare):
            yield Finding("worker", "fail", f"the network and its spare are not there after {_WORKER_S:g} s")
            return
        began_s = time.monotonic()
        os.kill(pool.pids[0] or 0, signal.SIGTERM)
        if _until(pool, lambda: _drew_since(pool, began_s + _TEND_S)):
            took_s = time.monotonic() - began_s
            yield Finding("worker", "ok", f"the network was killed, the spare one drew after {took_s:.1f} s")
        else:
            yield Finding("worker", "fail", f"the network was killed, and nothing drew for {_WORKER_S:g} s")


def _drew_since(pool: GeneratorPool, t_s: float) -> bool:
    row = pool.newest()
    return row is not None and float(row["t_done_s"]) > t_s


def _until(pool: GeneratorPool, done: Callable[[], bool]) -> bool:
    until_s = time.monotonic() + _WORKER_S
    while time.monotonic() < until_s:
        pool.tend()
        if done():
            return True
        time.sleep(_TEND_S)
    return False


def _cue_list(rig: Rig) -> Iterator[Finding]:
    if rig.cues:
        found = cues.load(rig.cues, rig.session.registry, rig.session.presets)
        yield Finding("cues", "ok", f"{rig.cues.name}: {len(found)}")


def _disk(rig: Rig) -> Iterator[Finding]:
    folder = rig.record.absolute().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as e:
        yield Finding("disk", "fail", f"{folder}: {e.strerror}")
        return
    hours = free / _HOUR_BYTES
    yield Finding("disk", "look" if free < _LITTLE_BYTES else "ok", f"{free >> 30} GB free: {hours:.1f} h of recording")


def _power(rig: Rig) -> Iterator[Finding]:
    """Whether the machine would go to sleep, as far as it can be asked."""
    mains = [path.read_text().strip() for path in Path("/sys/class/power_supply").glob("A*/online")]
    if mains:
        plugged = "1" in mains
        yield Finding("power", "ok" if plugged else "look", "on mains" if plugged else "on battery: plug it in")
    if shutil.which("xset"):
        done = subprocess.run(["xset", "q"], capture_output=True, text=True, timeout=10, check=False)
        yield from _screen_saver(done.stdout)


def _screen_saver(told: str) -> Iterator[Finding]:
    """What `xset q` says of it."""
    words = told.split()
    timeout = words[words.index("timeout:") + 1] if "timeout:" in words else "0"
    if timeout != "0":
        yield Finding("power", "look", f"the screen saver comes after {timeout} s (xset s off)")
    if "DPMS is Enabled" in told:
        yield Finding("power", "look", "the monitor may be switched off (xset -dpms)")
    elif timeout == "0" and told:
        yield Finding("power", "ok", "no screen saver, no switching off")


CHECKS: Mapping[str, Callable[[Rig], Iterator[Finding]]] = {
    "sound": _sound, "MIDI": _controllers, "monitor": _screens, "OpenGL": _drawing, "cues": _cue_list,
    "preset": _presets, "network": _networks, "worker": _worker, "disk": _disk, "power": _power,
}  # fmt: skip


def line(finding: Finding) -> str:
    """A finding for people."""
    return f"{finding.verdict:<5} {finding.part:<8} {finding.text}"


def verdict(found: Sequence[Finding]) -> str:
    """All of them in a line."""
    fails, looks = (sum(one.verdict == kind for one in found) for kind in ("fail", "look"))
    if fails:
        return f"{fails} of {len(found)} will not work, {looks} to look at"
    return f"all {len(found)} work, {looks} to look at" if looks else f"all {len(found)} work"
