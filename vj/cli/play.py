"""`vj play`."""

import argparse
import contextlib
from pathlib import Path
from typing import Any

from vj.cli import defaults
from vj.cli.options import Commands, add_engine, add_preset, add_source, command, model_path, source
from vj.cli.types import above_zero, endpoint, number_from, output, seed, size


def add(commands: Commands) -> None:
    """Add the command and its options."""
    c = command(commands, "play", run, "Play live: the sound card or a file, in a window or full screen.")
    add_source(c)
    c.add_argument("--model", default=defaults.MODEL, metavar="M", help="a bundled network or a file")
    add_engine(c)
    c.add_argument("--seed", type=seed, default=defaults.SEED, metavar="N", help="other numbers are other pictures")
    c.add_argument("--size", type=size, default=defaults.WINDOW_SIZE, metavar="WxH", help="of the picture inside")
    c.add_argument("--fps", type=above_zero, default=None, metavar="F", help="default: the display's")
    c.add_argument("--fullscreen", action="store_true")
    c.add_argument("--monitor", default=None, metavar="N", help="for full screen: number from 1, or part of its name")
    c.add_argument("--hud", action="store_true", help="figures over the picture; H shows and hides them")
    c.add_argument("--record", type=output, default=None, metavar="OUT.mp4", help="what is seen and heard, to a file")
    c.add_argument("--log", type=output, default=None, metavar="SET.vjlog", help="what the set is played of, for "
                   "`vj replay` (default: kept for the last ten sets)")  # fmt: skip
    c.add_argument("--no-log", action="store_true", help="write down nothing of the set")
    c.add_argument("--no-spare", action="store_true", help="no second generator that waits: half the memory")
    c.add_argument("--report", type=output, default=None, metavar="OUT.json", help="figures of the show, at its end")
    c.add_argument("--trace", type=output, default=None, metavar="OUT.json", help="where the time of each frame goes, "
                   "for chrome://tracing or ui.perfetto.dev (the last ten minutes)")  # fmt: skip
    c.add_argument("--remember", action="store_true", help="devices, ports and monitor given here are the usual ones")
    c.add_argument("--cues", type=Path, default=None, metavar="FILE.toml", help="a list of presets to go through")
    c.add_argument("--resume", action="store_true", help="begin with what the last show ended with")
    c.add_argument("--no-midi", action="store_true", help="leave MIDI controllers to other programs")
    c.add_argument("--midi-api", default="", metavar="API", help="alsa, jack, core or windows (default: what works)")
    c.add_argument(
        "--osc", type=number_from(0, 65535), default=defaults.OSC_PORT, metavar="PORT", help="0: none (default 7700)"
    )
    c.add_argument("--osc-map", default=None, metavar="FILE", help="what other programs' addresses mean: a file, or "
                   "ableton_osc, max_for_live, touchdesigner")  # fmt: skip
    c.add_argument("--osc-query", type=number_from(0, 65535), default=defaults.OSC_QUERY_PORT, metavar="PORT",
                   help="of the panel and of OSCQuery; 0: neither (default 7701)")  # fmt: skip
    c.add_argument("--panel", action="store_true", help="open the panel in a browser")
    c.add_argument("--panel-bind", default=None, metavar="HOST", help="0.0.0.0 opens it to phones and other machines "
                   "(those of --osc-allow), which need the address with its token that is told")  # fmt: skip
    c.add_argument("--clean", action="store_true", help="nothing is ever written over the picture")
    c.add_argument("--osc-bind", default=defaults.OSC_HOST, metavar="HOST", help="0.0.0.0 opens it to other machines")
    c.add_argument("--osc-allow", action="append", default=[], metavar="NET", help="only these, such as 192.168.1.0/24")
    c.add_argument("--osc-to", type=endpoint, action="append", default=[], metavar="HOST:PORT", help="send there")
    c.add_argument(
        "--osc-rate", type=above_zero, default=defaults.OSC_RATE_HZ, metavar="HZ", help="of what is sent (default 30)"
    )
    add_preset(c)


def run(args: argparse.Namespace) -> int:
    """Carry it out; returns the exit status. Raises VjError."""
    from vj.control.midi.ports import MidiConfig
    from vj.core import resources
    from vj.core.errors import MediaError
    from vj.core.logs import new_file
    from vj.show import app
    from vj.show.live import PictureConfig

    config, logs = resources.config_dir(), resources.logs_dir()
    last = config / "last.toml" if config else None
    preset = str(last) if args.resume and last and last.is_file() else args.preset
    playing = app.ShowConfig(
        source(args), model_path(args.model).absolute(), preset, tuple(args.set), args.seed, spare=not args.no_spare,
        own=tuple(folder.absolute() for folder in args.shaders),
        osc=_osc(args), panel=_panel(args), open_panel=args.panel,
        midi=None if args.no_midi else MidiConfig(args.midi_api), config=config,
        log=new_file(logs) if logs else None, engine=args.engine,
        cues=args.cues.absolute() if args.cues else None, set_log=_set_log(args),
    )  # fmt: skip
    look = PictureConfig(args.size, args.fps, args.hud, args.clean)
    # The folder in which it was started may be removed while it plays.
    record, report, trace = (path.absolute() if path else None for path in (args.record, args.report, args.trace))
    screen = app.OutputConfig(args.fullscreen, args.monitor, record)
    ended = app.play(playing, look, screen, args.seconds, report, trace)
    # The show is over and all is kept: a terminal that has gone is no failure.
    with contextlib.suppress(OSError):
        print(ended.summary, flush=True)
    if ended.trouble:
        raise MediaError(ended.trouble)
    return 0


def _set_log(args: argparse.Namespace) -> Path | None:
    """Where to write down what the set is played of, None: nowhere."""
    from vj.core import resources
    from vj.show.set_recorder import new_file

    if args.log or args.no_log:
        return None if args.no_log else Path(args.log).absolute()
    folder = resources.sets_dir()
    return new_file(folder) if folder else None


def _osc(args: argparse.Namespace) -> Any:
    """Where to listen for OSC, None: nowhere (`vj.control.osc.server.OscConfig`)."""
    from vj.control.osc.address_map import MAPS
    from vj.control.osc.server import OscConfig
    from vj.core import resources

    if not args.osc:
        return None
    named = resources.find("OSC map", args.osc_map, MAPS, ".toml") if args.osc_map else None
    to, allowed = tuple(args.osc_to), tuple(args.osc_allow)
    return OscConfig(args.osc_bind, args.osc, allowed, args.osc_rate, to, named)


def _panel(args: argparse.Namespace) -> Any:
    """Where the panel is served, None: nowhere (`vj.control.panel.config.PanelConfig`)."""
    from vj.control.panel.config import PanelConfig

    if not args.osc_query:
        return None
    # OSCQuery is open to whom OSC is.
    host = args.panel_bind or args.osc_bind
    return PanelConfig(host, args.osc_query, tuple(args.osc_allow))
