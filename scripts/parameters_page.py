"""Writes docs/parameters.md from the registry: `python scripts/parameters_page.py [--check]`."""

import sys
from pathlib import Path

from vj.audio import features
from vj.params.bounds import expected, written
from vj.session.loading import default_registry

PAGE = Path(__file__).parents[1] / "docs" / "parameters.md"


def page() -> str:
    """The reference page: parameters by their first word, then the signals."""
    lines = [
        "# Parameters",
        "",
        "Made by `scripts/parameters_page.py` from the registry. OSC address: `/vj/` + id.",
        "",
    ]
    group = ""
    for p in default_registry():
        if p.id.split("/")[0] != group:
            group = p.id.split("/")[0]
            lines += [f"## {group}", "", "| id | default | takes | |", "|---|---|---|---|"]
        default = written(p, p.default)
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        lines.append(f"| `{p.id}` | {shown} | {expected(p).removeprefix('a number ')} | {p.doc} |")
    lines += ["", "## Signals that modulation can use", "", "| signal | range | |", "|---|---|---|"]
    for s in features.SIGNALS:
        name = s.name if s.width == 1 else f"{s.name}/0 … {s.width - 1}"
        lines.append(f"| `{name}` | {s.lo:g}..{s.hi:g} {s.unit} | {s.doc} |")
    text = "\n".join(lines) + "\n"
    return text.replace("\n## ", "\n\n## ").replace("\n\n\n", "\n\n")


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else "docs/parameters.md is out of date")
    PAGE.write_text(page(), encoding="utf-8")
