"""Batch normalisation that TensorFlow computes in one step, and other backends of Keras alike."""

import keras
from keras import layers, ops

TENSORFLOW = keras.backend.backend() == "tensorflow"
if TENSORFLOW:
    import tensorflow as tf


@keras.saving.register_keras_serializable("figureground")
class BatchNormalization(layers.BatchNormalization):
    """Keras's batch normalisation over (B, H, W, C), several times as fast to train on a processor.

    Keras composes moments, scale and their gradients of a dozen passes over the tensor; the fused
    operation of TensorFlow, which oneDNN computes, takes four. Weights, arguments and, to rounding,
    results are the same; the moving variance takes the unbiased variance of the batch, with JAX and
    PyTorch too.
    On several devices of `tf.distribute` the statistics are those of the whole batch.
    It keeps the name of what it replaces, under which files of weights know it.
    Source: Ioffe & Szegedy, "Batch Normalization", ICML 2015.
    """

    def call(self, inputs, training=None, mask=None):
        # Processors cannot join the fused one with a ReLU in float16.
        half = keras.backend.standardize_dtype(inputs.dtype) == "float16"
        shared = replicas() > 1
        if not (training and self.trainable) or (half and not shared):
            return super().call(inputs, training=training, mask=mask)
        fused = TENSORFLOW and not shared
        y, mean, variance = self._fused(inputs) if fused else self._composed(inputs)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return y

    def _fused(self, inputs):
        return tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma.value, self.beta.value, epsilon=self.epsilon, is_training=True
        )

    def _composed(self, inputs):
        x = ops.cast(inputs, "float32")
        mean = _mean(ops.mean(x, axis=(0, 1, 2)))
        variance = _mean(ops.mean(ops.square(x - mean), axis=(0, 1, 2)))
        y = ops.batch_normalization(
            x, mean, variance, axis=-1, offset=self.beta, scale=self.gamma, epsilon=self.epsilon
        )
        batch, rows, columns, _ = ops.shape(x)
        count = batch * rows * columns * replicas()
        return ops.cast(y, inputs.dtype), mean, variance * count / (count - 1)


def replicas() -> int:
    """How many devices share a batch where this is called."""
    return tf.distribute.get_strategy().num_replicas_in_sync if TENSORFLOW else 1


def _mean(values):
    """The mean over all devices, whose shares of the batch are equal, of what each found."""
    if replicas() == 1 or tf.distribute.in_cross_replica_context():
        return values
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, values)
