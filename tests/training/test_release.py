import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras
import tensorflow as tf

from figureground.training.release import releasing_pipelines


class Left(BaseException):
    """What nothing catches, as Ctrl-C."""


class LeaveAt(keras.callbacks.Callback):
    """Leaves `fit` after its second batch, by an error or by request."""

    def __init__(self, error: type[BaseException] | None) -> None:
        super().__init__()
        self.error = error

    def on_train_batch_end(self, batch, logs=None):
        if batch == 1 and self.error:
            raise self.error
        self.model.stop_training = batch == 1


def batches(seen: list[tuple[bool, bool]], seconds: float = 0.0) -> tf.data.Dataset:
    """A long pipeline with Python in it; notes whether it ran in the main thread, and with gc on."""

    def draw(number):
        seen.append((threading.current_thread() is threading.main_thread(), gc.isenabled()))
        time.sleep(seconds)
        return np.full(1, number, np.float32)

    def sample(number):
        value = tf.ensure_shape(tf.numpy_function(draw, [number], tf.float32), (1,))
        return value, value

    return tf.data.Dataset.range(4000).map(sample, num_parallel_calls=2).batch(2).prefetch(2)


def network() -> keras.Model:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def leave(error: type[BaseException] | None, seen: list, seconds: float = 0.0) -> None:
    """Leave `fit` in the middle of an epoch."""
    with releasing_pipelines() as collect:
        network().fit(
            batches(seen, seconds), steps_per_epoch=1000, callbacks=[LeaveAt(error), collect],
            shuffle=False, verbose=0,
        )  # fmt: skip


def alive() -> int:
    return sum(isinstance(thing, tf.data.Iterator) for thing in gc.get_objects())


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Python collects nothing of its own accord."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("error", [Left, ValueError, None])
def test_no_pipeline_outlives_a_fit_that_is_left_early(uncollected: None, error) -> None:
    seen: list[tuple[bool, bool]] = []
    caught = None
    try:
        leave(error, seen)
    except (Left, ValueError) as reason:
        caught = reason  # as whoever looks at an error holds on to it
    assert (caught is None) == (error is None)
    assert alive() == 0
    assert seen and not any(collects for _, collects in seen)


def test_garbage_is_collected_again_after_a_fit() -> None:
    assert gc.isenabled()
    with pytest.raises(Left):
        leave(Left, [])
    assert gc.isenabled()


@pytest.mark.slow
def test_a_process_ends_though_its_fit_was_left_amid_slow_samples() -> None:
    command = [sys.executable, str(Path(__file__))]
    done = subprocess.run(command, timeout=120, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (130, "left\n"), done.stderr[-2000:]


if __name__ == "__main__":
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    try:
        leave(Left, [], seconds=0.2)
    except Left:
        sys.stdout.write("left\n")
        sys.exit(130)
