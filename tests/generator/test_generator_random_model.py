"""The network without training: named as such, and pictures that are worth showing."""

import numpy as np

from vj.core.resources import models_dir
from vj.generator.arch import Arch
from vj.generator.model_tools import draw
from vj.generator.random_model import random_model
from vj.generator.weights import load_model

ARCH = Arch(resolution=32, channels=(16, 16, 12, 8), z_dim=16, w_dim=16, mapping_layers=2)


def test_pictures_of_a_random_network_fill_the_range_and_differ():
    model = random_model(ARCH, seed=1)
    pictures = np.stack([draw(model, seed, 1.0, "const") for seed in range(12)])
    assert np.abs(pictures.mean()) < 0.3
    assert 0.2 < pictures.std() < 1.2
    differences = [np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[:i]]
    assert np.median(differences) > 0.2
    assert np.median([p.std((0, 1)).mean() for p in pictures]) > 0.1, "pictures of one colour"


def test_the_same_seed_makes_the_same_network():
    a, b, c = (random_model(ARCH, seed=s).tensors for s in (1, 1, 2))
    assert all(np.array_equal(a[k], b[k]) for k in a)
    assert not np.array_equal(a["synthesis.b4.const"], c["synthesis.b4.const"])


def test_the_bundled_network_says_what_it_is():
    model = load_model(models_dir() / "default.safetensors")
    assert (model.arch.resolution, model.arch.z_dim, model.arch.w_dim) == (256, 64, 512)
    assert {"name", "training", "training_data", "licence"} <= model.card.keys()
