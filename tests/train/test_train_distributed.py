"""Training on two devices and by two processes is the same training as on one device."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

WORKER = Path(__file__).parent / "distributed_worker.py"


def begun(folder, strategy, *kinds, **environment):
    settings = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"} | environment
    command = [sys.executable, str(WORKER), str(folder), strategy, *kinds]
    return subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finished(process):
    try:
        said, _ = process.communicate(timeout=250)
    finally:
        process.kill()
    assert process.returncode == 0, said[-2000:]


def saved(folder, name):
    with np.load(folder / f"{name}.npz") as found:
        return dict(found)


def close(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, a in ours.items():
        if not name.startswith(("m.", "v.")):
            np.testing.assert_allclose(a, theirs[name], rtol=2e-3, atol=2e-4, err_msg=name)


@pytest.fixture(scope="module")
def devices(tmp_path_factory):
    """A folder of what one device trained, and two of one process."""
    folder = tmp_path_factory.mktemp("devices")
    finished(begun(folder, "mirrored", "teach"))
    return folder


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """Folders of what each of two processes trained together."""
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    folders = [tmp_path_factory.mktemp("process") for _ in range(2)]
    tasks = [json.dumps({"cluster": cluster, "task": {"type": "worker", "index": i}}) for i in range(2)]
    running = [
        begun(folder, "workers", "teach", "sharpen", TF_CONFIG=task)
        for folder, task in zip(folders, tasks, strict=True)
    ]
    for one in running:
        finished(one)
    return folders


# The minibatch's standard deviation is each replica's own, so a step with the discriminator is not the same there; its
# replicas must be alike all the same.
def test_two_devices_train_as_one_does(devices):
    close(saved(devices, "mirrored-teach"), saved(devices, "one-teach"))


@pytest.mark.parametrize("kind", ["teach", "sharpen"])
def test_two_processes_hold_the_same_network(devices, processes, kind):
    first, second = (saved(folder, f"workers-{kind}") for folder in processes)
    assert first.keys() == second.keys()
    for name, a in first.items():
        np.testing.assert_array_equal(a, second[name], err_msg=name)
    if kind == "teach":
        close(first, saved(devices, "one-teach"))


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports
