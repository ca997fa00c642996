"""Carries out a pickle's opcodes without running anything.

Python's own unpickler calls what a file names. This module does not use it: the opcodes are taken from the standard
library's disassembler (`pickletools.genops`) and carried out by a small stack machine that can build numbers, texts
and containers and has no way of importing or calling anything but the stand-ins that it is given. What a file names
beside them becomes `Foreign`: a name, of which nothing is imported, called or kept. Whoever needs what stands there
refuses it.
"""

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from vj.core.errors import ModelError

_MAX_OPCODES = 1_000_000
#: A reader's memory may grow by this for every byte of the file; storages and tensors are copies of what it holds.
_MAX_GROWTH = 4
#: The longest name of a class or function that is believed.
_MAX_NAME = 200

#: Global that a file may name → what stands in for it.
Allowed: TypeAlias = Mapping[str, Callable[..., Any]]


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


class Budget:
    """What a file may cost, storages inside it included: a few bytes can name the same tensor again and again."""

    def __init__(self, file_bytes: int) -> None:
        self._opcodes = _MAX_OPCODES
        self._tensor_bytes = _MAX_GROWTH * file_bytes

    def spend_opcode(self) -> None:
        """One opcode more is carried out; raises ModelError where it is one too many."""
        self._opcodes -= 1
        if self._opcodes < 0:
            raise ModelError(f"more than {_MAX_OPCODES} opcodes, which no StyleGAN2 network needs")

    def spend_bytes(self, count: int) -> None:
        """`count` bytes more are copied; raises ModelError where they are too many."""
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


def empty_set(*_: object) -> Inert:
    """What stands in for a set: they occur as bookkeeping only (names of buffers that are not saved)."""
    return Inert("set")


class Machine:
    """Carries out the opcodes of one pickle."""

    def __init__(
        self, allowed: Allowed, persistent: Callable[[object], Any] | None, budget: Budget,
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
            raise ModelError(f"damaged pickle ({one_line(e)})") from e
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
        self._since_mark()  # a set's, see `empty_set`

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


def one_line(e: Exception) -> str:
    """What an exception says, in one line of at most 200 letters."""
    return (str(e).splitlines() or [type(e).__name__])[0][:200]


_NUMBERS = ("BININT", "BININT1", "BININT2", "INT", "LONG", "LONG1", "LONG4", "BINFLOAT", "FLOAT")
_TEXTS = ("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8")
_PUSHES_ARGUMENT = frozenset((*_NUMBERS, *_TEXTS))
_PUSHES: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_SET": empty_set,
}  # fmt: skip
