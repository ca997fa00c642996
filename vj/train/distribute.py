"""Over which devices and machines a training is spread: TensorFlow's own strategies."""

import json
import os
from typing import Any

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
    index = _worker_index(os.environ.get("TF_CONFIG", ""))
    return tf.distribute.MultiWorkerMirroredStrategy(), index == 0


def _worker_index(config: str) -> int:
    try:
        task = json.loads(config)["task"]
        return int(task["index"])
    except (ValueError, KeyError, TypeError):
        raise TrainingError(
            'TF_CONFIG: expected {"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}}, '
            f"found {config[:80]!r}"
        ) from None
