"""How a network takes its steps: learning rate, optimizer, and the mean of its weights."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np
from keras import ops

from figureground.models.network import encoder_layers
from figureground.training.layerwise import layerwise
from figureground.training.losses import MatteLoss, iou
from figureground.training.recipe import Recipe

FORGOTTEN = 5.0  # a run lasts as many times as long as its mean of weights remembers


@keras.saving.register_keras_serializable("figureground")
class Rate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of a batch: a warm-up, then a cosine to zero or a constant, times `share`.

    Keras counts batches here, also where several make one step of the optimizer.

    Args:
        recipe: schedule, rate, warm-up and lowest rate are taken from it.
        steps: batches an epoch.
        first: epoch that the optimizer's own count begins with.
    """

    def __init__(self, recipe: Recipe, steps: int, first: int) -> None:
        super().__init__()
        self.recipe = recipe
        self.begin = first * steps
        self.warmup = max(1.0, recipe.warmup * steps)
        self.total = recipe.epochs * steps
        self.share = keras.Variable(1.0, trainable=False, name="share")  # falls on a plateau

    def __call__(self, step):
        step = ops.cast(step, "float32") + self.begin
        rate = self.recipe.learning_rate * self.share
        if self.recipe.min_learning_rate:
            rate = ops.maximum(rate, min(self.recipe.min_learning_rate, self.recipe.learning_rate))
        if self.recipe.schedule == "cosine":
            done = (step - self.warmup) / max(1.0, self.total - self.warmup)
            rate *= 0.5 * (1 + ops.cos(3.14159265 * ops.clip(done, 0.0, 1.0)))
        return rate * ops.minimum(1.0, step / self.warmup) if self.recipe.warmup else rate

    def scale(self, network: keras.Model, share: float) -> None:
        """Multiply the rate that `network` learns at by `share`, from now on."""
        changed = share != float(ops.convert_to_numpy(self.share))
        self.share.assign(share)
        if changed and keras.backend.backend() == "jax":  # it compiled the one before into a step
            network.make_train_function(force=True)

    def get_config(self):
        return {"rate": self.recipe.learning_rate}


def _shares(network: keras.Model, recipe: Recipe) -> Iterator[tuple[keras.layers.Layer, float]]:
    """The encoder's layers and their shares of the rate, in equal ratios from first to last.

    Source: discriminative fine-tuning, Howard & Ruder, "ULMFiT", ACL 2018.
    """
    learning = [layer for layer in encoder_layers(network) if layer.variables]
    for number, layer in enumerate(learning):
        depth = 1 - number / max(1, len(learning) - 1)  # 1 for the first, 0 for the last
        yield layer, recipe.encoder_lr_scale * recipe.first_layer_lr_scale**depth


def compile_network(network: keras.Model, recipe: Recipe, steps: int, first: int = 0) -> Rate:
    """Give a network its loss and its optimizer, built; returns the rate it follows.

    Adam, Kingma & Ba, ICLR 2015; AdamW, Loshchilov & Hutter, ICLR 2019.

    Args:
        network: what of it is trainable will learn.
        recipe: what decides the run.
        steps: batches an epoch.
        first: epoch that the optimizer begins with.
    """
    rate = Rate(recipe, steps, first)
    shared = {
        "global_clipnorm": recipe.gradient_clip_norm or None,
        "use_ema": recipe.ema_momentum > 0,
        "ema_momentum": ema_momentum(recipe, steps),
        "gradient_accumulation_steps": recipe.gradient_accumulation_steps
        if recipe.gradient_accumulation_steps > 1
        else None,
    }
    if recipe.optimizer == "adamw":
        kind = layerwise(keras.optimizers.AdamW)
        optimizer = kind(rate, weight_decay=recipe.weight_decay, **shared)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    else:
        optimizer = layerwise(keras.optimizers.Adam)(rate, **shared)
    optimizer.shares = {
        optimizer._var_key(variable): share
        for layer, share in _shares(network, recipe)
        for variable in layer.variables
    }
    # A metric that Keras has to make of a function is made within the step, which is traced again.
    metric = keras.metrics.MeanMetricWrapper(iou, name="iou")
    network.compile(optimizer=optimizer, loss=make_loss(recipe), metrics=[metric])
    network.optimizer.build(network.trainable_variables)
    return rate


def make_loss(recipe: Recipe) -> MatteLoss:
    """The loss that a recipe describes."""
    return MatteLoss(
        recipe.losses, recipe.head_weights, edge=recipe.edge_weight, unknown=recipe.unknown_weight
    )


def ema_momentum(recipe: Recipe, steps: int) -> float:
    """Return the momentum of the mean of weights: the recipe's, or what its steps allow.

    The mean begins with the weights that the run begins with, whose share after n steps is the
    momentum to the power of n. In a run of few steps it would still be mostly those; this leaves
    them a hundredth at most.

    steps: batches an epoch.
    """
    total = recipe.epochs * steps // recipe.gradient_accumulation_steps
    return min(recipe.ema_momentum, total / (total + FORGOTTEN))


def statistics(network: keras.Model) -> list[keras.Variable]:
    """List the moving means and variances of batch normalisation, which no gradient moves."""
    return [v for v in network.non_trainable_variables if v.name.startswith("moving_")]


@contextmanager
def averaged(network: keras.Model, means: Sequence[np.ndarray] | None) -> Iterator[None]:
    """For as long as it lasts, a network has the mean of its past weights, if it takes one.

    means: of its `statistics`, over the same past; weights and the statistics of other weights do
    not go together. None where no mean is taken.
    """
    if means is None:
        yield
        return
    optimizer = getattr(network.optimizer, "inner_optimizer", network.optimizer)
    variables = [*network.trainable_variables, *statistics(network)]
    own = [_copy(variable) for variable in variables]
    _assign(variables, [*optimizer._model_variables_moving_average, *means])
    try:
        yield
    finally:
        _assign(variables, own)


def _assign(variables: Sequence[keras.Variable], values: Sequence) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(_copy(value))  # JAX frees what a variable held, also where two share it


def _copy(value) -> np.ndarray:
    return np.array(ops.convert_to_numpy(value))


def epochs_without_gain(losses: Sequence[float]) -> int:
    """Return how many epochs ago the lowest validation loss was; 0 for none."""
    return len(losses) - 1 - min(range(len(losses)), key=losses.__getitem__) if losses else 0


def plateau_share(losses: Sequence[float], patience: int, factor: float) -> float:
    """Return the next epoch's share of the learning rate after these validation losses.

    Falls by `factor` after every `patience` epochs in a row that were no better than the best. It
    follows from the losses alone, so that a run that goes on has nothing to remember.
    Source: keras.callbacks.ReduceLROnPlateau, without cooldown.
    """
    share, best, waited = 1.0, float("inf"), 0
    for loss in losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if patience and waited >= patience:
            share, waited = share * factor, 0
    return share
