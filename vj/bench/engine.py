"""`vj bench --engine`: what the network costs on this machine, beside what the machine can do and what the peer does.

Other work on a machine moves all figures by tens of per cent; so everything that is compared is measured in turns, a
few frames of each at a time, and the ratios are what to read.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from vj.core.errors import UsageError, WorkerError
from vj.core.types import F32, FLOW_SIZE, GeneratorInput
from vj.generator import bending
from vj.generator.config import EngineChoice, EngineName
from vj.generator.engine import Engine
from vj.generator.model_tools import noises
from vj.generator.opening import choose, open_engine, openvino_is_there, remember
from vj.generator.weights import Model, load_model
from vj.generator.xla import configure_tensorflow

_TURNS = 20
_START_TIMEOUT_S = 300.0
#: Starts like the generator process, and says how long it took from the interpreter's start to the first picture.
_FIRST_FRAME = """
import time
began = time.perf_counter()
import sys
from pathlib import Path
from vj.generator.opening import open_engine
open_engine(Path(sys.argv[1]), sys.argv[2])
print(time.perf_counter() - began)
"""

#: Draws n frames and gives the milliseconds of each.
Timed = Callable[[int], list[float]]


def run(
    model_path: Path,
    frames: int,
    peer: Path | None = None,
    peer_python: str = sys.executable,
    asked: EngineChoice = "auto",
) -> dict[str, Any]:
    """Measure; `frames` pictures of each kind, in `_TURNS` turns.

    The report holds, for "plain" (fixed noise and latents), "busy" (everything changes with every frame, one layer is
    warped), "other" (plain, by the engine that was not chosen, where `asked` leaves the choice) and "peer": fps (of the
    median), p50_ms, p95_ms, p99_ms, and best_ms, which other work disturbs least; the network's GMAC; the machine's
    best multiplication rate and the network's share of it; seconds from process start to the first picture; and the
    ratios. The engines' times are remembered for the next choice. Raises ModelError, UsageError or WorkerError.
    """
    if frames < _TURNS:
        raise UsageError(f"{frames} frames: expected {_TURNS} or more")
    configure_tensorflow()
    model = load_model(model_path)
    engine = open_engine(model_path, choose(model_path, asked))
    kinds: dict[str, Timed] = {"plain": _timed(engine, _plain(engine)), "busy": _timed(engine, _busy(engine))}
    report: dict[str, Any] = {
        "model": str(model_path), "resolution": engine.resolution, "frames": frames, "engine": engine.name,
    }  # fmt: skip
    if asked == "auto" and openvino_is_there():
        other = open_engine(model_path, "xla" if engine.name == "openvino" else "openvino")
        kinds["other"], report["other_engine"] = _timed(other, _plain(other)), other.name
    with contextlib.ExitStack() as stack:
        if peer is not None:
            kinds["peer"], report["peer_difference"] = stack.enter_context(_peer(model, peer, peer_python))
        times = _in_turns(kinds, frames)
    report["start_to_first_frame_s"] = _first_frame_s(model_path, engine.name)
    report |= {kind: _figures(times[kind]) for kind in kinds}
    if "other" in report:
        remember(model.arch, {engine.name: report["plain"]["best_ms"], other.name: report["other"]["best_ms"]})
    return report | _ratios(report, model.arch.gmac(), _ceiling_gmac_per_s())


def text(report: dict[str, Any]) -> str:
    """The report for people."""
    share, start_s = 100 * report["ceiling_share"], report["start_to_first_frame_s"]
    named = {"plain": "plain", "busy": "busy", "other": report.get("other_engine", ""), "peer": "peer"}
    lines = [
        f"{report['model']}: {report['resolution']}×{report['resolution']}, {report['gmac']:.2f} GMAC a picture",
        f"drawn by {report['engine']}",
        f"{'':8}{'fps':>8}{'best ms':>10}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}",
        *(_row(name, report[kind]) for kind, name in named.items() if kind in report),
        f"ceiling {report['ceiling_gmac_per_s']:.0f} GMAC/s, of which plain uses {share:.0f} %",
        f"busy p95 / plain p50: {report['busy_p95_over_plain_p50']:.2f}",
    ]
    if "other" in report:
        best = report["other_best_over_plain_best"]
        lines.append(f"{named['other']} / {report['engine']}: {best:.2f} (plain, best frames)")
    if "peer" in report:
        ratio, best = report["plain_fps_over_peer_fps"], report["peer_best_over_plain_best"]
        lines.append(f"plain fps / peer fps: {ratio:.2f} (best frames: {best:.2f})")
        lines.append(f"the two pictures differ by {report['peer_difference']:.1e} of their spread")
    return "\n".join([*lines, f"process start to first picture: {start_s:.1f} s"])


def _row(kind: str, found: dict[str, float]) -> str:
    times = (found[name] for name in ("best_ms", "p50_ms", "p95_ms", "p99_ms"))
    return f"{kind:8}{found['fps']:8.1f}" + "".join(f"{ms:10.1f}" for ms in times)


def _in_turns(kinds: dict[str, Timed], frames: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for timed in kinds.values():
        timed(3)
    for turn in range(_TURNS):
        n = frames * (turn + 1) // _TURNS - frames * turn // _TURNS
        for kind, timed in kinds.items():
            times[kind] += timed(n)
    return times


def _figures(times_ms: list[float]) -> dict[str, float]:
    p50, p95, p99 = (float(q) for q in np.percentile(times_ms, (50, 95, 99)))
    return {"fps": 1e3 / p50, "best_ms": min(times_ms), "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


def _ratios(report: dict[str, Any], gmac: float, ceiling: float) -> dict[str, float]:
    plain, busy, peer = report["plain"], report["busy"], report.get("peer")
    ratios = {
        "gmac": gmac,
        "ceiling_gmac_per_s": ceiling,
        "ceiling_share": gmac * plain["fps"] / ceiling,
        "busy_p95_over_plain_p50": busy["p95_ms"] / plain["p50_ms"],
    }
    if "other" in report:
        ratios["other_best_over_plain_best"] = report["other"]["best_ms"] / plain["best_ms"]
    if peer:
        ratios["plain_fps_over_peer_fps"] = plain["fps"] / peer["fps"]
        ratios["peer_best_over_plain_best"] = peer["best_ms"] / plain["best_ms"]
    return ratios


def _timed(engine: Engine, inputs: Callable[[int], GeneratorInput]) -> Timed:
    done = 0

    def timed(n: int) -> list[float]:
        nonlocal done
        times_ms = []
        for _ in range(n):
            given = inputs(done)
            began = time.perf_counter()
            engine.frame(given)
            times_ms.append(1e3 * (time.perf_counter() - began))
            done += 1
        return times_ms

    return timed


def _plain(engine: Engine) -> Callable[[int], GeneratorInput]:
    n = engine.n_noise
    ws = np.repeat(engine.w_avg[None], engine.num_ws, axis=0)
    still = np.zeros((FLOW_SIZE, FLOW_SIZE, 2), np.float32)
    given = GeneratorInput(ws, np.zeros(n, np.float32), np.ones(n, np.float32), bending.neutral(), still)
    return lambda _: given


def _busy(engine: Engine) -> Callable[[int], GeneratorInput]:
    """Latents, noise and flow change with every frame, and so do the place and the amount of a dense displacement."""
    rng = np.random.default_rng(0)
    neutral = {p.id: p.default for p in bending.PARAMS}
    n = engine.n_noise
    ends = engine.map(rng.standard_normal((2, engine.z_dim), np.float32))

    def given(i: int) -> GeneratorInput:
        w = ends[0] + (0.5 + 0.5 * np.float32(np.sin(0.1 * i))) * (ends[1] - ends[0])
        layer = (i % n) / n
        bends = neutral | {"bend/displace/amount": 0.1 + 0.05 * (i % 2), "bend/displace/layer": layer}
        flow = rng.uniform(-1, 1, (FLOW_SIZE, FLOW_SIZE, 2)).astype(np.float32)
        turns = np.full(n, (0.01 * i) % 1.0, np.float32)
        sigma = np.full(n, 0.5 + 0.5 * (i % 2), np.float32)
        return GeneratorInput(np.repeat(w[None], engine.num_ws, axis=0), turns, sigma, bending.pack(bends, n), flow)

    return given


def _ceiling_gmac_per_s() -> float:
    """The best rate of a float32 matrix product and of a convolution, the network's two kinds of work."""
    import tensorflow as tf

    side = 1536
    a, b = (tf.random.normal((side, side)) for _ in range(2))
    x, kernel = tf.random.normal((1, 64, 64, 256)), tf.random.normal((3, 3, 256, 256))
    works: list[tuple[float, Callable[[], Any]]] = [
        (side**3 / 1e9, tf.function(lambda: tf.matmul(a, b))),
        (64 * 64 * 256 * 256 * 9 / 1e9, tf.function(lambda: tf.nn.conv2d(x, kernel, 1, "SAME"))),
    ]
    return max(gmac / _best_s(work) for gmac, work in works)


def _best_s(work: Callable[[], Any]) -> float:
    work().numpy()
    best = float("inf")
    for _ in range(15):
        began = time.perf_counter()
        work().numpy()
        best = min(best, time.perf_counter() - began)
    return best


def _first_frame_s(model_path: Path, name: EngineName) -> float:
    command = [sys.executable, "-c", _FIRST_FRAME, str(model_path), name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_START_TIMEOUT_S, check=False)
    if done.returncode:
        raise WorkerError(f"the process that measures the start failed: {_last_line(done.stderr)}")
    return float(done.stdout.split()[-1])


@contextlib.contextmanager
def _peer(model: Model, checkout: Path, python: str) -> Iterator[tuple[Timed, float]]:
    """stylegan2-ada-pytorch on the same network: its timer, and how far its picture is from ours, in spreads."""
    if not (checkout / "training" / "networks.py").is_file():
        raise UsageError(f"{checkout}: not a checkout of stylegan2-ada-pytorch (no training/networks.py)")
    _check_channels(model)
    with tempfile.TemporaryDirectory() as folder:
        network, picture = Path(folder) / "network.npz", Path(folder) / "picture.npy"
        ws = np.repeat(model.tensors["mapping.w_avg"][None, None], model.arch.num_ws, axis=1)
        tensors: dict[str, Any] = {**model.tensors, "ws": ws, "arch": json.dumps(model.arch.as_dict())}
        np.savez(network, **tensors)
        script = Path(__file__).with_name("engine_peer.py")
        process = _started([python, str(script), str(checkout), str(network), str(picture)])
        with process:
            try:
                _answer(process)
                ours = _our_picture(model, ws)
                yield _peers_timer(process), float(np.abs(np.load(picture) - ours).max() / ours.std())
            finally:
                process.kill()


def _started(command: list[str]) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    except OSError as e:
        raise UsageError(f"{command[0]}: cannot be run: {e.strerror}") from e


def _check_channels(model: Model) -> None:
    arch = model.arch
    last, most = arch.channels[-1] * arch.resolution, max(arch.channels)
    made = tuple(min(last // side, most) for side in arch.resolutions)
    if made != arch.channels:
        raise UsageError(f"the peer can make channels {made}, not this network's {arch.channels}")


def _peers_timer(process: "subprocess.Popen[str]") -> Timed:
    def timed(n: int) -> list[float]:
        assert process.stdin is not None
        process.stdin.write(f"{n}\n")
        process.stdin.flush()
        times_ms: list[float] = json.loads(_answer(process))
        return times_ms

    return timed


def _answer(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    if line := process.stdout.readline():
        return line
    raise WorkerError(f"the peer failed: {_last_line(process.stderr.read())}")


def _our_picture(model: Model, ws: F32) -> F32:
    from vj.generator import stylegan2

    p = stylegan2.prepare(model.tensors, model.arch)
    out: F32 = np.asarray(stylegan2.synthesis(p, model.arch, ws, noises(model, "const", 0)))[0]
    return out


def _last_line(output: str) -> str:
    return (output.strip().splitlines() or ["it said nothing"])[-1][:300]
