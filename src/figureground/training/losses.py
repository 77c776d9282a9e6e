"""What the network is judged by while it learns: functions of truth and prediction."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import ops

from figureground.training.loss_terms import TERMS


def edge_weights(truth, edge: float):
    """How much each pixel counts: 1 in even regions, up to 1 + `edge` where the truth changes.

    The change is measured against the mean of a window of a twelfth of the side: edges, thin limbs
    and gaps weigh most. truth: (B, H, W, 1), to the same shape.
    Source: Wei et al., "F3Net", AAAI 2020.
    """
    window = (truth.shape[1] // 12) | 1
    down, across = _window_means(truth.shape[1], window), _window_means(truth.shape[2], window)
    mean = ops.einsum("ij,bjkc,lk->bilc", down, truth, across)
    return 1 + edge * ops.abs(mean - truth)


def _window_means(length: int, window: int) -> np.ndarray:
    """A matrix that takes means of `window` neighbours, fewer at the ends; a product is many times
    as fast as TensorFlow's pooling. (length, length), float32.
    """
    places = np.arange(length)
    near = np.abs(places[:, None] - places) <= window // 2
    return (near / near.sum(axis=1, keepdims=True)).astype(np.float32)


def unknown_weights(truth, unknown: float):
    """1 for surely person or background, 1 + `unknown` for what is neither: hair, blur.

    truth: (B, H, W, 1), to the same shape.
    """
    soft = ops.logical_and(truth > 0.02, truth < 0.98)
    return 1 + unknown * ops.cast(soft, truth.dtype)


@keras.saving.register_keras_serializable("figureground")
class MatteLoss(keras.losses.Loss):
    """A weighted sum of losses on every matte, then their weighted mean.

    Args:
        losses: weights of the terms, by the names in `loss_terms.TERMS`.
        heads: weights of the mattes; the last is the answer, the others only guide the decoder.
        edge: how much more than others the pixels around an edge count; see `edge_weights`.
        unknown: how much more those that are neither person nor background count.
    """

    def __init__(
        self,
        losses: Mapping[str, float],
        heads: Sequence[float],
        *,
        edge: float = 0.0,
        unknown: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.losses = dict(losses)
        self.heads = tuple(heads)
        self.edge = edge
        self.unknown = unknown

    def get_config(self):
        own = {
            "losses": self.losses, "heads": self.heads, "edge": self.edge, "unknown": self.unknown
        }  # fmt: skip
        return {**super().get_config(), **own}

    def call(self, y_true, y_pred):
        pixels = edge_weights(y_true, self.edge) * unknown_weights(y_true, self.unknown)
        per_head = sum(
            weight * TERMS[name](y_true, y_pred, pixels)
            for name, weight in self.losses.items()
            if weight
        )
        weights = ops.convert_to_tensor(self.heads, "float32")
        return ops.sum(per_head * weights, axis=-1) / ops.sum(weights)


@keras.saving.register_keras_serializable("figureground")
def iou(y_true, y_pred):
    """IoU of the last matte at 0.5, per image; one where both are empty. To (B,)."""
    truth, person = y_true[..., 0] > 0.5, y_pred[..., -1] > 0.5
    both = ops.sum(ops.cast(ops.logical_and(truth, person), "float32"), axis=(1, 2))
    either = ops.sum(ops.cast(ops.logical_or(truth, person), "float32"), axis=(1, 2))
    return (both + 1e-3) / (either + 1e-3)
