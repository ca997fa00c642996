"""One training step under JAX: the losses of `vj.train.networks` for an accelerator that only JAX can use.

The whole step is one XLA program. State, inputs and figures are those of `vj.train.tensorflow_step`, so either goes on
from the other's checkpoint. The process must have been started with KERAS_BACKEND=jax.
"""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from vj.core.types import F32
from vj.train import networks
from vj.train.adam import Rates, adam
from vj.train.networks import Networks
from vj.train.rates import discriminator_rates, generator_rates
from vj.train.settings import Settings
from vj.train.state import W_AVERAGE_RATE, State, part, trained

Tensors = dict[str, Any]
#: (state, inputs, decay of the average) → (what has changed, figures)
Step = Callable[[Tensors, Tensors, Any], tuple[Tensors, Tensors]]


def gradient(of: Callable[[Any], Any], at: Any) -> Any:
    """The gradient of a scalar function; `vj.train.losses.Gradient`."""
    return jax.grad(of)(at)


class JaxStep:
    """Holds the state on JAX's first device and takes steps."""

    def __init__(self, nets: Networks, settings: Settings, state: Mapping[str, F32]) -> None:
        self._nets, self._settings = nets, settings
        self._state = {name: jax.numpy.asarray(a) for name, a in state.items()}
        self._steps: dict[str, Callable[..., tuple[Tensors, Tensors]]] = {}

    def state(self) -> State:
        """A copy of everything, as NumPy arrays."""
        return {name: np.array(a) for name, a in self._state.items()}

    def step(self, kind: str, inputs: Mapping[str, Any], ema_decay: float = 1.0) -> dict[str, float]:
        """Take one step of kind "teach", "sharpen", "gan", "detail", "r1" or "path". Returns its figures."""
        if kind not in self._steps:
            self._steps[kind] = jax.jit(self._of(kind))
        changed, figures = self._steps[kind](self._state, dict(inputs), np.float32(ema_decay))
        self._state |= changed
        return {name: float(value) for name, value in figures.items()}

    def _of(self, kind: str) -> Step:
        if kind == "teach":
            return self._teach
        if kind == "r1":
            return self._r1
        if kind == "path":
            return self._path
        return lambda state, inputs, decay: self._adversary(kind, state, inputs, decay)

    def _teach(self, state: Tensors, inputs: Tensors, decay: Any) -> tuple[Tensors, Tensors]:
        g, watched = self._watched(state, "teach")
        of = jax.grad(lambda w: networks.teach(self._nets, g | w, inputs), has_aux=True)
        slopes, figures = of(watched)
        moved = _moved(state, "g", slopes, generator_rates(self._settings, watched, "teach"))
        return _averaged(state, moved, figures, decay)

    def _adversary(self, kind: str, state: Tensors, inputs: Tensors, decay: Any) -> tuple[Tensors, Tensors]:
        settings = self._settings
        g, watched = self._watched(state, kind)
        weight = 0.0 if kind == "gan" else settings.taught_weight

        def losses(w: Tensors, d: Tensors) -> Any:
            if kind == "detail":
                g_loss, d_loss, figures = networks.detail(self._nets, g | w, d, inputs, weight)
            else:
                found = networks.adversarial(self._nets, g | w, d, inputs, weight, settings.taught_side)
                g_loss, d_loss, figures = found
            return (g_loss, d_loss), figures

        d = part(state, "d.")
        (g_loss, d_loss), back, figures = jax.vjp(losses, watched, d, has_aux=True)
        one, zero = jax.numpy.ones_like(g_loss), jax.numpy.zeros_like(d_loss)
        moved = _moved(state, "g", back((one, zero))[0], generator_rates(settings, watched, "gan"))
        moved |= _moved(state, "d", back((zero, one))[1], discriminator_rates(settings, d))
        return _averaged(state, moved, figures, decay)

    def _r1(self, state: Tensors, inputs: Tensors, decay: Any) -> tuple[Tensors, Tensors]:
        del decay
        settings, d = self._settings, part(state, "d.")

        def loss(d: Tensors) -> Any:
            penalty = networks.penalty(self._nets, part(state, "g."), d, inputs, gradient)
            return penalty * (0.5 * settings.gamma * settings.r1_every), penalty

        slopes, penalty = jax.grad(loss, has_aux=True)(d)
        return _moved(state, "d", slopes, discriminator_rates(settings, d)), {"r1": penalty}

    def _path(self, state: Tensors, inputs: Tensors, decay: Any) -> tuple[Tensors, Tensors]:
        del decay
        settings = self._settings
        g, watched = self._watched(state, "gan")

        def loss(w: Tensors) -> Any:
            penalty, mean = networks.path_length(self._nets, g | w, inputs, state["path_mean"], gradient)
            return penalty * (settings.path_weight * settings.path_every), (penalty, mean)

        slopes, (penalty, mean) = jax.grad(loss, has_aux=True)(watched)
        moved = _moved(state, "g", slopes, generator_rates(settings, watched, "path"))
        return moved | {"path_mean": mean}, {"path": penalty, "path_mean": mean}

    def _watched(self, state: Tensors, kind: str) -> tuple[Tensors, Tensors]:
        """The generator's tensors, and those that a step of this kind learns."""
        g = part(state, "g.")
        return g, {name: g[name] for name in trained(g, kind, self._nets.g.resolution, self._settings.learn_noise)}


def _moved(state: Tensors, network: str, slopes: Mapping[str, Any], rates: Mapping[str, Rates]) -> Tensors:
    """The weights and moments after Adam's step."""
    count = state[f"step.{network}"] + 1.0
    values, first, second = ({name: state[f"{p}{network}.{name}"] for name in slopes} for p in ("", "m.", "v."))
    moved = adam(values, slopes, first, second, count, rates)
    out = {f"{p}{network}.{k}": a for p, of in zip(("", "m.", "v."), moved, strict=True) for k, a in of.items()}
    return out | {f"step.{network}": count}


def _averaged(state: Tensors, moved: Tensors, figures: Tensors, decay: Any) -> tuple[Tensors, Tensors]:
    """With the running averages: of w, and of the generator."""
    figures = dict(figures)
    w_avg = state["g.mapping.w_avg"]
    moved = moved | {"g.mapping.w_avg": w_avg + W_AVERAGE_RATE * (figures.pop("w_mean") - w_avg)}
    new = part(state | moved, "g.")
    return moved | {f"ema.{k}": a + decay * (state[f"ema.{k}"] - a) for k, a in new.items()}, figures
