"""From squares to batches for the network."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from figureground.training.mixing import Mixing, sampler
from figureground.training.packed import PackedSquares
from figureground.training.recipe import Recipe
from figureground.training.sample_cache import CachedSquares


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is drawn of a stretch of batches."""

    skip: int = 0  # batches that are left out at the beginning
    index: int = 0  # which of equal shares of each batch
    of: int = 1  # how many shares there are

    def take(self, samples: np.ndarray, batch: int) -> np.ndarray:
        """Its share of samples (N,), which fill whole batches, in order."""
        left = samples[self.skip * batch :]
        return left.reshape(-1, self.of, batch // self.of)[:, self.index].ravel()


WHOLE = Part()


def _fetch(array: np.ndarray) -> Callable:
    """A tensor function from a position to a float32 square in 0..1."""

    def fetch(position):
        square = tf.numpy_function(lambda p: array[p], [position], tf.uint8, stateful=False)
        return tf.cast(tf.ensure_shape(square, array.shape[1:]), tf.float32) / 255

    return fetch


def training_batches(
    squares: np.ndarray | CachedSquares, orders: np.ndarray, *, recipe: Recipe, first: int, mixing: Mixing,
    part: Part = WHOLE,
) -> tf.data.Dataset:  # fmt: skip
    """Augmented batches, image and alpha, float32 in 0..1.

    Args:
        squares: all pairs.
        orders: positions among the squares, (epochs, samples of an epoch).
        recipe: batch, size and seed are taken from it.
        first: number of the first sample, counted from the beginning of the run.
        mixing: how often samples are mixed with others.
        part: what of it is drawn.
    """
    batch = recipe.batch_size
    orders = orders[:, : orders.shape[1] // batch * batch].ravel()  # whole batches
    numbers = np.arange(first, first + len(orders))
    data = tf.data.Dataset.from_tensor_slices((part.take(numbers, batch), part.take(orders, batch)))
    make = sampler(squares, mixing, seed=recipe.seed, size=recipe.image_size)
    return _batched(data, make, recipe.image_size, batch // part.of)


def packed_batches(
    squares: PackedSquares, epochs: range, *, recipe: Recipe, mixing: Mixing, part: Part = WHOLE
) -> tf.data.Dataset:
    """As `training_batches`, for a packed set, whose order is not laid out in advance."""
    batch = recipe.batch_size
    whole, own = len(squares) // batch * batch, batch // part.of
    first, end = epochs[0] * whole + part.skip * batch, (epochs[-1] + 1) * whole
    draw = sampler(squares, mixing, seed=recipe.seed, size=recipe.image_size)

    def make(count, _):
        number = first + int(count) // own * batch + part.index * own + int(count) % own
        return draw(number, squares.position(number // whole, number % whole))

    data = tf.data.Dataset.range((end - first) // part.of).map(lambda count: (count, count))
    return _batched(data, make, recipe.image_size, own)


def _batched(data: tf.data.Dataset, make: Callable, size: int, batch: int) -> tf.data.Dataset:
    """Samples that `make` draws of (number, position), in batches: image and alpha."""

    def sample_of(number, position):
        sample = tf.numpy_function(make, [number, position], tf.uint8, stateful=False)
        sample = tf.cast(tf.ensure_shape(sample, (size, size, 4)), tf.float32) / 255
        return sample[..., :3], sample[..., 3:]

    data = data.map(sample_of, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return data.batch(batch, drop_remainder=True).prefetch(2)


def validation_batches(squares: np.ndarray, batch: int) -> tf.data.Dataset:
    """All pairs as they are, image and alpha, float32 in 0..1."""
    fetch = _fetch(squares)
    data = tf.data.Dataset.range(len(squares)).map(fetch, num_parallel_calls=2)
    return data.map(lambda s: (s[..., :3], s[..., 3:])).batch(batch).prefetch(2)
