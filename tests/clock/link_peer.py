"""A peer of Ableton Link in a process of its own: prints its tempo, peers, time and beat until its input ends.

python link_peer.py BPM QUANTUM
"""

import asyncio
import sys
import threading
import time

from aalink import Link


async def main(bpm, quantum):
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    link = Link(bpm)
    link.quantum = quantum
    link.enabled = True
    while not over.is_set():
        await asyncio.sleep(0.05)
        print(link.tempo, link.num_peers, time.monotonic(), link.beat, flush=True)
    # It says goodbye.
    link.enabled = False


asyncio.run(main(float(sys.argv[1]), float(sys.argv[2])))
