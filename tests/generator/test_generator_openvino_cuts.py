"""Where the network is cut, what is kept of it on disk, and which layers bear bfloat16. Without the library."""

import itertools

import numpy as np
import pytest
import tiny

from vj.generator.arch import Arch
from vj.generator.openvino import cuts, precision, program
from vj.generator.openvino.cuts import Piece
from vj.generator.openvino.program import Program

LARGE = Arch(resolution=256, channels=(32, 32, 192, 192, 36, 44, 16))
F32 = ("f32",) * cuts.n_sites(LARGE)


@pytest.mark.parametrize("arch", [LARGE, *tiny.ALL])
def test_a_plan_draws_every_site_once_and_is_cut_behind_each_bend(arch):
    end = cuts.n_sites(arch)
    pieces = {*cuts.single(arch), *cuts.stretches(arch, ("f32",) * end)}
    for bent in [set(), *({site} for site in range(arch.n_conv + 1)), {0, arch.n_conv}, set(range(end - 1))]:
        plan = cuts.plan(pieces, end, bent)
        assert [site for part in plan for site in range(part.first, part.last)] == list(range(end))
        assert bent <= {part.last - 1 for part in plan}


def test_large_layers_are_cut_only_where_they_are_bent():
    pieces = {*cuts.single(LARGE), *cuts.stretches(LARGE, F32)}
    assert cuts.plan(pieces, 15, {4})[-1] == Piece(9, 15)
    assert cuts.plan(pieces, 15, {8})[-1] == Piece(9, 15)
    assert Piece(9, 15) not in cuts.plan(pieces, 15, {9})


def test_a_stretch_has_one_precision():
    mixed = ["f32"] * 10 + ["bf16"] * 2 + ["f32"] * 3
    assert cuts.stretches(LARGE, mixed) == (Piece(10, 12), Piece(12, 15))


def test_what_lies_behind_a_layer():
    assert cuts.passing(LARGE, 0) == {"x": (1, 4, 4, 32)}
    assert cuts.passing(LARGE, 3) == {"x": (1, 16, 16, 192), "picture": (1, 8, 8, 3)}
    assert cuts.bent_shape(LARGE, 13) == (1, 256, 256, 3)
    assert cuts.passing(tiny.RESNET, 1) == {"x": (1, 8, 8, 6), "residual": (1, 8, 8, 6)}
    assert cuts.passing(tiny.RESNET, 2) == {"x": (1, 8, 8, 6)}


def test_a_program_comes_back_as_it_was_kept(tmp_path):
    kept = Program(("f32", "bf16"), {"mapping": b"\x01\x00", "0-1": b"a", "10-12": b"b", "bend-0-4-4-32": b"c"})
    path = tmp_path / "new" / "x.program"
    program.write_program(path, kept)
    assert program.read_program(path) == kept
    assert kept.pieces == {Piece(0, 1): b"a", Piece(10, 12): b"b"}


def test_a_file_that_is_no_whole_program_is_none(tmp_path):
    path = tmp_path / "x.program"
    assert program.read_program(path) is None
    program.write_program(path, Program(("f32",), {"mapping": b"m" * 100}))
    whole = path.read_bytes()
    for spoilt in (b"", whole[:20], whole[:-1], whole[:60] + b"!" + whole[61:], b"x" * 200):
        path.write_bytes(spoilt)
        assert program.read_program(path) is None


def test_only_the_newest_programs_are_kept(tmp_path):
    for i in range(program._KEPT + 3):
        program.write_program(tmp_path / f"{i}.program", Program((), {"mapping": b"m"}))
    assert len(list(tmp_path.iterdir())) == program._KEPT


def test_another_network_or_another_precision_is_another_program(tmp_path):
    pytest.importorskip("openvino")
    models = tiny.model(tiny.SKIP), tiny.model(tiny.SKIP, seed=1), tiny.model(tiny.RESNET)
    paths = {program.program_path(tmp_path, m, bf16) for m, bf16 in itertools.product(models, (True, False))}
    assert len(paths) == 6


class Pretended:
    """Draws grey, lighter by what each of its graphs is off."""

    def __init__(self, pieces):
        self._off = sum(pieces.values())

    def map(self, z):
        return np.zeros((len(z), 10), np.float32)

    def draw(self, given):
        return np.full((4, 4, 4), 100 + self._off, np.uint8), True


@pytest.mark.parametrize(
    ("off", "rough"),
    [
        ({}, set(range(6))),
        # All at once is too much; the finest layers come first, and the coarse ones that are left do not fit.
        ({0: 1, 1: 1, 2: 1, 3: 1, 4: 1}, {4}),
        ({0: 1, 1: 50, 2: 1, 4: 50}, {2, 3}),
    ],
)
def test_layers_are_computed_in_bfloat16_as_long_as_nobody_can_tell(off, rough, monkeypatch):
    monkeypatch.setattr(precision, "_WORTH", 0.01)
    exact = dict.fromkeys(cuts.single(tiny.SKIP), 0)
    other = {part: off.get(part.first, 0) for part in exact}
    found = precision.chosen_precision(tiny.SKIP, exact, other, Pretended)
    assert {site for site, kind in enumerate(found) if kind == "bf16"} == rough
    assert len(found) == cuts.n_sites(tiny.SKIP)
