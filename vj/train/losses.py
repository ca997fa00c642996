"""The losses, on logits, pictures and weights; the same under TensorFlow and JAX.

Non-saturating logistic loss: Goodfellow et al., "Generative Adversarial Nets", 2014. R1: Mescheder et al., "Which
Training Methods for GANs do actually Converge?", 2018. Relativistic loss with R1 and R2: Huang et al., "The GAN is
dead; long live the GAN!", NeurIPS 2024. Path length: Karras et al. 2020 (StyleGAN2), section 3.2.
"""

from collections.abc import Callable
from typing import Any

from vj.generator import ops
from vj.generator.stylegan2 import Tensor

#: gradient(f, x): the gradient of the scalar f(x) at x, itself differentiable.
Gradient = Callable[[Callable[[Tensor], Tensor], Tensor], Tensor]


def generator_loss(fake_logits: Tensor) -> Tensor:
    """Mean of −log sigmoid(logits) over logits f32[n]: scalar."""
    return ops.mean(ops.softplus(-fake_logits))


def discriminator_loss(fake_logits: Tensor, real_logits: Tensor) -> Tensor:
    """Mean of −log(1 − sigmoid(fake)) − log sigmoid(real) over logits f32[n] of each: scalar."""
    return ops.mean(ops.softplus(fake_logits)) + ops.mean(ops.softplus(-real_logits))


def hinge_losses(fake_logits: Tensor, real_logits: Tensor) -> tuple[Tensor, Tensor]:
    """(generator's, discriminator's), scalars, of logits f32[n, k] of each: the discriminator wants real above 1.

    And drawn below −1; what is beyond that teaches it nothing more (Lim and Ye, "Geometric GAN", 2017).
    """
    apart = ops.mean(ops.relu(1.0 + fake_logits)) + ops.mean(ops.relu(1.0 - real_logits))
    return -ops.mean(fake_logits), apart


def overshoot(pictures: Tensor) -> Tensor:
    """Mean distance by which f32[n, h, w, 3] lies outside of −1 … 1, where a screen clips: scalar."""
    return ops.mean(ops.relu(ops.abs(pictures) - 1.0))


def relativistic_losses(fake_logits: Tensor, real_logits: Tensor) -> tuple[Tensor, Tensor]:
    """(generator's, discriminator's), scalars, of logits f32[n] of drawn pictures and of the real ones beside them.

    Each picture is judged against the one beside it, never by itself, so that leaving a kind out never pays.
    """
    ahead = fake_logits - real_logits
    return ops.mean(ops.softplus(-ahead)), ops.mean(ops.softplus(ahead))


def gradient_penalty(logits_of: Callable[[Tensor], Tensor], pictures: Tensor, gradient: Gradient) -> Tensor:
    """Mean squared length of the gradient of `logits_of`, f32[n, h, w, 3] → f32[n], at pictures f32[n, h, w, 3].

    A scalar, without its weight γ/2. At real pictures it is R1, at drawn ones R2.
    """
    slope = gradient(lambda x: ops.sum(logits_of(x)), pictures)
    return ops.mean(ops.sum(ops.square(slope), axis=(1, 2, 3)))


def feature_penalty(
    logits_of: Callable[[list[Tensor]], Tensor], features: list[Tensor], gradient: Callable[..., Any]
) -> Tensor:
    """As `gradient_penalty`, at features f32[n, h, w, c] of several depths, `logits_of` them f32[n, k]: scalar.

    Each picture's logits are averaged first, so that the weight means the same for any number of them.
    """
    slopes = gradient(lambda x: ops.sum(ops.mean(logits_of(x), axis=1)), features)
    return sum(ops.mean(ops.sum(ops.square(slope), axis=(1, 2, 3))) for slope in slopes)


def path_lengths(pictures_of: Callable[[Tensor], Tensor], ws: Tensor, noise: Tensor, gradient: Gradient) -> Tensor:
    """How far a picture moves, seen along the random picture `noise`, as its styles move: f32[n].

    pictures_of  f32[n, num_ws, w_dim] → f32[n, h, w, 3]
    ws           f32[n, num_ws, w_dim]
    noise        f32[n, h, w, 3], normal
    """
    side = noise.shape[1] * noise.shape[2]
    slope = gradient(lambda w: ops.sum(pictures_of(w) * noise) / side**0.5, ws)
    return ops.sqrt(ops.mean(ops.sum(ops.square(slope), axis=2), axis=1))


def path_penalty(lengths: Tensor, mean: Tensor, decay: float = 0.01) -> tuple[Tensor, Tensor]:
    """(mean squared distance of lengths f32[n] from their running mean, the mean moved by `decay`): scalars.

    `mean` is the running mean before this step; no gradient flows through what is returned of it.
    """
    moved = mean + decay * (ops.mean(lengths) - mean)
    return ops.mean(ops.square(lengths - moved)), ops.stop_gradient(moved)


def picture_distance(pictures: Tensor, targets: Tensor) -> Tensor:
    """Mean absolute difference, summed over the levels of a Laplacian pyramid down to 4×4: scalar.

    Both are f32[n, side, side, 3], with a side that is a power of two from 4.

    The plain difference is ruled by large areas of colour; here edges and texture count as much at their own scale
    (the Lap1 distance of Bojanowski et al., "Optimizing the Latent Space of Generative Networks", 2018).
    """
    difference, total = pictures - targets, 0.0
    while difference.shape[1] > 4:
        coarse = halved(difference)
        again = ops.repeat(ops.repeat(coarse, 2, axis=1), 2, axis=2)
        total = total + ops.mean(ops.abs(difference - again))
        difference = coarse
    return total + ops.mean(ops.abs(difference))


def shrunk(x: Tensor, side: int) -> Tensor:
    """f32[n, h, w, c], halved by `halved` until it has at most `side` rows."""
    while x.shape[1] > side:
        x = halved(x)
    return x


def halved(x: Tensor) -> Tensor:
    """f32[n, h, w, c] → f32[n, h/2, w/2, c], the mean of every 2×2; h and w are even."""
    n, h, w, c = x.shape
    return ops.mean(ops.reshape(x, (n, h // 2, 2, w // 2, 2, c)), axis=(2, 4))
