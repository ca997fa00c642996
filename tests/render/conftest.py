"""Tests marked `gl` run together in one child process, and each is reported under its own name.

TensorFlow and Mesa crash each other inside one process, and tests of another folder may have imported TensorFlow. A
driver that crashes takes the child with it; the tests that it had not reported then fail with its last words.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHILD_TIME_LIMIT_S = 240
_REPORTS_FILE = "VJ_TEST_GL_REPORTS"
_REPORTS = pytest.StashKey[dict[str, list[dict[str, Any]]]]()


class _Reporter:
    """In the child: every report goes to a file, one line each."""

    def __init__(self, config: pytest.Config, path: str) -> None:
        self._config, self._path = config, path

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        with open(self._path, "a", encoding="utf-8") as out:
            print(json.dumps(data), file=out)


def pytest_configure(config: pytest.Config) -> None:
    if path := os.environ.get(_REPORTS_FILE):
        config.pluginmanager.register(_Reporter(config, path))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if item.get_closest_marker("gl") is None or os.environ.get(_REPORTS_FILE):
        return None
    stash = item.session.stash
    if _REPORTS not in stash:
        stash[_REPORTS] = _run_child([i for i in item.session.items if i.get_closest_marker("gl")], item.config)
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for data in stash[_REPORTS][item.nodeid]:
        hook.pytest_runtest_logreport(report=hook.pytest_report_from_serializable(config=item.config, data=data))
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    # What the tests before set up and the next does not share ends here, as after any other test.
    item.session._setupstate.teardown_exact(nextitem)
    return True


def _run_child(items: list[pytest.Item], config: pytest.Config) -> dict[str, list[dict[str, Any]]]:
    """Run the items in a child; reports by node id, a failure for each that the child did not finish."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(config.rootpath)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports"
        path.touch()
        environment = os.environ | {_REPORTS_FILE: str(path)}
        try:
            child = subprocess.run(
                [*command, *(item.nodeid for item in items)],
                cwd=config.rootpath, env=environment, capture_output=True, text=True, timeout=CHILD_TIME_LIMIT_S,
            )  # fmt: skip
            end = f"exit status {child.returncode}\n{child.stdout[-2000:]}\n{child.stderr[-2000:]}"
        except subprocess.TimeoutExpired:
            end = f"no answer within {CHILD_TIME_LIMIT_S} s"
        found = defaultdict(list)
        for line in path.read_text(encoding="utf-8").splitlines():
            data = json.loads(line)
            found[data["nodeid"]].append(data)
    for item in items:
        if not any(data["when"] == "teardown" for data in found[item.nodeid]):
            found[item.nodeid].append(_unreported(item, end, config))
    return found


def _unreported(item: pytest.Item, end: str, config: pytest.Config) -> dict[str, Any]:
    report = pytest.TestReport(
        item.nodeid, item.location, {}, "failed", f"the process that draws ended before this test did: {end}", "call"
    )
    data: dict[str, Any] = config.hook.pytest_report_to_serializable(config=config, report=report)
    return data


@pytest.fixture(scope="session")
def _gl() -> Iterator[Any]:
    from vj.render.isf.program import open_context

    ctx = open_context()
    yield ctx
    ctx.release()


@pytest.fixture
def ctx(_gl: Any) -> Iterator[Any]:
    """A context that fails the test which leaves an OpenGL error behind."""
    yield _gl
    assert _gl.error == "GL_NO_ERROR"
