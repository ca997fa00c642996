"""Whatever the code imports is declared in pyproject.toml, so that the locks hold it."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;~ ]", name, maxsplit=1)[0]).lower()


def declared(*groups: str) -> set[str]:
    project = PROJECT["project"]
    wanted = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    return {normal(r) for r in wanted + [r for group in groups for r in PROJECT["dependency-groups"][group]]}


def imported(folder: str) -> dict[str, set[str]]:
    """Top-level module → files that import it; modules of this project and of the standard library left out."""
    found: dict[str, set[str]] = {}
    own = {p.stem for p in ROOT.glob("tests/**/*.py")} | {p.stem for p in ROOT.glob("scripts/*.py")} | {"vj"}
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in {n.split(".")[0] for n in names} - own - set(sys.stdlib_module_names):
                found.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    return found


#: Keras and h5py come with TensorFlow; PyTorch and its friends are the peer's, in an environment of their own.
ELSEWHERE = {"h5py", "keras", "torch", "torch_utils", "dnnlib", "legacy", "tensorflow_addons", "training"}


@pytest.mark.parametrize(("folder", "groups"), [("vj", ()), ("tests", ("dev", "build"))])
def test_imports_are_declared(folder: str, groups: tuple[str, ...]) -> None:
    known = declared(*groups)
    distributions = packages_distributions()
    for module, files in imported(folder).items():
        if module in ELSEWHERE:
            continue
        owners = {normal(d) for d in distributions.get(module, [module])}
        assert owners & known, f"{module}, imported by {sorted(files)}, is in no group of pyproject.toml"
