"""Numbers of z that a model gives a meaning, as parameters: what the picture is made of, its symmetry, its colours."""

from vj.core.types import F32, Params
from vj.params.spec import Param

_WHERE = (
    "Added to the latents, where motion/space is z and the model's card names such a number; 0 leaves it to the music."
)
PARAMS = tuple(
    Param(f"world/{name}", 0.0, -4.0, 4.0, doc=f"{what} {_WHERE}")
    for name, what in (
        ("material", "From oil (below) through veils of light to cells (above)."),
        ("symmetry", "From three parts that are alike (below) through none to five (above)."),
        ("hue", "Around the circle of hues."),
        ("second_hue", "How far the second palette's hue lies from the first."),
        ("lightness", "Darker or brighter palettes."),
        ("chroma", "Paler or stronger colours."),
        ("folding", "How far the flow carries."),
        ("banding", "Fewer or more bands."),
    )
)
_NAMES = frozenset(param.id for param in PARAMS)


def moved(z: F32, p: Params, names: tuple[str, ...]) -> F32:
    """z f32[n, z_dim] with what the parameters add to the numbers that `names` says, the first ones."""
    shifts = {i: p[f"world/{name}"] for i, name in enumerate(names) if f"world/{name}" in _NAMES}
    if not any(shifts.values()):
        return z
    out = z.copy()
    for i, shift in shifts.items():
        out[:, i] += shift
    return out
