"""Free the input pipelines of `fit` in the thread that trains, before `fit` is left.

Keras holds an iterator of tf.data in a cycle of references wherever an epoch is left in its middle,
so only Python's garbage collector frees it. Two places for that are fatal: one of its own threads,
which then waits for itself, and the end of the process, where those threads can no longer run
Python and the process waits for them for ever.
"""

import gc
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import keras

COLLECT_EVERY = 500  # batches


class Collect(keras.callbacks.Callback):
    """Collects young garbage now and then, in place of Python itself."""

    def on_train_batch_end(self, batch, logs=None):
        if (batch + 1) % COLLECT_EVERY == 0:
            gc.collect(1)

    def on_epoch_end(self, epoch, logs=None):
        gc.collect(1)


@contextmanager
def releasing_pipelines() -> Iterator[Collect]:
    """See that no pipeline outlives the block, however it is left.

    Within it no other thread collects garbage; give `fit` the callback that this yields. What the
    frames of an exception held, variables of `fit` among them, is let go.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield Collect()
    except BaseException as error:
        _let_go(error)
        raise
    finally:
        gc.collect()
        if enabled:
            gc.enable()


def _let_go(error: BaseException | None) -> None:
    """Empty the frames that an error and those before it have left, and whoever called these.

    Keras cuts its own frames out of a traceback; those that remain still lead to them.
    """
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            caller: FrameType | None = frame
            with suppress(RuntimeError):  # one that still runs, as do all that called it
                while caller is not None:
                    caller.clear()
                    caller = caller.f_back
        error = error.__cause__ or error.__context__
