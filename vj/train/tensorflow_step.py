"""One training step under TensorFlow, on one device or many.

Convolutions run by TensorFlow's own kernels and what lies between them as small XLA programs (`vj.train.fused`).
Under a distribution strategy each replica sees its share of the batch and gradients are averaged.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from vj.core.types import F32
from vj.train import networks
from vj.train.adam import Rates, adam
from vj.train.networks import Networks
from vj.train.rates import discriminator_rates, generator_rates
from vj.train.settings import Settings
from vj.train.state import W_AVERAGE_RATE, State, trained

Figures = dict[str, Any]


def fuse(function: Callable[..., Any]) -> Callable[..., Any]:
    """One XLA program for each shape of its inputs."""
    compiled: Callable[..., Any] = tf.function(function, jit_compile=True, autograph=False)
    return compiled


def gradient(of: Callable[[Any], Any], at: Any) -> Any:
    """The gradient of a scalar function; `vj.train.losses.Gradient`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(at)
        value = of(at)
    return tape.gradient(value, at)


class TensorFlowStep:
    """Holds the state as variables and takes steps.

    strategy   a `tf.distribute.Strategy`; by default one device
    fused      the `vj.train.fused.Fuse` of Adam's step and of the averages, as `nets.steps` should have it too
    """

    def __init__(
        self,
        nets: Networks,
        settings: Settings,
        state: Mapping[str, F32],
        strategy: Any = None,
        fused: Callable[..., Any] = fuse,
    ) -> None:
        self._nets, self._settings, self._fuse = nets, settings, fused
        self._strategy = strategy or tf.distribute.get_strategy()
        with self._strategy.scope():
            self._v = {name: _variable(name, a) for name, a in state.items()}
        self._steps: dict[str, Callable[..., Any]] = {}

    def state(self) -> State:
        """A copy of everything, as NumPy arrays."""
        return {name: np.asarray(_local(v)) for name, v in self._v.items()}

    def averaged(self) -> dict[str, F32]:
        """A copy of the averaged generator's tensors f32[…], named as `Arch.tensors()` says."""
        return {k.removeprefix("ema."): np.asarray(_local(v)) for k, v in self._v.items() if k.startswith("ema.")}

    def step(self, kind: str, inputs: Mapping[str, Any], ema_decay: float = 1.0) -> dict[str, float]:
        """Take one step: kind "teach", "sharpen", "gan", "detail", "r1" or "path". Returns its figures.

        inputs     the whole batch, as `vj.train.networks` describes
        ema_decay  of the averaged generator
        """
        if kind not in self._steps:
            self._steps[kind] = self._compiled(kind)
        figures = self._steps[kind](self._shares(inputs), tf.constant(ema_decay, tf.float32))
        return {name: float(value) for name, value in figures.items()}

    def _shares(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The batch cut into one part for each replica; in one process of many, only this one's parts are used."""
        replicas = self._strategy.num_replicas_in_sync
        if replicas == 1:
            return {name: tf.constant(a) for name, a in inputs.items()}

        def share(a: Any) -> Any:
            n = len(a) // replicas
            return self._strategy.experimental_distribute_values_from_function(
                lambda context: tf.constant(
                    a[context.replica_id_in_sync_group * n : (context.replica_id_in_sync_group + 1) * n]
                )
            )

        # The corner of a part is one for the whole batch.
        return {name: tf.constant(a) if name == "corner" else share(a) for name, a in inputs.items()}

    def _compiled(self, kind: str) -> Callable[..., Any]:
        replica = {
            "teach": self._teach,
            "gan": self._adversary(0.0),
            "sharpen": self._adversary(self._settings.taught_weight),
            "detail": self._adversary(self._settings.taught_weight, "detail"),
            "r1": self._r1,
            "path": self._path,
        }[kind]

        def run(inputs: Any, ema_decay: Any) -> Figures:
            figures: Figures = self._strategy.run(replica, (inputs, ema_decay))
            # The figures were averaged by the replicas: any one's will do.
            return {name: self._strategy.experimental_local_results(v)[0] for name, v in figures.items()}

        compiled: Callable[..., Any] = tf.function(run, autograph=False)
        return compiled

    def _teach(self, inputs: Any, ema_decay: Any) -> Figures:
        g = self._values("g.")
        watched = {name: g[name] for name in trained(g, "teach", self._nets.g.resolution, self._settings.learn_noise)}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(watched)
            loss, figures = networks.teach(self._nets, g | watched, inputs)
        self._move("g", tape.gradient(loss, watched), generator_rates(self._settings, watched, "teach"))
        return self._after(figures, ema_decay)

    def _adversary(self, taught_weight: float, kind: str = "gan") -> Callable[..., Figures]:
        side = self._settings.taught_side

        def losses(g: Any, d: Any, inputs: Any) -> Any:
            if kind == "detail":
                return networks.detail(self._nets, g, d, inputs, taught_weight)
            return networks.adversarial(self._nets, g, d, inputs, taught_weight, side)

        def replica(inputs: Any, ema_decay: Any) -> Figures:
            g, d = self._values("g."), self._values("d.")
            watched = {name: g[name] for name in trained(g, kind, self._nets.g.resolution, self._settings.learn_noise)}
            with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
                tape.watch((watched, d))
                g_loss, d_loss, figures = losses(g | watched, d, inputs)
            g_slope, d_slope = tape.gradient(g_loss, watched), tape.gradient(d_loss, d)
            del tape
            self._move("g", g_slope, generator_rates(self._settings, watched, "gan"))
            self._move("d", d_slope, discriminator_rates(self._settings, d))
            return self._after(figures, ema_decay)

        return replica

    def _r1(self, inputs: Any, ema_decay: Any) -> Figures:
        del ema_decay
        g, d = self._values("g."), self._values("d.")
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(d)
            penalty = networks.penalty(self._nets, g, d, inputs, gradient)
            loss = penalty * (0.5 * self._settings.gamma * self._settings.r1_every)
        slopes = tape.gradient(loss, d, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        self._move("d", slopes, discriminator_rates(self._settings, d))
        return {"r1": self._mean(penalty)}

    def _path(self, inputs: Any, ema_decay: Any) -> Figures:
        del ema_decay
        g = self._values("g.")
        watched = {name: g[name] for name in trained(g, "gan", self._nets.g.resolution, self._settings.learn_noise)}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(watched)
            penalty, mean = networks.path_length(self._nets, g | watched, inputs, self._value("path_mean"), gradient)
            loss = penalty * (self._settings.path_weight * self._settings.path_every)
        slopes = tape.gradient(loss, watched, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        self._move("g", slopes, generator_rates(self._settings, watched, "path"))
        self._v["path_mean"].assign(self._mean(mean))
        return {"path": self._mean(penalty), "path_mean": self._mean(mean)}

    def _move(self, network: str, slopes: Mapping[str, Any], rates: Mapping[str, Rates]) -> None:
        """Average the gradients over the replicas and let Adam move the weights."""
        slopes = {name: self._mean(slope) for name, slope in slopes.items()}
        count = self._value(f"step.{network}") + 1.0
        values, first, second = (
            {name: self._value(f"{p}{network}.{name}") for name in slopes} for p in ("", "m.", "v.")
        )
        moved = self._fuse(functools.partial(adam, rates=rates))(values, slopes, first, second, count)
        for prefix, tensors in zip(("", "m.", "v."), moved, strict=True):
            for name, value in tensors.items():
                self._v[f"{prefix}{network}.{name}"].assign(value)
        self._v[f"step.{network}"].assign(count)

    def _after(self, figures: Figures, ema_decay: Any) -> Figures:
        """The running averages: of w, and of the generator."""
        figures = {name: self._mean(value) for name, value in figures.items()}
        w_avg = self._v["g.mapping.w_avg"]
        w_avg.assign(self._value("g.mapping.w_avg") + W_AVERAGE_RATE * (figures.pop("w_mean") - w_avg))
        names = [name.removeprefix("ema.") for name in self._v if name.startswith("ema.")]
        old, new = ({name: self._value(p + name) for name in names} for p in ("ema.", "g."))
        averaged = self._fuse(_averaged)(old, new, ema_decay)
        for name, value in averaged.items():
            self._v[f"ema.{name}"].assign(value)
        return figures

    def _mean(self, value: Any) -> Any:
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.MEAN, value) if context.num_replicas_in_sync > 1 else value

    def _values(self, prefix: str) -> dict[str, Any]:
        return {k.removeprefix(prefix): self._value(k) for k in self._v if k.startswith(prefix)}

    def _value(self, name: str) -> Any:
        return tf.convert_to_tensor(self._v[name])


def _averaged(old: Mapping[str, Any], new: Mapping[str, Any], decay: Any) -> dict[str, Any]:
    return {name: new[name] + decay * (old[name] - new[name]) for name in old}


def _variable(name: str, value: F32) -> Any:
    # Replicas compute the same from the averaged gradients: writing one's value to all keeps them equal to the bit.
    aggregation = tf.VariableAggregation.ONLY_FIRST_REPLICA
    return tf.Variable(value, trainable=False, dtype=tf.float32, aggregation=aggregation, name=name.replace(".", "_"))


def _local(variable: Any) -> Any:
    """A variable, or its copy on this process's first device."""
    values = getattr(variable, "values", None)
    return values[0] if isinstance(values, tuple) else variable
