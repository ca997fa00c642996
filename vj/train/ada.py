"""How much a discriminator's view is augmented: as much as keeps it from knowing the data set by heart.

Karras et al. 2020 (arXiv 2006.06676), section 3: r_t, the mean sign of the logits of real pictures, is 0 where the
discriminator cannot tell, 1 where it knows every one. Above a target the probability p grows, below it shrinks.
"""

from collections.abc import Mapping

#: Steps between changes of p.
EVERY = 4
#: What a checkpoint keeps: p 0..1, and the sum and count of the signs heard since p last changed.
Ada = Mapping[str, float]
START: Ada = {"p": 0.0, "signs": 0.0, "count": 0.0}


def heard(ada: Ada, real_sign: float, batch: int, target: float, kimg: float) -> Ada:
    """After a step whose batch of real pictures had logits of this mean sign, −1..1.

    target  of the mean sign; 0 leaves p as it is
    kimg    thousand pictures over which p may go from 0 to 1
    """
    if not target:
        return ada
    signs, count = ada["signs"] + real_sign, ada["count"] + 1.0
    if count < EVERY:
        return {"p": ada["p"], "signs": signs, "count": count}
    step = EVERY * batch / (kimg * 1000.0)
    error = signs / count - target
    p = ada["p"] + (step if error > 0 else -step if error < 0 else 0.0)
    return {"p": min(max(p, 0.0), 1.0), "signs": 0.0, "count": 0.0}
