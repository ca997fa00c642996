"""The compiled pieces at work: which run for a frame, and bends between them. Needs no Keras and no TensorFlow."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from vj.core.types import F32, U8, GeneratorInput
from vj.generator import bending
from vj.generator.arch import Arch
from vj.generator.engine import noise_field
from vj.generator.openvino import cuts
from vj.generator.openvino.cuts import Piece, Shape


def settings(threads: int, precision: str = "f32") -> dict[str, Any]:
    """What a graph is compiled and loaded with; `threads` 0: one for each core."""
    chosen = {"INFERENCE_NUM_THREADS": threads} if threads else {}
    # Threads bound to cores would fight over them with the window's and the ears'.
    return {
        "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision, "ENABLE_CPU_PINNING": False, **chosen,
    }  # fmt: skip


class Runner:
    """Pieces and bends that lie in memory, with the tensors between them. Not thread-safe.

    mapping, pieces  compiled graphs; pieces must cover every site, singly
    bends            (kind, shape of the features) → compiled graph
    """

    def __init__(
        self,
        arch: Arch,
        mapping: Any,
        pieces: Mapping[Piece, Any],
        bends: Mapping[tuple[int, Shape], Any],
        noise_seed: int = 0,
    ) -> None:
        self._arch = arch
        self._mapping = mapping.create_infer_request()
        self._between = _Between(arch, noise_seed)
        self._pieces = {part: self._between.joined(part, one) for part, one in pieces.items()}
        self._bends = {key: one.create_infer_request() for key, one in bends.items()}
        self._plans: dict[frozenset[int], tuple[Piece, ...]] = {}

    def map(self, z: F32) -> F32:
        """The mapping network: f32[n, z_dim] → f32[n, w_dim]."""
        inputs = {"z": np.ascontiguousarray(z, np.float32)}
        if self._arch.c_dim:
            inputs["label"] = np.zeros((len(z), self._arch.c_dim), np.float32)
        self._mapping.infer(inputs)
        out: F32 = self._mapping.get_output_tensor(0).data.copy()
        return out

    def draw(self, given: GeneratorInput) -> tuple[U8, bool]:
        """The picture u8[resolution, resolution, 4], and whether it was made of numbers."""
        self._between.take(given)
        rows = self._rows_by_site(given.bends)
        flow = np.ascontiguousarray(given.flow.transpose(2, 0, 1), np.float32)
        for part in self._plan(frozenset(rows)):
            self._pieces[part].infer()
            for row in rows.get(part.last - 1, ()):
                self._bend(part.last - 1, row, flow)
        rgba, finite = self._between.finished
        # Clamped networks turn what is no number into one.
        return rgba.data.copy(), bool(finite.data.all() and np.isfinite(given.ws).all())

    @property
    def picture(self) -> F32:
        """The last picture before it became bytes, f32[resolution, resolution, 3]."""
        out: F32 = self._between.bent(self._arch.n_conv).data[0]
        return out

    def _rows_by_site(self, bends: F32) -> dict[int, list[F32]]:
        rows: dict[int, list[F32]] = defaultdict(list)
        for row in bends.reshape(-1, bending.WIDTH):
            if row[0] <= self._arch.n_conv:
                rows[int(row[0])].append(row)
        return rows

    def _plan(self, bent: frozenset[int]) -> tuple[Piece, ...]:
        if bent not in self._plans:
            self._plans[bent] = cuts.plan(self._pieces.keys(), cuts.n_sites(self._arch), bent)
        return self._plans[bent]

    def _bend(self, site: int, row: F32, flow: F32) -> None:
        x = self._between.bent(site)
        request = self._bends[int(row[1]), tuple(x.shape)]
        request.set_tensor("x", x)
        request.infer({"row": row, "flow": flow})
        np.copyto(x.data, request.get_output_tensor(0).data)


class _Between:
    """The tensors that a frame's inputs and what goes from piece to piece lie in: each has one place for good."""

    def __init__(self, arch: Arch, noise_seed: int) -> None:
        self._arch = arch
        self._given = {
            "ws": _zeros(arch.num_ws, arch.w_dim), "turns": _zeros(arch.n_conv), "sigma": _zeros(arch.n_conv),
        }  # fmt: skip
        for side in arch.resolutions:
            for k, field in enumerate(noise_field(noise_seed, side)):
                self._given[f"field{side}.{k}"] = _tensor(field)
        self._behind: list[dict[str, Any]] = []
        for site in range(arch.n_conv + 1):
            behind = {name: _zeros(*shape) for name, shape in cuts.passing(arch, site).items()}
            if site % 2 == 0 and "picture" in behind:
                # It grows at odd sites only.
                behind["picture"] = self._behind[-1]["picture"]
            self._behind.append(behind)
        side = arch.resolution
        self.finished = _tensor(np.zeros((side, side, 4), np.uint8)), _tensor(np.zeros((), np.bool_))

    def take(self, given: GeneratorInput) -> None:
        """A frame's inputs."""
        self._given["ws"].data[:] = given.ws
        self._given["turns"].data[:] = given.noise_turns
        self._given["sigma"].data[:] = given.noise_sigma

    def bent(self, site: int) -> Any:
        """What a bend of that site transforms."""
        behind = self._behind[site]
        return behind["picture" if site == self._arch.n_conv else "x"]

    def joined(self, part: Piece, compiled: Any) -> Any:
        """A request for the piece, joined to the tensors before and behind it."""
        request = compiled.create_infer_request()
        inputs = self._given | (self._behind[part.first - 1] if part.first else {})
        outputs = dict(zip(("rgba", "finite"), self.finished, strict=True))
        if part.last <= self._arch.n_conv + 1:
            outputs = {f"next {name}": tensor for name, tensor in self._behind[part.last - 1].items()}
        for ports, tensors in ((compiled.inputs, inputs), (compiled.outputs, outputs)):
            for port in ports:
                request.set_tensor(port, tensors[next(iter(port.names & tensors.keys()))])
        return request


def _zeros(*shape: int) -> Any:
    return _tensor(np.zeros(shape, np.float32))


def _tensor(array: Any) -> Any:
    """The library's tensor over a copy of an array."""
    import openvino

    return openvino.Tensor(array)
