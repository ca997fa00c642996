"""Reads stylegan2-ada-pytorch's pickles without PyTorch, and without running anything.

`vj.generator.importers.pickle_machine` carries out the opcodes; here stand the few globals that such files name, and
what stands in for each: tensors are NumPy arrays, objects their class's name and state.
"""

import contextlib
import io
import math
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from vj.core.errors import ModelError
from vj.generator.importers.pickle_machine import Allowed, Budget, Inert, Machine, empty_set, one_line, shown

#: The file format of torch.save before zip archives: a magic number, a version, machine facts, the object, keys, data.
_TORCH_MAGIC = 0x1950A86A20F9469CFC6C
#: How the zip archives begin that it writes since.
_ZIP_MAGIC = b"PK\x03\x04"
_NO_STATE_DICT = "it holds something else than tensors by name"
#: What reading a damaged zip archive raises.
_DAMAGE = (
    zipfile.BadZipFile, struct.error, KeyError, RuntimeError, OSError, EOFError, ValueError, OverflowError,
)  # fmt: skip
_DTYPES = {
    "FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1", "BoolStorage": "?",
}  # fmt: skip


def read(data: bytes) -> Any:
    """The object in a pickle, made of numbers, texts, containers, numpy arrays, `Inert` and `Foreign`.

    Raises ModelError when the file is damaged or uses an opcode no such file has.
    """
    budget = Budget(len(data))
    return Machine(_networks_globals(budget), None, budget, passes_foreign=True).run(io.BytesIO(data))


def read_tensors(data: bytes) -> dict[str, np.ndarray[Any, Any]]:
    """Name → tensor f32[…], i64[…], … in a file that torch.save wrote of a plain state dict, as a zip or before it did.

    Raises ModelError as `read` does, and where the file holds anything but tensors.
    """
    budget = Budget(len(data))
    views, flat = (_zipped if data.startswith(_ZIP_MAGIC) else _streamed)(budget, data)
    return {name: _tensor(budget, flat[a.args[0].args[2]], *a.args[1:]) for name, a in views.items()}


def read_checkpoint(data: bytes, parts: tuple[str, ...]) -> dict[str, Any]:
    """What a checkpoint that torch.save wrote, as a zip, holds under the names `parts`: dicts of tensors, or tensors.

    Names that are not there are left out; what lies beside them is not read. Raises ModelError as `read` does.
    """
    budget = Budget(len(data))
    with _archive(data) as (stored, read):
        stream = io.BytesIO(stored)
        found = Machine(_STATE_DICT, _persistent, budget, passes_foreign=True).run(stream)
        if not isinstance(found, dict):
            raise ModelError(_NO_STATE_DICT)
        return {part: _filled(found[part], budget, read) for part in parts if part in found}


def _filled(found: object, budget: Budget, read: Callable[[str], bytes]) -> Any:
    """A view, or a dict of views, as the arrays that they are."""
    if isinstance(found, dict):
        return {str(name): _filled(a, budget, read) for name, a in found.items() if _is_view(a)}
    if not _is_view(found):
        return None
    assert isinstance(found, Inert)
    storage = found.args[0]
    return _tensor(budget, _numbers(budget, storage, read(storage.args[2])), *found.args[1:])


_Views: TypeAlias = tuple[dict[str, Inert], dict[str, np.ndarray[Any, Any]]]


def _streamed(budget: Budget, data: bytes) -> _Views:
    """Views by name and the numbers of each storage by its key, of a file in the format before zips."""
    stream = io.BytesIO(data)
    head = [Machine({}, None, budget).run(stream) for _ in range(3)]
    if head[0] != _TORCH_MAGIC:
        raise ModelError("it does not begin as torch.save writes it")
    views, storages = _state_dict(Machine(_STATE_DICT, _persistent, budget).run(stream))
    keys = Machine({}, None, budget).run(stream)
    if not isinstance(keys, list) or len(storages) != len(keys) or set(storages) != set(keys):
        raise ModelError(_NO_STATE_DICT)
    return views, {key: _flat(budget, storages[key], stream) for key in keys}


def _zipped(budget: Budget, data: bytes) -> _Views:
    """The same of a zip archive."""
    with _archive(data) as (pickled, read):
        views, storages = _state_dict(Machine(_STATE_DICT, _persistent, budget).run(io.BytesIO(pickled)))
        return views, {k: _numbers(budget, s, read(k)) for k, s in storages.items()}


@contextlib.contextmanager
def _archive(data: bytes) -> Iterator[tuple[bytes, Callable[[str], bytes]]]:
    """One pickle, and a reader of the file beside it that each storage has; all of them are stored as they are.

    Raises ModelError, also for what goes wrong with it inside.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            if len(names) != 1:
                raise ModelError(f"is a zip archive with {len(names)} data.pkl; torch.save writes one")
            (pickled,) = names
            folder = pickled.removesuffix("data.pkl")
            if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
                raise ModelError("it is a compressed archive; torch.save writes none")
            if f"{folder}byteorder" in archive.namelist() and archive.read(f"{folder}byteorder") != b"little":
                raise ModelError("its numbers are big-endian, expected little-endian")
            yield archive.read(pickled), lambda key: archive.read(f"{folder}data/{key}")
    except _DAMAGE as e:
        raise ModelError(f"damaged archive ({one_line(e)})") from e


def _state_dict(found: object) -> tuple[dict[str, Inert], dict[str, Inert]]:
    """Its views by name, and their storages by key. Raises ModelError where it is none."""
    if not isinstance(found, dict) or not all(map(_is_view, found.values())):
        raise ModelError(_NO_STATE_DICT)
    return {str(name): a for name, a in found.items()}, {a.args[0].args[2]: a.args[0] for a in found.values()}


def _is_view(a: object) -> bool:
    """Whether something is a tensor of which the numbers were not read yet."""
    return isinstance(a, Inert) and a.name == "view" and len(a.args) >= 4 and _is_storage(a.args[0])


def _is_storage(a: object) -> bool:
    return isinstance(a, Inert) and a.name == "storage"


def _flat(budget: Budget, storage: Inert, stream: io.BytesIO) -> np.ndarray[Any, Any]:
    """The numbers of a storage, which come next in the stream."""
    _, count, _ = storage.args
    (stored,) = np.frombuffer(stream.read(8).ljust(8, b"\0"), "<i8")
    body = stream.read(max(count, 0) * _dtype(storage).itemsize)
    return _numbers(budget, storage, body if stored == count else b"")


def _numbers(budget: Budget, storage: Inert, body: bytes) -> np.ndarray[Any, Any]:
    """The numbers of a storage, from the bytes that begin with them."""
    _, count, _ = storage.args
    dtype = _dtype(storage)
    budget.spend_bytes(max(count, 0) * dtype.itemsize)
    if count < 0 or len(body) < count * dtype.itemsize:
        raise ModelError(f"a tensor's storage is cut short: {len(body)} bytes for {count} numbers")
    return np.frombuffer(body, dtype, count)


def _dtype(storage: Inert) -> np.dtype[Any]:
    return np.dtype(_DTYPES[storage.args[0]])


def _read_storage(budget: Budget, data: object) -> np.ndarray[Any, Any]:
    """A torch storage as torch.save writes it: a flat array."""
    if not isinstance(data, bytes):
        raise ModelError("a tensor's storage is not bytes")
    if data.startswith(_ZIP_MAGIC):
        raise ModelError("a tensor's storage is a zip archive; stylegan2-ada-pytorch writes none")
    stream = io.BytesIO(data)
    head = [Machine({}, None, budget).run(stream) for _ in range(3)]
    if head[0] != _TORCH_MAGIC:
        raise ModelError("a tensor's storage does not begin as torch.save writes it")
    found = Machine(_STORAGES, _persistent, budget).run(stream)
    Machine({}, None, budget).run(stream)
    if not _is_storage(found):
        raise ModelError("a tensor's storage holds something else")
    return _flat(budget, found, stream)


def _persistent(found: object) -> Inert:
    match found:
        case ("storage", Inert(name=name), str(key), str(), int(count), *_) if name.removeprefix("torch.") in _DTYPES:
            return Inert("storage", (name.removeprefix("torch."), count, key))
    raise ModelError("a tensor's storage is of an unknown kind")


def _tensor(
    budget: Budget, storage: object, offset: object, size: object, stride: object, *_: object
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


def _networks_globals(budget: Budget) -> Allowed:
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
        "builtins.set": empty_set,
        "numpy.dtype": _numpy_dtype,
        "numpy.core.multiarray.scalar": _numpy_scalar,
        "numpy._core.multiarray.scalar": _numpy_scalar,
    }


_STORAGES: Allowed = {f"torch.{kind}": lambda: None for kind in _DTYPES}
#: What a state dict may name: its tensors are put together once their numbers, which follow, are read.
_STATE_DICT: Allowed = {
    **_STORAGES,
    "torch._utils._rebuild_tensor_v2": lambda *args: Inert("view", args),
    "collections.OrderedDict": _ordered_dict,
}
