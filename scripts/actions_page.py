"""Writes docs/actions.md from the table of actions: `python scripts/actions_page.py [--check]`."""

import sys
from pathlib import Path

from vj.params.actions import ACTIONS, ARGUMENTS, PLACES, Action

PAGE = Path(__file__).parents[1] / "docs" / "actions.md"
_HEAD = f"""# Actions

Made by `scripts/actions_page.py` from the table in `vj/params/actions.py`: what is done rather than set. What is set
stands in [parameters](parameters.md).

A button that sends 1 and then 0, T and F, a bang, nil or nothing does it once; one that sends only 1 does it at each
press; a program that sends all its values at each of its frames does it once where the value rises. A preset or chain
is called where the argument changes. A call of what plays does nothing, and of several calls between two frames the
last one counts.

In mapping files `action/preset/1` to `action/preset/{PLACES}` call presets by their place in the list.
"""


def page() -> str:
    """The page: one row an action."""
    lines = [_HEAD, "| | key | OSC | argument | mapping file |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *map(_row, ACTIONS)]) + "\n"


def _row(action: Action) -> str:
    keys = ", ".join(f"`{key}`" for key in action.keys)
    osc = f"`/vj/{action.id}`" if action.remote else ""
    midi = {"press": f"`action/{action.id}`", "number": f"`action/{action.id}`, by program or value", "": ""}[
        action.midi
    ]
    return f"| {action.doc} | {keys} | {osc} | {ARGUMENTS[action.argument][0]} | {midi} |"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else "docs/actions.md is out of date")
    PAGE.write_text(page(), encoding="utf-8")
