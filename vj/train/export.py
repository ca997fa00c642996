"""From a training to a model file: the averaged generator with its card."""

from pathlib import Path
from typing import Any

from vj.generator.weights import Model, checked_model, save_model
from vj.train.checkpoint import Checkpoint
from vj.train.dataset import Pictures
from vj.train.settings import Settings
from vj.train.state import generator_arch, part, resolution_of


def model_of(found: Checkpoint, card: dict[str, Any]) -> Model:
    """The averaged generator at the resolution it has reached. Raises ModelError for NaN."""
    arch = generator_arch(found.settings, resolution_of(found.state))
    return checked_model(arch, part(found.state, "ema."), card)


def export(path: Path, found: Checkpoint, card: dict[str, Any]) -> None:
    """Write the model in half precision. Raises ModelError where it cannot be written."""
    save_model(path, model_of(found, card), half=True)


def card(found: Checkpoint, dataset: Pictures, name: str, command: str) -> dict[str, Any]:
    """What a person wants to know of a trained model."""
    return {
        "name": name,
        "training": training_text(found.settings, found.seen),
        "training_data": data_text(dataset),
        "command": command,
        "thousand_pictures_seen": round(found.seen / 1000, 1),
        "settings": found.settings.as_dict(),
        "licence": dataset.licence,
    }


def training_text(settings: Settings, seen: int) -> str:
    """The stages in words, as far as they went."""
    words = {
        "teach": "taught by regression to pictures with known parameters",
        "sharpen": "sharpened by a discriminator beside the regression",
        "gan": "trained adversarially",
        "detail": "its last blocks trained adversarially on parts of pictures",
    }
    done, parts = 0, []
    for stage in settings.stages:
        kimg = min(max(seen - done, 0) / 1000, stage.kimg)
        done += int(stage.kimg * 1000)
        if kimg:
            side = f"{stage.resolution}×{stage.resolution}"
            parts.append(f"{words[stage.kind]} at {side} on {kimg:g} thousand pictures")
    return "; ".join(parts) or "none"


def data_text(dataset: Pictures) -> str:
    """Which pictures, in words."""
    kinds: dict[str, list[str]] = {}
    for source in dataset.sources:
        kinds.setdefault(str(source.get("kind", "source")), []).append(str(source.get("name", "?")))
    what = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items())
    return f"{dataset.count} pictures of {dataset.resolution}×{dataset.resolution} from {what}"
