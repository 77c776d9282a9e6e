"""What the network is judged by while it learns: functions of truth and prediction."""

import keras
from keras import ops

# The last matte is the answer; the others only guide the decoder on the way to it.
HEAD_WEIGHTS = (0.25, 0.25, 0.5, 1.0)


def binary_cross_entropy(truth, alphas):
    """Mean over pixels, per picture and matte; (B, H, W, 1), (B, H, W, K) to (B, K)."""
    alphas = ops.clip(alphas, 1e-6, 1 - 1e-6)
    loss = -(truth * ops.log(alphas) + (1 - truth) * ops.log(1 - alphas))
    return ops.mean(loss, axis=(1, 2))


def dice(truth, alphas):
    """Soft Dice loss, per picture and matte; (B, H, W, 1), (B, H, W, K) to (B, K).

    Squared terms in the denominator keep a soft matte's own best answer at zero loss. The constant,
    a share of the picture, keeps pictures without people from asking for the impossible.
    Source: Milletari et al., "V-Net", 3DV 2016.
    """
    pixels = ops.cast(ops.shape(truth)[1] * ops.shape(truth)[2], "float32")
    smooth = 0.005 * pixels
    overlap = ops.sum(truth * alphas, axis=(1, 2))
    total = ops.sum(truth**2, axis=(1, 2)) + ops.sum(alphas**2, axis=(1, 2))
    return 1 - (2 * overlap + smooth) / (total + smooth)


@keras.saving.register_keras_serializable("figureground")
class MatteLoss(keras.losses.Loss):
    """BCE + Dice on every matte, weighted by head; zero where all mattes equal a hard truth."""

    def call(self, y_true, y_pred):
        per_head = binary_cross_entropy(y_true, y_pred) + dice(y_true, y_pred)
        weights = ops.convert_to_tensor(HEAD_WEIGHTS, "float32")
        return ops.sum(per_head * weights, axis=-1) / ops.sum(weights)


@keras.saving.register_keras_serializable("figureground")
def iou(y_true, y_pred):
    """IoU of the last matte at 0.5, per picture; one where both are empty. To (B,)."""
    truth, person = y_true[..., 0] > 0.5, y_pred[..., -1] > 0.5
    both = ops.sum(ops.cast(ops.logical_and(truth, person), "float32"), axis=(1, 2))
    either = ops.sum(ops.cast(ops.logical_or(truth, person), "float32"), axis=(1, 2))
    return (both + 1e-3) / (either + 1e-3)
