"""The ears on music with known truth: our own track always, annotated clips where they lie beside the checkout.

F-measures are printed (pytest -s); the floors are what a change must not fall below. Clips of over a minute are heard
by `make quality` alone.
"""

import csv
import os
from functools import cache
from pathlib import Path

import mir_eval
import numpy as np
import pytest

from vj import demo
from vj.audio import features
from vj.audio.analyser import Analyser
from vj.audio.input.file import FileSource
from vj.audio.report import arrays

P = {p.id: p.default for p in features.PARAMS}
CLIPS = Path(__file__).parents[3] / "shared" / "data" / "audio"
LONGEST_S = float(os.environ.get("VJ_LONGEST_CLIP_S", "60"))


@cache
def heard(path):
    source = FileSource(path)
    ears = Analyser(source.rate_hz)
    return arrays(np.concatenate([ears.process(block, P) for block in source.blocks()]))


@pytest.fixture(scope="module")
def track():
    return heard(demo.track_path())


def test_beats_of_the_demo_track(track):
    truth = demo.truth()
    beats = np.array([b.t_s for b in truth.beats])
    steady = beats[(beats > 5) & (beats < truth.tempo_segments[0].end_s)]
    found = track["beat_times_s"]
    score = mir_eval.beat.f_measure(steady, found[(found > 4.8) & (found < steady[-1] + 0.1)])
    print("demo track: beat F", round(score, 3))
    assert score > 0.9


def test_the_demo_track_changes_segment_at_its_change_of_tempo_and_after_its_silence(track):
    truth = demo.truth()
    change_s = truth.tempo_segments[1].start_s
    (silence,) = truth.silences
    found = track["segment_times_s"]
    assert np.any((found > change_s) & (found < change_s + 7))
    assert np.any(np.abs(found - silence.end_s) < 0.2)
    assert len(found) <= 4
    assert track["bpm"][track["t_s"] < change_s][-1] == pytest.approx(truth.tempo_segments[0].bpm, rel=0.02)
    assert np.median(track["bpm"][track["t_s"] > change_s + 8]) == pytest.approx(truth.tempo_segments[1].bpm, rel=0.02)


def test_the_demo_tracks_silence_is_dark(track):
    (silence,) = demo.truth().silences
    dark = (track["t_s"] > silence.start_s + 0.5) & (track["t_s"] < silence.end_s)
    assert dark.any()
    assert not track["level"][dark].any()
    assert not track["components"][dark].any()


def clip_names(kind):
    if not CLIPS.is_dir():
        return []
    with (CLIPS / "index.tsv").open() as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    return [r["file"] for r in rows if f".{kind}" in r["annotations"] and float(r["seconds"]) <= LONGEST_S]


def scores(kind, score):
    if not CLIPS.is_dir():
        pytest.skip("no annotated clips beside the checkout (shared/data/audio)")
    out = {}
    for name in clip_names(kind):
        truth = np.loadtxt(CLIPS / f"{name.rsplit('.', 1)[0]}.{kind}", ndmin=2)[:, 0]
        out[name] = score(truth, heard(CLIPS / name))
    print({k: round(float(v), 3) for k, v in out.items()})
    return out


@pytest.mark.shared_data
def test_onsets_of_drum_stems_and_mixes():
    found = scores("onsets", lambda ref, a: mir_eval.onset.f_measure(ref, np.sort(a["onset_times_s"]), window=0.05)[0])
    assert np.mean([v for k, v in found.items() if "drum" in k]) > 0.92
    assert np.mean([v for k, v in found.items() if "mix" in k]) > 0.77


@pytest.mark.shared_data
def test_beats_and_tempo_of_music():
    def score(ref, a):
        trimmed = (mir_eval.beat.trim_beats(b) for b in (ref, np.unique(a["beat_times_s"])))
        return mir_eval.beat.continuity(*trimmed)[3] if len(ref) > 6 else np.nan

    found = scores("beats", score)
    assert np.nanmean([v for k, v in found.items() if k.startswith("mdb")]) > 0.97
    assert np.nanmean([v for k, v in found.items() if k.startswith(("osu", "qv", "sm", "bm"))]) > 0.92
