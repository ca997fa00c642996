"""`vj analyse`: the arrays of the contract, the table, the figure, and files that cannot be written."""

import csv

import numpy as np
import pytest
from PIL import Image
from sounds import song, write

from vj.audio import features
from vj.audio.figure import bar_starts
from vj.audio.report import analyse_file
from vj.core.errors import MediaError, UsageError

P = {p.id: p.default for p in features.PARAMS}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write(tmp_path_factory.mktemp("clip") / "song.wav", song(8.0))


def test_the_arrays_of_the_contract(clip, tmp_path):
    told = []
    text = analyse_file(clip, tmp_path / "a.npz", None, P, lambda done, total: told.append((done, total)))
    assert "song.wav: 8.0 s" in text
    assert told[-1] == (pytest.approx(8.0), pytest.approx(8.0))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as a:
        rows = len(a["t_s"])
        for name in ("rms", "drums_rms", "onset_strength", "bpm", "beat_phase", "tempo_segment", "sawtooth", "level"):
            assert a[name].shape == (rows,), name
        assert a["components"].shape == (rows, 12)
        assert len(a["onset_times_s"]) == len(a["onset_decided_s"]) > 8
        assert np.all(a["onset_decided_s"] >= a["onset_times_s"])
        assert len(a["beat_times_s"]) > 10
        assert len(a["segment_times_s"]) == a["tempo_segment"][-1]


def test_the_table_holds_the_same(clip, tmp_path):
    analyse_file(clip, tmp_path / "a.csv", None, P)
    analyse_file(clip, tmp_path / "a.npz", None, P)
    with (tmp_path / "a.csv").open() as f:
        table = list(csv.DictReader(f))
    with np.load(tmp_path / "a.npz") as a:
        assert len(table) == len(a["t_s"])
        assert float(table[200]["rms"]) == pytest.approx(float(a["rms"][200]), rel=1e-6)
        assert float(table[200]["components_7"]) == pytest.approx(float(a["components"][200, 7]), rel=1e-6)
        assert sum(row["onset_t_s"] != "" for row in table) == len(a["onset_times_s"])


def test_the_figure_is_drawn(clip, tmp_path):
    analyse_file(clip, tmp_path / "a.npz", tmp_path / "a.png", P)
    picture = np.asarray(Image.open(tmp_path / "a.png").convert("L"))
    assert picture.shape > (1000, 1000)
    assert picture.std() > 10


def test_bars_begin_where_their_count_falls_back_whole():
    bar = np.concatenate(
        [np.arange(0.0, 1.0, 0.05), np.arange(0.0, 0.6, 0.05), np.arange(0.1, 1.0, 0.05), [0.02, 0.07]]
    )
    confidence = np.where(np.arange(len(bar)) < 30, 0.2, 0.6)
    begins, sure = bar_starts({"t_s": 0.01 * np.arange(len(bar)), "bar": bar, "bar_confidence": confidence})
    np.testing.assert_allclose(begins, [0.2, 0.5])
    assert sure.tolist() == [False, True]


def test_a_wrong_ending_is_refused_before_any_work(clip, tmp_path):
    with pytest.raises(UsageError, match=r"found the ending '\.mp3', expected \.npz or \.csv"):
        analyse_file(clip, tmp_path / "a.mp3", None, P)


def test_a_path_that_cannot_be_written_is_one_line_and_leaves_nothing(clip, tmp_path):
    with pytest.raises(MediaError, match="cannot be written"):
        analyse_file(clip, tmp_path / "no" / "a.npz", None, P)
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(MediaError, match="cannot be written"):
        analyse_file(clip, tmp_path / "folder.npz", None, P)
    assert [p.name for p in tmp_path.iterdir()] == ["folder.npz"]


def test_a_file_shorter_than_a_hop(tmp_path):
    tiny = write(tmp_path / "tiny.wav", song(1.0)[:100])
    with pytest.raises(MediaError, match="shorter than one step"):
        analyse_file(tiny, tmp_path / "a.npz", None, P)
