"""Video files: exact length, sound in step with the pictures, and what happens when they cannot be written."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vj.core.errors import MediaError
from vj.render.output import video
from vj.render.output.encoder import downmix
from vj.render.output.video import VideoWriter, check_video, contact_sheet, probe

SIZE = (96, 64)


def clicks(seconds: float, rate_hz: int, channels: int) -> np.ndarray:
    """A click of 2 ms at every half second, f32[n, channels]."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    near = t % 0.5
    click = np.where(near < 0.002, 0.8 * np.sin(2 * np.pi * 1500 * near), 0.0).astype(np.float32)
    return np.repeat(click[:, None], channels, 1)


def flash(t_s: float, fps: Fraction) -> np.ndarray:
    """White in the frame in which a click begins, else dark grey, with a bar that moves."""
    rgb = np.full((SIZE[1], SIZE[0], 3), 235 if t_s % 0.5 < 1 / fps - 1e-9 else 30, np.uint8)
    rgb[:, int(t_s * 40) % SIZE[0]] = 128
    return rgb


def write(path: Path, seconds: float, fps: Fraction = Fraction(30), rate_hz: int = 48_000, channels: int = 2) -> int:
    """Write clicks and flashes in blocks of one frame; how many frames."""
    sound, frames = clicks(seconds, rate_hz, channels), round(seconds * fps)
    writer = VideoWriter(path, SIZE, fps, rate_hz, channels)
    edges = [round(i * rate_hz / fps) for i in range(frames)] + [len(sound)]
    for i in range(frames):
        writer.write_audio(sound[edges[i] : edges[i + 1]])
        writer.write_frame(flash(float(i / fps), fps))
    writer.close()
    return frames


def decoded(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times of the pictures, their mean luma, the sound's left side from time 0 on."""
    with av.open(str(path)) as container:
        shown = [(f.time, f.to_ndarray(format="gray").mean()) for f in container.decode(video=0)]
    with av.open(str(path)) as container:
        heard = list(container.decode(audio=0))
    assert heard[0].pts == 0
    times, luma = np.array(shown).T
    return times, luma, np.concatenate([f.to_ndarray()[0] for f in heard])


@pytest.mark.parametrize(
    ("name", "fps", "rate_hz", "channels"),
    [
        ("a.mp4", Fraction(30), 44_100, 2),
        ("a.mov", Fraction(30_000, 1001), 48_000, 1),
        ("a.m4v", Fraction(24), 8_000, 1),
        ("a.mp4", Fraction(60), 96_000, 8),
        ("a.mp4", Fraction(25), 22_050, 11),
    ],
)
def test_length_and_step_are_exact(tmp_path: Path, name: str, fps: Fraction, rate_hz: int, channels: int) -> None:
    path = tmp_path / name
    frames = write(path, 2.2, fps, rate_hz, channels)
    times, luma, sound = decoded(path)
    assert np.allclose(times, np.arange(frames) / float(fps), atol=1e-3)
    info = check_video(path, 2.2)
    assert (info.frames, info.fps, info.video_codec, info.pix_fmt) == (frames, fps, "h264", "yuv420p")
    assert (info.audio_codec, info.audio_rate_hz, info.audio_start_s) == ("aac", 48_000, 0.0)
    assert abs(info.audio_duration_s - 2.2) < 1e-4
    # Every click is heard where its flash begins: the sound is matched with the click at 48 kHz.
    click = clicks(0.002, 48_000, 1)[:, 0]
    for flash_s in times[luma > 150]:
        began = max(round(flash_s * 48_000) - 2400, 0)
        match = np.correlate(sound[began : began + 4800], click)
        late_s = (began + int(np.argmax(match))) / 48_000 - round(2 * flash_s) / 2
        assert abs(late_s) < 0.001
    assert (luma > 150).sum() == 5


def test_colours_survive(tmp_path: Path) -> None:
    colours = [(200, 40, 30), (30, 180, 60), (40, 60, 210), (128, 128, 128)]
    writer = VideoWriter(tmp_path / "c.mp4", SIZE, Fraction(30), 48_000, 2)
    for colour in colours:
        writer.write_frame(np.full((SIZE[1], SIZE[0], 3), colour, np.uint8))
    writer.close()
    with av.open(str(tmp_path / "c.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        for frame, colour in zip(container.decode(video=0), colours, strict=True):
            found = frame.to_ndarray(format="rgb24", src_colorspace=1, src_color_range=1).mean((0, 1))
            assert np.abs(found - colour).max() < 4


def test_downmix_never_clips_and_keeps_sides() -> None:
    for channels in range(1, 13):
        matrix = downmix(channels)
        assert matrix.shape == (channels, 2)
        assert np.allclose(matrix.sum(0), 1)
    assert downmix(1).tolist() == [[1, 1]]
    assert downmix(2).tolist() == [[1, 0], [0, 1]]
    assert downmix(6)[3].tolist() == [0, 0], "the low-frequency channel is left out"


def test_the_name_is_taken_only_when_the_file_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("an older one")
    writer = VideoWriter(path, SIZE, Fraction(30), 48_000, 2)
    for i in range(20):
        writer.write_frame(flash(i / 30, Fraction(30)))
    assert path.read_text() == "an older one"
    writer.abort()
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    assert path.read_text() == "an older one"
    write(path, 0.5)
    assert probe(path).frames == 15


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("a.avi", SIZE, "found extension '.avi', expected one of .mp4, .m4v, .mov"),
        ("a", SIZE, "found extension ''"),
        ("a.mp4", (97, 64), "a video of 97x64, expected even numbers"),
        ("a.mp4", (0, 64), "a video of 0x64, expected even numbers"),
        ("none/a.mp4", SIZE, "cannot be written: No such file or directory"),
        ("folder.mp4", SIZE, "is a folder, expected the name of a file"),
    ],
)
def test_what_cannot_be_written_is_said_at_once(tmp_path: Path, name: str, size: tuple[int, int], message: str) -> None:
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(MediaError) as caught:
        VideoWriter(tmp_path / name, size, Fraction(30), 48_000, 2)
    assert message in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["folder.mp4"]


FULL_DISK = """
import resource, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from vj.core.errors import MediaError
from vj.render.output.video import VideoWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
rng = np.random.default_rng(0)
writer = VideoWriter(Path(sys.argv[1]), (256, 256), Fraction(30), 48_000, 2)
try:
    for i in range(400):
        writer.write_audio(np.zeros((1600, 2), np.float32))
        writer.write_frame(rng.integers(0, 255, (256, 256, 3), np.uint8))
    writer.close()
except MediaError as e:
    print(e)
    writer.abort()
"""


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "a.mp4")], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path / 'a.mp4'}: cannot be written: File too large\n"
    assert not list(tmp_path.iterdir())


def constant(path: Path, level: int, sound: bool = True) -> Path:
    writer = VideoWriter(path, SIZE, Fraction(30), 48_000, 2)
    for _ in range(12):
        if sound:
            writer.write_audio(np.zeros((1600, 2), np.float32))
        writer.write_frame(np.full((SIZE[1], SIZE[0], 3), level, np.uint8))
    writer.close()
    return path


def test_ctrl_c_while_the_file_is_opened_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path, *given: object) -> None:
        path.write_bytes(b"the beginning of a header")
        raise KeyboardInterrupt

    monkeypatch.setattr(video, "Encoder", interrupted)
    with pytest.raises(KeyboardInterrupt):
        VideoWriter(tmp_path / "out.mp4", (64, 64), Fraction(30), 48_000, 2)
    assert not list(tmp_path.iterdir())


def test_what_is_no_real_video(tmp_path: Path) -> None:
    good = tmp_path / "good.mp4"
    write(good, 1.0)
    assert str(check_video(good)) == "1.00 s, 96x64, 30 pictures at 30 a second, h264 yuv420p, aac 48000 Hz"
    (tmp_path / "half.mp4").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    (tmp_path / "text.mp4").write_text("hello")
    cases = {
        constant(tmp_path / "black.mp4", 0): "is black",
        constant(tmp_path / "still.mp4", 120): "does not move",
        constant(tmp_path / "mute.mp4", 120, sound=False): "holds no sound",
        tmp_path / "half.mp4": "cannot be read as a video",
        tmp_path / "text.mp4": "cannot be read as a video",
        tmp_path / "none.mp4": "No such file",
    }
    for path, message in cases.items():
        with pytest.raises(MediaError, match=message):
            check_video(path)
    with pytest.raises(MediaError, match=r"lasts 1\.00 s, expected 3\.00 s"):
        check_video(good, 3.0)


def test_contact_sheet(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", 1.0)
    contact_sheet(tmp_path / "a.mp4", tmp_path / "a.png", columns=3, count=5)
    assert (tmp_path / "a.png").stat().st_size > 1000
    with pytest.raises(MediaError, match="no pictures"):
        contact_sheet([], tmp_path / "b.png")
    with pytest.raises(MediaError, match="cannot be written"):
        contact_sheet(tmp_path / "a.mp4", tmp_path / "none" / "b.png")


def test_a_name_with_a_colon_is_a_file_and_no_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("set-12:30.mp4"), 0.5)
    assert probe(Path("set-12:30.mp4")).frames == 15
    assert [p.name for p in tmp_path.iterdir()] == ["set-12:30.mp4"]
