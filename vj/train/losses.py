"""The losses, on logits, pictures and weights; the same under TensorFlow and JAX.

Non-saturating logistic loss: Goodfellow et al., "Generative Adversarial Nets", 2014. R1: Mescheder et al., "Which
Training Methods for GANs do actually Converge?", 2018. Relativistic loss with R1 and R2: Huang et al., "The GAN is
dead; long live the GAN!", NeurIPS 2024. Path length: Karras et al. 2020 (StyleGAN2), section 3.2.
"""

from collections.abc import Callable

from vj.generator import ops
from vj.generator.stylegan2 import Tensor

#: gradient(f, x): the gradient of the scalar f(x) at x, itself differentiable.
Gradient = Callable[[Callable[[Tensor], Tensor], Tensor], Tensor]


def generator_loss(fake_logits: Tensor) -> Tensor:
    """Mean of −log sigmoid(logits): scalar."""
    return ops.mean(ops.softplus(-fake_logits))


def discriminator_loss(fake_logits: Tensor, real_logits: Tensor) -> Tensor:
    """Mean of −log(1 − sigmoid(fake)) − log sigmoid(real): scalar."""
    return ops.mean(ops.softplus(fake_logits)) + ops.mean(ops.softplus(-real_logits))


def relativistic_losses(fake_logits: Tensor, real_logits: Tensor) -> tuple[Tensor, Tensor]:
    """(generator's, discriminator's): how far each drawn picture seems more real than the real one beside it, and the
    reverse. No picture is judged by itself, so that leaving a kind out never pays."""
    ahead = fake_logits - real_logits
    return ops.mean(ops.softplus(-ahead)), ops.mean(ops.softplus(ahead))


def gradient_penalty(logits_of: Callable[[Tensor], Tensor], pictures: Tensor, gradient: Gradient) -> Tensor:
    """Mean over the batch of the squared length of the logits' gradient at pictures: scalar, without γ/2. At real ones
    it is R1, at drawn ones R2."""
    slope = gradient(lambda x: ops.sum(logits_of(x)), pictures)
    return ops.mean(ops.sum(ops.square(slope), axis=(1, 2, 3)))


def path_lengths(pictures_of: Callable[[Tensor], Tensor], ws: Tensor, noise: Tensor, gradient: Gradient) -> Tensor:
    """How far a picture moves, seen along the random picture `noise` [n, h, w, 3], as its styles move: f32[n]."""
    side = noise.shape[1] * noise.shape[2]
    slope = gradient(lambda w: ops.sum(pictures_of(w) * noise) / side**0.5, ws)
    return ops.sqrt(ops.mean(ops.sum(ops.square(slope), axis=2), axis=1))


def path_penalty(lengths: Tensor, mean: Tensor, decay: float = 0.01) -> tuple[Tensor, Tensor]:
    """(mean squared distance of the lengths from their running mean, the running mean moved by `decay`)."""
    moved = mean + decay * (ops.mean(lengths) - mean)
    return ops.mean(ops.square(lengths - moved)), ops.stop_gradient(moved)


def picture_distance(pictures: Tensor, targets: Tensor) -> Tensor:
    """Mean absolute difference, summed over the levels of a Laplacian pyramid down to 4×4: scalar.

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
    """[n, h, w, c] → at most `side` pixels a side, by means of 2×2."""
    while x.shape[1] > side:
        x = halved(x)
    return x


def halved(x: Tensor) -> Tensor:
    """[n, h, w, c] → [n, h/2, w/2, c], the mean of every 2×2."""
    n, h, w, c = x.shape
    return ops.mean(ops.reshape(x, (n, h // 2, 2, w // 2, 2, c)), axis=(2, 4))
