"""Whatever stands in a file or a message that is a tree: it is read, or refused in one line by the reader's own error.

Presets, mappings, maps and settings: `tests/core/test_core_checked_toml.py`; headers of shaders:
`tests/render/isf/test_isf_strange_headers.py`. The trees here are good ones with places that hold something else.
"""

import json
import struct

import numpy as np
import pytest
import tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from strange_trees import changed

from vj.control.osc.address_map import MAPS
from vj.control.osc.address_map import load as load_map
from vj.control.osc.handler import OscHandler
from vj.control.osc.query import answer, tree
from vj.control.osc.server import Inbox
from vj.core import resources
from vj.core.edge import Edge
from vj.core.errors import DatasetError, ModelError, TrainingError, UsageError
from vj.generator.model_tools import describe_text
from vj.generator.weights import load_model
from vj.modulation.signals import SIGNALS
from vj.params.actions import ACTIONS
from vj.render.isf.folder import load_folder
from vj.session.session import Session
from vj.train.checkpoint import load_checkpoint
from vj.train.dataset import MANIFEST, PROGRESS, open_dataset
from vj.train.dataset_resume import begin_at
from vj.train.distribute import worker_index
from vj.train.settings import Settings, parse_schedule

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
MARK = st.sampled_from([b"", b"\xef\xbb\xbf"])


def outcome(read, *errors):
    """What a reader makes of something, and the one short line in which it refuses it."""
    try:
        return read(), ""
    except errors as e:
        line = str(e)
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert len(line) < 1200
    return None, line


def text_of(tree):
    """JSON in bytes, as a careless program writes it: NaN, and halves of letters as they are."""
    return json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass")


SETTINGS = {"size": 8, "licence": "CC0-1.0", "sources": [{"kind": "folder", "name": "a"}]}
TALLY = {"kept": 2, "duplicate": 0, "small": 0, "broken": 1, "broken_files": ["a.png"]}
PROGRESS_TREE = {"format": 1, "settings": SETTINGS, "source": 0, "cursor": 2, "count": 2, "tallies": [TALLY]}
SHARD = {"images": "images-00000.npy", "known": "known-00000.npy", "count": 2}
STORED = {
    "format": 1, "resolution": 8, "count": 2, "licence": "CC0-1.0", "known": ["time"],
    "sources": [{"kind": "folder", "name": "a", "count": 2}], "shards": [SHARD], "settings": {"seed": 1},
}  # fmt: skip
WORLD = {
    "format": 1, "resolution": 64, "count": 100, "licence": "CC0-1.0", "known": ["time"], "shards": [],
    "sources": [{"kind": "world", "name": "luminous liquid"}], "world": {"version": 1, "seed": 1, "flow": 0.5},
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data set without its manifest."""
    path = tmp_path_factory.mktemp("set")
    np.save(path / SHARD["images"], np.zeros((2, 8, 8, 3), np.uint8))
    np.save(path / SHARD["known"], np.zeros((2, 2), np.float32))
    return path


@pytest.mark.parametrize("good", [STORED, WORLD], ids=["stored", "world"])
def test_manifests(folder, good):
    def read():
        found = open_dataset(folder)
        some = found.some_of(0, 2)
        assert found.made_from(some)[1].shape == (len(some), len(found.known_names))
        begin_at(folder, SETTINGS)

    @MANY
    @given(changed(good), MARK)
    def check(tree, mark):
        (folder / MANIFEST).write_bytes(mark + text_of(tree))
        outcome(read, DatasetError, UsageError)

    check()
    (folder / MANIFEST).unlink()


def test_progress_of_unfinished_data_sets(folder):
    @MANY
    @given(changed(PROGRESS_TREE), MARK)
    def check(tree, mark):
        (folder / PROGRESS).write_bytes(mark + text_of(tree))
        found, _ = outcome(lambda: begin_at(folder, SETTINGS), DatasetError, UsageError)
        assert found is None or (found.count >= 0 and found.cursor >= 0 and 0 <= found.source <= len(found.tallies))

    check()
    (folder / PROGRESS).unlink()


def test_cards_of_models(tmp_path):
    model, path = tiny.model(tiny.SKIP), tmp_path / "m.safetensors"
    tensors = {name: np.ascontiguousarray(a, np.float16) for name, a in model.tensors.items()}

    @MANY
    @given(changed({"arch": model.arch.as_dict(), "name": "x", "licence": "CC0-1.0", "seen": 3}))
    def check(tree):
        path.write_bytes(save(tensors, {"vj": "1", "card": json.dumps(tree)}))
        found, _ = outcome(lambda: load_model(path), ModelError)
        if found:
            outcome(lambda: describe_text(path), ModelError)

    check()


def test_headers_of_checkpoints(tmp_path):
    path = tmp_path / "checkpoint-000000001.safetensors"
    begun = Settings(parse_schedule("gan@16x8:1k"), tiny.SKIP, (8, 8, 8))
    good = {"settings": begun.as_dict(), "seen": 1, "ada": {"p": 0.5}, "dataset": "x"}

    @MANY
    @given(changed(good))
    def check(tree):
        path.write_bytes(save({"a": np.zeros(1, np.float32)}, {"vj_training": "1", "about": json.dumps(tree)}))
        outcome(lambda: load_checkpoint(path), TrainingError)
        about = tree.get("settings") if isinstance(tree, dict) else None
        found, _ = outcome(lambda: Settings.from_dict(about), TrainingError)
        assert found is None or (isinstance(found.rate + found.gamma, float) and found.seed + found.r1_every >= -4)

    check()


@MANY
@given(changed({"cluster": {"worker": ["localhost:1", "localhost:2"]}, "task": {"type": "worker", "index": 1}}))
def test_places_of_workers(tree):
    found, _ = outcome(lambda: worker_index(json.dumps(tree)), TrainingError)
    assert found is None or 0 <= found < 2**63


SHADERS = load_folder(resources.shaders_dir())
START = Session(SHADERS, "default", (), ("default",)).target
IDS = [param.id for param in START.registry]
LO, HI = (np.array([getattr(param, name) for param in START.registry], np.float32) for name in ("lo", "hi"))
ADDRESSES = st.one_of(
    st.sampled_from([f"/vj/{id}{end}" for id in IDS[::7] for end in ("", "/norm", "/*", "?")]),
    st.sampled_from([f"/vj/{action.id}" for action in ACTIONS]),
    st.sampled_from(["/vj/preset", "/vj/color/r", "/live/song/get/tempo", "/vj/subscribe", "/vj/{a,b}", "/vj/[!a-z]*"]),
    st.text(max_size=10).map(lambda text: "/" + text),
)
ARGUMENTS = st.lists(
    st.one_of(
        st.floats(), st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.none(),
        st.sampled_from(["?", "+", "-", "next", "default", "on", "", "\x1b[2J", "x" * 3000]), st.text(max_size=5),
        st.binary(max_size=9), st.lists(st.floats(), max_size=3),
    ),
    max_size=5,
)  # fmt: skip


def padded(data):
    return data + b"\0" * (4 - len(data) % 4)


def packed(value):
    """(type tags, bytes) of an argument."""
    match value:
        case None | True | False:
            return {None: "N", True: "T", False: "F"}[value], b""
        case int() if abs(value) < 2**31:
            return "i", struct.pack(">i", value)
        case int():
            return "h", struct.pack(">q", value)
        case float():
            return "d", struct.pack(">d", value)
        case str():
            return "s", padded(value.encode("utf-8", "replace").replace(b"\0", b""))
        case bytes():
            return "b", struct.pack(">i", len(value)) + value + b"\0" * (-len(value) % 4)
    inside = [packed(one) for one in value]
    return "[" + "".join(tags for tags, _ in inside) + "]", b"".join(data for _, data in inside)


def osc(address, arguments):
    found = [packed(one) for one in arguments]
    tags = "".join(tags for tags, _ in found)
    address = address.encode("utf-8", "replace").replace(b"\0", b"")
    return padded(address) + padded(b"," + tags.encode()) + b"".join(data for _, data in found)


class Pretended:
    """What an OSC message can do to a show, without one; `inbox` and further names are the socket's."""

    def __init__(self):
        self.session, self.inbox = Session(SHADERS, "default", (), ("default",)), Inbox()

    def set_values(self, values):
        self.session.set(values)

    def takes_program(self, number):
        return number == 7

    def act(self, id, argument=None):
        pass

    def take(self):
        return self.inbox.take(0.0)

    def tell(self, base, signals):
        pass

    def answer(self, to, base, ids):
        assert set(ids) <= set(IDS)

    def subscribe(self, sender, port, config=True):
        pass


@pytest.mark.parametrize("name", [None, *sorted(path.stem for path in MAPS.glob("*.toml"))])
def test_osc_messages(name):
    show, told = Pretended(), []
    osc_map = load_map(MAPS / f"{name}.toml", show.session.registry) if name else None
    edge = Edge(told.append, now_s=lambda: 0.0)
    handler = OscHandler(show, edge, osc_map)

    @MANY
    @given(st.lists(st.tuples(ADDRESSES, ARGUMENTS), min_size=1, max_size=4))
    def check(messages):
        for address, arguments in messages:
            show.inbox.packet(osc(address, arguments), ("127.0.0.1", 9), 0.0, 0.0)
        handler.step(show, None)
        # What is refused is a VjError; anything else is a fault of vj's own.
        assert not edge.failed, edge.last
        assert all(len(line.splitlines()) == 1 and line.isprintable() for line in told)
        assert ((show.session.target.array >= LO) & (show.session.target.array <= HI)).all()

    check()


ROOT = tree(START.registry, START, SIGNALS)


@MANY
@given(st.one_of(st.text(max_size=30), st.builds("{}?{}".format, ADDRESSES, st.text(max_size=10))))
def test_requests_of_oscquery(target):
    status, found = answer(target, ROOT, {})
    assert status in (200, 204, 400, 404)
    json.dumps(found)
