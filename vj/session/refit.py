"""What is played, fitted to parameters that are others: a shader was edited while it is drawn. Pure.

All of the new session is there before any of it is used, so an edit that cannot be leaves everything as it was.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from vj.core.errors import PresetError
from vj.core.types import frozen
from vj.modulation.matrix import Matrix
from vj.modulation.signals import SIGNALS
from vj.params.bounds import checked, written
from vj.params.registry import Registry, Snapshot
from vj.params.spec import Param
from vj.render.isf.shader import IsfShader
from vj.session.loading import Show
from vj.session.state import Entry, SessionState, begun


def refitted(
    session: SessionState, registry: Registry, shaders: Mapping[str, IsfShader]
) -> tuple[SessionState, tuple[str, ...]]:
    """The session with these parameters and shaders, by name, every value where it should be at once.

    Returns it with the ids of what the preset sets or moves and that is no more.
    """
    show, lost = refitted_show(session.show, registry, shaders)
    target, waiting = carried(session.target, registry), session.waiting
    if waiting:
        over = {id: value for id, value in waiting.over.items() if id in registry}
        waiting = Entry(waiting.name, refitted_show(waiting.show, registry, shaders)[0], over)
    new = begun(session.preset, show)
    chain = _layers(session.chain, shaders)
    return replace(new, chain=chain, target=target, current=target, bar_s=session.bar_s, waiting=waiting,
                   locked=frozenset(id for id in session.locked if id in registry)), lost  # fmt: skip


def refitted_show(
    show: Show, registry: Registry, shaders: Mapping[str, IsfShader]
) -> tuple[Show, tuple[str, ...]]:  # fmt: skip
    """A preset without what it says of parameters that are not in the registry; and their ids."""
    rows = tuple(row for row in show.matrix.rows if _may_move(registry, row.target))
    gone = [row.target for row in show.matrix.rows if not _may_move(registry, row.target)]
    gone += [id for id in (*show.preset.values, *show.preset.slews) if id not in registry]
    values, slews = (
        {id: x for id, x in of.items() if id in registry} for of in (show.preset.values, show.preset.slews)
    )
    chain = _layers(show.chain, shaders)
    names = tuple(one.name for one in chain)
    preset = replace(show.preset, rows=rows, slews=slews, values=values, chain=names)
    fitted = Show(registry, carried(show.base, registry), Matrix(registry, SIGNALS, rows), chain, preset)
    return fitted, tuple(dict.fromkeys(gone))


def carried(before: Snapshot, registry: Registry) -> Snapshot:
    """Values in another registry: those that still fit, choices by their name; the others are at their defaults."""
    values = registry.defaults().array.copy()
    for param in registry:
        if param.id in before.registry:
            values[registry.index[param.id]] = _carried(param, before.registry[param.id], before[param.id])
    return Snapshot(registry, frozen(values))


def _carried(param: Param, old: Param, value: float) -> float:
    if param.kind == old.kind == "continuous":
        # As 32 bits, which is what the value was kept in.
        return value if np.float32(param.lo) <= value <= np.float32(param.hi) else param.default
    try:
        return checked(param, written(old, value))
    except PresetError:
        return param.default


def _may_move(registry: Registry, id: str) -> bool:
    return id in registry and registry[id].kind == "continuous"


def _layers(chain: tuple[IsfShader, ...], shaders: Mapping[str, IsfShader]) -> tuple[IsfShader, ...]:
    """A chain of the shaders as they are now; one that has become a transition is no layer any more."""
    return tuple(shaders[one.name] for one in chain if shaders[one.name].kind != "transition")
