"""What `vj model quality` and `vj model sheet` do: a model's figures and pictures, beside those of its data set."""

import dataclasses
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vj.core.errors import UsageError
from vj.core.types import F32, U8
from vj.generator.weights import Model, load_model
from vj.train import artefacts, quality, sheets
from vj.train.artefacts import Traces, traces
from vj.train.dataset import Pictures, open_dataset
from vj.train.features import MIN_SIDE, features
from vj.train.perceptual import variety
from vj.train.sampler import Sampler, Update, chain, latents, straight_chain
from vj.train.squeezenet import SqueezeNet
from vj.train.unflattered import shared_layout, unevenness, vendi

#: Of these the variety is measured and sheets are made.
SHOWN = 64
#: Walks between latents, and the steps of each, by which evenness is told.
_WALKS, _STEPS = 20, 64
#: Fewer pictures have no neighbours to speak of.
FEWEST = 8
_COLUMNS = 8
_TILE = 96

Between = Literal["z", "w"]


def _silent(done: float, total: float | None) -> None:
    del done, total


def judge(
    path: Path, data: Path, count: int, psi: float, seed: int, sheet: Path | None, update: Update = _silent
) -> dict[str, Any]:
    """Compare `count` pictures of a model with as many of a data set; docs/quality.md says what each figure means.

    psi     truncation
    sheet   where to show 64 pictures of the data set beside 64 of the model
    update  told (pictures drawn, of how many)

    Raises ModelError or DatasetError for what cannot be read, UsageError where the two do not fit.
    """
    if sheet:
        sheets.check_ending(sheet)
    model, dataset = load_model(path), open_dataset(data)
    side = _side(path, model, dataset)
    picked = quality.chosen(dataset.count, 2 * count, seed)
    count = min(count, len(picked))
    real = dataset.batch(picked[:count], side)
    drawn = _drawn(model, count, psi, seed, lambda done: update(done, 2 * count))
    if sheet:
        shown = [sheets.contact_sheet(x[:SHOWN], _COLUMNS, min(_TILE, side)) for x in (real, drawn)]
        sheets.save_sheet(sheet, sheets.beside(*shown))
    untrained = _drawn(_untrained(model), count, 1.0, seed, lambda done: update(count + done, 2 * count))
    of_real, of_drawn = features(real), features(drawn)
    held = dataset.batch(picked[count : 2 * count], side)
    precision, recall = quality.precision_recall(of_real, of_drawn)
    return {
        "model": str(path), "data": str(data), "pictures": count, "side": side, "truncation": psi, "seed": seed,
        "frechet": _distances(of_real, of_drawn, features(untrained)) | _halves(dataset, picked, side),
        "precision": precision,
        "recall": recall,
        "variety": _varieties(real, drawn),
        "pretrained": _pretrained(real, held, drawn, untrained),
        "shared_layout": {
            "model": shared_layout(drawn), "data": shared_layout(real), "random_weights": shared_layout(untrained),
        },
        "walks": _walks(model, dataset, psi, seed),
        "artefacts": _artefacts(traces(real), traces(drawn)),
    }  # fmt: skip


def _side(path: Path, model: Model, dataset: Pictures) -> int:
    side = model.arch.resolution
    if side < MIN_SIDE:
        raise UsageError(f"{path}: draws {side}×{side}, expected at least {MIN_SIDE} a side")
    if dataset.resolution % side:
        raise UsageError(
            f"{path}: draws {side}×{side}, {dataset.path} has {dataset.resolution}, expected as much or more"
        )
    if dataset.count < FEWEST:
        raise UsageError(f"{dataset.path}: {dataset.count} pictures, expected at least {FEWEST}")
    return side


def _drawn(model: Model, count: int, psi: float, seed: int, update: Any) -> U8:
    sampler = Sampler(model)
    w = sampler.styles(latents(count, model.arch.z_dim, seed), psi)
    return sampler.pictures(w, seed, update=lambda done, _: update(done))


def _untrained(model: Model) -> Model:
    """The same shape with random weights."""
    from vj.generator.xla import configure_tensorflow

    configure_tensorflow()
    from vj.generator.random_model import random_model

    return random_model(dataclasses.replace(model.arch, architecture="skip"), seed=0)


def _distances(real: F32, drawn: F32, untrained: F32) -> dict[str, float]:
    data = quality.feature_statistics(real)
    return {
        "model": quality.frechet(data, quality.feature_statistics(drawn)),
        "random_weights": quality.frechet(data, quality.feature_statistics(untrained)),
    }


def _halves(dataset: Pictures, picked: quality.I64, side: int) -> dict[str, float]:
    """Of the data set's pictures to others of its own: as many each as of the model, or half of what there is."""
    half = len(picked) // 2
    parts = (quality.dataset_features(dataset, i, side) for i in (picked[:half], picked[half : 2 * half]))
    return {"halves": quality.frechet(*map(quality.feature_statistics, parts)), "halves_of": half}


def _pretrained(real: U8, held: U8, drawn: U8, untrained: U8) -> dict[str, Any]:
    """Fréchet distance and Vendi score on features that no network here is trained against."""
    described = SqueezeNet()
    of_real, of_drawn, of_untrained = (described(images) for images in (real, drawn, untrained))
    # To other pictures of the data set's, where there are; otherwise of one half of these to the other.
    a, b = (of_real, described(held)) if len(held) >= FEWEST else (of_real[::2], of_real[1::2])
    floor = quality.frechet(quality.feature_statistics(a), quality.feature_statistics(b))
    return {
        "frechet": _distances(of_real, of_drawn, of_untrained) | {"data": floor},
        "vendi": {
            name: vendi(found, of_real)
            for name, found in (("model", of_drawn), ("data", of_real), ("random_weights", of_untrained))
        },
    }


def _walks(model: Model, dataset: Pictures, psi: float, seed: int) -> dict[str, Any]:
    """How uneven walks along arcs between latents are, `vj.train.unflattered.unevenness`, of the model and the data."""
    sampler = Sampler(model)
    found: dict[str, list[float]] = {"model": [], "data": []}
    for walk in range(_WALKS):
        ends = latents(2, model.arch.z_dim, seed + 1 + walk)
        drawn = sampler.pictures(sampler.styles(chain(ends, _STEPS), psi), seed, still=True)
        found["model"].append(unevenness(drawn))
        if (known := dataset.walk(walk, _STEPS, model.arch.resolution)) is not None:
            found["data"].append(unevenness(known))
    return {name: {"mean": float(np.mean(u)), "largest": max(u)} for name, u in found.items() if u}


def _varieties(real: U8, drawn: U8) -> dict[str, float]:
    # The data set's own is known better from more pictures; it is the same whatever their number.
    data, model = variety(real[: 4 * SHOWN]), variety(drawn[:SHOWN])
    return {"model": model, "data": data, "share": model / data if data else 0.0}


def _artefacts(real: Traces, drawn: Traces) -> dict[str, Any]:
    return {
        "checkerboard_db": {"model": artefacts.checkerboard_db(drawn), "data": artefacts.checkerboard_db(real)},
        "octaves_db": artefacts.octaves_db(drawn, real),
        "fixed": {"model": drawn.fixed, "data": real.fixed},
        "edge": {"model": drawn.edge, "data": real.edge},
        "frame": {"model": drawn.frame, "data": real.frame},
    }


def text(found: dict[str, Any]) -> str:
    """What `judge` found, for people."""
    frechet, varied, marks = found["frechet"], found["variety"], found["artefacts"]
    seen, layout, walks = found["pretrained"], found["shared_layout"], found["walks"]
    three = "{model:.3g}; random weights {random_weights:.3g}, data {data:.3g}".format_map
    even = "{mean:.2f}, worst {largest:.2f}".format_map
    walked = f"; data {even(walks['data'])}" if "data" in walks else ""
    octaves = " ".join(f"{db:+.1f}" for db in marks["octaves_db"])
    both = "{model:.3g} (data {data:.3g})".format_map
    share = f"{100 * varied['share']:.0f} %"
    return "\n".join(
        [
            f"{found['model']}: {found['pictures']} pictures of {found['side']}×{found['side']}, truncation "
            f"{found['truncation']:g}, against as many of {found['data']}",
            f"Fréchet distance  {frechet['model']:.2f}; random weights {frechet['random_weights']:.2f}, "
            f"halves of the data {frechet['halves']:.2f} ({frechet['halves_of']} each)",
            f"precision, recall {found['precision']:.3f}, {found['recall']:.3f}",
            f"SqueezeNet: Fréchet {three(seen['frechet'])}",
            f"SqueezeNet: Vendi  {three(seen['vendi'])}",
            f"shared layout     {three(layout)}",
            f"walks' largest step over the median  {even(walks['model'])}{walked}",
            f"variety           {share} of the data's ({varied['model']:.2f} of {varied['data']:.2f})",
            f"checkerboard      {both(marks['checkerboard_db'])} dB",
            f"octaves           {octaves} dB, from the finest",
            f"fixed detail      {both(marks['fixed'])}",
            f"frame             detail {both(marks['edge'])}, luma {both(marks['frame'])}",
        ]
    )


def write_sheet(
    path: Path, out: Path, rows: int, columns: int, seed: int, psi: float, between: Between | None, tile: int | None
) -> None:
    """Draw a sheet of a model: `rows` × `columns` pictures.

    between  each row goes from one latent of z or of w to that of the next row; None: every picture has its own
    tile     side of each in pixels; None: one that suits the model

    Raises ModelError for what cannot be read, UsageError where the sheet cannot be written.
    """
    sheets.check_ending(out)
    sampler = Sampler(load_model(path))
    z_dim = sampler.arch.z_dim
    if between:
        ends = latents(rows + 1, z_dim, seed)
        walk = chain(ends, columns) if between == "z" else ends
        w = sampler.styles(walk, psi)
        w = w if between == "z" else straight_chain(w, columns)
    else:
        w = sampler.styles(latents(rows * columns, z_dim, seed), psi)
    pictures = sampler.pictures(w, seed, still=between is not None)
    sheets.save_sheet(out, sheets.contact_sheet(pictures, columns, tile or min(_TILE, sampler.arch.resolution)))
