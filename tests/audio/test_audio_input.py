"""Files of every kind, and everything that can be wrong with one."""

import socket
from pathlib import Path

import numpy as np
import pytest
from sounds import RATE_HZ, chord, clicks, song, write

from vj import demo
from vj.audio.input.file import FileSource
from vj.audio.input.generated import ToneSource, silence
from vj.audio.spectrum import to_mono
from vj.core.errors import MediaError


def whole(source, **part):
    return np.concatenate(list(source.blocks(**part)))


def test_a_wav_file_comes_out_as_it_went_in(tmp_path):
    sound = np.stack([song(2.0), -0.5 * song(2.0)], axis=1)
    source = FileSource(write(tmp_path / "a.wav", sound, subtype="FLOAT"))
    assert (source.rate_hz, source.channels, source.duration_s) == (RATE_HZ, 2, 2.0)
    assert np.array_equal(whole(source), sound)


@pytest.mark.parametrize(("start_s", "duration_s"), [(0.0, 0.5), (0.37, None), (2.9, 1.0), (5.25, 0.25), (5.9, 9.0)])
@pytest.mark.parametrize("kind", ["wav", "flac", "ogg"])
def test_any_part_of_a_file_is_exact_to_the_sample(tmp_path, kind, start_s, duration_s):
    sound = song(6.0)
    path = write(tmp_path / f"a.{kind}", sound, subtype="VORBIS" if kind == "ogg" else "PCM_16")
    source = FileSource(path)
    everything = whole(source)
    part = whole(source, start_s=start_s, duration_s=duration_s)
    first = round(start_s * RATE_HZ)
    end = None if duration_s is None else first + round(duration_s * RATE_HZ)
    # Vorbis blocks overlap: the first after a seek differs by rounding.
    assert part == pytest.approx(everything[first:end], abs=2e-3)


@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (96000, 8), (22050, 6)])
def test_odd_rates_and_many_channels(tmp_path, rate_hz, channels):
    sound = np.stack([chord((200 + 50 * c,), 0.5, rate_hz) for c in range(channels)], axis=1)
    source = FileSource(write(tmp_path / "a.wav", sound, rate_hz))
    assert (source.rate_hz, source.channels) == (rate_hz, channels)
    assert whole(source) == pytest.approx(sound, abs=1e-4)


def test_samples_that_are_no_numbers_become_silence_and_are_counted(tmp_path):
    sound = song(1.0)
    sound[100:110] = np.nan
    sound[500] = np.inf
    source = FileSource(write(tmp_path / "nan.wav", sound, subtype="FLOAT"))
    read = whole(source)
    assert np.isfinite(read).all()
    assert source.not_finite >= 11


def test_a_file_with_damaged_parts_is_read_around_them(tmp_path):
    path = tmp_path / "damaged.opus"
    data = bytearray(demo.track_path().read_bytes())
    for at in (200_000, 400_000):
        data[at : at + 3000] = b"\xff" * 3000
    path.write_bytes(bytes(data))
    source = FileSource(path)
    assert len(whole(source)) > 0.8 * demo.truth().duration_s * source.rate_hz


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.wav", None, "no such file"),
        ("empty.wav", b"", r"is empty \(0 bytes\)"),
        ("text.mp3", b"this is not music at all\n" * 50, "not an audio file"),
        ("noise.wav", bytes(np.random.default_rng(0).integers(0, 256, 4000, np.uint8)), "not an audio file"),
    ],
)
def test_what_is_not_a_sound_file_is_named(tmp_path, name, content, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaError, match=says) as caught:
        FileSource(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sound_that_nobody_can_decode_is_named(tmp_path):
    path = write(tmp_path / "a.wav", song(1.0))
    path.write_bytes(path.read_bytes().replace(b"fmt \x10\0\0\0\x01\0", b"fmt \x10\0\0\0\xcd\xab", 1))
    with pytest.raises(MediaError, match=r"a\.wav: its sound is coded in a way that FFmpeg does not know"):
        FileSource(path)


def test_a_playlist_opens_nothing_else(tmp_path):
    """Neither a file nor a connection, whatever the list is written for."""
    write(tmp_path / "a.wav", song(1.0))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.wav"
        for begins in ("#EXTM3U\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile {}\n"):
            for named in (address, f"file:{tmp_path}/a.wav", "tcp" + address[4:]):
                path = tmp_path / "list.wav"
                path.write_text(begins.format(named))
                with pytest.raises(MediaError):
                    FileSource(path)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(MediaError, match="is a folder"):
        FileSource(tmp_path)


def test_a_file_of_no_length_is_named(tmp_path):
    with pytest.raises(MediaError, match="holds no sound"):
        FileSource(write(tmp_path / "zero.wav", np.zeros(0, np.float32)))


def test_a_video_without_sound_is_named(tmp_path):
    import av

    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", 25, width=64, height=64, pix_fmt="yuv420p")
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match="has no sound"):
        FileSource(path)


def test_a_file_that_changes_its_layout_midway(tmp_path):
    mono, stereo = chord((440,), 1.0), np.stack([chord((440,), 1.0)] * 2, axis=1)
    write(tmp_path / "mono.mp3", mono, subtype="MPEG_LAYER_III")
    write(tmp_path / "stereo.mp3", stereo, subtype="MPEG_LAYER_III")
    path = tmp_path / "both.mp3"
    path.write_bytes((tmp_path / "mono.mp3").read_bytes() + (tmp_path / "stereo.mp3").read_bytes())
    source = FileSource(path)
    read = whole(source)
    assert read.shape[1] == source.channels
    assert len(read) > 1.9 * RATE_HZ
    assert np.abs(read[-RATE_HZ // 2 : -RATE_HZ // 4]).max() == pytest.approx(0.2, abs=0.1)


@pytest.mark.parametrize("kind", ["mp3", "ogg", "flac"])
def test_compressed_sound_begins_where_it_should(tmp_path, kind):
    """What an encoder puts before the first sample is not heard."""
    sound = clicks([0.5], 1.0, gain=1.5)
    subtype = {"mp3": "MPEG_LAYER_III", "ogg": "VORBIS", "flac": "PCM_16"}[kind]
    read = whole(FileSource(write(tmp_path / f"a.{kind}", sound, subtype=subtype)))[:, 0]
    lags = np.correlate(np.pad(read[:RATE_HZ], 1500), sound[: RATE_HZ - 2000], mode="valid")
    assert abs(int(lags.argmax()) - 1500) <= 1


def without_a_header(path, sound, codec, **options):
    """A file that says nothing of its length, of a bit rate that changes."""
    import av

    with av.open(str(path), "w", options=options) as out:
        stream = out.add_stream(codec, rate=RATE_HZ, layout="mono")
        stream.codec_context.flags |= av.codec.context.Flags.qscale
        stream.codec_context.global_quality = 4 * 118
        frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = RATE_HZ, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return FileSource(path)


@pytest.mark.parametrize(
    ("name", "codec", "options"), [("a.mp3", "libmp3lame", {"write_xing": "0"}), ("a.aac", "aac", {})]
)
@pytest.mark.parametrize("loud_first", [True, False])
def test_a_length_that_no_header_says_is_measured(tmp_path, name, codec, options, loud_first):
    """FFmpeg guesses it from the first frames, which are no measure for the others."""
    # Sines and no noise, of which AAC would keep the loudness alone.
    loud = chord(np.random.default_rng(0).uniform(100, 12_000, 80), 20.0, gain=0.02)
    quiet = np.zeros(20 * RATE_HZ, np.float32)
    quiet[:: RATE_HZ // 2] = 0.5
    sound = np.concatenate([loud, quiet] if loud_first else [quiet, loud])
    source = without_a_header(tmp_path / name, sound, codec, **options)
    everything = whole(source)
    assert source.duration_s == pytest.approx(len(everything) / RATE_HZ, abs=1e-3)
    # Wherever it is begun, it is what is there.
    for start_s in (3.3, 22.2, 39.5):
        first = round(start_s * RATE_HZ)
        part = whole(source, start_s=start_s, duration_s=0.25)
        assert part == pytest.approx(everything[first : first + RATE_HZ // 4], abs=2e-3)
    assert not list(source.blocks(start_s=source.duration_s + 0.1))


@pytest.mark.parametrize("container", ["mkv", "mp4", "webm"])
def test_a_part_of_a_videos_sound_is_exact_to_the_sample(tmp_path, container):
    import av

    sound = song(4.0, 48000)
    path = tmp_path / f"a.{container}"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac" if container == "mp4" else "libopus", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound[None], "flt", "mono")
        frame.sample_rate, frame.pts = 48000, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    source = FileSource(path)
    everything, part = whole(source), whole(source, start_s=2.3, duration_s=0.5)
    assert part == pytest.approx(everything[110400:134400], abs=2e-3)


def test_a_tone_and_silence():
    tone = ToneSource(1000.0, -6.0206, 8000, 2)
    part = np.concatenate(list(tone.blocks(start_s=0.5, duration_s=0.25)))
    assert part.shape == (2000, 2)
    assert part[:9, 0] == pytest.approx(0.5 * np.sin(np.arange(9) * np.pi / 4), abs=1e-6)
    still = np.concatenate(list(silence(duration_s=0.1).blocks()))
    assert still.shape == (4800, 2)
    assert not still.any()


def test_mixing_down():
    assert np.array_equal(to_mono(np.array([[1, 0], [0.5, -0.5]], np.float32)), np.array([0.5, 0], np.float32))


def test_a_name_with_a_colon_is_a_file_and_no_protocol(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sound = song(1.0)
    write(tmp_path / "set-12:30.wav", sound, subtype="FLOAT")
    for name in (Path("set-12:30.wav"), tmp_path / "set-12:30.wav"):
        assert np.array_equal(whole(FileSource(name))[:, 0], sound)
