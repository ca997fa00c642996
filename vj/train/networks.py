"""Both networks and what one training step computes of them: pure functions of weights and drawn inputs.

Inputs of a step are a dict of arrays (n pictures):

    z, z_mix     f32[n, z_dim]        latents, and those whose styles are mixed in
    mixed        f32[n, num_ws, 1]    1 where a style comes from z_mix
    noise0 …     f32[n, side, side, 1]  one per convolution layer
    real         u8[n, side, side, 3] pictures of the data set; while taught, those that belong to z
    aug_real.…, aug_fake.…            what `vj.train.augment.draw` drew for each side, where augmentation is on
    direction    f32[n, side, side, 3]  the random picture of path length regularisation
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vj.gan import ops, stylegan2
from vj.gan.arch import Arch
from vj.gan.stylegan2 import Tensor, Weights
from vj.train import losses
from vj.train.discriminator import DiscriminatorArch, discriminate
from vj.train.fused import Fused

Inputs = Mapping[str, Tensor]
#: augment(pictures, drawn): see `vj.train.augment`.
Augment = Callable[[Tensor, Inputs], Tensor]


@dataclass(frozen=True, slots=True)
class Networks:
    """The shapes of generator and discriminator, how they are computed, and what augments the discriminator's view."""

    g: Arch
    d: DiscriminatorArch
    steps: Fused
    augment: Augment | None = None

    def styles(self, p: Weights, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """(ws f32[n, num_ws, w_dim] with some mixed, the mean of all w f32[w_dim])."""
        w = stylegan2.mapping(p, self.g, inputs["z"])
        mean = ops.mean(w, axis=0)
        w = w[:, None]
        if "z_mix" in inputs:
            other = stylegan2.mapping(p, self.g, inputs["z_mix"])[:, None]
            ws = w + inputs["mixed"] * (other - w)
        else:
            ws = ops.repeat(w, self.g.num_ws, axis=1)
        return ws, mean

    def pictures(self, p: Weights, ws: Tensor, inputs: Inputs) -> Tensor:
        """f32[n, side, side, 3] from styles and the step's noise; layers without noise in `inputs` have none."""
        noises = [inputs.get(f"noise{i}") for i in range(self.g.n_conv)]
        return stylegan2.synthesis(p, self.g, ws, noises, steps=self.steps)

    def logits(self, d: Weights, pictures: Tensor, inputs: Inputs, side: str) -> Tensor:
        """What the discriminator thinks of pictures; `side`, "real" or "fake", chooses the drawn augmentation."""
        if self.augment is not None:
            prefix = f"aug_{side}."
            drawn = {name.removeprefix(prefix): a for name, a in inputs.items() if name.startswith(prefix)}
            pictures = self.augment(pictures, drawn) if drawn else pictures
        return discriminate(d, self.d, pictures, self.steps)


def teach(nets: Networks, g: Weights, inputs: Inputs) -> tuple[Tensor, dict[str, Tensor]]:
    """(distance of the generator's pictures to those they should be, figures with the mean w)."""
    p = stylegan2.laid_out(g, nets.g)
    ws, w_mean = nets.styles(p, inputs)
    distance = losses.picture_distance(nets.pictures(p, ws, inputs), as_float(inputs["real"]))
    return distance, {"w_mean": w_mean, "distance": distance}


def adversarial(
    nets: Networks, g: Weights, d: Weights, inputs: Inputs, taught_weight: float, taught_side: int
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """(generator's loss, discriminator's loss, figures), from one pass through each network.

    With `taught_weight` above 0 the generator also keeps its pictures near the real ones, which then belong to z, as
    far as they can be told apart at `taught_side` pixels: finer places are the discriminator's.
    """
    p = stylegan2.laid_out(g, nets.g)
    ws, w_mean = nets.styles(p, inputs)
    fake, real = nets.pictures(p, ws, inputs), as_float(inputs["real"])
    fake_logits = nets.logits(d, fake, inputs, "fake")
    real_logits = nets.logits(d, real, inputs, "real")
    g_loss, d_loss = losses.generator_loss(fake_logits), losses.discriminator_loss(fake_logits, real_logits)
    figures = {
        "w_mean": w_mean,
        "g_loss": g_loss,
        "d_loss": d_loss,
        "fake_logit": ops.mean(fake_logits),
        "real_logit": ops.mean(real_logits),
        "real_sign": ops.mean(ops.sign(real_logits)),
    }
    if taught_weight:
        coarse = (losses.shrunk(x, taught_side) for x in (fake, real))
        figures["distance"] = losses.picture_distance(*coarse)
        g_loss = g_loss + taught_weight * figures["distance"]
    return g_loss, d_loss, figures


def r1(nets: Networks, d: Weights, inputs: Inputs, gradient: losses.Gradient) -> Tensor:
    """The gradient penalty at the step's real pictures, without its weight γ/2."""
    real = as_float(inputs["real"])
    return losses.r1_penalty(lambda x: nets.logits(d, x, inputs, "real"), real, gradient)


def path_length(
    nets: Networks, g: Weights, inputs: Inputs, mean: Tensor, gradient: losses.Gradient
) -> tuple[Tensor, Tensor]:
    """(path length penalty without its weight, the moved running mean)."""
    p = stylegan2.laid_out(g, nets.g)
    ws, _ = nets.styles(p, inputs)
    lengths = losses.path_lengths(lambda w: nets.pictures(p, w, inputs), ws, inputs["direction"], gradient)
    return losses.path_penalty(lengths, mean)


def as_float(pictures: Tensor) -> Tensor:
    """u8 0 … 255 → f32 −1 … 1."""
    return ops.cast(pictures, "float32") / 127.5 - 1.0
