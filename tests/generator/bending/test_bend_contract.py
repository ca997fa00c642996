"""What every bend must keep, whatever it does: run over the registry, so that a new file is tested when it arrives."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bend_tools import BY_NAME, SITE, STILL, amounts, bent, bent_by, compiled, features, strong

from vj.generator import bending
from vj.generator.bending.primitives import bender
from vj.generator.bending.spec import KINDS, N_ARGUMENTS
from vj.params.registry import Registry

EACH = pytest.mark.parametrize("name", BY_NAME)
FLOW = np.random.default_rng(5).uniform(-1, 1, STILL.shape).astype(np.float32)


def extremes(name):
    """Every amount of a bend at the ends of its range, one at a time and together."""
    rows = BY_NAME[name].amounts
    ends = [(p.lo, p.hi) for p in rows]
    for k, row in enumerate(rows):
        for end in ends[k]:
            yield [end if q is row else (q.hi if k else q.default) for q in rows]
    yield [lo for lo, _ in ends]
    yield [hi for _, hi in ends]


def test_a_file_is_a_bend():
    folder = Path(bending.__file__).parent
    files = {p.stem for p in folder.glob("*.py")} - {"__init__", "spec", "primitives"}
    assert files == set(BY_NAME)
    assert len(files) >= 24


def test_the_registry_accepts_all_parameters():
    Registry([*bending.PARAMS])
    for bend in bending.BENDS:
        assert all(p.id.startswith(f"bend/{bend.name}/") for p in bend.params)
        assert all(p.doc for p in bend.params)


def test_parameters_are_read_without_the_network_stack():
    code = (
        "import sys, vj.generator.bending as b; b.neutral(); print({'tensorflow', 'keras', 'jax'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"


@EACH
def test_neutral_is_the_identity_at_any_layer_and_channels(name):
    x = features()
    bend = BY_NAME[name]
    # Amounts after the first `drives` only colour what the bend does; alone they do nothing.
    idle = {p.id: p.hi for p in bend.amounts[bend.drives :]}
    p = amounts(name) | idle | {f"bend/{name}/channels_hi": 0.5}
    np.testing.assert_array_equal(bent(x, p, FLOW), x)


@EACH
def test_the_graph_is_the_identity_at_the_neutral_amount(name):
    """Not only because `pack` leaves a neutral bend out."""
    x = features()
    bend = BY_NAME[name]
    rows = bending.neutral().reshape(-1, bending.WIDTH).copy()
    row = rows[list(BY_NAME).index(name)]
    row[0] = SITE
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    assert bend.encode(*(a.default for a in bend.amounts))[0] == rows[0, 1]
    np.testing.assert_allclose(bent_by(x, rows.ravel(), FLOW), x, atol=1e-5)


@EACH
def test_shape_type_and_finite_numbers_at_every_end(name):
    x = features() * 30
    for values in extremes(name):
        y = bent(x, amounts(name, *values), FLOW)
        assert y.shape == x.shape
        assert y.dtype == np.float32
        assert np.isfinite(y).all(), values


@EACH
def test_it_does_something_and_only_at_its_layer(name):
    x = features()
    p = strong(name)
    assert np.abs(bent(x, p, FLOW) - x).max() > 0.1
    np.testing.assert_array_equal(bent(x, p, FLOW, site=SITE + 1), x)
    np.testing.assert_array_equal(bent(x, p, FLOW, site=SITE - 1), x)


@EACH
def test_only_the_chosen_channels_change(name):
    x = features()
    base = f"bend/{name}/"
    p = strong(name)
    p |= {base + "channels_lo": 0.25, base + "channels_hi": 0.75}
    changed = np.abs(bent(x, p, FLOW) - x).max((0, 1, 2)) > 0
    assert changed.tolist() == [False] * 2 + [True] * 4 + [False] * 2


@EACH
def test_all_amounts_fit_into_the_array(name):
    bend = BY_NAME[name]
    for values in extremes(name):
        primitive, arguments = bend.encode(*values)
        assert primitive in KINDS
        # The last is the border's.
        assert len(arguments) < N_ARGUMENTS
        assert np.isfinite(arguments).all()


@pytest.mark.parametrize("seed", [1, 2, 77, 999])
def test_shuffled_channels_are_exactly_as_many_as_asked(seed):
    x = features(1, 4, 4, 40)
    p = amounts("gain", 20.0) | {"bend/gain/channels_seed": float(seed)}
    p |= {"bend/gain/channels_hi": 0.35}
    low = np.abs(bent(x, p) - x).max((0, 1, 2)) > 0
    p |= {"bend/gain/channels_lo": 0.35, "bend/gain/channels_hi": 1.0}
    high = np.abs(bent(x, p) - x).max((0, 1, 2)) > 0
    assert low.sum() == 14
    assert (low != high).all(), "the two shares are each other's complement"
    assert not low[:14].all(), "shuffled"


def test_seeds_choose_different_channels():
    x = features(1, 4, 4, 40)
    sets = set()
    for seed in range(1, 21):
        p = amounts("gain", 20.0) | {"bend/gain/channels_hi": 0.5, "bend/gain/channels_seed": float(seed)}
        sets.add(tuple(np.abs(bent(x, p) - x).max((0, 1, 2)) > 0))
    assert len(sets) == 20


def test_bends_of_one_layer_are_applied_in_turn():
    x = features()
    flipped, brighter = amounts("flip", 1.0, 0.0), amounts("gain", 6.0)
    p = flipped | {k: v for k, v in brighter.items() if k.startswith("bend/gain/")}
    expected = bent(bent(x, flipped), brighter)
    np.testing.assert_allclose(bent(x, p), expected, atol=1e-6)


def test_all_bends_at_once():
    x = features()
    p = {a.id: a.lo + 0.7 * (a.hi - a.lo) for a in bending.PARAMS}
    p |= {id: v for name in BY_NAME for id, v in amounts(name).items() if id == f"bend/{name}/layer"}
    y = bent(x, p, FLOW)
    assert y.shape == x.shape
    assert np.isfinite(y).all()


@pytest.mark.parametrize("n_sites", [7, 13, 17])
def test_depth_reaches_the_first_layer_and_the_picture(n_sites):
    for depth, site in ((0.0, 0), (1.0, n_sites)):
        rows = bending.pack(amounts("gain", 6.0) | {"bend/gain/layer": depth}, n_sites).reshape(-1, bending.WIDTH)
        assert rows[0, 0] == site
        assert (rows[1:, 0] == bending.NOWHERE).all()


def test_rows_are_sorted_by_site():
    rng = np.random.default_rng(0)
    p = {a.id: float(rng.uniform(a.lo, a.hi)) for a in bending.PARAMS}
    sites = bending.pack(p, 17).reshape(-1, bending.WIDTH)[:, 0]
    assert (np.diff(sites) >= 0).all()
    assert bending.pack(p, 17).dtype == np.float32
    assert bending.neutral().shape == (bending.N_VALUES,)


def test_one_trace_serves_everything_that_moves():
    traces = []

    def run(x, values, flow):
        traces.append(1)
        return bender(values, flow)(0, x)

    draw = compiled(run)
    x = features(1, 4, 4, 4)
    rng = np.random.default_rng(1)
    for _ in range(20):
        p = {a.id: float(rng.uniform(a.lo, a.hi)) for a in bending.PARAMS}
        assert np.isfinite(np.asarray(draw(x, bending.pack(p, 4), FLOW))).all()
    assert len(traces) == 1


def test_a_shared_trace_bends_alike():
    x = features()
    values = bending.pack(strong("rotate") | {k: v for k, v in strong("gain").items() if "gain" in k}, 8)
    shared = compiled(lambda x, values, flow: bender(values, flow, compiled)(SITE, x))
    np.testing.assert_allclose(np.asarray(shared(x, values, FLOW)), bent_by(x, values, FLOW), atol=1e-4)
