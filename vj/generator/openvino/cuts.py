"""Where the network is cut into pieces, and which pieces draw a frame. Pure.

Bends run between two pieces, so a network that may be bent anywhere is cut at every layer. A cut costs time where the
features are large, so the large layers are there twice: one by one, and in stretches for frames that bend none of them.
Sites are numbered as in `stylegan2.synthesis`: 0 … n_conv − 1 for the convolutions, n_conv for the picture; one more
stands for the finished picture in bytes.
"""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

from vj.generator.arch import Arch

#: Numbers that may lie at a cut without costing time worth saving.
_CHEAP = 1 << 18
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """The sites first … last − 1 in one graph."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    def inputs(self, arch: Arch) -> dict[str, Shape]:
        """Name → shape of what comes from the pieces before: those of `stylegan2.Passing` that there are."""
        return self._used(passing(arch, self.first - 1)) if self.first else {}

    def outputs(self, arch: Arch) -> dict[str, Shape]:
        """The same of what goes to the pieces after."""
        return self._used(passing(arch, self.last - 1))

    def _used(self, found: dict[str, Shape]) -> dict[str, Shape]:
        """The picture grows at odd sites, and its last stage is read; a piece without those leaves it where it is."""
        idle = self.last - self.first == 1 and self.first % 2 == 0 and "x" in found
        return {name: shape for name, shape in found.items() if not (idle and name == "picture")}


def n_sites(arch: Arch) -> int:
    """The number of sites, the finished picture among them."""
    return arch.n_conv + 2


def passing(arch: Arch, site: int) -> dict[str, Shape]:
    """Name → shape of what lies behind a site."""
    if site >= arch.n_conv:
        return {"picture": (1, arch.resolution, arch.resolution, 3)}
    side = arch.noise_sides[site]
    out: dict[str, Shape] = {"x": (1, side, side, arch.channels[(site + 1) // 2])}
    # The block before has drawn when a new one begins; in a residual network only the last one draws.
    if site and arch.architecture == "skip":
        drawn = side // 2
        out["picture"] = (1, drawn, drawn, 3)
    if site % 2 and arch.architecture == "resnet":
        out["residual"] = out["x"]
    return out


def bent_shape(arch: Arch, site: int) -> Shape:
    """The shape of what a bend of that site transforms."""
    found = passing(arch, site)
    return found["x" if "x" in found else "picture"]


def bent_shapes(arch: Arch) -> set[Shape]:
    """The shapes of all that any bend may transform."""
    return {bent_shape(arch, site) for site in range(arch.n_conv + 1)}


def single(arch: Arch) -> tuple[Piece, ...]:
    """Each site alone."""
    return tuple(Piece(site, site + 1) for site in range(n_sites(arch)))


def stretches(arch: Arch, precision: Sequence[str]) -> tuple[Piece, ...]:
    """The large layers in as few pieces as their precisions allow (one for each site)."""
    out: list[Piece] = []
    for site in range(_first_large(arch), n_sites(arch)):
        if out and precision[site] == precision[out[-1].first]:
            out[-1] = Piece(out[-1].first, site + 1)
        else:
            out.append(Piece(site, site + 1))
    return tuple(piece for piece in out if piece.last - piece.first > 1)


def _first_large(arch: Arch) -> int:
    """The first site that comes after a cut that is not cheap, less one: the cut before it is cheap."""
    sizes = [sum(map(math.prod, passing(arch, site).values())) for site in range(arch.n_conv)]
    return next((site for site, size in enumerate(sizes) if size > _CHEAP), arch.n_conv)


def plan(pieces: Set[Piece], end: int, bent: Set[int]) -> tuple[Piece, ...]:
    """The fewest of the pieces that follow each other from 0 to `end`, with a cut behind each bent site."""
    out: list[Piece] = []
    at = 0
    while at < end:
        here = (p for p in pieces if p.first == at and not any(at <= site < p.last - 1 for site in bent))
        out.append(max(here, key=lambda p: p.last))
        at = out[-1].last
    return tuple(out)
