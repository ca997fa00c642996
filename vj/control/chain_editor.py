"""The chain on the screen, changed with a few keys while it plays: no file, no GL.

up, down        another line
enter           on a shader: bypass it, and back; on the last line: add the shader that stands there
left, right     on a shader: more or less of it; on the last line: another shader to add
page up, down   earlier or later in the chain
delete          out of the chain
"""

from collections.abc import Sequence

from vj.core.types import Line
from vj.params.registry import Snapshot
from vj.render.compositing.layer_params import MODES, layer_id
from vj.render.isf.shader import IsfShader
from vj.session.session import Session

KEYS = ("up", "down", "left", "right", "enter", "page up", "page down", "delete", "backspace")
_STEP = 0.1


class ChainEditor:
    """Where the cursor is, and which shader is offered."""

    def __init__(self) -> None:
        self._at = self._offered = 0

    def press(self, key: str, session: Session) -> None:
        """One of KEYS was pressed: the chain or the values of its layers change."""
        chain = [shader.name for shader in session.chain]
        self._at = min(self._at, len(chain))
        on_chain = self._at < len(chain)
        match key:
            case "up" | "down":
                self._at = (self._at + (1 if key == "down" else -1)) % (len(chain) + 1)
            case "page up" | "page down" if on_chain:
                self._at = _moved(chain, self._at, 1 if key == "page down" else -1)
                session.edit_chain(chain)
            case "delete" | "backspace" if on_chain:
                del chain[self._at]
                session.edit_chain(chain)
            case "enter" if on_chain:
                session.flip(layer_id(session.chain[self._at], "on"))
            case "enter" if offers := _offers(session):
                session.edit_chain([*chain, offers[self._offered % len(offers)].name])
            case "left" | "right" if on_chain:
                self._change(session, _STEP if key == "right" else -_STEP)
            case "left" | "right":
                self._offered += 1 if key == "right" else -1

    def _change(self, session: Session, by: float) -> None:
        id = layer_id(session.chain[self._at], "opacity")
        session.set({id: min(max(round(session.target[id] + by, 3), 0.0), 1.0)})

    def lines(self, session: Session) -> list[Line]:
        """The chain as lines of the HUD; the one under the cursor stands out."""
        chain, target = session.chain, session.target
        at = min(self._at, len(chain))
        lines = [
            Line(_mark(i == at), _text(shader, target), target[layer_id(shader, "opacity")], alarm=i == at)
            for i, shader in enumerate(chain)
        ]
        if offers := _offers(session):
            one = offers[self._offered % len(offers)]
            lines.append(Line(_mark(at == len(chain)), f"add {one.name} ({one.kind})", alarm=at == len(chain)))
        keys = ("up, down: line    enter: bypass or add", "left, right: opacity    page up, down: move    delete")
        title = Line("chain", f"over the network's picture, {session.preset}")
        return [title, *lines, *(Line("", text) for text in keys)]


def _mark(here: bool) -> str:
    return ">" if here else ""


def _text(shader: IsfShader, target: Snapshot) -> str:
    mode = MODES[round(target[layer_id(shader, "mode")])]
    bypassed = "" if target[layer_id(shader, "on")] >= 0.5 else "   bypassed"
    return f"{shader.name}   {mode}{bypassed}"


def _moved(chain: list[str], at: int, by: int) -> int:
    """Moves an entry within the list; returns where it is then."""
    to = min(max(at + by, 0), len(chain) - 1)
    chain.insert(to, chain.pop(at))
    return to


def _offers(session: Session) -> Sequence[IsfShader]:
    """What could be added, filters first."""
    there = {shader.name for shader in session.chain}
    free = [s for s in session.shaders.values() if s.kind != "transition" and s.name not in there]
    return sorted(free, key=lambda shader: (shader.kind != "filter", shader.name))
