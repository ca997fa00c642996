"""Reads stylegan2-ada-pytorch's pickles without PyTorch, and without running anything.

Python's own unpickler calls what a file names. This module does not use it: the opcodes are taken from the standard
library's disassembler (`pickletools.genops`) and carried out by a small stack machine that can build numbers, texts,
containers and tensors and has no way of importing or calling anything. What a file names outside the short list below
becomes `Foreign`: a name, of which nothing is imported, called or kept. Whoever needs what stands there refuses it.
"""

import io
import math
import pickletools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from vj.core.errors import ModelError

#: The file format of torch.save before zip archives: a magic number, a version, machine facts, the object, keys, data.
_TORCH_MAGIC = 0x1950A86A20F9469CFC6C
_MAX_OPCODES = 1_000_000
#: A reader's memory may grow by this for every byte of the file; storages and tensors are copies of what it holds.
_MAX_GROWTH = 4
#: The longest name of a class or function that is believed.
_MAX_NAME = 200
_DTYPES = {
    "FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1", "BoolStorage": "?",
}  # fmt: skip


@dataclass(slots=True)
class Inert:
    """Something the file names or builds, kept as data."""

    name: str
    args: tuple[Any, ...] = ()
    state: Any = None


class Foreign(Inert):
    """A global outside the list, or what a file would have made by calling it."""

    __slots__ = ()

    def refusal(self) -> ModelError:
        """What to raise where it stands in the place of something needed."""
        return ModelError(f"it asks for {shown(self.name)}, which no StyleGAN2 network needs; refused, nothing was run")


class _Budget:
    """What a file may cost, storages inside it included: a few bytes can name the same tensor again and again."""

    def __init__(self, file_bytes: int) -> None:
        self._opcodes = _MAX_OPCODES
        self._tensor_bytes = _MAX_GROWTH * file_bytes

    def spend_opcode(self) -> None:
        self._opcodes -= 1
        if self._opcodes < 0:
            raise ModelError(f"more than {_MAX_OPCODES} opcodes, which no StyleGAN2 network needs")

    def spend_bytes(self, count: int) -> None:
        self._tensor_bytes -= count
        if self._tensor_bytes < 0:
            raise ModelError(f"its tensors are more than {_MAX_GROWTH} times as large as the file")


def shown(x: object) -> str:
    """A value from the file as an error names it: short, and safe for containers of any depth."""
    if isinstance(x, str):
        return repr(x[:80])
    # Python refuses to print whole numbers of thousands of digits.
    plain = x is None or isinstance(x, float) or (isinstance(x, int) and abs(x) < 1 << 64)
    return repr(x) if plain else f"a value of type {type(x).__name__}"


def read(data: bytes) -> Any:
    """The object in a pickle, made of numbers, texts, containers, numpy arrays, `Inert` and `Foreign`.

    Raises ModelError when the file is damaged or uses an opcode no such file has.
    """
    budget = _Budget(len(data))
    return _Machine(_networks_globals(budget), None, budget, passes_foreign=True).run(io.BytesIO(data))


def read_tensors(data: bytes) -> dict[str, np.ndarray[Any, Any]]:
    """Name → tensor f32[…], i64[…], … in a file that torch.save wrote of a plain state dict before it wrote zips.

    Raises ModelError as `read` does, and where the file holds anything but tensors.
    """
    budget, stream = _Budget(len(data)), io.BytesIO(data)
    head = [_Machine({}, None, budget).run(stream) for _ in range(3)]
    if head[0] != _TORCH_MAGIC:
        raise ModelError("it does not begin as torch.save writes it")
    found = _Machine(_STATE_DICT, _persistent, budget).run(stream)
    keys = _Machine({}, None, budget).run(stream)
    if not isinstance(found, dict) or not isinstance(keys, list):
        raise ModelError("it holds something else than tensors by name")
    named = {a.args[0].args[2]: a.args[0] for a in found.values() if _is_view(a)}
    if len(named) != len(keys) or set(named) != set(keys) or not all(map(_is_view, found.values())):
        raise ModelError("it holds something else than tensors by name")
    flat = {key: _flat(budget, named[key], stream) for key in keys}
    return {str(name): _tensor(budget, flat[a.args[0].args[2]], *a.args[1:]) for name, a in found.items()}


def _is_view(a: object) -> bool:
    """Whether something is a tensor of which the numbers were not read yet."""
    return isinstance(a, Inert) and a.name == "view" and len(a.args) >= 4 and _is_storage(a.args[0])


def _is_storage(a: object) -> bool:
    return isinstance(a, Inert) and a.name == "storage"


def _flat(budget: _Budget, storage: Inert, stream: io.BytesIO) -> np.ndarray[Any, Any]:
    """The numbers of a storage, which come next in the stream."""
    kind, count, _ = storage.args
    (stored,) = np.frombuffer(stream.read(8).ljust(8, b"\0"), "<i8")
    dtype = np.dtype(_DTYPES[kind])
    budget.spend_bytes(max(count, 0) * dtype.itemsize)
    body = stream.read(max(count, 0) * dtype.itemsize)
    if stored != count or count < 0 or len(body) < count * dtype.itemsize:
        raise ModelError(f"a tensor's storage is cut short: {len(body)} bytes for {count} numbers")
    return np.frombuffer(body, dtype, count)


def _read_storage(budget: _Budget, data: object) -> np.ndarray[Any, Any]:
    """A torch storage as torch.save writes it: a flat array."""
    if not isinstance(data, bytes):
        raise ModelError("a tensor's storage is not bytes")
    if data[:4] == b"PK\x03\x04":
        raise ModelError("a tensor's storage is a zip archive; stylegan2-ada-pytorch writes none")
    stream = io.BytesIO(data)
    head = [_Machine({}, None, budget).run(stream) for _ in range(3)]
    if head[0] != _TORCH_MAGIC:
        raise ModelError("a tensor's storage does not begin as torch.save writes it")
    found = _Machine(_STORAGES, _persistent, budget).run(stream)
    _Machine({}, None, budget).run(stream)
    if not _is_storage(found):
        raise ModelError("a tensor's storage holds something else")
    return _flat(budget, found, stream)


def _persistent(found: object) -> Inert:
    match found:
        case ("storage", Inert(name=name), str(key), str(), int(count), *_) if name.removeprefix("torch.") in _DTYPES:
            return Inert("storage", (name.removeprefix("torch."), count, key))
    raise ModelError("a tensor's storage is of an unknown kind")


def _tensor(
    budget: _Budget, storage: object, offset: object, size: object, stride: object, *_: object
) -> np.ndarray[Any, Any]:
    """A copy of the view of a storage that a tensor is, after checking that the view stays inside."""
    if not (isinstance(storage, np.ndarray) and _whole(offset) and _wholes(size) and _wholes(stride)):
        raise ModelError("a tensor is put together from the wrong things")
    assert isinstance(offset, int)
    assert isinstance(size, tuple)
    assert isinstance(stride, tuple)
    count = math.prod(size)
    last = offset + sum((n - 1) * s for n, s in zip(size, stride, strict=False))
    if len(size) != len(stride) or count > storage.size or (count and last >= storage.size):
        raise ModelError(f"a tensor of shape {size} does not fit its storage of {storage.size} numbers")
    budget.spend_bytes(count * storage.itemsize)
    strides = [s * storage.itemsize for s in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, strides).copy()


def _whole(x: object) -> bool:
    return type(x) is int and 0 <= x < 2**40


def _wholes(x: object) -> bool:
    return isinstance(x, tuple) and len(x) <= 8 and all(map(_whole, x))


def _numpy_dtype(code: object, *_: object) -> Inert:
    if not isinstance(code, str) or not re.fullmatch(r"[<>=|]?[fiub][1248]", code):
        raise ModelError(f"numpy dtype {shown(code)}: expected a plain number type")
    return Inert("dtype", (code,))


def _numpy_scalar(dtype: object, data: object) -> float | int:
    if not (isinstance(dtype, Inert) and dtype.name == "dtype" and isinstance(data, bytes)):
        raise ModelError("a numpy number is put together from the wrong things")
    kind = np.dtype(dtype.args[0])
    if len(data) != kind.itemsize:
        raise ModelError(f"a numpy number of {kind.itemsize} bytes has {len(data)}")
    value: float | int = np.frombuffer(data, kind)[0].item()
    return value


def _persistent_object(meta: object) -> Inert:
    """An object of `torch_utils.persistence`: its class's name and its state; the source text in it is ignored."""
    name = meta.get("class_name") if isinstance(meta, dict) else None
    if not isinstance(meta, dict) or not isinstance(name, str) or not name.isidentifier():
        raise ModelError(f"a network object's class is {shown(name)}, expected a name")
    return Inert(name, state=meta.get("state"))


def _ordered_dict(*items: object) -> dict[Any, Any]:
    if items:
        raise ModelError("an OrderedDict is built from a list; torch writes empty ones")
    return {}


def _set(*_: object) -> Inert:
    # Sets occur as bookkeeping only (names of buffers that are not saved); their contents are not needed.
    return Inert("set")


_Allowed: TypeAlias = Mapping[str, Callable[..., Any]]


def _networks_globals(budget: _Budget) -> _Allowed:
    """Every global that a network file may name, and what stands in for it."""
    tensor = partial(_tensor, budget)
    return {
        "torch_utils.persistence._reconstruct_persistent_obj": _persistent_object,
        "torch._utils._rebuild_parameter": lambda data, *_: data,
        "torch._utils._rebuild_tensor_v2": tensor,
        "torch._utils._rebuild_tensor": tensor,
        "torch.storage._load_from_bytes": partial(_read_storage, budget),
        "torch.Size": lambda size: size,
        "collections.OrderedDict": _ordered_dict,
        "dnnlib.util.EasyDict": _ordered_dict,
        "builtins.set": _set,
        "numpy.dtype": _numpy_dtype,
        "numpy.core.multiarray.scalar": _numpy_scalar,
        "numpy._core.multiarray.scalar": _numpy_scalar,
    }


_STORAGES: _Allowed = {f"torch.{kind}": lambda: None for kind in _DTYPES}
#: What a state dict may name: its tensors are put together once their numbers, which follow, are read.
_STATE_DICT: _Allowed = {
    **_STORAGES,
    "torch._utils._rebuild_tensor_v2": lambda *args: Inert("view", args),
    "collections.OrderedDict": _ordered_dict,
}


class _Machine:
    """Carries out the opcodes of one pickle."""

    def __init__(
        self, allowed: _Allowed, persistent: Callable[[object], Any] | None, budget: _Budget,
        *, passes_foreign: bool = False,
    ) -> None:  # fmt: skip
        self._allowed, self._persistent, self._budget = allowed, persistent, budget
        self._passes_foreign = passes_foreign
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def run(self, stream: BinaryIO) -> Any:
        """The object that the next pickle in the stream stands for."""
        try:
            for opcode, arg, _ in pickletools.genops(stream):
                if opcode.name == "STOP":
                    return self._stack.pop()
                self._budget.spend_opcode()
                self._step(opcode.name, arg)
        except (ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError) as e:
            raise ModelError(f"damaged pickle ({_one_line(e)})") from e
        raise ModelError("damaged pickle (it does not end)")

    def _step(self, name: str, arg: Any) -> None:
        if name in _PUSHES_ARGUMENT:
            self._stack.append(arg)
        elif name in _PUSHES:
            self._stack.append(_PUSHES[name]())
        elif name in ("PROTO", "FRAME"):
            pass
        elif handler := getattr(self, "_op_" + name.lower(), None):
            handler(arg)
        else:
            raise ModelError(f"opcode {name}, which no StyleGAN2 network needs")

    def _since_mark(self) -> list[Any]:
        mark = self._marks.pop()
        items = self._stack[mark:]
        del self._stack[mark:]
        return items

    def _take(self, n: int) -> tuple[Any, ...]:
        if len(self._stack) < n:
            raise ValueError("stack underflow")
        items = tuple(self._stack[len(self._stack) - n :])
        del self._stack[len(self._stack) - n :]
        return items

    def _op_mark(self, _: None) -> None:
        self._marks.append(len(self._stack))

    def _op_pop(self, _: None) -> None:
        self._stack.pop()

    def _op_tuple(self, _: None) -> None:
        self._stack.append(tuple(self._since_mark()))

    def _op_tuple1(self, _: None) -> None:
        self._stack.append(self._take(1))

    def _op_tuple2(self, _: None) -> None:
        self._stack.append(self._take(2))

    def _op_tuple3(self, _: None) -> None:
        self._stack.append(self._take(3))

    def _op_append(self, _: None) -> None:
        self._extend(list(self._take(1)))

    def _op_appends(self, _: None) -> None:
        self._extend(self._since_mark())

    def _extend(self, items: list[Any]) -> None:
        if isinstance(self._stack[-1], Foreign):
            return
        if not isinstance(self._stack[-1], list):
            raise ValueError("appending to something that is no list")
        self._stack[-1].extend(items)

    def _op_additems(self, _: None) -> None:
        self._since_mark()  # a set's, see `_set`

    def _op_setitem(self, _: None) -> None:
        self._update(list(self._take(2)))

    def _op_setitems(self, _: None) -> None:
        self._update(self._since_mark())

    def _update(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, Foreign):
            return
        if not isinstance(target, dict) or len(items) % 2:
            raise ValueError("setting items of something that is no dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # Nested tuples as keys could overflow the C stack when they are hashed.
            if not isinstance(key, str | int):
                raise ValueError(f"a dict key of type {type(key).__name__}")
            target[key] = value

    def _op_memoize(self, _: None) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def _op_binput(self, index: int) -> None:
        self._memo[index] = self._stack[-1]

    _op_long_binput = _op_put = _op_binput

    def _op_binget(self, index: int) -> None:
        self._stack.append(self._memo[index])

    _op_long_binget = _op_get = _op_binget

    def _op_global(self, name: str) -> None:
        self._name(".".join(name.split(" ", 1)))

    def _op_stack_global(self, _: None) -> None:
        module, name = self._take(2)
        if not (isinstance(module, str) and isinstance(name, str)):
            raise ValueError("a name that is no text")
        self._name(f"{module}.{name}")

    def _name(self, name: str) -> None:
        if name in self._allowed:
            self._stack.append(Inert(name))
            return
        if len(name) > _MAX_NAME:
            raise ModelError(f"a name of {len(name)} letters, which no StyleGAN2 network needs")
        foreign = Foreign(name)
        if not self._passes_foreign:
            raise foreign.refusal()
        self._stack.append(foreign)

    def _op_reduce(self, _: None) -> None:
        named, args = self._take(2)
        if isinstance(named, Foreign):
            # Not called: the same name stands for what would have come of it.
            self._stack.append(named)
            return
        if not isinstance(named, Inert) or named.name not in self._allowed or not isinstance(args, tuple):
            raise ValueError("a call of something that was not named")
        self._stack.append(self._allowed[named.name](*args))

    _op_newobj = _op_reduce

    def _op_build(self, _: None) -> None:
        # Sets attributes in a real pickle. Here only the dtype's byte order would be set, and it stands in its code.
        self._take(1)

    def _op_binpersid(self, _: None) -> None:
        if self._persistent is None:
            raise ModelError("it refers to something outside the file")
        self._stack.append(self._persistent(self._take(1)[0]))


def _one_line(e: Exception) -> str:
    return (str(e).splitlines() or [type(e).__name__])[0][:200]


_NUMBERS = ("BININT", "BININT1", "BININT2", "INT", "LONG", "LONG1", "LONG4", "BINFLOAT", "FLOAT")
_TEXTS = ("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8")
_PUSHES_ARGUMENT = frozenset((*_NUMBERS, *_TEXTS))
_PUSHES: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_SET": _set,
}  # fmt: skip
