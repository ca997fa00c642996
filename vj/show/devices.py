"""What this machine offers: audio inputs, MIDI ports, monitors, OpenGL, GPUs, settings. Opens nothing for long."""

import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vj.core import resources
from vj.core.errors import GraphicsError
from vj.core.logs import of_shows
from vj.runtime.native import native_stderr_closed
from vj.show.set_recorder import of_sets

#: Where a folder of the user would stand.
NO_HOME = "nowhere: this user has no home folder"


def devices() -> dict[str, Any]:
    """Everything found, by kind; where a kind cannot be asked, a text that says why."""
    return {
        "audio_inputs": _audio_inputs(),
        "midi_inputs": _midi_ports(),
        "monitors": monitors(),
        "opengl": opengl(),
        "gpus": _gpus(),
        "settings": str(resources.config_dir() or NO_HOME),
        "log": _newest(resources.logs_dir(), of_shows),
        "set": _newest(resources.sets_dir(), of_sets),
    }


def _newest(folder: Path | None, all_of: Callable[[Path], Sequence[Path]]) -> str:
    """The newest file, or where they will be."""
    return str(next(reversed(all_of(folder)), folder)) if folder else NO_HOME


def devices_text(found: dict[str, Any]) -> str:
    """The same for people."""
    lines = []
    for kind, items in found.items():
        lines.append(kind.replace("_", " ") + ":")
        lines += [f"  {item}" for item in ([items] if isinstance(items, str) else items)] or ["  none"]
    return "\n".join(lines)


def _audio_inputs() -> list[str] | str:
    try:
        # ALSA and JACK tell on stderr what they did not find.
        with native_stderr_closed():
            import sounddevice
    except OSError as e:
        return f"PortAudio cannot be loaded ({e}); on Debian: libportaudio2"
    return [
        f"{d['name']} ({d['max_input_channels']} channels, {d['default_samplerate']:g} Hz)"
        for d in sounddevice.query_devices()
        if d["max_input_channels"] > 0
    ]


def _midi_ports() -> list[str] | str:
    try:
        import rtmidi
    except ImportError as e:
        return f"python-rtmidi cannot be loaded ({e})"
    apis = [a for a in rtmidi.get_compiled_api() if a != rtmidi.API_RTMIDI_DUMMY]
    ports, refused = [], []
    for api in apis:
        try:
            with native_stderr_closed():
                ports += rtmidi.MidiIn(api).get_ports()
        # The wheel raises a bare SystemError where the kernel has no ALSA sequencer.
        except (rtmidi.RtMidiError, SystemError):
            refused.append(rtmidi.get_api_display_name(api))
    return ports or (f"none ({', '.join(refused)} cannot be reached)" if refused else [])


def monitors() -> list[str] | str:
    """Name, size and rate of each monitor; a text where there is no display."""
    import glfw

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", glfw.GLFWError)
        if not glfw.init():
            return "no display"
    try:
        # The C library gives bytes, whatever the type stubs say.
        modes = [(_text(glfw.get_monitor_name(m)), glfw.get_video_mode(m)) for m in glfw.get_monitors()]
        return [f"{name} {m.size.width}x{m.size.height} at {m.refresh_rate} Hz" for name, m in modes]
    finally:
        glfw.terminate()


def _text(name: str | bytes) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else name


def opengl() -> str:
    """What draws, or why nothing does."""
    from vj.render.isf.program import open_context

    try:
        ctx = open_context()
    except GraphicsError as e:
        return str(e)
    try:
        return f"{ctx.info['GL_VERSION']} on {ctx.info['GL_RENDERER']}"
    finally:
        ctx.release()


def _gpus() -> list[str]:
    if sys.platform == "darwin" or not shutil.which("nvidia-smi"):
        return []
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []
