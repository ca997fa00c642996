"""Which processor and libraries these are: what is compiled for one is not run on another."""

import importlib.metadata
import platform
import re
import shutil
from pathlib import Path


def processor() -> str:
    """The processor's name, as the system says it."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found[1] if found else platform.machine()


def has_nvidia_driver() -> bool:
    """Whether there is the driver of an NVIDIA card. Other systems' cards are not used by TensorFlow."""
    return shutil.which("nvidia-smi") is not None


def version(package: str) -> str:
    """The version of an installed package; "" where none is installed, or none that says it."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
