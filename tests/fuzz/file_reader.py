"""Reads each file of a folder as a network, a model or a sound, in a process of its own with little memory.

Prints a line of JSON for each: what came of it, what it cost, and what the interpreter was asked to do meanwhile that
no reader has to do (`sys.addaudithook`).

    python file_reader.py KIND FOLDER
"""

import json
import re
import resource
import sys
import time
from pathlib import Path

from vj.core.errors import VjError, one_line

#: More memory than what is there at the start: a reader that wants it gets MemoryError.
ROOM = 2 << 30
#: Longer than this for one file ends the process: by then the test has failed.
LONGEST_S = 60
#: Events that stand for running something, writing something or talking to somebody.
ACTIONS = (
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile", "subprocess.Popen",
    "exec", "import", "pickle.find_class", "ctypes.", "socket.", "urllib.", "os.remove",
    "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.truncate", "shutil.",
    "os.putenv", "webbrowser.", "cpython.run",
)  # fmt: skip


def read_pickle(path):
    from vj.generator.importers.stylegan2_ada import import_discriminator, import_snapshot

    import_discriminator(path)
    import_snapshot(path)


def read_model(path):
    from vj.generator.model_tools import describe_text
    from vj.generator.weights import load_model

    load_model(path)
    assert all(line.isprintable() and len(line) < 2100 for line in describe_text(path).split("\n"))


def read_sound(path):
    from vj.audio.input.file import FileSource

    source = FileSource(path)
    for block in source.blocks():
        assert block.shape[1] == source.channels
    for _ in source.blocks(start_s=0.7 * (source.duration_s or 1.0), duration_s=0.1):
        pass


READERS = {"pickle": read_pickle, "model": read_model, "sound": read_sound}


def watched(done):
    """From now on what is done that should not be is put into this list."""

    def hear(event, args):
        if event.startswith(ACTIONS) or (event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")):
            done.append(f"{event} {args!r:.200}")

    sys.addaudithook(hear)


def peak():
    """The most memory that was in use since `forget_peak`, in bytes."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return 1024 * int(found.group(1))


def forget_peak():
    Path("/proc/self/clear_refs").write_text("5")


def one(read, path, done):
    """What came of a file."""
    forget_peak()
    began_s, before = time.process_time(), peak()
    del done[:]
    try:
        read(path)
        line = ""
    except VjError as e:
        line = str(e)
    except Exception as e:  # noqa: BLE001 – the test says so.
        line = f"TRACEBACK {type(e).__name__}: {e!s:.200}"
    return {
        "file": path.name, "line": line, "took_s": time.process_time() - began_s, "done": list(done),
        "grown": peak() - before,
    }  # fmt: skip


def main(kind, folder):
    files, done = sorted(Path(folder).iterdir()), []
    # What is loaded at the first use is loaded now.
    one_line("\n")
    one(READERS[kind], files[0], done)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + ROOM, now + ROOM))
    watched(done)
    for path in files:
        spent_s = time.process_time()
        resource.setrlimit(resource.RLIMIT_CPU, (int(spent_s) + LONGEST_S, resource.RLIM_INFINITY))
        print(json.dumps(one(READERS[kind], path, done)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
