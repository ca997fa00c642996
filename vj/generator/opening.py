"""Which engine draws a network, and the engine itself. Loads TensorFlow only where XLA is to draw.

Asked for "auto", OpenVINO draws where it is installed, as it starts sooner, until both were timed with a network of
that shape: beside a show that has drawn for a while (`measure_beside`), or by `vj bench`. The times are kept in the
user's cache folder.
"""

import contextlib
import hashlib
import importlib.util
import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from vj.core import resources
from vj.core.errors import ModelError, UsageError, WorkerError
from vj.core.files import read_text, write_text
from vj.core.logs import LOG
from vj.generator.arch import Arch
from vj.generator.config import EngineChoice, EngineName
from vj.generator.engine import Engine
from vj.generator.machine import has_nvidia_driver, processor, version
from vj.generator.weights import load_model, read_card
from vj.runtime.module import run_module

#: A cold first compile of a large network on a slow machine takes minutes.
_PROBE_TIMEOUT_S = 600.0
_NAMES: tuple[EngineName, ...] = ("openvino", "xla")
#: XLA draws where it needs less than this share of OpenVINO's time: its process takes seconds longer to start, and
#: times taken beside a show are rough.
_CLEARLY = 0.85


def open_engine(
    path: Path,
    asked: EngineChoice,
    *,
    noise_seed: int = 0,
    threads: int = 0,
    tell: Callable[[str], None] = LOG.warning,
) -> Engine:
    """The network of a file, ready to draw by the engine that was asked for; by XLA where OpenVINO fails.

    threads  of a picture, 0: one for each core; tell  is given a line where an engine fails
    Raises ModelError, UsageError or WorkerError.
    """
    if choose(path, asked) == "openvino":
        from vj.generator.openvino.engine import opened

        try:
            return opened(path, noise_seed=noise_seed, threads=threads)
        except WorkerError as e:
            tell(f"OpenVINO cannot draw {path.stem}, XLA does: {e}")
    from vj.generator.load_tensorflow import import_tensorflow
    from vj.generator.xla import XlaEngine, configure_tensorflow

    configure_tensorflow()
    import_tensorflow()
    configure_tensorflow(threads=threads)
    engine = XlaEngine(load_model(path), noise_seed=noise_seed)
    engine.warm()
    return engine


def choose(path: Path, asked: EngineChoice) -> EngineName:
    """The engine that is to draw the network of a file. Raises UsageError for one that is not installed, ModelError."""
    if asked == "xla" or (asked == "auto" and not openvino_is_there()):
        return "xla"
    if asked == "openvino":
        if not openvino_is_there():
            raise UsageError("--engine openvino needs openvino, which is not installed: pip install 'vj[cpu]'")
        return "openvino"
    times_ms = remembered(read_card(path)[0])
    return better(times_ms) if times_ms else _likely()


def better(times_ms: Mapping[EngineName, float]) -> EngineName:
    """Which engine is to draw, of milliseconds a picture by each that could."""
    endless = float("inf")
    return "xla" if times_ms.get("xla", endless) < _CLEARLY * times_ms.get("openvino", endless) else "openvino"


def _likely() -> EngineName:
    """What draws as long as nothing is known: XLA where there is a GPU, and what TensorFlow needs for it."""
    return "xla" if has_nvidia_driver() and importlib.util.find_spec("nvidia") else "openvino"


def openvino_is_there() -> bool:
    """Whether the package is installed."""
    return importlib.util.find_spec("openvino") is not None


def remembered(arch: Arch) -> dict[EngineName, float] | None:
    """Milliseconds a picture by each engine that could draw, as measured before; None: not yet, or not readable."""
    path = _record(arch)
    try:
        found = json.loads(read_text(path, 4096)) if path else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not found or found.keys() - set(_NAMES):
        return None
    if not all(isinstance(ms, float) and ms > 0.0 for ms in found.values()):
        return None
    return cast(dict[EngineName, float], found)


def remember(arch: Arch, times_ms: Mapping[EngineName, float]) -> None:
    """Keep the times; where that cannot be they are measured again next time."""
    path = _record(arch)
    if path and times_ms:
        with contextlib.suppress(OSError):
            write_text(path, json.dumps(times_ms))


def _record(arch: Arch) -> Path | None:
    folder = resources.cache_dir()
    said = [arch.as_dict(), processor(), *map(version, ("openvino", "tensorflow", "tensorflow-cpu", "vj"))]
    name = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
    return folder / "engines" / f"{name}.json" if folder else None


def measure_beside(path: Path, threads: int) -> threading.Thread | None:
    """Time both engines with the network, in processes beside this one, and remember the times for the next start.

    Returns the thread that does; None where there is no choice, or the times are known.
    """
    try:
        arch = read_card(path)[0]
    except ModelError:
        # It was there when it was opened; a snapshot of a training may be another one by now, or none.
        return None
    if not openvino_is_there() or remembered(arch) is not None:
        return None
    thread = threading.Thread(target=_measure, args=(path, arch, threads), name="engines", daemon=True)
    thread.start()
    return thread


def _measure(path: Path, arch: Arch, threads: int) -> None:
    found = {name: timed_ms(name, path, threads) for name in _NAMES}
    times_ms = {name: ms for name, ms in found.items() if ms is not None}
    LOG.info("%s: milliseconds a picture by each engine: %s", path, times_ms)
    remember(arch, times_ms)


def timed_ms(name: EngineName, path: Path, threads: int) -> float | None:
    """The best time of a picture in a process of its own; None where that engine cannot draw the network."""
    try:
        done = run_module("vj.generator.probe", name, str(path), str(threads), timeout_s=_PROBE_TIMEOUT_S)
        return float(done.split()[-1])
    except (ValueError, IndexError, WorkerError) as e:
        LOG.warning("%s cannot draw %s: %s", name, path, e)
        return None
