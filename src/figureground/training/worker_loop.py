"""Train with workers on several machines: the loop that Keras's `fit` cannot be there.

Every worker draws its share of each batch and takes every step; the chief judges, writes and
decides, while the others wait. Where one is lost, the chief keeps the state after the last step.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from figureground.errors import RunError
from figureground.training.batches import Part
from figureground.training.callbacks import RunCallback, Tell
from figureground.training.dataset import Data, Decoded, training_dataset, validation_dataset
from figureground.training.distillation import distilled, load_teachers
from figureground.training.interrupt import Interrupt
from figureground.training.losses import iou
from figureground.training.optimizer import Rate, make_loss, statistics
from figureground.training.packed import naming_shards
from figureground.training.provenance import describe_data
from figureground.training.recipe import Recipe
from figureground.training.release import releasing_pipelines
from figureground.training.run_dir import RunDir, RunProgress
from figureground.training.start import start_network
from figureground.training.stretch import end_of_stretch, take_up
from figureground.training.workers import AGAIN, LOST, WorkerLostError, Workers

PLACES = ("data", "val", "backgrounds", "cache", "init", "teachers", "backbone_weights")
GOES_ON, ENDS, FAILED = 0, 1, 2  # what the chief says after an epoch


def check_same(workers: Workers, recipe: Recipe, data: Data, decoded: Decoded) -> None:
    """See that all workers have the same data and recipe, but for where their files lie.

    Raises:
        RunError: one has others, on all of them.
    """
    parts = describe_data(recipe, data, decoded.unreadable)
    hashes = [part["sha256"] for part in parts]
    settings = {name: value for name, value in asdict(recipe).items() if name not in PLACES}
    workers.demand_same("data", sha256(json.dumps(hashes).encode()).digest())
    workers.demand_same("a recipe", sha256(json.dumps(settings, default=dict).encode()).digest())


def run_share(
    recipe: Recipe, folder: RunDir, decoded: Decoded, *, workers: Workers, tell: Tell
) -> None:
    """Take this worker's part in all that is left of a run; `folder` is the chief's alone.

    Raises:
        WorkerLostError: another worker is gone.
        RunError: the chief has failed, or the loss is no number any more.
        KeyboardInterrupt: Ctrl-C at any worker.
    """
    teachers = load_teachers(recipe)
    with workers.strategy.scope():
        network = start_network(recipe)
    loop = _Loop(network, recipe, decoded, workers)
    with Interrupt(lambda: tell({"event": "stopping"})) as stop:
        while True:
            ended, place = _ask_place(workers, recipe, folder)
            if ended:
                return
            with workers.strategy.scope():
                rate = take_up(network, recipe, None, place, steps=loop.steps)
            kept = None
            if workers.chief and (place.epoch or place.step):
                kept = start_network(recipe)  # one of its own: loading into a shared one is no
                take_up(
                    kept, recipe, folder, place, steps=loop.steps
                )  # business of the chief alone
            loop.begin(place, rate, stop, kept or network)
            if workers.chief:
                loop.callback = RunCallback(
                    folder, recipe, decoded, rate=rate, tell=tell, stop=stop
                )
                loop.callback.set_model(network)
            epochs = range(place.epoch, end_of_stretch(recipe, place))
            part = Part(skip=place.step, index=workers.index, of=workers.count)
            batches = training_dataset(recipe, decoded, epochs, part=part)
            with releasing_pipelines(), naming_shards(decoded.training):
                loop.learn(distilled(batches, teachers, recipe.distillation_weight), epochs)


def _ask_place(workers: Workers, recipe: Recipe, folder: RunDir) -> tuple[bool, RunProgress]:
    """Whether the run has ended and where it goes on, as the chief's folder says."""
    said = [0.0, 0.0, 0.0]
    if workers.chief:
        here = folder.place()
        said = [float(folder.has_ended(recipe)), here.epoch, here.step]
    ended, epoch, step = workers.from_chief([said])[0]
    return bool(ended), RunProgress(epoch=int(epoch), step=int(step))


def _state(network: keras.Model) -> list[keras.Variable]:
    """List the variables of a network and its optimizer."""
    return [*network.variables, *network.optimizer.variables]


class _Loop:
    """Steps of one worker, in step with all others."""

    def __init__(
        self, network: keras.Model, recipe: Recipe, decoded: Decoded, workers: Workers
    ) -> None:
        self.network, self.recipe, self.decoded, self.workers = network, recipe, decoded, workers
        self.steps = decoded.data.samples // recipe.batch_size
        self.loss = make_loss(recipe)
        self.callback: RunCallback | None = None
        self.judge = tf.function(self._judge, reduce_retracing=True)

    def begin(self, place: RunProgress, rate: Rate, stop: Interrupt, start: keras.Model) -> None:
        """Take the state of the chief's `start`, at the beginning of a stretch."""
        self.place, self.rate, self.stop = place, rate, stop
        values = self.workers.from_chief([ops.convert_to_numpy(v) for v in _state(start)])
        for variable, value in zip(_state(self.network), values, strict=True):
            variable.assign(ops.cast(value, variable.dtype))
        self.step = tf.function(self._step)

    def learn(self, batches: tf.data.Dataset, epochs: range) -> None:
        """Go through some epochs."""
        self.batches = self._share_out(batches)
        if self.callback:
            self.callback.on_train_begin()
        for epoch in epochs:
            if self.callback:
                self.callback.on_epoch_begin(epoch)
            share = self.workers.from_chief([ops.convert_to_numpy(self.rate.share)])[0]
            self.rate.share.assign(share)
            logs = self._epoch(epoch)
            self.place = RunProgress(epoch=epoch + 1)
            if self._end(epoch, logs):
                return

    def _share_out(self, batches: tf.data.Dataset) -> Iterator:
        """Share this worker's batches among its devices, where it has several."""
        if self.workers.replicas == self.workers.count:
            return iter(batches)
        own = batches.rebatch(self.recipe.batch_size // self.workers.replicas)
        share = self.workers.strategy.distribute_datasets_from_function
        return iter(share(lambda context: own))

    def _epoch(self, epoch: int) -> dict[str, float]:
        """Take the steps of an epoch; returns means over them."""
        sums = np.zeros(2)
        logs: dict[str, float] = {}
        self._keep()
        for count in range(1, self.steps - self.place.step + 1):
            try:
                images, truth = next(self.batches)
                loss, score, asked = self.step(images, truth, tf.constant(float(self.stop.asked)))
                sums += [float(loss), float(score)]
                self.stop.asked = self.stop.asked or float(asked) > 0
            except LOST as error:
                self._lose(epoch, count - 1, logs, error)
            self._keep()
            logs = {"loss": sums[0] / count, "iou": sums[1] / count}
            if self.callback:
                self.callback.on_train_batch_end(count - 1, logs)
            self._check(epoch, self.place.step + count, float(loss))
        return logs

    def _check(self, epoch: int, step: int, loss: float) -> None:
        """Leave where the chief does."""
        if not math.isfinite(loss):
            raise RunError(f"the loss is no number at step {step} of epoch {epoch + 1}")
        if self.stop.asked and step < self.steps:
            raise KeyboardInterrupt

    def _keep(self) -> None:
        """Remember what a step that fails in its middle may have changed."""
        moved = [*statistics(self.network), self.network.optimizer.iterations]
        self.kept = [(v, np.array(ops.convert_to_numpy(v))) for v in moved]

    def _lose(self, epoch: int, done: int, logs: dict[str, float], error: Exception) -> None:
        """Keep the state after the last whole step, and say that a worker is gone."""
        if self.callback and done:
            for variable, value in self.kept:
                variable.assign(value)
            self.callback.keep(done, logs)
        raise WorkerLostError(
            f"a worker is gone in epoch {epoch + 1}, after step {self.place.step + done}; {AGAIN}"
        ) from error

    def _step(self, images, truth, asked):
        def share(images, truth, asked):
            with tf.GradientTape() as tape:
                mattes = self.network(images, training=True)
                loss = self.loss(truth, mattes)  # of the device's share of the batch's mean
            variables = self.network.trainable_variables
            gradients = tape.gradient(loss, variables)
            self.network.optimizer.apply_gradients(zip(gradients, variables, strict=True))
            return loss, ops.mean(iou(truth, mattes)), asked

        strategy = self.workers.strategy
        loss, score, asked = strategy.run(share, args=(images, truth, asked))
        add, mean = tf.distribute.ReduceOp.SUM, tf.distribute.ReduceOp.MEAN
        return (
            strategy.reduce(add, loss, axis=None),
            strategy.reduce(mean, score, axis=None),
            strategy.reduce(add, asked, axis=None),
        )

    def _judge(self, images, truth):
        mattes = self.network(images, training=False)
        return self.loss(truth, mattes), ops.mean(iou(truth, mattes))

    def _validate(self, callback: RunCallback) -> dict[str, float]:
        """Means over the images held back; on the chief alone."""
        sums, seen = np.zeros(2), 0
        callback.on_test_begin()
        for number, (images, truth) in enumerate(validation_dataset(self.recipe, self.decoded)):
            found = [float(value) for value in self.judge(images, truth)]
            sums, seen = sums + np.array(found) * len(images), seen + len(images)
            callback.on_test_batch_end(number, {"loss": sums[0] / seen, "iou": sums[1] / seen})
        callback.on_test_end()
        return {"val_loss": sums[0] / seen, "val_iou": sums[1] / seen}

    def _end(self, epoch: int, logs: dict[str, float]) -> bool:
        """Let the chief judge and write; returns whether the stretch ends early."""
        said = FAILED
        try:
            said = self._decide(self.callback, epoch, logs) if self.callback else GOES_ON
        finally:  # the others wait for it, also where the chief fails
            said = int(self.workers.from_chief([float(said)])[0])
        if said == FAILED:
            if self.stop.asked:
                raise KeyboardInterrupt
            raise RunError("the chief has stopped; what it says tells why")
        return said == ENDS

    def _decide(self, callback: RunCallback, epoch: int, logs: dict[str, float]) -> int:
        self.network.stop_training = False
        callback.on_epoch_end(epoch, {**logs, **self._validate(callback)})
        return ENDS if self.network.stop_training else GOES_ON
