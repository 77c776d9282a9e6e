"""Optimizers of Keras that move chosen variables by a share of the rate, on one device or several."""

import keras
import tensorflow as tf

from figureground.models.batch_norm import replicas


def layerwise(optimizer: type[keras.optimizers.Optimizer]) -> type[keras.optimizers.Optimizer]:
    """The same optimizer, which moves chosen variables by a share of the rate.

    On several devices, gradients are summed before anything else is done with them: Keras clips
    them on each device first, and their sum then moves weights further than one device would.
    On one, TensorFlow works out the rate and the mean's momentum of Adam and AdamW once a step, in
    place of once a variable, and a variable's step in one operation, without asking a strategy about
    each: a graph of a third of the size, which is ready in a third of the time.
    """
    return type("Layerwise", (_Layerwise, optimizer), {})


class _Layerwise(keras.optimizers.Optimizer):
    """What `layerwise` adds to an optimizer."""

    shares: dict[str, float]
    now = None  # rate of the step that is worked out, and powers of both betas

    def _backend_apply_gradients(self, grads, trainable_variables):
        fused = keras.backend.backend() == "tensorflow" and replicas() == 1
        if not (fused and isinstance(self, keras.optimizers.Adam)):
            super()._backend_apply_gradients(_summed(grads), trainable_variables)
            return
        count = tf.cast(self.iterations, tf.float32) + 1
        self.now = (
            tf.cast(self.learning_rate, tf.float32),
            self.beta_1**count,
            self.beta_2**count,
        )
        try:
            super()._backend_apply_gradients(grads, trainable_variables)
        finally:
            self.now = None

    def _get_current_learning_rate(self):
        return super()._get_current_learning_rate() if self.now is None else self.now[0]

    def _update_model_variables_moving_average(self, trainable_variables):
        if self.now is None:
            super()._update_model_variables_moving_average(trainable_variables)
            return
        old = tf.cast(self.iterations != 0, tf.float32) * self.ema_momentum
        new = 1 - old
        means = self._model_variables_moving_average
        for variable, mean in zip(trainable_variables, means, strict=True):
            if mean is not None:
                mean.assign(old * mean.value + new * variable.value)

    def _all_reduce_sum_gradients(self, grads_and_vars):
        return grads_and_vars

    def _apply_weight_decay(self, variables):
        if self.now is None or not self.weight_decay:
            super()._apply_weight_decay(variables)
            return
        for variable in variables:
            if self._use_weight_decay(variable):
                tensor = variable.value
                tensor.assign_sub(tensor * self.weight_decay * self.now[0])

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        if self.now is None:
            super()._backend_update_step(grads, trainable_variables, learning_rate)
            return
        for gradient, variable in zip(grads, trainable_variables, strict=True):
            self.update_step(gradient, variable.value, learning_rate)

    def update_step(self, gradient, variable, learning_rate):
        share = self.shares.get(self._var_key(variable), 1.0)
        rate = learning_rate if share == 1 else learning_rate * share
        if self.now is None:
            super().update_step(gradient, variable, rate)
            return
        place = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=self.now[1],
            beta2_power=self.now[2],
            lr=rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


def _summed(gradients):
    """The sums of gradients over all devices, where there are several."""
    if keras.backend.backend() != "tensorflow":
        return gradients
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return gradients
    sums = replica.all_reduce(tf.distribute.ReduceOp.SUM, list(gradients))
    with tf.control_dependencies(sums):  # all of them, or no weight moves: a worker may be lost
        return [tf.identity(each) for each in sums]
