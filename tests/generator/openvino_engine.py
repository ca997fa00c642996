"""Everything that needs OpenVINO's graphs built, in a process of its own: `openvino_engine.py FOLDER`.

Keras serves one library a process. Leaves what was drawn in FOLDER/drawn.npz and prints what else was found, as JSON.
"""

import json
import sys
from pathlib import Path

import numpy as np
import tiny

from vj.core.errors import VjError
from vj.core.types import FLOW_SIZE, GeneratorInput
from vj.generator import bending
from vj.generator.openvino import program
from vj.generator.openvino.compiling import compile_program
from vj.generator.openvino.engine import OpenvinoEngine, opened
from vj.generator.weights import save_model

NEUTRAL = {p.id: p.default for p in bending.PARAMS}
NETWORKS = {"skip": tiny.SKIP, "resnet": tiny.RESNET, "clamped": tiny.CLAMPED, "labelled": tiny.LABELLED}
#: Those compiled in this process; the other one comes by its file, as in a show.
BUILT = ("skip", "resnet", "labelled")
STILL = np.zeros((FLOW_SIZE, FLOW_SIZE, 2), np.float32)


def network(name):
    return tiny.model(NETWORKS[name], scale=0.5)


def frames(arch, w_avg):
    """(name, input): each bend strong at three layers, all of them at once, noise, and the picture at rest."""
    rng = np.random.default_rng(5)
    yield "rest", given(arch, w_avg, rng, NEUTRAL, sigma=0.0)
    yield "noise", given(arch, w_avg, rng, NEUTRAL)
    for bend in bending.BENDS:
        for layer in (0.0, 0.5, 1.0):
            yield f"{bend.name} {layer}", given(arch, w_avg, rng, NEUTRAL | bent(rng, bend, layer))
    together = [item for bend in bending.BENDS for item in bent(rng, bend, rng.random(), 0.25).items()]
    yield "together", given(arch, w_avg, rng, NEUTRAL | dict(together))


def bent(rng, bend, layer, much=0.8):
    base = f"bend/{bend.name}/"
    ends = {a: a.hi if a.hi != a.default else a.lo for a in bend.amounts}
    amounts = {a.id: a.default + much * (end - a.default) for a, end in ends.items()}
    return amounts | {
        base + "layer": layer, base + "channels_hi": rng.uniform(0.5, 1.0),
        base + "channels_seed": float(rng.integers(0, 9)),
    }  # fmt: skip


def given(arch, w_avg, rng, p, sigma=1.0):
    n = arch.n_conv
    ws = w_avg + rng.standard_normal((arch.num_ws, arch.w_dim), np.float32)
    flow = rng.uniform(-1, 1, (FLOW_SIZE, FLOW_SIZE, 2)).astype(np.float32)
    return GeneratorInput(ws, rng.random(n, np.float32), np.full(n, sigma, np.float32), bending.pack(p, n), flow)


def exact(engine):
    """The float32 picture of known styles without noise, and what the mapping network makes of known z."""
    arch, rng = engine.arch, np.random.default_rng(1)
    ws = rng.standard_normal((arch.num_ws, arch.w_dim), np.float32)
    silent = np.zeros(arch.n_conv, np.float32)
    engine.frame(GeneratorInput(ws, silent, silent, keeping_the_picture(arch), STILL))
    return engine._runner.picture.copy(), engine.map(rng.standard_normal((3, arch.z_dim), np.float32))


def keeping_the_picture(arch):
    """A bend of the picture that changes nothing, for which it is kept before it becomes bytes."""
    return bending.pack(NEUTRAL | {"bend/gain/db": 2e-6, "bend/gain/layer": 1.0}, arch.n_conv)


def refused(engine, **changes):
    one = given(engine.arch, engine.w_avg, np.random.default_rng(0), NEUTRAL)
    try:
        engine.frame(GeneratorInput(changes.get("ws", one.ws), one.noise_turns, one.noise_sigma, one.bends, one.flow))
    except VjError as e:
        return f"{type(e).__name__}: {e}"
    return ""


def of_a_file(folder, name):
    """The engine of a network's file whose kept program lost its end, and whether that is whole again."""
    path = program.program_path(folder, network(name), False)
    program.write_program(path, program.Program(("f32",), {"mapping": b"m" * 1000}))
    path.write_bytes(path.read_bytes()[:-100])
    save_model(folder / f"{name}.safetensors", network(name))
    engine = opened(folder / f"{name}.safetensors", noise_seed=3, folder=folder, bf16=False)
    return engine, program.read_program(path) is not None


def resampled():
    """The largest difference of the two ways to read features of numbers 0 … 1, also beyond their border."""
    import openvino

    from vj.generator.openvino import graph

    rng, core, found = np.random.default_rng(2), openvino.Core(), []
    given = {"x": rng.random((1, 8, 6, 20), np.float32), "at": rng.uniform(-2, 9, (2, 5, 7)).astype(np.float32)}
    for read in (graph.resample, graph._sampled):
        inputs = graph.Inputs()
        x, at = (inputs.get(name, *value.shape) for name, value in given.items())
        compiled = core.compile_model(inputs.model("read", {"read": read(x, at)}), "CPU")
        found.append(compiled(given)[0].copy())
    return float(np.abs(found[0] - found[1]).max())


def counted():
    """The names of the compiler's calls from now on."""
    import openvino

    calls = []

    def counting(name, real):
        def call(self, *given, **more):
            calls.append(name)
            return real(self, *given, **more)

        return call

    for name in ("compile_model", "import_model"):
        setattr(openvino.Core, name, counting(name, getattr(openvino.Core, name)))
    return calls


def main(folder):
    drawn, calls = {}, counted()
    engines = {n: OpenvinoEngine(network(n), compile_program(network(n), 0, bf16=False), noise_seed=3) for n in BUILT}
    engines["clamped"], whole = of_a_file(folder, "clamped")
    rough = OpenvinoEngine(network("skip"), compile_program(network("skip"), 0, bf16=True), noise_seed=3)
    calls.clear()
    for name, engine in engines.items():
        drawn[f"{name} exact"], drawn[f"{name} map"] = exact(engine)
    for kind, engine in (("skip", engines["skip"]), ("resnet", engines["resnet"]), ("rough", rough)):
        drawn |= {f"{kind} {frame}": engine.frame(one) for frame, one in frames(engine.arch, engine.w_avg)}
    found = {"compiled while drawing": list(calls), "precision": rough.precision, "whole": whole}
    found["resampled"] = resampled()
    clamped = engines["clamped"]
    found["not a number"] = refused(clamped, ws=np.full((clamped.num_ws, clamped.w_dim), np.nan, np.float32))
    found["shape"] = refused(clamped, ws=np.zeros((2, 8), np.float32))
    np.savez(folder / "drawn.npz", **drawn)
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
