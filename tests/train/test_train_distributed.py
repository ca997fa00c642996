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


def begun(out, strategy, kind, **environment):
    settings = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"} | environment
    command = [sys.executable, str(WORKER), str(out), strategy, kind]
    return subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finished(process, out):
    try:
        said, _ = process.communicate(timeout=200)
    finally:
        process.kill()
    assert process.returncode == 0, said[-2000:]
    with np.load(out) as found:
        return dict(found)


def close(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, a in ours.items():
        if not name.startswith(("m.", "v.")):
            np.testing.assert_allclose(a, theirs[name], rtol=2e-3, atol=2e-4, err_msg=name)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    found = {}

    def of(kind):
        if kind not in found:
            out = tmp_path_factory.mktemp("alone") / f"{kind}.npz"
            found[kind] = finished(begun(out, "one", kind), out)
        return found[kind]

    return of


# The minibatch's standard deviation is each replica's own, so a step with the discriminator is not the same there; its
# replicas must be alike all the same.
@pytest.mark.parametrize("kind", ["teach"])
def test_two_devices_train_as_one_does(tmp_path, alone, kind):
    out = tmp_path / "two.npz"
    close(finished(begun(out, "mirrored", kind), out), alone(kind))


@pytest.mark.parametrize("kind", ["teach", "sharpen"])
def test_two_processes_hold_the_same_network(tmp_path, alone, kind):
    ports = free_ports(2)
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    outs = [tmp_path / f"{i}.npz" for i in range(2)]
    processes = [
        begun(out, "workers", kind, TF_CONFIG=json.dumps({"cluster": cluster, "task": {"type": "worker", "index": i}}))
        for i, out in enumerate(outs)
    ]
    first, second = (finished(p, out) for p, out in zip(processes, outs, strict=True))
    assert first.keys() == second.keys()
    for name, a in first.items():
        np.testing.assert_array_equal(a, second[name], err_msg=name)
    if kind == "teach":
        close(first, alone(kind))


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports
