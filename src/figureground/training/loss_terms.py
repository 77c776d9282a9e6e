"""Losses of a matte, one function each: per image and matte, zero where a hard truth is met.

truth and weights: (B, H, W, 1); alphas: (B, H, W, K); each returns (B, K).
"""

import numpy as np
from keras import ops

FOCUS = 2.0  # how much focal passes over what is nearly right
MISSED, INVENTED = 0.7, 0.3  # what Tversky's index asks for lost and for added people
LEVELS = 5  # of the Laplacian pyramid
REACH = 5  # pixels, odd: outlines nearer than half of it count as met
SMOOTH = 0.005  # share of the image; keeps empty images from asking for the impossible
BINOMIAL = np.array([1, 4, 6, 4, 1], np.float32) / 16


def _mean(values, weights):
    return ops.sum(weights * values, axis=(1, 2)) / ops.sum(weights, axis=(1, 2))


def binary_cross_entropy(truth, alphas, weights):
    """Mean over weighted pixels."""
    alphas = ops.clip(alphas, 1e-6, 1 - 1e-6)
    loss = -(truth * ops.log(alphas) + (1 - truth) * ops.log(1 - alphas))
    return _mean(loss, weights)


def focal(truth, alphas, weights):
    """Cross-entropy that counts by how wrong a pixel is, soft truth allowed.

    Source: quality focal loss, Li et al., "Generalized Focal Loss", NeurIPS 2020.
    """
    alphas = ops.clip(alphas, 1e-6, 1 - 1e-6)
    loss = -(truth * ops.log(alphas) + (1 - truth) * ops.log(1 - alphas))
    return _mean(ops.abs(truth - alphas) ** FOCUS * loss, weights)


def dice(truth, alphas, weights):
    """Soft Dice loss over weighted pixels.

    Squared terms in the denominator keep a soft matte's own best answer at zero loss.
    Source: Milletari et al., "V-Net", 3DV 2016.
    """
    smooth = SMOOTH * ops.sum(weights, axis=(1, 2))
    overlap = ops.sum(weights * truth * alphas, axis=(1, 2))
    total = ops.sum(weights * (truth**2 + alphas**2), axis=(1, 2))
    return 1 - (2 * overlap + smooth) / (total + smooth)


def tversky(truth, alphas, weights):
    """Dice that asks more for people lost than for people invented.

    Source: Salehi et al., "Tversky loss function", MLMI 2017.
    """
    smooth = SMOOTH * ops.sum(weights, axis=(1, 2))
    met = ops.sum(weights * truth * alphas, axis=(1, 2))
    missed = ops.sum(weights * truth * (1 - alphas), axis=(1, 2))
    invented = ops.sum(weights * (1 - truth) * alphas, axis=(1, 2))
    return 1 - (met + smooth) / (met + MISSED * missed + INVENTED * invented + smooth)


def boundary(truth, alphas, weights):
    """One minus the F1 score of the outlines, met within two pixels.

    Source: Bokhovkin & Burnaev, "Boundary Loss for Remote Sensing", ISNN 2019.
    """
    true, ours = _outline(truth), _outline(alphas)
    smooth = 1e-4 * ops.sum(weights, axis=(1, 2))
    near_truth = ops.max_pool(true, REACH, 1, padding="same")
    near_ours = ops.max_pool(ours, REACH, 1, padding="same")
    precision = ops.sum(weights * ours * near_truth, axis=(1, 2)) + smooth
    precision /= ops.sum(weights * ours, axis=(1, 2)) + smooth
    recall = ops.sum(weights * true * near_ours, axis=(1, 2)) + smooth
    recall /= ops.sum(weights * true, axis=(1, 2)) + smooth
    return 1 - 2 * precision * recall / (precision + recall)


def _outline(alphas):
    """The person's outermost pixel: what a 3x3 erosion takes away."""
    return ops.max_pool(1 - alphas, 3, 1, padding="same") - (1 - alphas)


def laplacian(truth, alphas, weights):
    """Differences of two Laplacian pyramids, coarse levels weighing twice the finer: soft edges.

    Source: Hou & Liu, "Context-Aware Image Matting", ICCV 2019; Burt & Adelson, 1983.
    """
    rest, total = truth - alphas, 0.0  # the pyramid is linear: that of the difference will do
    for level in range(LEVELS):
        if min(rest.shape[1:3]) < 8:
            break
        coarse = _blur(rest)[:, ::2, ::2]
        back = ops.repeat(ops.repeat(coarse, 2, axis=1), 2, axis=2)
        back = _blur(back[:, : rest.shape[1], : rest.shape[2]])
        total += 2**level * _mean(ops.abs(rest - back), weights)
        rest, weights = coarse, weights[:, ::2, ::2]
    return total


def _blur(x):
    """Binomial, five pixels wide, dark beyond the borders; (B, H, W, K) to the same."""
    kernel = np.tile(BINOMIAL[:, None, None, None], (1, 1, x.shape[-1], 1))
    x = ops.depthwise_conv(x, kernel, padding="same")
    return ops.depthwise_conv(x, kernel.transpose(1, 0, 2, 3), padding="same")


TERMS = {
    "bce": binary_cross_entropy,
    "boundary": boundary,
    "dice": dice,
    "focal": focal,
    "laplacian": laplacian,
    "tversky": tversky,
}
