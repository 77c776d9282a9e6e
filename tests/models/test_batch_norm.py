"""Fused batch normalisation is Keras's own, only quicker."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from figureground.models.batch_norm import BatchNormalization

BATCH = np.random.default_rng(0).normal(2.0, 3.0, (4, 6, 5, 16)).astype(np.float32)


def trained(kind: type[keras.layers.Layer]) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Output, gradients of gamma and beta, and moving averages after one step of training."""
    layer = kind(momentum=0.9, epsilon=1e-3)
    layer.build(BATCH.shape)
    layer.gamma.assign(np.linspace(0.5, 2.0, 16))
    layer.beta.assign(np.linspace(-1.0, 1.0, 16))
    with tf.GradientTape() as tape:
        y = layer(BATCH, training=True)
        loss = tf.reduce_sum(y**3)
    gradients = tape.gradient(loss, [layer.gamma.value, layer.beta.value])
    averages = np.stack([layer.moving_mean.numpy(), layer.moving_variance.numpy()])
    return np.asarray(y), [np.asarray(g) for g in gradients], averages


def test_it_trains_as_the_layer_it_replaces() -> None:
    (ours, slopes, averages) = trained(BatchNormalization)
    (theirs, wanted, means) = trained(keras.layers.BatchNormalization)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    for slope, want in zip(slopes, wanted, strict=True):
        np.testing.assert_allclose(slope, want, rtol=1e-3, atol=1e-2)
    count = BATCH[..., 0].size
    np.testing.assert_allclose(averages[0], means[0], rtol=1e-4)
    unbiased = 0.9 + (means[1] - 0.9) * count / (count - 1)
    np.testing.assert_allclose(averages[1], unbiased, rtol=1e-4)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_in_half_precision_it_learns_the_averages_of_whole_precision(precision: str) -> None:
    averages, before = [], BATCH * 30 + 100  # squares of these are beyond float16
    for dtype in ("float32", precision):
        layer = BatchNormalization(momentum=0.9, dtype=dtype)
        layer.build(before.shape)
        y = layer(tf.cast(before, layer.compute_dtype), training=True)
        assert y.dtype == layer.compute_dtype and np.isfinite(np.asarray(y, np.float32)).all()
        assert layer.moving_variance.dtype == "float32"
        averages.append(np.stack([layer.moving_mean.numpy(), layer.moving_variance.numpy()]))
    np.testing.assert_allclose(averages[1], averages[0], rtol=0.02)


@pytest.mark.parametrize("frozen", [False, True])
def test_outside_training_and_frozen_it_uses_what_it_has_learnt(frozen: bool) -> None:
    layer = BatchNormalization()
    layer.build(BATCH.shape)
    layer.trainable = not frozen
    y = layer(BATCH, training=frozen)
    np.testing.assert_allclose(np.asarray(y), BATCH / np.sqrt(1 + 1e-3), rtol=1e-5)
    assert layer.moving_mean.numpy().max() == 0


def test_weights_are_kept_under_the_name_of_what_it_replaces() -> None:
    assert BatchNormalization.__name__ == keras.layers.BatchNormalization.__name__
