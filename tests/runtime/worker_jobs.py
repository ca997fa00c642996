"""Jobs for the worker tests: the child process imports this module and calls `run`."""

import ctypes
import os
import signal
import time

from vj.core.errors import ModelError
from vj.runtime.slots import FrameSlots


def run(connection, what):
    if what == "echo":
        while True:
            connection.send(connection.recv())
    if what == "vj error":
        raise ModelError("the weights are made of cheese")
    if what == "other error":
        raise ZeroDivisionError("one\ntwo")
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "hangs":
        time.sleep(3600)
    if what == "pictures":
        with FrameSlots(3, 4, 5) as slots:
            for i in range(3):
                slots[i][:] = i + 1
            connection.send((slots.name,))
            connection.recv()
    if what == "holds the interpreter":
        connection.send(("here",))
        # As a driver that does not return.
        ctypes.PyDLL(None).sleep(3600)
