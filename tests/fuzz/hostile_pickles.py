"""Pickles that want something of whoever reads them: that a call is made, or memory, or time. Assembled by hand."""

import pickle
import random
import struct

import numpy as np
import tiny
from snapshots import Named, dumped, module, snapshot, storage

#: What a file would have somebody call, and with what: each would leave a file named RAN.
CALLS = (
    ("os", "system", ("touch RAN",)), ("posix", "system", ("touch RAN",)), ("nt", "system", ("touch RAN",)),
    ("builtins", "eval", ("open('RAN', 'w')",)), ("builtins", "exec", ("open('RAN', 'w')",)),
    ("__builtin__", "eval", ("open('RAN', 'w')",)), ("builtins", "open", ("RAN", "w")), ("_io", "open", ("RAN", "w")),
    ("subprocess", "Popen", (["touch", "RAN"],)), ("subprocess", "check_output", (["touch", "RAN"],)),
    ("pathlib", "Path.touch", ("RAN",)), ("os", "mkdir", ("RAN",)), ("os", "symlink", (".", "RAN")),
    ("pty", "spawn", (["touch", "RAN"],)), ("runpy", "run_path", ("RAN",)),
    ("importlib", "import_module", ("antigravity",)),
    ("pickle", "loads", (pickle.dumps(1),)), ("_pickle", "loads", (pickle.dumps(1),)), ("torch", "load", ("RAN",)),
    ("numpy", "load", ("RAN", None, True)), ("numpy.testing._private.utils", "runstring", ("open('RAN', 'w')", {})),
    ("ctypes", "CDLL", ("libc.so.6",)), ("socket", "create_connection", (("127.0.0.1", 9),)),
    ("operator", "attrgetter", ("system",)), ("functools", "partial", ()), ("types", "CodeType", ()),
    ("code", "InteractiveInterpreter", ()), ("timeit", "timeit", ("open('RAN', 'w')",)), ("pydoc", "locate", ("os",)),
    ("torch_utils.persistence", "_src_to_module", ("open('RAN', 'w')",)), ("builtins", "getattr", ("", "__class__")),
)  # fmt: skip


def text(s):
    data = s.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(data)) + data


def whole(n):
    data = n.to_bytes(n.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8b" + struct.pack("<i", len(data)) + data


def call(module_name, name, args):
    """The opcodes of a call, without header and end."""
    return text(module_name) + text(name) + b"\x93" + _unframed(dumped(args))[2:-1] + b"R"


def attacks():
    """Name → pickle: each call at another place and by another opcode."""
    places = {
        "whole": lambda c: b"\x80\x04" + c + b".",
        "generator": lambda c: b"\x80\x04}" + text("G_ema") + c + b"s.",
        "key": lambda c: b"\x80\x04}" + c + b"K\x01s.",
        "state": lambda c: b"\x80\x04}" + text("G_ema") + c + b"}" + text("a") + b"K\x01sbs.",
        "item": lambda c: b"\x80\x04]" + c + b"a.",
        "popped": lambda c: b"\x80\x04" + c + b"0}.",
        "storage": lambda c: b"\x80\x04" + text("torch.storage") + text("_load_from_bytes") + b"\x93" + c + b"\x85R.",
    }
    kinds = list(places.items())
    for number, (module_name, name, args) in enumerate(CALLS):
        place, put = kinds[number % len(kinds)]
        yield f"calls {module_name}.{name} ({place})", put(call(module_name, name, args))
    shell = text("touch RAN")
    yield "calls os.system by GLOBAL", b"cos\nsystem\n(" + shell + b"tR."
    yield "calls os.system by INST", b"(" + shell + b"ios\nsystem\n."
    yield "calls os.system by OBJ", b"(cos\nsystem\n" + shell + b"o."
    yield "calls os.system by NEWOBJ", b"\x80\x02cos\nsystem\n" + shell + b"\x85\x81."
    yield "calls os.system by NEWOBJ_EX", b"\x80\x04cos\nsystem\n" + shell + b"\x85}\x92."
    yield "an object of the copyreg registry", b"\x80\x02\x82\x01."
    yield "the same with two and four bytes", b"\x80\x02\x83\x01\x00\x84\x01\x00\x00\x00."
    yield "a persistent object of the file's own", b"\x80\x02" + text("/etc/passwd") + b"Q."
    yield "the same by line", b"P/etc/passwd\n."
    yield "a buffer from outside", b"\x80\x05\x97\x98."


def bombs():
    """Name → pickle: small ones that want much."""
    megabyte = text("a" * (1 << 20))
    laughs = b"]" + b"\x94" + b"".join(b"](" + b"h" + bytes([i]) + b"h" + bytes([i]) + b"e\x94" for i in range(40))
    yield "a list that doubles forty times", b"\x80\x04" + laughs + b"."
    yield "the same as a module's name", b"\x80\x04" + laughs + text("x") + b"\x93."
    yield "the same in the generator's place", b"\x80\x04}" + text("G_ema") + laughs + b"s."
    for number, field in enumerate(("img_resolution", "img_channels", "z_dim")):
        odd = (laughs, whole(1 << 8_000_000), b"G\x7f\xf8" + bytes(6))[number]
        yield f"{field} that is no number", _generator_with(field, odd)
    names = b"\x80\x04" + megabyte + b"\x94" + b"h\x00h\x00\x93" * 2000
    yield "names of a megabyte, two thousand times", names + b"."
    body = storage(np.zeros(250_000, np.float32))
    kept = b"\x80\x04B" + struct.pack("<i", len(body)) + body + b"\x94"
    load = text("torch.storage") + text("_load_from_bytes") + b"\x93\x94"
    yield "a storage that is read two thousand times", kept + load + b"h\x01h\x00\x85R" * 2000 + b"."
    yield "a million lists", b"\x80\x04" + b"]" * 999_000 + b"."
    yield "more than a million opcodes", b"\x80\x04" + b"N0" * 2_600_000 + b"N."
    yield "lists in each other", b"\x80\x04" + b"]" * 499_000 + b"a" * 498_999 + b"."
    yield "tuples in each other as a key", b"\x80\x04})" + b"\x85" * 500_000 + b"K\x01s."
    yield "a million marks", b"\x80\x04" + b"(" * 999_000 + b"."
    yield "a place in the memo of four thousand million", b"\x80\x04]" + b"r\xff\xff\xff\xff" * 10 + b"."
    yield "a whole number of a megabyte", b"\x80\x04" + whole(1 << 8_000_000) + b"."
    yield "the same in digits", b"I" + b"9" * 1_000_000 + b"\n."
    yield "a long in digits", b"L" + b"9" * 1_000_000 + b"L\n."
    for name, opcode in (("text", b"X"), ("bytes", b"B"), ("number", b"\x8b")):
        yield f"a {name} of two thousand megabytes that is not there", b"\x80\x04" + opcode + b"\xff\xff\xff\x7fab."
    for name, opcode in (("text", b"\x8d"), ("bytes", b"\x8e"), ("array", b"\x96"), ("frame", b"\x95")):
        yield f"a {name} of 2^62 bytes that is not there", b"\x80\x05" + opcode + struct.pack("<Q", 1 << 62) + b"ab."
    yield "a number of fewer than no bytes", b"\x80\x04\x8b" + struct.pack("<i", -1) + b"."
    yield "a list that holds itself", b"\x80\x04]\x94h\x00a."
    yield "a generator that holds itself", b"\x80\x04}\x94" + text("G_ema") + b"h\x00s."


def _generator_with(field, opcodes):
    """A generator, one of whose numbers is what these opcodes make."""
    parts = {"mapping": module("MappingNetwork"), "synthesis": module("SynthesisNetwork")}
    sizes = {"img_channels": 3, "img_resolution": 16, "z_dim": 12} | {field: "HERE"}
    return _unframed(dumped({"G_ema": module("Generator", {}, parts, **sizes)})).replace(b"\x8c\x04HERE", opcodes)


def _unframed(data):
    """Without the frame's length, which is another when something is put in."""
    return data[:2] + data[11:] if data[2:3] == b"\x95" else data


def lies():
    """Name → pickle: tensors and texts that are not what they say."""
    held = Named("torch.storage._load_from_bytes", storage(np.arange(12, dtype=np.float32)))
    views = {
        "beyond its end": (0, (13,), (1,)), "from before its start": (-1, (3,), (1,)), "backwards": (11, (3,), (-1,)),
        "of a huge shape": (0, (1 << 39, 1 << 39), (0, 0)), "of 64 dimensions": (0, (1,) * 64, (1,) * 64),
        "with a step too few": (0, (2, 2), (1,)), "with the truth for a size": (0, (True,), (True,)),
        "from the middle of nowhere": (1 << 62, (1,), (1,)), "of texts": (0, ("a",), ("b",)),
        "empty and far away": (1 << 39, (0,), (1 << 39,)), "of a number that never ends": (0, (float("inf"),), (1,)),
    }  # fmt: skip
    for name, (offset, size, stride) in views.items():
        view = Named("torch._utils._rebuild_tensor_v2", held, offset, size, stride, False, {})
        yield f"a tensor {name}", dumped(_with_tensor(view))
    for name, count in (("fewer than none", -1), ("more than there are", 1 << 30)):
        yield f"a storage of {name}", dumped(_with_tensor(_view_of(_storage_of(count))))
    yield "a storage in a storage", dumped(_with_tensor(_view_of(dumped(held))))
    yield "a storage without anything", dumped(_with_tensor(_view_of(b"")))
    for name in ("Two\nlines", "\x1b[2J\x1b]0;title\x07", "x" * 1_000_000, "\u202eright to left"):
        yield f"a class {name[:4]!r}…".replace("/", "_"), dumped({"G_ema": module(name)})
    for code in ("V1000000000", "f8" * 1000, "O", "M8[ns]", "f1", "\x00"):
        scalar = Named("numpy.core.multiarray.scalar", Named("numpy.dtype", code, False, True), b"12345678")
        yield f"a number of the kind {code[:4]!r}", dumped({"G_ema": scalar})
    yield "things where parameters should be", dumped(_with_tensor(3))
    yield "a text where parameters should be", dumped(_with_tensor("w" * 100))
    yield "a call of a number", b"\x80\x04K\x01)R."
    yield "a call with a list", b"\x80\x04" + text("torch") + text("Size") + b"\x93]R."
    yield "names that are no texts", b"\x80\x04]K\x01\x93."


def _storage_of(count):
    """A storage that says how many numbers it has."""
    data = storage(np.zeros(4, np.float32))
    return data.replace(b"J" + struct.pack("<i", 4), b"J" + struct.pack("<i", count)).replace(
        struct.pack("<q", 4), struct.pack("<q", count)
    )


def _view_of(data):
    held = Named("torch.storage._load_from_bytes", data)
    return Named("torch._utils._rebuild_tensor_v2", held, 0, (4,), (1,), False, {})


def _with_tensor(found):
    """A network in which one tensor is something else."""
    held = snapshot(tiny.model(tiny.SKIP))
    mapping = held["G_ema"].args[0]["state"]["_modules"]["mapping"].args[0]["state"]
    mapping["_parameters"]["w_avg"] = found
    return held


def soups(count, seed):
    """Name → pickle of opcodes at random, most with arguments as they should be."""
    rng = random.Random(seed)
    named = [
        ("torch", "Size"), ("collections", "OrderedDict"), ("builtins", "set"), ("numpy", "dtype"), ("os", "system"),
        ("torch.storage", "_load_from_bytes"), ("torch._utils", "_rebuild_tensor_v2"), ("torch", "FloatStorage"),
        ("torch_utils.persistence", "_reconstruct_persistent_obj"),
    ]  # fmt: skip
    words = ["G_ema", "state", "_modules", "class_name", "Generator", "storage", "cpu", "0", "é\n"]
    pieces = [
        lambda: rng.choice([b"]", b"}", b")", b"(", b"N", b"\x88", b"\x8f", b"0", b"1", b"2", b"\x94"]),
        lambda: rng.choice([b"t", b"\x85", b"\x86", b"\x87", b"l", b"d", b"a", b"e", b"s", b"u", b"\x90", b"\x91"]),
        lambda: rng.choice([b"R", b"b", b"\x81", b"\x92", b"o", b"Q", b"\x93"]),
        lambda: text(rng.choice(words)),
        lambda: b"K" + bytes([rng.randrange(256)]),
        lambda: b"h" + bytes([rng.randrange(6)]),
        lambda: b"q" + bytes([rng.randrange(6)]),
        lambda: b"".join(map(text, rng.choice(named))) + b"\x93",
        lambda: b"G" + rng.randbytes(8),
        lambda: rng.randbytes(rng.randrange(4)),
    ]  # fmt: skip
    for number in range(count):
        opcodes = b"".join(rng.choice(pieces)() for _ in range(rng.randrange(5, 400)))
        yield f"soup {number}", b"\x80\x04}" + opcodes + b"."


def mutants(count, seed):
    """Name → a good pickle with some bytes changed, taken out, put in or doubled."""
    rng, good = random.Random(seed), dumped(snapshot(tiny.model(tiny.SKIP)))
    for number in range(count):
        data = bytearray(good)
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 40)] = rng.choice([rng.randbytes(rng.randint(0, 9)), data[at : at + 60]])
        yield f"mutant {number}", bytes(data)


def truncated():
    """Name → a good pickle cut at each hundredth."""
    good = dumped(snapshot(tiny.model(tiny.SKIP)))
    for percent in range(100):
        yield f"cut at {percent} %", good[: len(good) * percent // 100]
