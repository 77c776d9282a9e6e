"""Which devices train: one, all of this machine, or those of several machines."""

from functools import cache

import keras
import tensorflow as tf

from figureground.counts import are, counted
from figureground.errors import RecipeError, UsageError
from figureground.training.recipe import Recipe

ALL = "all"


def find_strategy(devices: str | None) -> tf.distribute.Strategy:
    """Return how a run is shared by devices of this machine; None is Keras's own choice of one.

    devices: `all` or how many: graphics cards, or processors where there are none.
    Raises:
        UsageError: there are fewer, or the backend knows no strategies.
    """
    if devices is None:
        return tf.distribute.get_strategy()
    check_backend("--devices")
    there = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    wanted = len(there) if devices == ALL else int(devices) if devices.isdecimal() else 0
    if not 0 < wanted <= len(there):
        kinds = counted(len(there), "devices")
        raise UsageError(
            f"--devices {devices}: there {are(len(there))} {kinds} to train on; give `all`, or a "
            f"number from 1 to {len(there)}"
        )
    if wanted == 1:
        return tf.distribute.get_strategy()
    return _mirrored(tuple(device.name for device in there[:wanted]))


@cache
def _mirrored(names: tuple[str, ...]) -> tf.distribute.Strategy:
    """The one strategy of some devices: a second one takes the first one's sums for its own."""
    return tf.distribute.MirroredStrategy(list(names))


def check_backend(option: str) -> None:
    """See that Keras runs on TensorFlow. Raises UsageError where it does not."""
    if (backend := keras.backend.backend()) != "tensorflow":
        raise UsageError(f"{option} needs TensorFlow; take KERAS_BACKEND={backend} out of the way")


def check_shares(recipe: Recipe, replicas: int) -> None:
    """See that a recipe means the same on several devices as on one.

    Raises:
        RecipeError: it does not; how to mend it is said.
    """
    if replicas == 1:
        return
    on = f"on {counted(replicas, 'devices')}"
    if recipe.batch_size % replicas:
        below = recipe.batch_size // replicas * replicas or replicas
        raise RecipeError(
            f"batch_size {recipe.batch_size} cannot be shared equally {on}; give --batch-size "
            f"{below} or {below + replicas}"
        )
    if recipe.gradient_accumulation_steps > 1:
        steps = recipe.gradient_accumulation_steps
        raise RecipeError(
            f"gradient_accumulation_steps is {steps}, which Keras cannot do {on}; give --set "
            f"gradient_accumulation_steps=1 and a batch_size of up to {steps * recipe.batch_size}"
        )
    if recipe.precision == "float16":
        raise RecipeError(
            f"precision float16 looks for overflows on the first device alone, and would go wrong "
            f"{on}; give --set precision=bfloat16"
        )


def keep_graphs() -> None:
    """Run TensorFlow's graphs as they are, where there is no graphics card.

    On processors its rewriting of a training step takes longer than all that it saves.
    """
    if not tf.config.list_physical_devices("GPU"):
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
