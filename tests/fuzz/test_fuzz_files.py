"""Files that want something of whoever reads them: each is read, or refused in one line; nothing is run for it.

All files of a kind are read by one process with little memory (`file_reader`), which says what it was made to do.
"""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import hostile_models
import hostile_pickles
import hostile_sounds
import tiny
from snapshots import dumped, snapshot

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
#: Seconds of processor time that a file may take, and bytes of memory besides some times its own size.
LONGEST_S, MEMORY = 10.0, 128 << 20


def read(tmp_path, kind, files):
    """What came of each (name, bytes): a list of what `file_reader.one` says, without the good one's."""
    folder = tmp_path / kind
    folder.mkdir()
    names = {}
    for number, (name, data) in enumerate(files):
        file = folder / f"{number:04}"
        file.write_bytes(data)
        names[file.name] = (name, len(data))
    done = subprocess.run(
        [sys.executable, HERE / "file_reader.py", kind, folder], cwd=tmp_path, timeout=280, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    left = sorted(names.keys() - {one["file"] for one in found})
    assert not left, f"not survived ({done.returncode}): {names[left[0]]}\n{done.stderr[-2000:]}"
    assert not (tmp_path / "RAN").exists()
    return [{**one, "name": names[one["file"]][0], "size": names[one["file"]][1]} for one in found]


def check(found):
    """Each was read, or refused in one short line, for little, and nothing was run."""
    assert not found[0]["line"], found[0]
    faults = []
    for one in found:
        line = one["line"]
        ok = len(line.splitlines()) <= 1 and line.isprintable() and len(line) < 600 and "TRACEBACK" not in line
        ok = ok and not one["done"] and one["took_s"] < LONGEST_S and "MemoryError" not in line
        if not ok or one["grown"] > MEMORY + 12 * one["size"]:
            faults.append({**one, "line": line[:300], "done": one["done"][:2]})
    assert not faults, "\n".join(map(str, faults))


def test_hostile_pickles(tmp_path):
    good = ("good", dumped(snapshot(tiny.model(tiny.SKIP))))
    made = itertools.chain(hostile_pickles.attacks(), hostile_pickles.bombs(), hostile_pickles.lies())
    seeded = [*hostile_pickles.soups(60, 1), *hostile_pickles.mutants(60, 2)]
    check(read(tmp_path, "pickle", [good, *made, *seeded, *hostile_pickles.truncated()]))


def test_hostile_models(tmp_path):
    good = ("good", hostile_models.packed(*hostile_models.good()))
    made = itertools.chain(hostile_models.claims(), hostile_models.headers(), hostile_models.cards())
    check(read(tmp_path, "model", [good, *made, *hostile_models.mutants(60, 3), *hostile_models.truncated()]))


def test_hostile_sounds(tmp_path):
    found = hostile_sounds.good(tmp_path)
    made = itertools.chain(
        hostile_sounds.lies(found), hostile_sounds.mutants(found, 108, 4), hostile_sounds.truncated(found)
    )
    check(read(tmp_path, "sound", [*found.items(), *made]))
