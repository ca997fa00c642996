"""The mapping network in NumPy against its definition in float64."""

import numpy as np
import pytest
import tiny

from vj.generator.latents.mapping import mapped


@pytest.mark.parametrize("arch", [tiny.SKIP, tiny.RESNET, tiny.LABELLED])
def test_it_is_the_mapping_network(arch):
    model, rng = tiny.model(arch), np.random.default_rng(4)
    z = rng.standard_normal((5, arch.z_dim)).astype(np.float32)
    w = mapped(model.tensors, arch, z)
    assert (w.shape, w.dtype) == ((5, arch.w_dim), np.float32)
    for ours, one in zip(w, z, strict=True):
        np.testing.assert_allclose(ours, tiny.reference_mapping(model, one), rtol=1e-4, atol=1e-5)
