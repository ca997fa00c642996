"""Both networks and what one training step computes of them: pure functions of weights and drawn inputs.

Inputs of a step are a dict of arrays (n pictures):

    z, z_mix     f32[n, z_dim]        latents, and those whose styles are mixed in
    mixed        f32[n, num_ws, 1]    1 where a style comes from z_mix
    noise0 …     f32[n, side, side, 1]  one per convolution layer
    real         u8[n, side, side, 3] pictures of the data set; while taught, those that belong to z
    aug_real.…, aug_fake.…            what `vj.train.augment.draw` drew for each side, where augmentation is on
    direction    f32[n, side, side, 3]  the random picture of path length regularisation
    corner       i32[2]               of the part that a `detail` step draws, at a quarter of the resolution; the last
                                      blocks' noises and the real pictures have the part's size then
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vj.generator import ops, stylegan2
from vj.generator.arch import Arch
from vj.generator.stylegan2 import Tensor, Weights
from vj.train import losses
from vj.train.augment import augment
from vj.train.discriminator import DiscriminatorArch, discriminate
from vj.train.fused import Fused
from vj.train.projected import HeadsArch, Projection, judged

#: A `detail` step sees parts of the picture of this share of its side, and trains the blocks above it.
DETAIL_SCALE = 4
#: Pixels around a part, at the resolution where it is cut out, that the convolutions of two blocks spoil.
DETAIL_BORDER = 4
#: Through a projection colours beyond those of a screen are hardly seen: the generator pays for them itself.
OVERSHOOT_WEIGHT = 10.0
Inputs = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Networks:
    """The shapes of generator and discriminator, and how they are computed.

    relativistic  real and drawn pictures are judged beside one another, and the gradient penalty is at both
    projection    what a discriminator of heads sees through; None for StyleGAN2's
    """

    g: Arch
    d: DiscriminatorArch | HeadsArch
    steps: Fused
    relativistic: bool = False
    projection: Projection | None = None

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
        """The discriminator's logits f32[n] of pictures f32[n, resolution, resolution, 3], −1 … 1, once augmented.

        Through a projection they are f32[n, k]. side  "real" or "fake": which of the augmentations in `inputs` they get
        """
        if self.projection:
            assert isinstance(self.d, HeadsArch)
            return judged(d, self.d, self.projection.features(pictures, self.steps), self.steps)
        assert isinstance(self.d, DiscriminatorArch)
        prefix = f"aug_{side}."
        drawn = {name.removeprefix(prefix): a for name, a in inputs.items() if name.startswith(prefix)}
        pictures = augment(pictures, drawn) if drawn else pictures
        return discriminate(d, self.d, pictures, self.steps)


def teach(nets: Networks, g: Weights, inputs: Inputs) -> tuple[Tensor, dict[str, Tensor]]:
    """(distance of the generator's pictures to those they should be, figures).

    Scalars, but for the figure "w_mean", f32[w_dim]. `g` is named and shaped as `nets.g.tensors()` says, f32[…].
    """
    p = stylegan2.laid_out(g, nets.g)
    ws, w_mean = nets.styles(p, inputs)
    distance = losses.picture_distance(nets.pictures(p, ws, inputs), as_float(inputs["real"]))
    return distance, {"w_mean": w_mean, "distance": distance}


def adversarial(
    nets: Networks, g: Weights, d: Weights, inputs: Inputs, taught_weight: float, taught_side: int
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """(generator's loss, discriminator's loss, figures), from one pass through each network.

    Scalars, but for the figure "w_mean", f32[w_dim]. `g` and `d` are named and shaped as `tensors()` of `nets.g` and
    `nets.d` says, f32[…].

    With `taught_weight` above 0 the generator also keeps its pictures near the real ones, which then belong to z, as
    far as they can be told apart at `taught_side` pixels: finer places are the discriminator's.
    """
    p = stylegan2.laid_out(g, nets.g)
    ws, w_mean = nets.styles(p, inputs)
    fake, real = nets.pictures(p, ws, inputs), as_float(inputs["real"])
    fake_logits = nets.logits(d, fake, inputs, "fake")
    real_logits = nets.logits(d, real, inputs, "real")
    g_loss, d_loss, figures = _contest(nets, fake_logits, real_logits)
    figures["w_mean"] = w_mean
    if nets.projection:
        beyond = losses.overshoot(fake)
        g_loss = g_loss + OVERSHOOT_WEIGHT * beyond
        figures["clipped"] = ops.mean(ops.cast(ops.abs(fake) > 1.0, "float32"))
    if taught_weight:
        coarse = (losses.shrunk(x, taught_side) for x in (fake, real))
        figures["distance"] = losses.picture_distance(*coarse)
        g_loss = g_loss + taught_weight * figures["distance"]
    return g_loss, d_loss, figures


def detail(
    nets: Networks, g: Weights, d: Weights, inputs: Inputs, held_weight: float
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """As `adversarial`, for a part of the picture and the last blocks alone; the figure "w_mean" is f32[w_dim].

    The blocks up to a quarter of the resolution draw the whole picture and are left as they are. A part of it, the
    same for the batch, is drawn to the end; the discriminator sees parts of that size. So fine detail costs what a
    small picture costs. Seen from afar the part stays as the lower blocks drew it.
    """
    p = stylegan2.laid_out(g, nets.g)
    below = nets.g.resolution // DETAIL_SCALE
    low = [side for side in nets.g.resolutions if side <= below]
    high = [side for side in nets.g.resolutions if side > below]
    ws, w_mean = nets.styles(p, inputs)
    ws = ops.stop_gradient(ws)
    noises = [inputs.get(f"noise{i}") for i in range(nets.g.n_conv)]
    start = stylegan2.constant(p, ws.shape[0])
    x, coarse = stylegan2.blocks(p, nets.g, low, ws, noises, start, None, steps=nets.steps)
    x, coarse = (ops.stop_gradient(_part(a, inputs["corner"], detail_side(nets.g))) for a in (x, coarse))
    _, fake = stylegan2.blocks(p, nets.g, high, ws, noises, x, coarse, steps=nets.steps)
    fake = _without_border(fake, DETAIL_BORDER * DETAIL_SCALE)
    coarse = _without_border(coarse, DETAIL_BORDER)
    fake_logits = nets.logits(d, fake, inputs, "fake")
    real_logits = nets.logits(d, as_float(inputs["real"]), inputs, "real")
    g_loss, d_loss, figures = _contest(nets, fake_logits, real_logits)
    figures["distance"] = losses.picture_distance(losses.shrunk(fake, coarse.shape[1]), coarse)
    return g_loss + held_weight * figures["distance"], d_loss, figures | {"w_mean": w_mean}


def detail_side(arch: Arch) -> int:
    """Side of the part that a `detail` step cuts out at a quarter of the resolution, with its border."""
    return arch.resolution // DETAIL_SCALE**2 + 2 * DETAIL_BORDER


def _contest(nets: Networks, fake_logits: Tensor, real_logits: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    if nets.projection:
        g_loss, d_loss = losses.hinge_losses(fake_logits, real_logits)
    elif nets.relativistic:
        g_loss, d_loss = losses.relativistic_losses(fake_logits, real_logits)
    else:
        g_loss, d_loss = losses.generator_loss(fake_logits), losses.discriminator_loss(fake_logits, real_logits)
    figures = {
        "g_loss": g_loss,
        "d_loss": d_loss,
        "fake_logit": ops.mean(fake_logits),
        "real_logit": ops.mean(real_logits),
        "real_sign": ops.mean(ops.sign(real_logits)),
    }
    return g_loss, d_loss, figures


def _part(x: Tensor, corner: Tensor, side: int) -> Tensor:
    """x [n, h, w, c] → [n, side, side, c] from corner i32[2], which need not be known when the step is compiled."""
    zero = ops.zeros((1,), "int32")
    start = ops.concatenate([zero, ops.cast(corner, "int32"), zero])
    return ops.slice(x, start, (x.shape[0], side, side, x.shape[3]))


def _without_border(x: Tensor, border: int) -> Tensor:
    return x[:, border:-border, border:-border]


def penalty(nets: Networks, g: Weights, d: Weights, inputs: Inputs, gradient: losses.Gradient) -> Tensor:
    """The gradient penalty at the step's real pictures u8[n, side, side, 3]: scalar, without its weight γ/2.

    Where `inputs` have a z, the penalty at the pictures drawn from it is added. Through a projection it is at the
    features of the real pictures.
    """
    real = as_float(inputs["real"])
    if nets.projection:
        return _projected_penalty(nets, nets.projection.features(real, nets.steps), d, gradient)
    found = losses.gradient_penalty(lambda x: nets.logits(d, x, inputs, "real"), real, gradient)
    if "z" not in inputs:
        return found
    p = stylegan2.laid_out(g, nets.g)
    fake = ops.stop_gradient(nets.pictures(p, nets.styles(p, inputs)[0], inputs))
    return found + losses.gradient_penalty(lambda x: nets.logits(d, x, inputs, "fake"), fake, gradient)


def _projected_penalty(nets: Networks, features: list[Tensor], d: Weights, gradient: losses.Gradient) -> Tensor:
    assert isinstance(nets.d, HeadsArch)
    arch = nets.d
    return losses.feature_penalty(lambda x: judged(d, arch, x, nets.steps), features, gradient)


def path_length(
    nets: Networks, g: Weights, inputs: Inputs, mean: Tensor, gradient: losses.Gradient
) -> tuple[Tensor, Tensor]:
    """(path length penalty without its weight, the moved running mean), scalars; `g` f32[…] as in `teach`."""
    p = stylegan2.laid_out(g, nets.g)
    ws, _ = nets.styles(p, inputs)
    lengths = losses.path_lengths(lambda w: nets.pictures(p, w, inputs), ws, inputs["direction"], gradient)
    return losses.path_penalty(lengths, mean)


def as_float(pictures: Tensor) -> Tensor:
    """u8[…] 0 … 255 → f32[…] −1 … 1."""
    return ops.cast(pictures, "float32") / 127.5 - 1.0
