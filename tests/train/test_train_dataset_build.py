"""Making data sets of folders, clips and shaders: what comes in, what is left out, stopping and going on."""

import hashlib
import json
import resource
import signal
import subprocess
import sys
import time

import av
import families
import numpy as np
import pytest
from PIL import Image

from vj.core.errors import DatasetError, UsageError, VjError
from vj.train import dataset_build, dataset_writer
from vj.train.dataset import open_dataset
from vj.train.dataset_build import Interrupted, Request, build, describe_text
from vj.train.sources.clip import choose_frames, scenes
from vj.train.sources.crops import crop_boxes
from vj.train.sources.folder import read_rgb


def quiet(done, total):
    pass


def save(folder, name, array, **more):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(file, **more)
    return file


@pytest.fixture
def photos(tmp_path):
    """Twenty different pictures, two files that are none, one too small and one twice."""
    folder = tmp_path / "photos"
    for k, picture in enumerate(families.pictures(20, 40, seed=3)):
        save(folder, f"{k:02d}.png", picture)
    (folder / "text.png").write_text("not a picture")
    (folder / "cut.jpg").write_bytes(save(folder, "whole.jpg", families.pictures(1, 64)[0]).read_bytes()[:300])
    (folder / "whole.jpg").unlink()
    save(folder, "small.png", families.pictures(1, 8)[0])
    save(folder, "z/again.png", families.pictures(20, 40, seed=3)[4])
    (folder / "notes.txt").write_text("left alone")
    return folder


def files_of(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_a_folder_of_pictures_becomes_a_data_set(photos, tmp_path):
    build(Request(tmp_path / "data", 32, folders=(photos,), licence="CC-BY-4.0"), quiet)
    data = open_dataset(tmp_path / "data")
    assert (data.count, data.resolution, data.licence, data.known_names) == (20, 32, "CC-BY-4.0", ())
    source = data.sources[0]
    assert (source["duplicates"], source["too_small"], source["broken"]) == (1, 1, 2)
    assert source["broken_files"] == ["cut.jpg", "text.png"]
    assert not (tmp_path / "data" / "progress.json").exists()
    said = describe_text(tmp_path / "data")
    assert "20 pictures of 32x32" in said
    assert "1 near-duplicates, 1 too small, 2 broken" in said


def test_it_is_the_same_to_the_byte_after_any_interruption(photos, tmp_path, monkeypatch):
    monkeypatch.setattr(dataset_writer, "SHARD_BYTES", 6 * 32 * 32 * 3)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    build(Request(whole, 32, folders=(photos,)), quiet)
    assert len(list(whole.glob("images-*.npy"))) == 4
    for after in (3, 6, 13):

        def stopping(done, total, after=after):
            if done >= after:
                raise KeyboardInterrupt

        with pytest.raises(Interrupted, match=f"interrupted after {after} pictures") as told:
            build(Request(parts, 32, folders=(photos,)), stopping)
        assert told.value.exit_code == 130
    build(Request(parts, 32, folders=(photos,)), quiet)
    assert files_of(parts) == files_of(whole)
    build(Request(parts, 32, folders=(photos,)), quiet)
    assert files_of(parts) == files_of(whole)


def test_another_command_in_the_same_folder_is_refused(photos, tmp_path):
    out = tmp_path / "data"
    build(Request(out, 32, folders=(photos,)), quiet)
    before = files_of(out)
    with pytest.raises(UsageError, match="was begun with size 32, and this command has 16"):
        build(Request(out, 16, folders=(photos,)), quiet)
    save(photos, "new.png", families.pictures(1, 40, seed=9)[0])
    with pytest.raises(UsageError, match="was begun with sources 1 sha256"):
        build(Request(out, 32, folders=(photos,)), quiet)
    assert files_of(out) == before


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (lambda f, o: o.write_text(""), "is a file, expected a folder"),
        (lambda f, o: (o.mkdir(), (o / "diary.txt").write_text("")), "is not empty and holds no data set"),
        (lambda f, o: [p.unlink() for p in f.rglob("*.*")], "no pictures in this folder"),
        (lambda f, o: [p.unlink() for p in f.rglob("*.*") if p.name != "03.png"], "1 pictures to be had, expected at"),
    ],
)
def test_what_cannot_be_made_is_one_line_and_leaves_nothing(photos, tmp_path, prepare, expected):
    out = tmp_path / "data"
    prepare(photos, out)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(VjError, match=expected):
        build(Request(out, 32, folders=(photos,)), quiet)
    assert sorted(tmp_path.rglob("*")) == before


def test_small_pictures_are_enlarged_where_asked(photos, tmp_path):
    build(Request(tmp_path / "data", 32, folders=(photos,), upscale=True), quiet)
    assert open_dataset(tmp_path / "data").sources[0]["count"] == 21


def test_some_of_a_folder(photos, tmp_path):
    build(Request(tmp_path / "a", 32, folders=(photos,), per_source=5, seed=1), quiet)
    build(Request(tmp_path / "b", 32, folders=(photos,), per_source=5, seed=2), quiet)
    a, b = (open_dataset(tmp_path / name) for name in "ab")
    assert a.count == b.count == 5
    assert not np.array_equal(a.batch(range(5), 32), b.batch(range(5), 32))


PICTURE = families.pictures(1, 16, families=("discs",))[0]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (PICTURE[:, :, 0], np.repeat(PICTURE[:, :, :1], 3, 2)),
        (PICTURE[:, :, 0].astype(np.uint16) * 257, np.repeat(PICTURE[:, :, :1], 3, 2)),
        (np.concatenate([PICTURE, np.full((16, 16, 1), 255, np.uint8)], 2), PICTURE),
        (np.concatenate([PICTURE, np.zeros((16, 16, 1), np.uint8)], 2), np.zeros_like(PICTURE)),
    ],
    ids=["grey", "16 bit", "opaque", "transparent"],
)
def test_pictures_of_other_kinds_become_rgb(tmp_path, array, expected):
    assert np.abs(np.asarray(read_rgb(save(tmp_path, "p.png", array), 16)).astype(int) - expected).max() <= 1


def test_palettes_and_angles_are_honoured(tmp_path):
    paletted = tmp_path / "p.gif"
    Image.fromarray(PICTURE).quantize(256).save(paletted)
    assert np.abs(np.asarray(read_rgb(paletted, 16)).astype(int) - PICTURE).mean() < 6
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it a quarter turned clockwise
    turned = save(tmp_path, "t.png", PICTURE, exif=exif)
    assert np.array_equal(np.asarray(read_rgb(turned, 16)), np.rot90(PICTURE, -1))


@pytest.mark.parametrize(("size", "count"), [((100, 100), 1), ((150, 100), 1), ((1920, 1080), 3), ((100, 1000), 9)])
def test_squares_cover_a_picture_evenly(size, count):
    boxes = crop_boxes(*size)
    assert len(boxes) == count
    short = min(size)
    for left, top, right, bottom in boxes:
        assert right - left == bottom - top == short
        assert 0 <= left <= right <= size[0]
        assert 0 <= top <= bottom <= size[1]
    middle = boxes[0]
    assert (middle[0] + middle[2], middle[1] + middle[3]) == size


def film(path, pictures):
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", 25, options={"crf": "10"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def moving(seed, frames):
    """A picture that drifts, so that its frames differ."""
    picture = families.pictures(1, 96, seed, ("clouds",))[0]
    return [np.roll(picture, 3 * k, 1) for k in range(frames)]


@pytest.fixture
def clip(tmp_path):
    """Three scenes: one that moves, a still, and another that moves."""
    still = [families.pictures(1, 96, 8, ("discs",))[0]] * 30
    return film(tmp_path / "clip.mp4", moving(1, 40) + still + moving(2, 20))


def test_a_clip_gives_frames_of_all_its_scenes(clip, tmp_path):
    build(Request(tmp_path / "data", 64, clips=(clip,), per_source=20), quiet)
    data = open_dataset(tmp_path / "data")
    assert data.sources[0]["scenes"] == 3
    assert data.sources[0]["kind"] == "clip"
    # A still scene has one picture, however long it is; the others share the rest by their length.
    assert 12 <= data.count <= 20
    build(Request(tmp_path / "few", 64, clips=(clip,), per_source=3), quiet)
    few = open_dataset(tmp_path / "few").batch(range(3), 16).astype(float)
    assert min(np.abs(few[i] - few[j]).mean() for i, j in ((0, 1), (0, 2), (1, 2))) > 5


def test_frames_are_chosen_from_every_scene_and_never_twice():
    thumbs = np.concatenate([np.stack(moving(seed, 30))[:, ::6, ::6] for seed in (1, 5, 9)])
    assert scenes(thumbs) == [(0, 30), (30, 60), (60, 90)]
    chosen = choose_frames(thumbs, 12, 2.0)
    assert len(set(chosen.tolist())) == 12
    assert np.histogram(chosen, [0, 30, 60, 90])[0].min() >= 3


def test_a_clip_cut_short_gives_what_there_is(clip, tmp_path):
    fragmented = tmp_path / "whole.mkv"
    with av.open(str(clip)) as source, av.open(str(fragmented), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(fragmented.read_bytes()[: fragmented.stat().st_size * 2 // 3])
    build(Request(tmp_path / "data", 64, clips=(cut,), per_source=10), quiet)
    assert open_dataset(tmp_path / "data").count >= 5


def test_what_is_no_clip_is_one_line(tmp_path):
    text = tmp_path / "clip.mp4"
    text.write_text("no video")
    with pytest.raises(VjError, match=r"clip\.mp4"):
        build(Request(tmp_path / "data", 64, clips=(text,)), quiet)
    small = film(tmp_path / "small.mp4", moving(1, 5))
    with pytest.raises(VjError, match=r"96x96, expected at least 128 pixels a side \(--upscale\)"):
        build(Request(tmp_path / "data", 128, clips=(small,)), quiet)
    assert not (tmp_path / "data").exists()


SHADER = """/*{"ISFVSN": "2", "INPUTS": [
 {"NAME": "x", "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
 {"NAME": "speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}]}*/
void main() { gl_FragColor = vec4(x, fract(TIME / 8.0), isf_FragNormCoord.x, 1.0); }
"""


def vj(*arguments, **more):
    command = [sys.executable, "-m", "vj", "dataset", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **more)


@pytest.fixture
def shader(tmp_path):
    file = tmp_path / "plain.fs"
    file.write_text(SHADER)
    return file


def test_a_shader_is_drawn_at_parameters_that_are_recorded(shader, tmp_path):
    out, sheet = tmp_path / "data", tmp_path / "sheet.png"
    done = vj("-o", out, "--size", 16, "--shader", shader, "--per-source", 60, "--distinct", 0, "--preview", sheet)
    assert done.returncode == 0, done.stderr
    data = open_dataset(out)
    assert data.count == 60
    assert data.known_names == ("time", "x")
    drawn = data.batch(range(60), 16)
    np.testing.assert_allclose(drawn[:, 8, 8, 0] / 255, data.known[:, 1], atol=0.004)
    np.testing.assert_allclose(drawn[:, 8, 8, 1] / 255, data.known[:, 0], atol=0.004)
    # Evenly spread over the range, not by chance.
    assert np.histogram(data.known[:, 1], 6, (0, 1))[0].min() >= 7
    assert Image.open(sheet).size[0] > 1000
    again = vj("-o", out, "--preview", tmp_path / "again.png")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.png").read_bytes() == sheet.read_bytes()


def test_ctrl_c_ends_with_a_line_and_the_same_command_goes_on(shader, tmp_path):
    out = tmp_path / "data"
    arguments = ["-o", str(out), "--size", "256", "--shader", str(shader), "--per-source", "900", "--distinct", "0"]
    running = subprocess.Popen(
        [sys.executable, "-m", "vj", "dataset", *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    until = time.monotonic() + 60
    # The first shard was written: the work has begun, and is not done.
    while time.monotonic() < until and not (out / "progress.json").exists() and running.poll() is None:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=60)[1]
    assert running.returncode in (0, 130), said
    if running.returncode == 130:
        assert "the same command goes on from there" in said
        assert 0 < json.loads((out / "progress.json").read_text())["count"] < 900
    done = vj(*arguments)
    assert done.returncode == 0, done.stderr
    assert open_dataset(out).count == 900


def test_a_full_disk_is_one_line_and_nothing_is_lost(photos, tmp_path):
    out = tmp_path / "data"

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

    arguments = ("-o", out, "--size", 32, "--folder", photos)
    full = vj(*arguments, preexec_fn=small_files)
    assert full.returncode == 1
    assert "images-00000.npy: cannot be written: File too large" in full.stderr
    assert len(full.stderr.strip().splitlines()) == 1
    assert vj(*arguments).returncode == 0
    assert open_dataset(out).count == 20


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--shader", "{broken}"), "broken.fs"),
        (("--shader", "{filter}"), "is a filter, expected a generator"),
        (("--shader", "nowhere.fs"), "nowhere.fs"),
        (("--folder", "nowhere"), "nowhere: no such folder"),
        (("--size", "100"), "100"),
    ],
)
def test_bad_sources_are_one_line(tmp_path, arguments, expected):
    (tmp_path / "broken.fs").write_text(SHADER.replace("fract", "fracture"))
    picture = '{"NAME": "inputImage", "TYPE": "image"},'
    (tmp_path / "filter.fs").write_text(SHADER.replace('"INPUTS": [', f'"INPUTS": [{picture}'))
    names = {"broken": tmp_path / "broken.fs", "filter": tmp_path / "filter.fs"}
    done = vj("-o", tmp_path / "data", "--size", 16, *(a.format(**names) for a in arguments))
    assert done.returncode in (1, 2)
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_default_is_our_own_generators(tmp_path):
    files = dataset_build._shader_files(Request(tmp_path))
    assert len(files) >= 10
    assert {"silk", "marble"} <= {f.stem for f in files}
    with pytest.raises(DatasetError, match="expected a folder"):
        build(Request(tmp_path / "data", folders=(tmp_path / "nowhere",)), quiet)
