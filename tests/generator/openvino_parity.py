"""Draws the original's networks by OpenVINO, in float32: `openvino_parity.py REFERENCE_FOLDER`.

Prints one JSON object: for each network the worst difference of w, and of the picture in standard deviations of it, and
how much the bytes of the pictures change, on average and most, where as many layers as are chosen are in bfloat16.
"""

import json
import sys
from pathlib import Path

import numpy as np
import openvino_engine as child

from vj.core.types import GeneratorInput
from vj.generator.importers.stylegan2_ada import import_snapshot
from vj.generator.openvino.compiling import compile_program
from vj.generator.openvino.engine import OpenvinoEngine, describe_precision


def drawing(engine):
    """(seed, psi) → (w, picture, its bytes), without noise."""
    silent = np.zeros(engine.n_noise, np.float32)
    bends = child.keeping_the_picture(engine.arch)

    def draw(seed, psi):
        w = engine.map(np.random.RandomState(seed).randn(1, engine.z_dim))
        ws = np.repeat(engine.w_avg + psi * (w - engine.w_avg), engine.num_ws, axis=0).astype(np.float32)
        levels = engine.frame(GeneratorInput(ws, silent, silent, bends, child.STILL))
        return ws, engine._runner.picture.copy(), levels.astype(int)

    return draw


def difference(pickle):
    model, reference = import_snapshot(pickle), np.load(pickle.with_suffix(".npz"))
    exact = OpenvinoEngine(model, compile_program(model, 0, bf16=False))
    rough = OpenvinoEngine(model, compile_program(model, 0, bf16=True))
    off = []
    for seed in (0, 7):
        for psi in (1.0, 0.7):
            ws, picture, levels = drawing(exact)(seed, psi)
            original = reference[f"image_seed{seed}_psi{psi}_none"]
            bytes_off = np.abs(drawing(rough)(seed, psi)[2] - levels)
            off.append([
                np.abs(ws - reference[f"ws_seed{seed}_psi{psi}"]).max(),
                np.abs(picture - original).max() / original.std(), bytes_off.mean(), bytes_off.max(),
            ])  # fmt: skip
    return {"off": np.max(off, axis=0).tolist(), "rough": describe_precision(rough.precision)}


if __name__ == "__main__":
    print(json.dumps({pickle.stem: difference(pickle) for pickle in sorted(Path(sys.argv[1]).glob("*.pkl"))}))
