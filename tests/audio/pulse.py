"""A PulseAudio server of our own, with a sink that goes nowhere and can be listened to; no sound card is needed."""

import contextlib
import os
import shutil
import signal
import subprocess
import time

CONFIGURATION = """
load-module module-native-protocol-unix
load-module module-null-sink sink_name=vj rate=48000 channels=2
load-module module-null-sink sink_name=ka rate=48000 channels=2
load-module module-loopback source=vj.monitor sink=ka latency_msec=10
set-default-sink vj
set-default-source vj.monitor
"""
COMMAND = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--realtime=no", "--high-priority=no", "-F"]


class Pulse:
    """The server and what can happen to it. Environment variables must lead to it: `environment`."""

    def __init__(self, folder):
        self._file = folder / "pulse.conf"
        self._file.write_text(CONFIGURATION)
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.environment = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(runtime)}
        self._process = None
        self._players = []

    def start(self):
        environment = os.environ | self.environment
        self._process = subprocess.Popen(
            [*COMMAND, str(self._file)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 20
        while subprocess.run(["pactl", "info"], env=environment, capture_output=True, timeout=20).returncode:
            assert time.monotonic() < until, "PulseAudio does not start"
            time.sleep(0.05)

    def play(self, file):
        """Play a file in the background; returns the process."""
        player = subprocess.Popen(
            ["paplay", str(file)],
            env=os.environ | self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._players.append(player)
        return player

    def kill(self):
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def close(self):
        for player in self._players:
            player.kill()
            player.wait()
        self.kill()


@contextlib.contextmanager
def pulse(folder):
    """A running server."""
    server = Pulse(folder)
    try:
        server.start()
        yield server
    finally:
        server.close()


def is_there():
    return all(shutil.which(name) for name in ("pulseaudio", "pactl", "paplay"))
