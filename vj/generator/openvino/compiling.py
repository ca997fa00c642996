"""Compiles a network's graphs into a program, in a process of its own, as Keras serves one library a process.

`python -m vj.generator.openvino.compiling MODEL FILE THREADS BF16` leaves the program of a network in FILE.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vj.core.errors import WorkerError, one_line
from vj.generator import stylegan2
from vj.generator.bending.spec import KINDS
from vj.generator.openvino import cuts, graph
from vj.generator.openvino.cuts import Piece
from vj.generator.openvino.precision import chosen_precision, has_bf16
from vj.generator.openvino.program import Program, bend_name, write_program
from vj.generator.openvino.running import Runner, settings
from vj.generator.weights import Model, load_model
from vj.runtime.native import signal_at_parents_end


def compile_program(model: Model, threads: int, bf16: bool) -> Program:
    """Every graph that any frame may need, in the precisions that the network bears.

    Raises WorkerError where Keras is at work for another library in this process.
    """
    if not graph.use_keras():
        raise WorkerError("OpenVINO's graphs are built by Keras, which is at work for another library in this process")
    arch, compiler = model.arch, _Compiler(model, threads)
    mapping = compiler.compiled(graph.mapping(compiler.weights, arch))
    pieces = compiler.pieces(cuts.single(arch), "f32")
    precision = ("f32",) * cuts.n_sites(arch)
    if bf16 and has_bf16(compiler.core):
        rough = compiler.pieces(cuts.single(arch), "bf16")
        precision = chosen_precision(arch, pieces, rough, lambda mixed: Runner(arch, mapping, mixed, {}))
        pieces |= {part: one for part, one in rough.items() if precision[part.first] == "bf16"}
    for part in cuts.stretches(arch, precision):
        pieces |= compiler.pieces([part], precision[part.first])
    graphs = {"mapping": mapping} | {str(part): one for part, one in pieces.items()}
    for shape in cuts.bent_shapes(arch):
        graphs |= {bend_name(kind, shape): compiler.compiled(graph.bend(shape, kind)) for kind in KINDS}
    return Program(precision, {name: _exported(one) for name, one in graphs.items()})


def _exported(compiled: Any) -> bytes:
    blob: bytes = compiled.export_model().getvalue()
    return blob


class _Compiler:
    def __init__(self, model: Model, threads: int) -> None:
        import openvino

        self.core, self._arch, self._threads = openvino.Core(), model.arch, threads
        self.weights = stylegan2.laid_out(model.tensors, model.arch)

    def compiled(self, model: Any, precision: str = "f32") -> Any:
        return self.core.compile_model(model, "CPU", settings(self._threads, precision))

    def pieces(self, parts: Iterable[Piece], precision: str) -> dict[Piece, Any]:
        graphs = {part: graph.piece(self.weights, self._arch, part, precision) for part in parts}
        return {part: self.compiled(one, precision) for part, one in graphs.items()}


def main(model: Path, file: Path, threads: int, bf16: bool) -> None:
    """Compile a file's network and keep the program. Ends the process with a line where that fails."""
    signal_at_parents_end("SIGKILL")
    try:
        write_program(file, compile_program(load_model(model), threads, bf16))
    except Exception as e:  # noqa: BLE001 – the edge of the process: whatever the libraries raise becomes one line.
        sys.exit(one_line(f"{type(e).__name__}: {e}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1")
