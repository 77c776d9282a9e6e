"""What the workers of a run, on several machines, tell each other.

They are those of TF_CONFIG, as for all of TensorFlow; the first is the chief, which writes.
"""

import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from figureground.errors import RunError, UsageError
from figureground.training.devices import check_backend

EXAMPLE = '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'
LOST = (  # what a step raises then; what fails in drawing a sample is an UnknownError
    tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.InternalError,
    tf.errors.CancelledError, tf.errors.DeadlineExceededError, tf.errors.FailedPreconditionError,
)  # fmt: skip
AGAIN = "start it again with its own command"


class WorkerLostError(RunError):
    """Another worker is gone; begun again, this one waits for it and goes on."""


def read_cluster() -> tuple[int, int]:
    """Return the index of this worker, and how many there are.

    Raises:
        UsageError: TF_CONFIG is missing or cannot be understood, or the backend knows no workers.
    """
    check_backend("--workers")
    text = os.environ.get("TF_CONFIG", "")
    try:
        config = json.loads(text)
        workers, task = config["cluster"]["worker"], config["task"]
        index = int(task["index"])
        fine = set(config["cluster"]) == {"worker"} and task["type"] == "worker"
        if not fine or not 0 <= index < len(workers) or len(set(workers)) < len(workers):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"--workers needs the variable TF_CONFIG, which is {text[:60]!r}; on the first of two "
            f"machines: TF_CONFIG='{EXAMPLE}'"
        ) from error
    return index, len(workers)


class Workers:
    """The workers that train together; made once all of them have come, before TensorFlow works."""

    def __init__(self) -> None:
        self.index, self.count = read_cluster()
        self.strategy = tf.distribute.MultiWorkerMirroredStrategy()
        self.replicas = self.strategy.num_replicas_in_sync

    @property
    def chief(self) -> bool:
        """Whether this one writes and decides."""
        return self.index == 0

    def total(self, values: Sequence[Any]) -> list[np.ndarray]:
        """Return sums of float32 arrays over all workers; all must ask at once.

        Raises:
            WorkerLostError: one is gone.
        """
        local = self.replicas // self.count

        def first(*parts):
            """One device of each worker speaks for it."""
            replica = tf.distribute.get_replica_context()
            speaks = tf.cast(replica.replica_id_in_sync_group % local == 0, tf.float32)
            return replica.all_reduce(tf.distribute.ReduceOp.SUM, [speaks * p for p in parts])

        parts = [tf.constant(np.asarray(value, np.float32)) for value in values]
        try:
            sums = tf.function(lambda: self.strategy.run(first, args=parts))()
        except LOST as error:
            raise WorkerLostError(f"a worker is gone; {AGAIN}") from error
        return [self.strategy.experimental_local_results(each)[0].numpy() for each in sums]

    def from_chief(self, values: Sequence[Any]) -> list[np.ndarray]:
        """Return what the chief gave; float32 arrays of the same shapes everywhere."""
        arrays = [np.asarray(value, np.float32) for value in values]
        return self.total(arrays if self.chief else [np.zeros_like(array) for array in arrays])

    def gather(self, row: np.ndarray) -> np.ndarray:
        """Return the rows (N,) of all workers, (workers, N)."""
        rows = np.zeros((self.count, len(row)), np.float32)
        rows[self.index] = row
        return self.total([rows])[0]

    def demand_same(self, what: str, digest: bytes) -> None:
        """See that all workers have the same. Raises RunError on all of them where one has not."""
        rows = self.gather(np.frombuffer(digest, np.uint8).astype(np.float32))
        odd = [n for n in range(self.count) if not np.array_equal(rows[n], rows[0])]
        if odd:
            first, other = (bytes(rows[n].astype(np.uint8)).hex()[:12] for n in (0, odd[0]))
            raise RunError(
                f"worker {odd[0]} has {what} other than worker 0's (SHA-256 {other}… and {first}…); "
                "give all workers the same"
            )
