"""How different two pictures look: place by place and scale by scale, in the manner of LPIPS, with nothing learnt.

Zhang et al., "The unreasonable effectiveness of deep features as a perceptual metric", CVPR 2018, compare the feature
maps of a network at every place. Here the maps are those that `vj.train.features` starts from: magnitudes of the slopes
and colours of a Laplacian pyramid, averaged over places of a grid (which forgives small shifts, as the deeper layers of
a network do), as logarithms; and the colours themselves.
"""

from collections.abc import Iterator

import numpy as np

from vj.core.types import F32, F64, U8
from vj.train.features import chunks, opponents, pooled, pyramid, slopes

#: Places a side at which pictures are compared.
GRID = 16
#: Contrasts (of 1) below this hardly show beside others.
_FLOOR = 0.02
#: A step in colour beside one in a logarithm of contrast.
_COLOUR = 4.0


def perceptual_maps(images: U8) -> F32:
    """u8[n, side, side, 3] → f32[n, p]; the perceptual distance of two pictures is the squared one of their rows.

    That is, as in LPIPS, the sum over scales and channels of squared differences, each averaged over places.
    Raises ValueError for other shapes or types, and for sides below 16.
    """
    return np.concatenate([_maps(chunk) for chunk in chunks(images)])


def _maps(images: U8) -> F32:
    x = opponents(images)
    channels = [np.float32(_COLOUR) * _placed(x)]
    for band, _ in pyramid(x):
        contrast = np.concatenate([slopes(band[:, 0]), np.abs(band[:, 1:])], 1)
        channels.append(np.log(_placed(contrast) + np.float32(_FLOOR)))
    places = (c.reshape(len(c), -1) / np.float32(np.sqrt(c.shape[2] * c.shape[3])) for c in channels)
    return np.concatenate(list(places), 1)


def _placed(x: F32) -> F32:
    while min(x.shape[2:]) >= 2 * GRID:
        x = pooled(x)
    return x


def perceptual_distances(maps: F32) -> F64:
    """Rows of `perceptual_maps` → f64[n (n − 1) / 2], the distance of every two."""
    return np.concatenate(list(_distances(maps)))


def _distances(maps: F32) -> Iterator[F64]:
    for i in range(1, len(maps)):
        yield ((maps[:i] - maps[i]) ** 2).sum(1, dtype=np.float64)


def variety(images: U8) -> float:
    """Mean perceptual distance of every two of u8[n, side, side, 3]; 0 where all are the same.

    Raises ValueError for n < 2, for other shapes or types, and for sides below 16.
    """
    return float(perceptual_distances(perceptual_maps(images)).mean())
