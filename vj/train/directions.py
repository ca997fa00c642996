"""What `vj model directions` does: finds them, keeps them beside the model, and shows what each of them changes."""

from pathlib import Path

import numpy as np

from vj.core.types import F32, U8
from vj.generator import directions_file
from vj.generator.latents.directions import COUNT, Method, by_variance, by_weights, in_deviations
from vj.generator.latents.mapping import mapped
from vj.generator.weights import Model, load_model
from vj.train import sheets
from vj.train.sampler import Sampler, Update, latents

#: Latents that say how w is spread.
_SPREAD_OF = 10_000
#: The steps of a row, in standard deviations.
STEPS = -2.0, -1.0, 0.0, 1.0, 2.0
_TILE = 96


def _silent(done: float, total: float | None) -> None:
    del done, total


def find(
    path: Path, method: Method = "pca", seed: int = 0, sheet: Path | None = None, update: Update = _silent
) -> Path:
    """Find a model's directions and write them beside it; returns where.

    sheet   where to draw them: two rows of STEPS a line, from two latents; None: nowhere
    update  told (pictures drawn, of how many)

    Raises ModelError or UsageError.
    """
    if sheet:
        sheets.check_ending(sheet)
    model = load_model(path)
    w = mapped(model.tensors, model.arch, latents(_SPREAD_OF, model.arch.z_dim, seed))
    units = by_variance(w) if method == "pca" else by_weights(affines(model))
    found = in_deviations(units, w)
    written = directions_file.write(path, found, method)
    if sheet:
        sheets.save_sheet(sheet, drawn(Sampler(model), found, w[:2], seed, update))
    return written


def affines(model: Model) -> list[F32]:
    """The weights f32[c, w_dim] by which each convolution reads its style; not toRGB, or colours outweigh forms."""
    names = [name for name in model.tensors if name.endswith("affine.weight") and ".torgb." not in name]
    return [model.tensors[name] for name in names]


def drawn(sampler: Sampler, found: F32, starts: F32, seed: int, update: Update) -> U8:
    """A sheet u8[h, w, 3]: a row for each of `found` f32[k, w_dim], through the latents `starts` f32[2, w_dim]."""
    tile = min(_TILE, sampler.arch.resolution)
    # Each direction within what the picture may be: from the average, half as far as the latent lies.
    centre = starts.mean(axis=0, keepdims=True)
    w = [start + step * one for one in found[:COUNT] for start in (centre + starts) / 2.0 for step in STEPS]
    pictures = sampler.pictures(np.stack(w).astype(np.float32), seed, still=True, update=update)
    return sheets.contact_sheet(pictures, len(STEPS) * len(starts), tile)
