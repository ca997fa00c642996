#!/bin/sh
# Writes requirements/*.lock anew from pyproject.toml: all versions and hashes, for every platform and Python that vj
# runs on. Names no package index. The TensorFlow builds and the tools agree on versions: each lock is bound by those before.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
lock() {
    out=requirements/$1.lock
    shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
        --custom-compile-command "make lock" "$@" -o "$out"
}
bound="-c requirements/build.lock -c requirements/cpu.lock"
lock build --group build "$@"
lock cpu pyproject.toml --extra cpu -c requirements/build.lock "$@"
lock gpu pyproject.toml --extra gpu $bound "$@"
lock dev --group dev $bound "$@"
