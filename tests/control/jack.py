"""A JACK server that is not heard, and MIDI controllers on it."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

#: Samples. Where nothing runs in real time, JACK drops the messages of each period that a busy machine misses.
PERIOD = 4096
#: Tests that run beside others have servers of their own.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


class Server:
    """A running jackd; processes started with `environment` find it."""

    def __init__(self, name, process):
        self.name, self.process = name, process

    @property
    def environment(self):
        return {**os.environ, "JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1"}


@contextlib.contextmanager
def server(period=PERIOD, name="vjtest"):
    """Starts jackd with its dummy driver. Between two periods it passes on only as many messages as a period is long.

    The same names again and again: of those that are killed JACK remembers eight, and then starts no other.
    """
    name += WORKER
    if not shutil.which("jackd"):
        assert "CI" not in os.environ, "CI installs jackd2; it must not be missing here"
        pytest.skip("needs jackd2")
    for left in Path("/dev/shm").glob(f"jack_sem.*_{name}_*"):
        left.unlink()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "JACK_NO_AUDIO_RESERVATION": "1", "HOME": home, "XDG_RUNTIME_DIR": home}
        command = ["jackd", "--no-realtime", "--no-mlock", "-n", name, "-d", "dummy", "-r", "48000", "-p", str(period)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ready = ["jack_wait", "-s", name, "-w", "-t", "50"]
            subprocess.run(ready, env=environment, check=True, capture_output=True, timeout=60)
            yield Server(name, process)
        finally:
            # It takes five seconds to end by itself.
            process.kill()
            process.wait(5)


CONTROLLER = """
import json, sys, time
import rtmidi
name = sys.argv[1]
out, into = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name), rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name)
for _ in range(100):
    try:
        out.open_virtual_port("out")
        into.open_virtual_port("in")
        break
    except (SystemError, rtmidi.RtMidiError):
        time.sleep(0.1)
into.ignore_types(timing=False)
into.set_callback(lambda event, _: print(json.dumps(list(event[0])), flush=True))
print("ready", flush=True)
for line in sys.stdin:
    for message in json.loads(line):
        if isinstance(message, float):
            time.sleep(message)
        else:
            out.send_message(message)
"""


class Controller:
    """A process that is a MIDI controller: sends what it is told, and hears what is sent to it."""

    def __init__(self, jack, name):
        import json
        import threading

        self._json, self.name, self.heard = json, name, []
        self.process = subprocess.Popen(
            [sys.executable, "-c", CONTROLLER, name], env=jack.environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self.process.stdout.readline().strip() == "ready"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.heard.append(tuple(self._json.loads(line)))

    def send(self, *messages):
        """Messages as lists of bytes; a float is a pause in seconds."""
        self.process.stdin.write(self._json.dumps(messages) + "\n")
        self.process.stdin.flush()

    def close(self):
        self.process.kill()
        self.process.wait(10)


def until(true, within_s=60.0):
    end_s = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < end_s, "nothing came of it"
        time.sleep(0.01)
    return found
