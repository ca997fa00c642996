"""`vj play`: starts ears, generators and window, joins them, and ends them all. The one file that knows all of them.

    EARS (two processes) ─▶ feature rows ─┬─▶ GENERATOR (and a spare one) ─▶ pictures ─▶ WINDOW (this process) ─▶ screen
                                          └────────────────────────────────────────────▶   └─▶ RECORDER ─▶ file

This process makes all shared memory and all others, and its end is theirs: their pipes close. Should it be killed,
Python's resource tracker removes the memory; should that be killed as well, the next show does.
"""

import contextlib
import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vj.audio.input.player import Playback
from vj.audio.listener import AudioInput, Listener
from vj.control.midi.handler import MidiHandler
from vj.control.midi.mapping_files import MappingFiles
from vj.control.midi.ports import Midi, MidiConfig
from vj.control.osc.address_map import load as load_map
from vj.control.osc.handler import OscHandler
from vj.control.osc.server import Osc, OscConfig, PortlessOsc
from vj.control.panel.config import PanelConfig, is_loopback
from vj.control.panel.link import PanelLink
from vj.core import resources
from vj.core.edge import Edge
from vj.core.errors import ControlError, MediaError, UsageError
from vj.core.files import reason, write_text
from vj.core.logs import to_file
from vj.generator.config import EngineChoice, GeneratorConfig
from vj.generator.pool import GeneratorPool
from vj.generator.weights import read_card
from vj.modulation.signals import SIGNALS
from vj.render.isf.folder import load_with_own
from vj.render.isf.shader import IsfShader
from vj.render.output.frame_pacing import percentiles_ms
from vj.render.output.window import Window
from vj.runtime.memory import remove_left
from vj.runtime.trace import Trace
from vj.session.preset_library import PresetLibrary
from vj.session.session import Session, preset_names
from vj.session.state import GENERATOR_PARAMS
from vj.show.admission import Admission
from vj.show.controls import Peers
from vj.show.cueing import Cueing
from vj.show.file_watcher import FileWatcher
from vj.show.housekeeper import Housekeeper
from vj.show.live import LiveShow, PictureConfig
from vj.show.notices import Notices
from vj.show.panel import Panel
from vj.show.projecting import Projecting
from vj.show.prover import Prover
from vj.show.qr import qr_picture, qr_text
from vj.show.set_recorder import About, SetRecorder

if TYPE_CHECKING:
    from vj.render.output.recorder import Recorder

#: The module of the generators' process.
GENERATOR = "vj.generator.process"
#: How often what is played is looked at, to be kept; and how often what a set is played of is written.
_KEEP_S, _WRITE_S = 0.5, 1.0
#: Pictures a second of a recording.
RECORD_FPS = Fraction(30)
#: Signals that end a show as Ctrl-C does; Windows has no SIGHUP.
_ENDS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(frozen=True, slots=True)
class ShowConfig:
    """What is played: the sound, the network, a preset and what is laid over it. `job`: the generators' process.

    own     folders of the performer's shaders; config: of presets and mappings, None: nothing is read or kept
    log     the file to log to, None: nothing is logged; engine: what draws the network
    cues    the list of cues, None: none; set_log: where it is written down what the set is played of, None: nowhere
    panel   where it is served, None: nowhere; open_panel: in a browser, too
    """

    wanted: AudioInput
    model: Path
    preset: str
    settings: tuple[str, ...] = ()
    seed: int = 0
    spare: bool = True
    job: str = GENERATOR
    own: tuple[Path, ...] = ()
    osc: OscConfig | None = None
    panel: PanelConfig | None = None
    open_panel: bool = False
    midi: MidiConfig | None = None
    config: Path | None = None
    log: Path | None = None
    engine: EngineChoice = "auto"
    cues: Path | None = None
    set_log: Path | None = None


@dataclass(frozen=True, slots=True)
class OutputConfig:
    """Where it is shown: full screen at once or in a window, on which monitor; recorded to a file or not."""

    full: bool = False
    monitor: str | None = None
    record: Path | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """What came into the window and nobody has seen to yet: keys by name, and clicks, (x, y) in its pixels."""

    keys: list[str]
    clicks: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Joined:
    """A show that runs: call `live.step` again and again. `first_s`: what the first picture took."""

    live: LiveShow
    listener: Listener
    housekeeper: Housekeeper
    input: Input
    first_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """What to tell the person when a show is over; `trouble`: why its recording is not whole, empty where it is."""

    summary: str
    trouble: str = ""


@contextlib.contextmanager
def opened(playing: ShowConfig, look: PictureConfig, screen: OutputConfig) -> Iterator[Joined]:
    """Start everything, with a picture in the window as soon as there is one; end everything. Raises VjError."""
    began_s = time.monotonic()
    # Software drawing in as many threads as there are cores would fight with the network for them.
    os.environ.setdefault("LP_NUM_THREADS", str(max((os.cpu_count() or 1) // 2 - 1, 0)))
    _check(playing, look, screen)
    remove_left()
    with contextlib.ExitStack() as stack:
        stack.enter_context(to_file(playing.log))
        notices = Notices()
        stack.callback(notices.close)
        library = PresetLibrary(playing.config, resources.presets_dir()) if playing.config else None
        session = _session(playing, library, notices)
        cueing = Cueing(playing.cues, session, notices.tell)
        osc_map = load_map(playing.osc.map, session.registry) if playing.osc and playing.osc.map else None
        input = Input([], [])
        window = _window(stack, look, screen, input, notices)
        prover = Prover()
        stack.callback(prover.close)
        admission = Admission(prover, _bundled(session, resources.shaders_dir()))
        projecting = Projecting(playing.config)
        live = LiveShow(window, look, session, notices, admission, projecting)
        stack.callback(live.release)
        live.controls.cueing = cueing
        # The first picture, before anything that takes long.
        live.step()
        first_s = time.monotonic() - began_s
        peers = _peers(stack, playing, live, notices)
        stack.callback(peers.housekeeper.each(prover.tend))
        live.join(peers)
        _keep_projection(stack, projecting, peers.housekeeper, live.edge)
        if playing.set_log:
            _write_down(stack, live, playing, playing.set_log, notices)
        if library:
            _keep(stack, live, library, peers.housekeeper, notices)
        if playing.midi:
            _plug(stack, live, peers.housekeeper, playing.midi, playing.config, notices)
        osc: PortlessOsc | None = _listen(stack, playing.osc, notices) if playing.osc else None
        if playing.panel:
            osc = osc or PortlessOsc()
            _serve(stack, live, playing, playing.panel, osc, notices)
        if osc:
            live.osc = OscHandler(osc, live.edge, osc_map)
        if screen.record:
            live.recorder = _recorder(stack, live, look, screen.record, peers, notices)
        yield Joined(live, peers.listener, peers.housekeeper, input, first_s)


def _window(
    stack: contextlib.ExitStack, look: PictureConfig, screen: OutputConfig, input: Input, notices: Notices
) -> Window:
    window = Window("vj", look.size, input.keys.append, screen.monitor, lambda x, y: input.clicks.append((x, y)))
    stack.callback(window.close)
    if screen.full and not window.set_full_screen(True):
        notices.tell("the monitor for full screen is not there; the window goes to it when it is")
    return window


def _session(playing: ShowConfig, library: PresetLibrary | None, notices: Notices) -> Session:
    """What is played at first; shaders that cannot be read are told of. Raises VjError."""
    shaders, troubles = load_with_own(resources.shaders_dir(), playing.own)
    for trouble in troubles:
        notices.tell(trouble)
    names = library.names() if library else preset_names(resources.presets_dir())
    folders = library.folders if library else None
    return Session(shaders, playing.preset, playing.settings, names, folders)


def _bundled(session: Session, folder: Path) -> list[IsfShader]:
    """The shaders that lie in vj's own folder."""
    return [shader for shader in session.shaders.values() if Path(shader.file).parent == folder]


def _peers(stack: contextlib.ExitStack, playing: ShowConfig, live: LiveShow, notices: Notices) -> Peers:
    """Start the ears, the generators and who looks after them."""
    session = live.session
    ears = {id: v for id, v in session.current.items() if id.startswith("audio/")}
    listener = stack.enter_context(Listener(playing.wanted, ears))
    pool = GeneratorPool(_wanted(playing, session, listener), spare=playing.spare, tell=notices.tell, job=playing.job)
    stack.callback(pool.close)
    silent = playing.wanted.file if isinstance(playing.wanted, Playback) else None
    cues = (playing.cues,) if playing.cues else ()
    watch = FileWatcher(lambda: [*_files(session, pool), *cues], lambda: _own_shaders(playing.own))
    housekeeper = Housekeeper(listener, pool, watch, silent, notices.tell, live.edge, session.read_ahead)
    stack.callback(housekeeper.close)
    return Peers(listener, pool, housekeeper, playing.model)


def _keep(
    stack: contextlib.ExitStack, live: LiveShow, library: PresetLibrary, housekeeper: Housekeeper, notices: Notices
) -> None:
    """What is played is kept while it is, and what the last show ended with is offered."""
    controls = live.controls
    controls.library, controls.previous = library, library.begin()
    if controls.previous:
        notices.tell("key K goes back to what the last show ended with")
    stack.callback(lambda: library.keep(live.session.state, now=True))
    stack.callback(housekeeper.each(lambda: library.keep(live.session.state), _KEEP_S))


def _keep_projection(stack: contextlib.ExitStack, projecting: Projecting, housekeeper: Housekeeper, edge: Edge) -> None:
    """Where the picture lies is kept while it is edited, and at the end."""

    def keep() -> None:
        with edge.handling("projection"):
            projecting.keep()

    stack.callback(keep)
    stack.callback(housekeeper.each(keep, _KEEP_S))


def _write_down(stack: contextlib.ExitStack, live: LiveShow, playing: ShowConfig, path: Path, notices: Notices) -> None:
    """What the set is played of goes to a file; the show goes on without it where that cannot be written."""
    controls, peers = live.controls, live.controls.peers
    assert peers is not None
    bundled = playing.model.parent == resources.models_dir()
    sound = getattr(playing.wanted, "file", None)
    about = About(
        playing.seed, playing.model, playing.model.stem if bundled else str(playing.model), live.session.shaders, sound,
        live.fps, live.picture_size,
    )  # fmt: skip
    try:
        recorder = SetRecorder(path, about, notices.tell)
    except MediaError as e:
        notices.tell(f"{e}; the set is not written down")
        return
    stack.callback(recorder.close)
    stack.callback(peers.housekeeper.each(recorder.write, _WRITE_S))
    controls.set_recorder = recorder


def _plug(
    stack: contextlib.ExitStack, live: LiveShow, housekeeper: Housekeeper, wanted: MidiConfig, config: Path | None,
    notices: Notices,
) -> None:  # fmt: skip
    """Open the MIDI ports; mappings are kept in the folder of settings, where there is one."""
    midi = Midi(wanted, notices.tell)
    stack.callback(midi.close)
    stack.callback(housekeeper.each(midi.tend))
    mappings = MappingFiles(config / "midi" if config else None, notices.tell)
    live.controls.midi = MidiHandler(midi, mappings, notices.tell, live.edge)


def _listen(stack: contextlib.ExitStack, wanted: OscConfig, notices: Notices) -> Osc | None:
    """Open the port for OSC; the show goes on without it where another program has it."""
    try:
        one = Osc(wanted, SIGNALS)
    except ControlError as e:
        notices.tell(str(e))
        return None
    stack.callback(one.close)
    return one


def _serve(
    stack: contextlib.ExitStack, live: LiveShow, playing: ShowConfig, wanted: PanelConfig, osc: PortlessOsc,
    notices: Notices,
) -> None:  # fmt: skip
    """Serve the panel and OSCQuery; what comes in there goes the way of OSC."""
    peers, by_udp = live.controls.peers, playing.osc
    assert peers is not None
    # Whom OSC by UDP is open to may ask by OSCQuery, too.
    opened = by_udp is not None and not is_loopback(by_udp.host)
    told = replace(wanted, osc=(by_udp.host if by_udp else wanted.host, osc.port), opened=opened)
    link = PanelLink(
        told, notices.tell, lambda one: _panel_ready(one, playing.open_panel, live, notices), live.session.folders,
        (resources.gallery_dir(),),
    )  # fmt: skip
    stack.callback(link.close)
    live.panel = Panel(link, live)
    osc.sources.append(link.take)
    stack.callback(peers.housekeeper.each(live.panel.tend))


def _panel_ready(link: PanelLink, in_browser: bool, live: LiveShow, notices: Notices) -> None:
    """The page can be opened: where, in the terminal, with a code for phones there and in the HUD."""
    notices.say(f"vj: the panel is at {link.url}")
    for url in link.urls_elsewhere:
        notices.say(f"vj: from other machines: {url}\n{qr_text(url)}")
        live.show_code(qr_picture(url, 3))
    if in_browser:
        # A browser of the terminal takes it over until it is left.
        threading.Thread(target=link.open_browser, daemon=True).start()


def _recorder(
    stack: contextlib.ExitStack, live: LiveShow, look: PictureConfig, path: Path, peers: Peers, notices: Notices
) -> "Recorder":
    from vj.render.output.recorder import Recorder

    recorder = Recorder(
        live.window.ctx, path, look.size, RECORD_FPS, peers.listener.blocks_name, notices.tell, peers.housekeeper.each
    )
    stack.callback(recorder.close)
    return recorder


def play(
    playing: ShowConfig, look: PictureConfig, screen: OutputConfig, seconds: float = 0.0, report: Path | None = None,
    trace: Path | None = None,
) -> Ended:  # fmt: skip
    """Play until the window is closed, Ctrl-C, the end of the file, or for `seconds`; returns what to tell the person.

    report  a file to write figures to at the end, as JSON; trace: one for where the time of each frame went
    Raises VjError.
    """
    if trace:
        # What cannot be written is said before the show, not after it.
        Trace().write(trace)
    with opened(playing, look, screen) as show:
        show.live.trace = Trace() if trace else None
        _loop(show, seconds)
        recorder = show.live.recorder
        recorded = recorder.close() if recorder else None
        if trace and show.live.trace:
            show.live.trace.write(trace)
        log = str(playing.log) if playing.log else ""
        told = {"log": log, "first_picture_s": show.first_s, "recorded": recorded}
        told |= figures(show.live, show.housekeeper)
    if report:
        _write_report(report, told)
    return Ended(summary(told), f"{screen.record}: {recorder.trouble}" if recorder and recorder.trouble else "")


def _write_report(path: Path, told: dict[str, Any]) -> None:
    try:
        write_text(path, json.dumps(told, indent=2))
    except OSError as e:
        raise UsageError(f"--report {path}: cannot be written: {reason(e)}") from e


def figures(live: LiveShow, housekeeper: Housekeeper) -> dict[str, Any]:
    """How the show went, for a report: times in milliseconds, counts."""
    return {
        "frames": live.meters.times.count,
        "fps": live.fps,
        "frame_ms": percentiles_ms(live.meters.times.intervals_s),
        "draw_ms": percentiles_ms(live.meters.times.draws_s),
        "worst_frame_ms": live.meters.times.worst_s * 1000.0,
        "drawing": asdict(live.reading()),
        "clock": {"ruler": live.controls.state.tempo.ruler, **asdict(live.controls.state.tempo.beat)},
        "dreaming": asdict(housekeeper.dreaming),
        "hearing": asdict(housekeeper.hearing),
        "errors": live.edge.counts(),
    }


def summary(told: dict[str, Any]) -> str:
    """The same for people."""
    frame, dreaming, hearing = told["frame_ms"], told["dreaming"], told["hearing"]
    faults = sum(told["errors"]["failed"].values())
    lines = [
        f"{told['frames']} frames, " + ", ".join(f"{name} {ms:.1f} ms" for name, ms in frame.items()),
        f"network: {dreaming['fps']:.1f} pictures a second, {dreaming['restarts']} restarts, "
        f"{dreaming['bad']} that were none",
        f"sound: {hearing['lost_s']:.1f} s missed, {hearing['overflows']} overflows, "
        f"{hearing['restarts']} restarts of the capture, {hearing['ears_restarts']} of the analysis",
    ]
    lines += [f"{faults} faults of vj; the log has them: {told['log']}"] if faults else []
    return "\n".join([*lines, told["recorded"]] if told["recorded"] else lines)


def _loop(show: Joined, seconds: float) -> None:
    """Frame after frame. Ctrl-C, a polite kill and a terminal that is closed are ordinary ends."""
    live = show.live
    end_s = time.monotonic() + seconds
    # What is there now stays; looking through it again and again would be seen.
    gc.collect()
    gc.freeze()
    with contextlib.suppress(KeyboardInterrupt), _terminated():
        while not live.window.closed and not (seconds and time.monotonic() > end_s):
            live.step()
            while show.input.keys:
                live.key(show.input.keys.pop(0))
            while show.input.clicks:
                live.click(*show.input.clicks.pop(0))


@contextlib.contextmanager
def _terminated() -> Iterator[None]:
    """SIGTERM and SIGHUP are as Ctrl-C inside, once; who began this under nohup wants no SIGHUP."""

    def end(number: int, frame: object) -> None:
        # A terminal that goes says so more than once, which must not cut the end short.
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    found = {number: signal.getsignal(number) for number in _ENDS}
    before = {number: handler for number, handler in found.items() if handler != signal.SIG_IGN}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is end:
                signal.signal(number, handler)


def _check(playing: ShowConfig, look: PictureConfig, screen: OutputConfig) -> None:
    """What is wrong is said before anything opens."""
    read_card(playing.model)
    if screen.record:
        # What loads an encoder is loaded only where it is needed.
        from vj.render.output.video import check_path

        check_path(screen.record, look.size)


def _wanted(playing: ShowConfig, session: Session, listener: Listener) -> GeneratorConfig:
    """What the generators are started with. The window and the ears come first: a core is left to them."""
    cores = os.cpu_count() or 1
    name = session.show.preset.model
    model = resources.find("model", name, resources.models_dir(), ".safetensors") if name else playing.model
    return GeneratorConfig(
        model, GENERATOR_PARAMS, playing.seed, 0, "", listener.rows.name, "",
        time.monotonic(), threads=max(cores - 1, 1), nice=5 if sys.platform != "win32" else 0,
        engine=playing.engine,
    )  # fmt: skip


def _own_shaders(folders: tuple[Path, ...]) -> list[Path]:
    """The shader files of the performer's folders, also those that were not there at the start."""
    return [path for folder in folders for path in folder.rglob("*.fs")]


def _files(session: Session, pool: GeneratorPool) -> list[Path]:
    """The files whose changes are followed while playing."""
    shaders = [Path(shader.file) for shader in session.shaders.values()]
    names = [folder / f"{session.preset}.toml" for folder in session.folders]
    preset = next((path for path in names if path.is_file()), Path(session.preset))
    return [*shaders, preset, pool.model]
