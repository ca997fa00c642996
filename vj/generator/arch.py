"""The shape of a StyleGAN2 generator, and the tensors that a network of that shape has. Pure, without TensorFlow."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, cast, get_args

from vj.core.errors import ModelError

Architecture = Literal["skip", "resnet", "orig"]


@dataclass(frozen=True, slots=True)
class Arch:
    """A generator's shape.

    resolution   side of the picture, a power of two from 8 to 1024
    channels     feature maps of each block, from 4×4 upward: one number for each of 4, 8, …, resolution
    architecture "skip" adds an RGB picture per block, "resnet" adds the features and has one toRGB at the end,
                 "orig" has that alone
    conv_clamp   activations are clamped to ±this; 0 for no clamp
    c_dim        length of the class label, 0 for an unconditional network
    """

    resolution: int
    channels: tuple[int, ...]
    z_dim: int = 512
    w_dim: int = 512
    mapping_layers: int = 8
    architecture: Architecture = "skip"
    conv_clamp: float = 0.0
    c_dim: int = 0

    def __post_init__(self) -> None:
        if self.resolution not in (8, 16, 32, 64, 128, 256, 512, 1024):
            raise ModelError(f"resolution {self.resolution}: expected a power of two from 8 to 1024")
        if len(self.channels) != self.resolution.bit_length() - 2:
            raise ModelError(
                f"{len(self.channels)} channel counts for a {self.resolution}×{self.resolution} network: "
                f"expected {self.resolution.bit_length() - 2}, one for each of 4, 8, …, {self.resolution}"
            )
        sizes = (*self.channels, self.z_dim, self.w_dim, self.mapping_layers)
        if not all(0 < n <= 65536 for n in sizes) or not 0 <= self.c_dim <= 65536:
            raise ModelError(f"layer sizes {sizes!s:.200}: expected whole numbers from 1 to 65536")
        if self.architecture not in get_args(Architecture):
            raise ModelError(f"architecture {self.architecture!r:.60}: expected skip, resnet or orig")

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The sides of the blocks: 4, 8, …, resolution."""
        return tuple(4 << i for i in range(len(self.channels)))

    @property
    def num_ws(self) -> int:
        """Style inputs of the synthesis network: one per convolution and one for the last toRGB."""
        return 2 * len(self.channels)

    @property
    def n_conv(self) -> int:
        """Convolution layers, each with its noise: one in the 4×4 block, two in every other."""
        return 2 * len(self.channels) - 1

    @property
    def noise_sides(self) -> tuple[int, ...]:
        """The side of each convolution's output, in order."""
        return tuple(4 << ((i + 1) // 2) for i in range(self.n_conv))

    def has_torgb(self, resolution: int) -> bool:
        """Whether the block of that resolution makes a picture."""
        return self.architecture == "skip" or resolution == self.resolution

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name → shape of every tensor, named and laid out as in stylegan2-ada-pytorch."""
        return self._mapping_tensors() | self._synthesis_tensors()

    def _mapping_tensors(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {"mapping.w_avg": (self.w_dim,)}
        if self.c_dim:
            shapes |= {"mapping.embed.weight": (self.w_dim, self.c_dim), "mapping.embed.bias": (self.w_dim,)}
        wide = self.z_dim + (self.w_dim if self.c_dim else 0)
        for i in range(self.mapping_layers):
            shapes[f"mapping.fc{i}.weight"] = (self.w_dim, wide if i == 0 else self.w_dim)
            shapes[f"mapping.fc{i}.bias"] = (self.w_dim,)
        return shapes

    def _synthesis_tensors(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {"synthesis.b4.const": (self.channels[0], 4, 4)}
        below = self.channels[0]
        for side, wide in zip(self.resolutions, self.channels, strict=True):
            block = f"synthesis.b{side}"
            if side > 4:
                shapes |= self._conv_tensors(f"{block}.conv0", below, wide, side)
                if self.architecture == "resnet":
                    shapes[f"{block}.skip.weight"] = (wide, below, 1, 1)
            shapes |= self._conv_tensors(f"{block}.conv1", wide, wide, side)
            if self.has_torgb(side):
                shapes |= self._styled(f"{block}.torgb", wide, 3, 1)
            below = wide
        return shapes

    def _conv_tensors(self, name: str, inputs: int, outputs: int, side: int) -> dict[str, tuple[int, ...]]:
        noise = {f"{name}.noise_const": (side, side), f"{name}.noise_strength": ()}
        return self._styled(name, inputs, outputs, 3) | noise

    def _styled(self, name: str, inputs: int, outputs: int, kernel: int) -> dict[str, tuple[int, ...]]:
        return {
            f"{name}.weight": (outputs, inputs, kernel, kernel),
            f"{name}.bias": (outputs,),
            f"{name}.affine.weight": (inputs, self.w_dim),
            f"{name}.affine.bias": (inputs,),
        }

    def conv_gmac(self, layer: int) -> float:
        """Multiplications of one convolution for one picture, in thousand millions."""
        side, block = self.noise_sides[layer], (layer + 1) // 2
        wide = self.channels[block]
        inputs = self.channels[block - 1] if layer % 2 else wide
        applied = side // 2 if layer % 2 else side
        return applied**2 * inputs * wide * 9 / 1e9

    def gmac(self) -> float:
        """Multiplications of the synthesis network for one picture, in thousand millions."""
        total = sum(map(self.conv_gmac, range(self.n_conv)))
        below = self.channels[0]
        for side, wide in zip(self.resolutions, self.channels, strict=True):
            if side > 4 and self.architecture == "resnet":
                total += (side // 2) ** 2 * below * wide / 1e9
            if self.has_torgb(side):
                total += side**2 * wide * 3 / 1e9
            below = wide
        return total

    def as_dict(self) -> dict[str, Any]:
        """For the model's card."""
        return asdict(self) | {"channels": list(self.channels)}

    @staticmethod
    def from_dict(found: object) -> "Arch":
        """From the model's card. Raises ModelError for anything but the fields of this class."""
        if not isinstance(found, dict):
            raise ModelError(f"architecture: found {found!r:.60}, expected a table")
        whole = ("resolution", "z_dim", "w_dim", "mapping_layers", "c_dim")
        unknown = found.keys() - {*whole, "channels", "architecture", "conv_clamp"}
        if unknown:
            raise ModelError(f"architecture: unknown field {min(unknown)!r:.60}")
        channels = found.get("channels")
        if not isinstance(channels, list) or not all(type(n) is int for n in channels):
            raise ModelError(f"architecture: channels: found {channels!r:.60}, expected a list of whole numbers")
        numbers = {k: found[k] for k in whole if k in found}
        if bad := [k for k, v in numbers.items() if type(v) is not int]:
            raise ModelError(f"architecture: {bad[0]}: found {numbers[bad[0]]!r:.60}, expected a whole number")
        if "resolution" not in numbers:
            raise ModelError("architecture: resolution is missing")
        clamp = found.get("conv_clamp", 0.0)
        if not isinstance(clamp, int | float) or not 0 <= clamp < 1e9:
            raise ModelError(f"architecture: conv_clamp: found {clamp!r:.60}, expected a number, 0 or more")
        kind = cast(Architecture, found.get("architecture", "skip"))
        return Arch(channels=tuple(channels), architecture=kind, conv_clamp=float(clamp), **numbers)
