"""Which precision suits the machine."""

import re
from pathlib import Path
from typing import Any

from vj.core.errors import TrainingError

_BF16_FEATURES = {"amx_bf16", "avx512_bf16"}


def dtype_for(precision: str, tf: Any, cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The dtype to train in: `precision` itself, or for "auto" the one that suits the machine.

    That is "bfloat16" where the accelerator or the processor multiplies it quicker, else "float32": elsewhere bfloat16
    is emulated, several times slower. Raises TrainingError for another word.
    """
    if precision in ("float32", "bfloat16"):
        return precision
    if precision != "auto":
        raise TrainingError(f"precision {precision!r}: expected auto, float32 or bfloat16")
    if devices := tf.config.list_physical_devices("GPU"):
        capability = tf.config.experimental.get_device_details(devices[0]).get("compute_capability", (0, 0))
        return "bfloat16" if capability[0] >= 8 else "float32"
    try:
        words = set(re.findall(r"\w+", cpuinfo.read_text(errors="replace")))
    except OSError:
        return "float32"
    return "bfloat16" if words & _BF16_FEATURES else "float32"
