#!/bin/sh
# Prints the Python that vj is installed with: 3.11 or 3.12 where there is one (all wheels exist for them), then 3.13.
# Says so in one line and fails when there is none.
for python in python3 python3.12 python3.11 python3.13; do
    minor=$("$python" -c 'import sys; print(sys.version_info.major * 100 + sys.version_info.minor)' 2>/dev/null) || continue
    case "$minor" in
        311 | 312) echo "$python"; exit 0 ;;
        313) : "${newest:=$python}" ;;
        *) : "${other:=$python is $("$python" --version 2>&1)}" ;;
    esac
done
if [ -n "${newest:-}" ]; then
    echo "$newest"
    exit 0
fi
echo "vj needs Python 3.11, 3.12 or 3.13, found ${other:-no python3}: install one, or name it: make PYTHON=/path/to/python3.12" >&2
exit 1
