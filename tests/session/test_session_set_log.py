"""Logs of sets: what is written is what is read, and what is broken is read up to there or is one line."""

import contextlib
import random
import zlib
from dataclasses import replace

import numpy as np
import pytest

from vj.audio.features import FEATURE_DTYPE
from vj.core import resources
from vj.core.errors import MediaError
from vj.modulation.matrix import Row
from vj.render.isf.folder import load_folder
from vj.session import set_log, state
from vj.session.session import Session
from vj.session.set_log import Frame, Head, SetLog, changes_of, packed_frames, packed_head, scene_of

SHADERS = load_folder(resources.shaders_dir())
HEAD = Head(7, ("default", "ab" * 32), {"fade": "cd" * 32}, "song.wav", 60.0, (1280, 720))


def heard(k):
    row = np.zeros(1, FEATURE_DTYPE)[0]
    row["t_s"], row["bands"], row["events"] = k / 7, [k, 0.5, 0.25, 0], k
    return row


def frames(count):
    return [
        Frame(k / 60, 1 / 60, heard(k) if k % 2 == 0 else None, k / 60 - 0.01, {"link": (k / 2, 120.0)}, (0.01, 0.05),
              {"set": {"motion/psi": k / count}} if k % 5 == 0 else None)
        for k in range(count)
    ]  # fmt: skip


def written(path, count=20, pieces=4):
    each = count // pieces
    path.write_bytes(
        packed_head(HEAD) + b"".join(packed_frames(frames(count)[i * each :][:each]) for i in range(pieces))
    )
    return path


def same(a, b):
    assert (a.t_s, a.dt_s, a.clocks, a.ahead, a.changes) == (b.t_s, b.dt_s, b.clocks, b.ahead, b.changes)
    assert (a.row is None) == (b.row is None)
    if a.row is not None:
        assert (a.row.tobytes(), a.air_s) == (b.row.tobytes(), b.air_s)


def test_what_is_written_is_read(tmp_path):
    log = SetLog(written(tmp_path / "a.vjlog"))
    assert log.head == HEAD
    assert (log.frame_count, log.duration_s, log.whole) == (20, 19 / 60, True)
    for ours, theirs in zip(log.frames(), frames(20), strict=True):
        same(ours, theirs)


@pytest.mark.parametrize("lost", [1, 3, 200])
def test_one_that_breaks_off_is_read_up_to_there(tmp_path, lost):
    path = written(tmp_path / "a.vjlog")
    path.write_bytes(path.read_bytes()[:-lost])
    log = SetLog(path)
    assert not log.whole
    assert log.frame_count in (10, 15)
    for ours, theirs in zip(log.frames(), frames(20), strict=False):
        same(ours, theirs)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is no log of a set"),
        (b"RIFF....", "is no log of a set"),
        (b"vjlog 1\n", "breaks off before its first frame"),
        (packed_head(HEAD), "holds no frame of a set"),
        (packed_head(replace(HEAD, size=(10**9, 2))), "its head is damaged"),
        (packed_head(replace(HEAD, size=(63, 36))), "its head is damaged"),
        (packed_head(replace(HEAD, seed=-1)), "its head is damaged"),
        (b"vjlog 1\n" + set_log._packed([1, 2], b""), "its head is damaged"),
        (b"vjlog 1\n" + set_log._packed({"seed": 1}, b""), "its head is damaged"),
        (packed_head(HEAD) + set_log._packed([[0, 0]], b""), "a frame is damaged"),
        (packed_head(HEAD) + set_log._packed([[0, 0.1, 0.0, {}, [0, 0], None]], b""), "a frame is damaged"),
        (packed_head(HEAD) + set_log._packed([[0, float("nan"), None, {}, [0, 0], None]], b""), "a frame is damaged"),
        (packed_head(HEAD) + set_log._packed({"a": 3}, b""), "a frame is damaged"),
    ],
)
def test_what_is_none_is_one_line(tmp_path, data, says):
    path = tmp_path / "a.vjlog"
    path.write_bytes(data)
    with pytest.raises(MediaError) as e:
        SetLog(path)
    assert str(e.value).startswith(f"{path}: {says}")
    assert "\n" not in str(e.value)


def test_forms_of_numbers_alone_are_read(tmp_path):
    for form in ("O", "V100", "|S5", "f4,O", None, "<M8[ns]"):
        told = {"seed": 1, "model": ["a", ""], "shaders": {}, "sound": "", "fps": 60, "size": [2, 2],
                "fields": [["t_s", form, []]]}  # fmt: skip
        (tmp_path / "a.vjlog").write_bytes(b"vjlog 1\n" + set_log._packed(told, b""))
        with pytest.raises(MediaError, match="its head is damaged"):
            SetLog(tmp_path / "a.vjlog")


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(set_log, "_MOST_UNPACKED", 1 << 20)
    body = zlib.compress(b"\0" * (50 << 20))
    bomb = set_log._SIZES.pack(len(body), zlib.crc32(body)) + body
    path = tmp_path / "a.vjlog"
    path.write_bytes(packed_head(HEAD) + packed_frames(frames(5)) + bomb)
    assert SetLog(path).frame_count == 5


def test_fields_may_have_come_and_gone(tmp_path, monkeypatch):
    path = written(tmp_path / "a.vjlog")
    other = np.dtype([("new", "f4", (3,)), ("t_s", "f8"), ("bands", "f4", (4,)), ("chroma", "f4", (9,))])
    monkeypatch.setattr(set_log, "FEATURE_DTYPE", other)
    rows = [one.row for one in SetLog(path).frames() if one.row is not None]
    assert [float(row["t_s"]) for row in rows] == [k / 7 for k in range(0, 20, 2)]
    assert rows[1]["bands"].tolist() == [2.0, 0.5, 0.25, 0.0]
    assert not rows[1]["new"].any()
    assert not rows[1]["chroma"].any()


def test_mutated_files_are_read_or_refused(tmp_path):
    whole = bytearray(written(tmp_path / "a.vjlog").read_bytes())
    draws = random.Random(3)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(draws.choice((1, 1, 4, 30))):
            data[draws.randrange(len(data))] = draws.randrange(256)
        path = tmp_path / "b.vjlog"
        path.write_bytes(data[: draws.choice((len(data), draws.randrange(len(data))))])
        with contextlib.suppress(MediaError):
            assert 0 < len(list(SetLog(path).frames())) <= 20


class TestChanges:
    @pytest.fixture
    def session(self):
        return Session(SHADERS, "tide", (), ("tide", "tunnel"))

    def test_nothing_changed(self, session):
        assert changes_of(session.state, session.state) is None
        assert changes_of(session.state, state.advanced(session.state, 0.1)) is None

    def test_a_set_begins_with_its_scene(self, session):
        found = changes_of(None, session.state)
        assert found["cut"] is True
        assert found["scene"] == scene_of(session.state)
        assert found["scene"]["chain"] == [shader.name for shader in session.chain]

    def test_values_chain_rows_locks_and_names(self, session):
        before = session.state
        session.set({"motion/psi": 0.375, "stage/blackout": True})
        session.edit_chain(["grade"])
        session.set_row(Row("level", "motion/psi", 0.25))
        session.lock("motion/psi", lock=True)
        session.saved_as("mine")
        found = changes_of(before, session.state)
        assert found["set"] == {"motion/psi": 0.375, "stage/blackout": 1.0}
        assert (found["chain"], found["locked"], found["preset"]) == (["grade"], ["motion/psi"], "mine")
        assert found["rows"][-1] == ["level", "motion/psi", 0.25, "lin", 0.0, 0.0]
        assert set(found) == {"set", "chain", "rows", "locked", "preset"}

    @pytest.mark.parametrize("preset", ["tunnel", "tide"])
    def test_a_preset_that_is_entered_also_the_same_again(self, session, preset):
        before = session.state
        session.recall(preset, {"motion/psi": 0.5})
        found = changes_of(before, session.state)
        assert (found["cut"], found["scene"]["preset"]) == (False, preset)
        assert found["scene"]["values"]["motion/psi"] == 0.5
        session.land()
        assert changes_of(before, session.state)["cut"] is True

    def test_a_preset_that_waits_and_one_that_is_called_off(self, session):
        before = session.state
        session.recall_on_beat("tunnel", {"motion/psi": 0.5})
        found = changes_of(before, session.state)
        assert set(found) == {"waits"}
        assert (found["waits"]["preset"], found["waits"]["over"]) == ("tunnel", {"motion/psi": 0.5})
        assert changes_of(session.state, before) == {"waits": None}
