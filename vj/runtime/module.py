"""Runs a module of this package in a process of its own, to its end: what may crash, or needs libraries of its own."""

import os
import subprocess
import sys

from vj.core.errors import WorkerError


def run_module(module: str, *arguments: str, timeout_s: float) -> str:
    """What `python -m MODULE ARGUMENTS` prints, which imports what this process would.

    Raises WorkerError, with the last line that it wrote to stderr, where it fails or takes longer.
    """
    # Without -P modules of the folder in which vj was started would come first.
    command = [sys.executable, "-P", "-m", module, *arguments]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=timeout_s,
            check=False, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise WorkerError(f"{module} took longer than {timeout_s:g} s") from None
    except OSError as e:
        raise WorkerError(f"{module} cannot be run: {e}") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise WorkerError(said[-1] if said else f"{module} ended with exit code {done.returncode}")
    return done.stdout
