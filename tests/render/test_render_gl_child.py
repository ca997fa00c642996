"""The arrangement of conftest.py itself: a crash in the child is a failure of the test at hand, not of the run."""

import subprocess
import sys
from pathlib import Path

CASES = """
import os, pytest
@pytest.mark.gl
def test_fine(): pass
@pytest.mark.gl
def test_wrong(): assert 1 == 2
def test_elsewhere(): assert "VJ_TEST_GL_REPORTS" not in os.environ
@pytest.mark.gl
def test_crash(): os.abort()
"""


def test_each_test_is_reported_and_a_crash_is_one_failure(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(Path(__file__).with_name("conftest.py").read_text())
    (tmp_path / "test_cases.py").write_text(CASES)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = gl\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "2 failed, 2 passed" in done.stdout, done.stdout
    assert "PASSED test_cases.py::test_fine" in done.stdout
    assert "assert 1 == 2" in done.stdout
    assert "the process that draws ended before this test did: exit status -6" in done.stdout
