"""Networks that teach another: what they make of a sample and of its mirror image, on average.

Such a mean is better than a single look, for twice its time; what it knows can be taught to one
network. What that brought `lite` is in docs/lab. Source: Hinton et al., "Distilling the
Knowledge in a Neural Network", 2015; means over views of a sample: Radosavovic et al., "Data
Distillation", CVPR 2018.
"""

from collections.abc import Iterator

import keras
import tensorflow as tf
from keras import ops

from figureground.models.network import final_alpha
from figureground.models.presets import find_preset
from figureground.training.checkpoints import load_trained
from figureground.training.recipe import Recipe


def load_teachers(recipe: Recipe) -> list[keras.Model]:
    """The networks that a recipe names as teachers: image to matte, float32 (B, H, W, 1).

    Raises:
        UsageError: there is none of that name.
        ModelError: its weights cannot be loaded.
    """
    preset = find_preset(recipe.preset)
    return [final_alpha(load_trained(name, preset=preset)[0]) for name in recipe.teachers]


def distilled(
    batches: tf.data.Dataset, teachers: list[keras.Model], share: float
) -> tf.data.Dataset | Iterator:
    """The same batches; a share of their truth is what the teachers make of the images.

    batches: image and alpha, float32 (B, H, W, 3) and (B, H, W, 1), 0 to 1.
    """

    def answer(images):
        both = ops.concatenate([images, ops.flip(images, axis=2)], axis=0)
        mattes = sum(teacher(both, training=False) for teacher in teachers) / len(teachers)
        plain, mirrored = ops.split(ops.stop_gradient(mattes), 2)
        return (plain + ops.flip(mirrored, axis=2)) / 2

    if not teachers:
        return batches
    if keras.backend.backend() == "tensorflow":  # beside the steps, as part of the pipeline
        return batches.map(
            lambda images, truth: (images, truth + share * (answer(images) - truth)),
            num_parallel_calls=1,
        )
    return (
        (images, truth + share * (ops.convert_to_numpy(answer(images)) - truth))
        for images, truth in batches.as_numpy_iterator()
    )
