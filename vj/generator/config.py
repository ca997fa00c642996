"""What a generator of a live show is started with. Apart from it, so that nobody loads TensorFlow for a name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from vj.params.spec import Param

EngineName = Literal["openvino", "xla"]
#: What may be asked for; "auto" is the faster of them.
EngineChoice = Literal["auto", "openvino", "xla"]
ENGINES: tuple[EngineChoice, ...] = get_args(EngineChoice)


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """What a generator of a live show is started with.

    values_name, features_name, pictures_name  the memories that it is joined by; audition_name: of the values with
              which it draws what is auditioned, empty: it never does
    side      of the network's pictures; began_s  when the show began, on the monotonic clock
    threads   for one operation of the network; 0 for all cores
    nice      how far it stands back behind the window and the ears while it starts, 0 … 9; twice as far when it draws
    fps       no more pictures than that; engine  what draws
    """

    model: Path
    params: tuple[Param, ...]
    seed: int
    side: int
    values_name: str
    features_name: str
    pictures_name: str
    began_s: float
    threads: int = 0
    nice: int = 0
    fps: float = 60.0
    engine: EngineChoice = "auto"
    audition_name: str = ""
