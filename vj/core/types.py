"""The values that flow between the stages. All frozen; arrays in them are read-only once published."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]
Bools: TypeAlias = npt.NDArray[np.bool_]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]
U8: TypeAlias = npt.NDArray[np.uint8]

#: What a pure step reads of the parameters: id → value in natural units (choices and toggles as floats).
Params: TypeAlias = Mapping[str, float]

#: One row of the feature stream, by field; its dtype is `vj.audio.features.FEATURE_DTYPE`.
FeatureFrame: TypeAlias = np.void

N_COMPONENTS = 12


@dataclass(frozen=True, slots=True)
class Signal:
    """A read-only audio feature as other stages see it: a field of the feature row.

    name    field name in the row; the signal's address is "/vj/audio/" + name
    lo, hi  range the values stay in; unit as in `Param`
    width   number of values (12 for the components), 1 for a scalar; first: the number of the first of several
    dtype   numpy dtype code of one value
    pulse   1 in the hop in which an event falls and 0 in all others; the row counts them too (`vj.audio.events`)
    """

    name: str
    lo: float
    hi: float
    unit: str = ""
    width: int = 1
    dtype: str = "f4"
    doc: str = ""
    first: int = 0
    pulse: bool = False


@dataclass(frozen=True, slots=True)
class Beat:
    """Where the music stands: beats since the start, with their part; tempo in beats a minute; beats of a bar.

    fell    beats that fell in this frame; begins_bar: one of them is the first of a bar
    number  beats that fell since the show began, which never goes back, whatever the clock does
    """

    beats: float
    bpm: float
    per_bar: int = 4
    fell: int = 0
    begins_bar: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class GeneratorInput:
    """What the network needs for one picture.

    ws            f32[num_ws, w_dim], the style latents, truncation already applied
    noise_turns   f32[n_noise], rotation of each noise layer's two channels, in turns (0..1)
    noise_sigma   f32[n_noise], standard deviation of each layer's noise relative to training (1 = as trained)
    bends         f32[n_bend_values], bend amounts, layers and channel sets, laid out by `vj.generator.bending.pack`
    flow          f32[FLOW_SIZE, FLOW_SIZE, 2], displacement field (y, x), |v| ≤ 1; bends scale it
    """

    ws: F32
    noise_turns: F32
    noise_sigma: F32
    bends: F32
    flow: F32


FLOW_SIZE = 16


@dataclass(frozen=True, slots=True)
class ImageFrame:
    """One generated picture: rgba u8[h, w, 4], the stream time of the sound it answers, and what it cost."""

    seq: int
    rgba: U8
    t_audio_s: float
    gen_ms: float


def frozen(a: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array, any[…], marked read-only."""
    a.setflags(write=False)
    return a


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the HUD: a name, then a text or a meter 0..1, or both; `alarm` asks for attention."""

    name: str
    text: str = ""
    meter: float | None = None
    alarm: bool = False
