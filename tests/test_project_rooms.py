"""The packages of vj stand in an order, and imports run downwards only; see docs/architecture.md."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Each may import those before it.
ROOMS = (
    "core", "params", "runtime", "clock", "audio", "modulation", "generator", "render", "session", "control", "show",
    "train", "bench", "demo", "cli",
)  # fmt: skip
#: The same inside `render`.
RENDER = ("isf", "compositing", "output")
#: What may hold a tensor library: processes that draw with OpenGL must not (both crash each other in one process).
TENSORS = {"tensorflow", "keras", "jax", "openvino", "torch"}
WITH_TENSORS = ("vj.generator", "vj.train", "vj.bench.engine")


@cache
def modules() -> dict[str, ast.Module]:
    """Dotted name → tree, of every module of vj."""
    found = {}
    for path in sorted((ROOT / "vj").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imported(tree: ast.Module, late: bool = True) -> Iterator[str]:
    """Everything that a module imports as dotted names; `late`: also what its functions import when they run."""
    for node in ast.walk(tree) if late else tree.body:
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names)
            case ast.ImportFrom(module=str() as module, names=names):
                yield from (f"{module}.{one.name}" for one in names)
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str() as name), *_]):
                yield name


def arrows(late: bool = True) -> Iterator[tuple[str, str]]:
    """(module, module of vj that it imports)."""
    for name, tree in modules().items():
        for target in imported(tree, late):
            owner = target if target in modules() else target.rpartition(".")[0]
            if owner in modules() and owner not in (name, "vj"):
                yield name, owner


def room(module: str) -> str:
    return module.split(".")[1]


def test_every_package_has_its_place():
    assert {room(name) for name in modules() if name not in ("vj", "vj.__main__")} == set(ROOMS)


def test_tests_mirror_the_packages():
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.rglob("test_*.py"))}
    assert folders - {"fuzz"} <= set(ROOMS)


def test_imports_run_downwards():
    upward = [
        (user, used) for user, used in arrows()
        if user != "vj.__main__" and ROOMS.index(room(used)) > ROOMS.index(room(user))
    ]  # fmt: skip
    assert upward == []


def test_imports_run_downwards_inside_render():
    def place(module: str) -> int:
        part = module.split(".")[2]
        return RENDER.index(part) if part in RENDER else len(RENDER)

    inside = [(a, b) for a, b in arrows() if room(a) == room(b) == "render"]
    assert inside
    assert [(a, b) for a, b in inside if place(b) > place(a)] == []


def test_no_module_needs_itself_to_be_imported():
    graph: dict[str, set[str]] = {}
    for user, used in arrows(late=False):
        graph.setdefault(user, set()).add(used)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as e:
        pytest.fail(" → ".join(e.args[1]))


def test_tensor_libraries_are_imported_where_they_may_be():
    users = {name for name, tree in modules().items() if TENSORS & {i.split(".")[0] for i in imported(tree)}}
    assert users
    assert [name for name in users if not name.startswith(WITH_TENSORS)] == []
