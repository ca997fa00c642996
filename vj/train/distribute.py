"""Over which devices and machines a training is spread: TensorFlow's own strategies."""

import os
from typing import Any

from vj.core import checked_json
from vj.core.errors import TrainingError


def strategy_for(name: str) -> tuple[Any, bool]:
    """(a `tf.distribute.Strategy` or None for one device, whether this process is the one that writes).

    name  "one", "mirrored" (every GPU of this machine) or "workers": the processes that the environment variable
          TF_CONFIG names, of which the first writes

    Raises TrainingError.
    """
    import tensorflow as tf

    if name == "one":
        return None, True
    if name == "mirrored":
        return tf.distribute.MirroredStrategy(), True
    if name != "workers":
        raise TrainingError(f"strategy {name!r}: expected one, mirrored or workers")
    index = worker_index(os.environ.get("TF_CONFIG", ""))
    return tf.distribute.MultiWorkerMirroredStrategy(), index == 0


def worker_index(config: str) -> int:
    """Which of the workers this one is, by TF_CONFIG. Raises TrainingError."""
    task = checked_json.tree("TF_CONFIG", config, TrainingError) if config else None
    task = task.get("task") if isinstance(task, dict) else None
    index = task.get("index") if isinstance(task, dict) else None
    # TensorFlow takes it as text, too.
    if isinstance(index, str) and index.isascii() and index.isdecimal() and len(index) < 10:
        index = int(index)
    if type(index) is not int or index < 0:
        raise TrainingError(
            'TF_CONFIG: expected {"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}, '
            f"found {config[:80]!r}"
        )
    return index
