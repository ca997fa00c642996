"""Model files that say of themselves what is not so, put together by hand: no library writes them."""

import json
import random
import struct

import numpy as np
import tiny

#: Kinds of numbers of the format, and one that there is not.
KINDS = (
    "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64",
    "C64", "F4", "F6_E2M3", "F8_E8M0", "X",
)  # fmt: skip
SIDES = {"arch": tiny.SKIP.as_dict(), "name": "test", "licence": "CC0-1.0"}


def packed(header, body=b"", claimed=None):
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(data) if claimed is None else claimed) + data + body


def metadata(card=None):
    return {"vj": "1", "card": card if isinstance(card, str) else json.dumps(SIDES | (card or {}))}


def good():
    """A whole file, as (header, body)."""
    header, body = {"__metadata__": metadata()}, b""
    for name, a in tiny.model(tiny.SKIP).tensors.items():
        data = a.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    return header, body


def changed(name, **fields):
    """The good file, of which one tensor is described otherwise."""
    header, body = good()
    header[name] = {k: v for k, v in (header[name] | fields).items() if v is not None}
    return packed(header, body)


def claims():
    """Name → file whose header says something about tensors that is not so."""
    _, body = good()
    first, last = "mapping.w_avg", "synthesis.b16.torgb.affine.bias"
    for kind in KINDS:
        yield f"numbers of the kind {kind}", changed(first, dtype=kind)
    offsets = {
        "overlap": (0, 80), "go backwards": (80, 40), "go far beyond": (0, 1 << 40), "begin at -1": (-1, 39),
        "are 2^64": (0, (1 << 64) - 1), "are larger than that": (0, 1 << 70), "are halves": (0.5, 40.5),
        "are one": (0,), "are texts": ("0", "40"), "are all the same": (0, 0),
    }  # fmt: skip
    for name, pair in offsets.items():
        yield f"offsets that {name}", changed(last, data_offsets=list(pair))
    shapes = {"-1": [-1], "2^63 twice": [1 << 63, 1 << 63], "zero": [0], "of 100,000 sides": [1] * 100_000,
              "of zero sides": [0, 1 << 62], "nothing": None, "halves": [2.5], "a text": "10"}  # fmt: skip
    for name, shape in shapes.items():
        yield f"a shape of {name}", changed(first, shape=shape)
    yield "a field that is not known", changed(first, more=[1])
    yield "bytes that no tensor has", packed(good()[0], body + bytes(1000))
    yield "bytes that are missing", packed(good()[0], body[:-1])
    nan = np.full(10, np.nan, "<f4").tobytes()
    yield "numbers that are none", packed(good()[0], nan + body[40:])


def headers():
    """Name → file whose header is not what it should be."""
    header, body = good()
    data = json.dumps(header).encode()
    for name, claimed in (
        ("10^9 bytes", 10**9),
        ("2^63 bytes", 1 << 63),
        ("2^64 - 1 bytes", (1 << 64) - 1),
        ("none", 0),
    ):
        yield f"a header of {name}", packed(data, body, claimed)
    twice = data[:-1] + b', "mapping.w_avg": ' + json.dumps(header["mapping.w_avg"]).encode() + b"}"
    yield "a tensor twice", packed(twice, body)
    yield "two cards", packed(data.replace(b'{"__metadata__"', b'{"__metadata__": {}, "__metadata__"', 1), body)
    yield "a header that is a list", packed(b"[" + data + b"]", body)
    yield "a header nested too deeply", packed(b'{"a":' * 50_000 + b"1" + b"}" * 50_000)
    yield "a header with a byte order mark", packed(b"\xef\xbb\xbf" + data, body)
    yield "a header that is no UTF-8", packed(data.replace(b"mapping", b"m\xffpping", 1), body)
    yield (
        "a hundred thousand tensors",
        packed(
            {f"t{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(100_000)} | header, body
        ),
    )
    yield "metadata that is no text", packed(header | {"__metadata__": {"vj": 1, "card": {}}}, body)
    yield (
        "a name of a megabyte",
        packed({"n" * (1 << 20): header["mapping.w_avg"]} | {"__metadata__": metadata()}, body[:40]),
    )
    yield (
        "a name that moves the cursor",
        packed({"\x1b[2J\n": header["mapping.w_avg"], "__metadata__": metadata()}, body[:40]),
    )


def cards():
    """Name → file with a card that says odd things."""
    _, body = good()
    odd = {
        "a number of 5,000 digits": json.dumps(SIDES).replace("12", "9" * 5000, 1), "a card that is a list": "[]",
        "a card of NaN": '{"arch": NaN}', "lists in each other": '{"arch":' * 900 + "1" + "}" * 900,
        "lists deeply in each other": json.dumps(SIDES)[:-1] + ', "a": ' + "[" * 900 + "]" * 900 + "}",
        "half a letter": json.dumps(SIDES | {"name": "\ud800"}), "letters that move the cursor": json.dumps(
            SIDES | {"name": "\x1b[2J", "no\ntes": "a\nb: c"}
        ), "an infinite clamp": json.dumps(SIDES).replace('"conv_clamp": 0.0', '"conv_clamp": 1e999'),
        "a name that is a list": json.dumps(SIDES | {"name": [1] * 10_000}),
        "a name of a megabyte": json.dumps(SIDES | {"name": "a" * (1 << 20)}),
    }  # fmt: skip
    for name, card in odd.items():
        header, _ = good()
        yield name, packed(header | {"__metadata__": metadata(card)}, body)
    for name, arch in {
        "a resolution of 2^70": {"resolution": 1 << 70}, "channels of 10^9": {"channels": [10**9] * 3},
        "a hundred thousand channels": {"channels": [1] * 100_000}, "65,536 layers": {"mapping_layers": 65_536},
        "the truth as a number": {"resolution": True}, "a kind of list": {"architecture": ["skip"]},
        "a kind that moves the cursor": {"architecture": "\x1b[2J\n"}, "a field of a megabyte": {"f" * (1 << 20): 1},
        "a clamp that is no number": {"conv_clamp": "x" * 100_000},
        "latents of 65,536": {"z_dim": 65_536, "w_dim": 65_536},
    }.items():  # fmt: skip
        header, _ = good()
        yield name, packed(header | {"__metadata__": metadata({"arch": SIDES["arch"] | arch})}, body)


def mutants(count, seed):
    """Name → a good file, with some bytes of its header changed, taken out, put in or doubled."""
    rng, whole = random.Random(seed), packed(*good())
    for number in range(count):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(6000)
            data[at : at + rng.randint(0, 9)] = rng.choice([rng.randbytes(rng.randint(0, 9)), data[at : at + 60]])
        yield f"mutant {number}", bytes(data)


def truncated():
    """Name → a good file cut at each hundredth."""
    whole = packed(*good())
    for percent in range(100):
        yield f"cut at {percent} %", whole[: len(whole) * percent // 100]
