"""Adam as a pure function over dicts of tensors: TensorFlow and JAX take the same step from the same checkpoint.

Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vj.generator import ops
from vj.generator.stylegan2 import Tensor

_EPSILON = 1e-8


@dataclass(frozen=True, slots=True)
class Rates:
    """Learning rate and decays of one kind of step."""

    rate: float
    beta1: float = 0.0
    beta2: float = 0.99

    def lazy(self, interval: int) -> "Rates":
        """For two kinds of step sharing one state, one of them only every `interval` (StyleGAN2, appendix B)."""
        c = interval / (interval + 1)
        return Rates(self.rate * c, self.beta1**c, self.beta2**c)


def adam(
    values: Mapping[str, Tensor],
    gradients: Mapping[str, Tensor],
    first: Mapping[str, Tensor],
    second: Mapping[str, Tensor],
    step: Tensor,
    rates: Mapping[str, Rates],
) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
    """(values, first moments, second moments) after one step.

    values, gradients, first, second  tensors f32[…] by name; all of a name have one shape, which the results keep
    step                              f32 scalar, counts from 1
    rates                             by name
    """
    new: tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]] = ({}, {}, {})
    for name, gradient in gradients.items():
        r = rates[name]
        m = r.beta1 * first[name] + (1.0 - r.beta1) * gradient
        v = r.beta2 * second[name] + (1.0 - r.beta2) * ops.square(gradient)
        seen1 = 1.0 - ops.power(r.beta1, step) if r.beta1 else 1.0
        seen2 = 1.0 - ops.power(r.beta2, step)
        new[0][name] = values[name] - r.rate * (m / seen1) / (ops.sqrt(v / seen2) + _EPSILON)
        new[1][name], new[2][name] = m, v
    return new
