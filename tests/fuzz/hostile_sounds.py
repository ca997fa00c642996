"""Sound files that are damaged, or say of themselves what is not so."""

import random
import struct

import numpy as np
import soundfile
from sounds import RATE_HZ, chord

KINDS = {
    "wav": "PCM_16", "float.wav": "FLOAT", "adpcm.wav": "IMA_ADPCM", "flac": "PCM_16", "mp3": "MPEG_LAYER_III",
    "ogg": "VORBIS", "opus": "OPUS", "aiff": "PCM_24", "caf": "ALAC_16",
}  # fmt: skip
LENGTH_S = 3.0


def good(folder):
    """Kind → a whole file of three seconds in stereo."""
    sound = np.stack([chord((220,), LENGTH_S), chord((331,), LENGTH_S)], axis=1)
    found = {}
    for kind, subtype in KINDS.items():
        path = folder / f"good.{kind}"
        rate = 48_000 if kind == "opus" else RATE_HZ
        soundfile.write(path, sound, rate, subtype=subtype, format="OGG" if kind == "opus" else None)
        found[kind] = path.read_bytes()
        path.unlink()
    return found


def wav(rate=44_100, channels=2, bits=16, align=4, kind=1, data=bytes(40_000), claimed=None, riff=None, extra=b""):
    """A RIFF file that says whatever is asked."""
    form = struct.pack("<HHIIHH", kind, channels, rate, (rate * align) & 0xFFFFFFFF, align, bits) + extra
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data) if claimed is None else claimed) + data
    return b"RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body


def lies(found):
    """Name → file whose header says what is not so."""
    for name, says in {
        "no rate": {"rate": 0}, "a rate of 2^32 - 1": {"rate": 2**32 - 1}, "a rate of 1 Hz": {"rate": 1},
        "no channels": {"channels": 0}, "65,535 channels": {"channels": 65_535, "align": 65_535},
        "no bits": {"bits": 0}, "65,535 bits": {"bits": 65_535}, "no bytes a frame": {"align": 0},
        "65,535 bytes a frame": {"align": 65_535}, "an unknown codec": {"kind": 0xABCD},
        "ADPCM that is none": {"kind": 0x11},
        "an MP3 that is none": {"kind": 0x55}, "four thousand megabytes": {"claimed": 2**32 - 1},
        "a RIFF of nothing": {"riff": 0}, "an extension that ends early": {"kind": 0xFFFE, "extra": b"\x16\x00\x01"},
        "an odd number of bytes": {"data": bytes(4001)}, "a frame and a half": {"data": bytes(6)},
    }.items():  # fmt: skip
        yield f"a WAV of {name}", wav(**says)
    flac = found["flac"]
    for name, at, data in (
        ("no rate", 18, b"\x00\x00\x02"),
        ("a rate of 1,048,575 Hz", 18, b"\xff\xff\xf2"), ("eight channels", 20, b"\x0e"),
        ("blocks of nothing", 8, bytes(4)), ("blocks of 65,535", 8, b"\xff" * 4), ("2^36 samples", 21, b"\xff" * 5),
    ):  # fmt: skip
        yield f"a FLAC of {name}", flac[:at] + data + flac[at + len(data) :]
    yield "a FLAC with a picture of 16 MB that is not there", flac[:4] + b"\x06\xff\xff\xff" + flac[4:]
    mp3 = found["mp3"]
    yield "an MP3 behind a tag of 256 MB", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + mp3
    yield "an MP3 behind a megabyte of nothing", bytes(1 << 20) + mp3
    yield "an MP3 behind a megabyte of frame beginnings", b"\xff\xfb" * (1 << 19) + mp3
    yield "an MP3 and a FLAC", mp3 + flac
    ogg = found["ogg"]
    for name, at in (("from before its beginning", -1), ("at the end of all time", 2**63 - 1)):
        yield f"an Ogg {name}", _positions(ogg, at)
    yield "an Ogg twice", ogg + ogg
    yield "an Ogg and an Opus", ogg + found["opus"]
    yield "an Ogg that opens and opens", ogg[: ogg.index(b"OggS", 4)] * 2000
    yield "an Opus of 255 channels", found["opus"].replace(b"OpusHead\x01\x02", b"OpusHead\x01\xff", 1)
    yield "an AIFF of a rate that is no number", _after(found["aiff"], b"COMM", 12, b"\x7f\xff" + b"\xff" * 8)
    yield "an AIFF of no rate", _after(found["aiff"], b"COMM", 12, bytes(10))
    yield "a CAF of packets that are not there", _after(found["caf"], b"pakt", 8, b"\x7f" + b"\xff" * 7)
    yield "nothing but zeros", bytes(100_000)
    yield "a list of other files", b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    yield "the same of FFmpeg's own", b"ffconcat version 1.0\nfile /etc/passwd\n"
    yield (
        "a description of a stream",
        b"v=0\no=- 0 0 IN IP4 ::1\ns=x\nc=IN IP4 ::1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    )


def _positions(ogg, position):
    """All pages but the first ones say this position."""
    data, at = bytearray(ogg), 0
    while (at := data.find(b"OggS", at)) >= 0:
        if struct.unpack("<q", data[at + 6 : at + 14])[0]:
            data[at + 6 : at + 14] = struct.pack("<q", position)
        at += 4
    return bytes(data)


def _after(data, mark, skip, put):
    at = data.index(mark) + 4 + skip
    return data[:at] + put + data[at + len(put) :]


def mutants(found, count, seed):
    """Name → a good file, with some bytes changed, half of them in its first 200."""
    rng = random.Random(seed)
    for number in range(count):
        kind = sorted(found)[number % len(found)]
        data = bytearray(found[kind])
        for _ in range(rng.randint(1, 12)):
            at = rng.randrange(len(data) if rng.random() < 0.5 else min(200, len(data)))
            match rng.randrange(4):
                case 0:
                    data[at : at + rng.randint(0, 9)] = rng.randbytes(rng.randint(0, 9))
                case 1:
                    data[at : at + 4] = rng.choice([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0"])
                case 2:
                    del data[at : at + rng.randint(1, 2000)]
                case 3:
                    data[at:at] = data[at : at + rng.randint(1, 2000)]
        yield f"mutant {number} ({kind})", bytes(data)


def truncated(found):
    """Name → a good file, cut at each hundredth."""
    for percent in range(100):
        kind = sorted(found)[percent % len(found)]
        yield f"{kind} cut at {percent} %", found[kind][: len(found[kind]) * percent // 100]
