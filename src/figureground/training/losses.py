"""What the network is judged by while it learns: functions of truth and prediction."""

import keras
from keras import ops

# The last matte is the answer; the others only guide the decoder on the way to it.
HEAD_WEIGHTS = (0.25, 0.25, 0.5, 1.0)


def edge_weights(truth, edge: float):
    """How much each pixel counts: 1 in even regions, up to 1 + `edge` where the truth changes.

    The change is measured against the mean of a window of a twelfth of the side: edges, thin limbs
    and gaps weigh most. truth: (B, H, W, 1), to the same shape.
    Source: Wei et al., "F3Net", AAAI 2020.
    """
    window = (truth.shape[1] // 12) | 1
    mean = ops.average_pool(truth, (window, 1), 1, padding="same")
    mean = ops.average_pool(mean, (1, window), 1, padding="same")
    return 1 + edge * ops.abs(mean - truth)


def binary_cross_entropy(truth, alphas, weights):
    """Mean over weighted pixels, per picture and matte.

    truth and weights: (B, H, W, 1); alphas: (B, H, W, K); returns (B, K).
    """
    alphas = ops.clip(alphas, 1e-6, 1 - 1e-6)
    loss = -(truth * ops.log(alphas) + (1 - truth) * ops.log(1 - alphas))
    return ops.sum(weights * loss, axis=(1, 2)) / ops.sum(weights, axis=(1, 2))


def dice(truth, alphas, weights):
    """Soft Dice loss over weighted pixels, per picture and matte; shapes as above.

    Squared terms in the denominator keep a soft matte's own best answer at zero loss. The constant,
    a share of the picture, keeps pictures without people from asking for the impossible.
    Source: Milletari et al., "V-Net", 3DV 2016.
    """
    smooth = 0.005 * ops.sum(weights, axis=(1, 2))
    overlap = ops.sum(weights * truth * alphas, axis=(1, 2))
    total = ops.sum(weights * (truth**2 + alphas**2), axis=(1, 2))
    return 1 - (2 * overlap + smooth) / (total + smooth)


@keras.saving.register_keras_serializable("figureground")
class MatteLoss(keras.losses.Loss):
    """BCE + Dice on every matte, weighted by head; zero where all mattes equal a hard truth.

    edge: how much more than others the pixels around an edge count; see `edge_weights`.
    """

    def __init__(self, edge: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.edge = edge

    def get_config(self):
        return {**super().get_config(), "edge": self.edge}

    def call(self, y_true, y_pred):
        pixels = edge_weights(y_true, self.edge)
        per_head = binary_cross_entropy(y_true, y_pred, pixels) + dice(y_true, y_pred, pixels)
        weights = ops.convert_to_tensor(HEAD_WEIGHTS, "float32")
        return ops.sum(per_head * weights, axis=-1) / ops.sum(weights)


@keras.saving.register_keras_serializable("figureground")
def iou(y_true, y_pred):
    """IoU of the last matte at 0.5, per picture; one where both are empty. To (B,)."""
    truth, person = y_true[..., 0] > 0.5, y_pred[..., -1] > 0.5
    both = ops.sum(ops.cast(ops.logical_and(truth, person), "float32"), axis=(1, 2))
    either = ops.sum(ops.cast(ops.logical_or(truth, person), "float32"), axis=(1, 2))
    return (both + 1e-3) / (either + 1e-3)
