"""The seed algorithm: features and parameters in, one picture's latents, noise, bends and flow out. Pure.

Every tempo segment has its own latent, reached by slerp; the 12 sound components weight 12 fixed latents. Two stacks
of them are laid over the network's blocks, coarse to fine, and `motion/mix` (the drums, in the default preset) moves
the picture from the first stack to the second. Which signal moves what is the preset's business: motion reads
parameters only, and the two features that are not amounts: the segment number and the components.
"""

from dataclasses import dataclass, replace

import numpy as np

from vj.core.types import F32, FLOW_SIZE, N_COMPONENTS, FeatureFrame, GeneratorInput, Params, frozen
from vj.generator import bending
from vj.generator.latents import directions, world
from vj.generator.latents.source import SeededLatents
from vj.generator.latents.vectors import flow_field, follow, slerp, smoothstep
from vj.params.spec import Param, choice

PARAMS = (
    *world.PARAMS,
    *directions.PARAMS,
    Param("motion/slerp_s", 2.5, 0.05, 30.0, "s", "exp", doc="Time in which a new segment's latent is reached."),
    choice("motion/space", "w", ("w", "z"),
           "Where latents move: in w straight between styles, through blends the network was not taught; in z through "
           "pictures that it knows."),
    Param("motion/mix", 0.0, -1.0, 2.0, doc="From the base stack (0) to the second stack (1)."),
    Param("motion/psi", 1.0, 0.0, 2.0, doc="Truncation: 0 the average picture, 1 as learnt, above 1 exaggerates."),
    Param("motion/psi_coarse", 1.0, 0.0, 2.0, doc="Times motion/psi in the coarsest block: how far layouts may go …"),
    Param("motion/psi_middle", 1.0, 0.0, 2.0, doc="… in the middle one: forms …"),
    Param("motion/psi_fine", 1.0, 0.0, 2.0, doc="… and in the finest: colours, textures. Even steps between."),
    Param("motion/base/segment_share", 0.75,
          doc="Share of the blocks, coarse ones first, that the segment drives in the base stack; components rest."),
    Param("motion/second/segment_share", 0.5, doc="Share of the blocks that the segment drives in the second stack."),
    Param("motion/second/other_share", 0.25,
          doc="Share of the blocks above those that the second segment sequence drives; components the rest."),
    Param("motion/component/smooth_s", 0.15, 0.0, 5.0, "s", doc="Smoothing of the component activations."),
    Param("motion/component/sharpness", 1.0, 0.25, 8.0, curve="exp",
          doc="Power on the activations: high lets the strongest component win."),
    Param("motion/component/gain", 1.0, 0.0, 3.0, doc="Distance of the component latent from the average latent."),
    choice("motion/component/norm", "sum", ("sum", "length"),
           "Whether the 12 weights add up to 1 (averages, calmer) or their squares do (keeps variety)."),
    Param("motion/drift/depth", 0.0, doc="How far a segment's latent wanders towards others of its own sequence."),
    Param("motion/drift/period_s", 8.0, 0.5, 120.0, "s", "exp", doc="Time between two stations of the wandering."),
    Param("noise/sigma", 1.0, 0.0, 4.0, doc="Strength of the per-pixel noise; 1 is as trained."),
    Param("noise/turns", 0.0, 0.0, 1.0, "turn", bound="wrap",
          doc="Rotation of the noise's two channels; a whole turn brings the same noise back."),
    Param("noise/tilt", 0.0, -1.0, 1.0, doc="Noise in coarse layers (−1), in all alike (0), in fine layers (1)."),
    Param("flow/scale", 1.5, 0.25, 6.0, curve="exp", doc="Number of swirls across the displacement field."),
    Param("flow/period_s", 20.0, 1.0, 300.0, "s", "exp", doc="Time in which the displacement field comes round."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What motion must know of the network: sizes of its inputs."""

    num_ws: int
    n_noise: int
    n_sites: int


@dataclass(frozen=True, slots=True)
class MotionState:
    """What motion remembers from one picture to the next.

    in_z   latents are points of z space f32[z_dim]; otherwise offsets from w_avg, f32[w_dim]
    began  where the two sequences were when the segment changed
    """

    segment: int
    in_z: bool
    began: tuple[F32, F32]
    slerp_t: float
    activations: F32
    drift_turns: float
    flow_turns: float


#: The sequences of the two stacks.
_SEQUENCES = ("segment", "other")


def start(latents: SeededLatents, segment: int = 0, *, in_z: bool = False) -> MotionState:
    """The state before the first picture: at rest on the latents of `segment`."""
    here = tuple(_latent(latents, name, segment, in_z) for name in _SEQUENCES)
    silence = np.zeros(N_COMPONENTS, np.float32)
    return MotionState(segment, in_z, (here[0], here[1]), 1.0, silence, 0.0, 0.0)


def step(
    state: MotionState, features: FeatureFrame, p: Params, dt_s: float, latents: SeededLatents, shape: Shape
) -> tuple[MotionState, GeneratorInput]:
    """One picture later: the new state and the network's input, `dt_s` ≥ 0 after the last."""
    state = _advance(state, features, p, dt_s, latents)
    segment, other, component = _styles(state, p, latents)
    blocks = shape.num_ws // 2
    base = _stack(blocks, (p["motion/base/segment_share"],), (segment, component))
    first = p["motion/second/segment_share"]
    second = _stack(blocks, (first, first + p["motion/second/other_share"]), (segment, other, component))
    w = _psi(p, blocks) * (base + np.float32(p["motion/mix"]) * (second - base))
    w = directions.moved(w, p, latents.directions)
    ws = (latents.w_avg + w)[block_of_style(shape.num_ws)]
    turns, sigma = _noise(p, shape.n_noise)
    field = flow_field(FLOW_SIZE, state.flow_turns, p["flow/scale"], latents.seed)
    inputs = (ws.astype(np.float32), turns, sigma, bending.pack(p, shape.n_sites), field)
    return state, GeneratorInput(*(frozen(a) for a in inputs))


def block_of_style(num_ws: int) -> list[int]:
    """Which block each style input belongs to, for blocks 4, 8, …, R; num_ws is 2 · number of blocks.

    A block's toRGB shares the next block's first style in StyleGAN2's layout, so style i of the middle ones belongs
    to block (i + 1) / 2 rounded down.
    """
    return [min((i + 1) // 2, num_ws // 2 - 1) for i in range(num_ws)]


def _latent(latents: SeededLatents, sequence: str, index: int, in_z: bool) -> F32:
    return latents.z(sequence, index) if in_z else latents.w(sequence, index) - latents.w_avg


def _styles(state: MotionState, p: Params, latents: SeededLatents) -> tuple[F32, F32, F32]:
    """(segment's, other sequence's, components') latent, as offsets from w_avg f32[w_dim]."""
    segment, other = (_segment_latent(state, p, latents, i) for i in range(len(_SEQUENCES)))
    component = _component_latent(state, p, latents)
    if state.in_z:
        z = world.moved(np.stack([segment, other, component]), p, latents.names)
        w = latents.map_z(z) - latents.w_avg
        segment, other, component = w[0], w[1], w[2] if component.any() else np.zeros_like(latents.w_avg)
    return segment, other, component * np.float32(p["motion/component/gain"])


def _advance(state: MotionState, features: FeatureFrame, p: Params, dt_s: float, latents: SeededLatents) -> MotionState:
    if (in_z := p["motion/space"] >= 0.5) != state.in_z:
        elsewhere = start(latents, state.segment, in_z=in_z)
        state = replace(state, in_z=in_z, began=elsewhere.began, slerp_t=1.0)
    segment = int(features["tempo_segment"])
    if segment != state.segment:
        here = tuple(_slerped(state, latents, i) for i in range(len(_SEQUENCES)))
        state = replace(state, segment=segment, began=(here[0], here[1]), slerp_t=0.0)
    heard = np.nan_to_num(np.asarray(features["components"], np.float32))
    # In silence there is nothing to weigh: the last weights stay.
    target = heard if heard.sum() > 1e-4 else state.activations
    return replace(
        state,
        slerp_t=min(state.slerp_t + dt_s / p["motion/slerp_s"], 1.0),
        activations=follow(state.activations, target, dt_s, p["motion/component/smooth_s"]),
        drift_turns=state.drift_turns + dt_s / p["motion/drift/period_s"],
        flow_turns=(state.flow_turns + dt_s / p["flow/period_s"]) % 1.0,
    )


def _slerped(state: MotionState, latents: SeededLatents, i: int) -> F32:
    target = _latent(latents, _SEQUENCES[i], state.segment, state.in_z)
    return slerp(state.began[i], target, smoothstep(state.slerp_t))


def _segment_latent(state: MotionState, p: Params, latents: SeededLatents, i: int) -> F32:
    """The segment's latent on its way, plus its wandering."""
    station, between = divmod(state.drift_turns, 1.0)
    name = "drift " + _SEQUENCES[i]
    a, b = (_latent(latents, name, int(station) + k, state.in_z) for k in (0, 1))
    wander = slerp(a, b, smoothstep(between))
    return slerp(_slerped(state, latents, i), wander, p["motion/drift/depth"])


def _component_latent(state: MotionState, p: Params, latents: SeededLatents) -> F32:
    """[12] · [12, d] → [d]; zero before anything was heard."""
    of_each = latents.components_z if state.in_z else latents.components - latents.w_avg
    weights = np.clip(state.activations, 0.0, None) ** p["motion/component/sharpness"]
    total = weights.sum() if p["motion/component/norm"] < 0.5 else np.sqrt((weights**2).sum())
    if total <= 0.0:
        return np.zeros_like(of_each[0])
    weighed: F32 = (weights / total) @ of_each
    return weighed


def _psi(p: Params, blocks: int) -> F32:
    """Truncation of each block, f32[blocks, 1]."""
    said = [p[f"motion/psi_{part}"] for part in ("coarse", "middle", "fine")]
    along = np.interp(np.linspace(0.0, 1.0, blocks), (0.0, 0.5, 1.0), said)
    return (np.float32(p["motion/psi"]) * along.astype(np.float32))[:, None]


def _stack(blocks: int, ends: tuple[float, ...], latents: tuple[F32, ...]) -> F32:
    """f32[blocks, w_dim]: latents[0] up to the share ends[0] of the blocks, latents[1] up to ends[1], … the last above.

    An end inside a block shares the block in proportion, so that turning a share never makes the picture jump.
    """
    below = np.zeros((blocks, 1), np.float32)
    out = np.zeros((blocks, latents[0].shape[0]), np.float32)
    for end, latent in zip((*ends, 1.0), latents, strict=True):
        reach = np.clip(end * blocks - np.arange(blocks), 0.0, 1.0).astype(np.float32)[:, None]
        out += np.clip(reach - below, 0.0, None) * latent
        below = np.maximum(below, reach)
    return out


def _noise(p: Params, n_noise: int) -> tuple[F32, F32]:
    """Rotation in turns and sigma for each noise layer, f32[n_noise] each."""
    # The two layers of a resolution read the same field; a quarter of a turn apart they are uncorrelated.
    quarter = 0.25 * (np.arange(n_noise) % 2 == 0)
    height = np.linspace(-1.0, 1.0, n_noise)
    tilt = np.clip(1.0 + p["noise/tilt"] * height, 0.0, 1.0) if p["noise/tilt"] else np.ones(n_noise)
    turns = np.mod(p["noise/turns"] + quarter, 1.0)
    return turns.astype(np.float32), (p["noise/sigma"] * tilt).astype(np.float32)
