"""Public functions over arrays say what arrays: a dtype with a shape, such as f32[n, channels]."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Words of annotations that stand for arrays.
ARRAYS = re.compile(r"\b(F32|F64|U8|I32|I64|Bools|NDArray|ndarray|Tensor)\b")
#: A dtype or the name of one, and a shape; `…` for any.
SHAPES = re.compile(r"\b([fiu](8|16|32|64)|int|bool|any|_?[A-Z_]*(DTYPE|ROW|BLOCK))\[[^\]]+\]")


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Public functions and methods of a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        for one in [node, *(node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else [])]:
            if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                yield one


def is_over_arrays(function: ast.FunctionDef) -> bool:
    spec = function.args
    annotations = [a.annotation for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)] + [function.returns]
    return any(ARRAYS.search(ast.unparse(one)) for one in annotations if one)


FILES = [p.relative_to(ROOT).as_posix() for p in sorted((ROOT / "vj").rglob("*.py"))]


@pytest.mark.parametrize("path", FILES)
def test_functions_over_arrays_say_dtype_and_shape(path):
    silent = [
        f"{path}:{one.lineno} {one.name}" for one in functions(ROOT / path)
        if is_over_arrays(one) and not SHAPES.search(ast.get_docstring(one) or "")
    ]  # fmt: skip
    assert silent == []


def test_there_are_such_functions():
    found = [one for path in FILES for one in functions(ROOT / path) if is_over_arrays(one)]
    assert len(found) > 250
