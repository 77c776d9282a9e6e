"""Callbacks of a run: save its state, draw sample mattes, report progress."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import ops

from figureground.arrays import Mask, Rgb
from figureground.errors import RunError
from figureground.media.atomic import atomic
from figureground.report.contact_sheet import Tile, draw_sheet
from figureground.training.dataset import Decoded, batch_of
from figureground.training.interrupt import Interrupt
from figureground.training.optimizer import Rate, averaged, ema_momentum, plateau_share, statistics
from figureground.training.recipe import Recipe
from figureground.training.report import mattes
from figureground.training.run_dir import COLUMNS, RunDir, RunProgress

SAVE_EVERY = 600.0  # seconds between two states that are kept within an epoch
SHOWN = 8  # validation images on a contact sheet
Tell = Callable[[dict[str, Any]], None]  # takes events: {"event": "epoch", "epoch": 1, ...}


def contact_sheet(network: keras.Model, samples: np.ndarray, names: Sequence[str]) -> Rgb:
    """Image, truth and matte side by side, a row each, on one image.

    samples: uint8 (N, S, S, 4), RGB and mask; names: what stands below each.
    """
    alphas = np.rint(mattes(network, samples) * 255).astype(np.uint8)
    tiles = [
        Tile(views=(np.ascontiguousarray(sample[..., :3]), _grey(sample[..., 3]), _grey(alpha)),
             caption=name)
        for sample, alpha, name in zip(samples, alphas, names, strict=True)
    ]  # fmt: skip
    return draw_sheet(tiles, columns=1, box=samples.shape[1:3])


def _grey(levels: Mask) -> Rgb:
    return np.repeat(levels[..., None], 3, axis=-1)


def write_events(writer: Any, step: int, values: dict[str, float], png: bytes) -> None:
    """Curves and an image for TensorBoard, which need not be installed to write them.

    Raises:
        OSError: they cannot be written.
    """
    summary = tf.compat.v1.Summary()
    for name, value in values.items():
        summary.value.add(tag=name, simple_value=value)
    image = summary.value.add(tag="image, truth, matte").image
    image.encoded_image_string, image.colorspace = png, 3
    try:
        with writer.as_default():
            tf.summary.experimental.write_raw_pb(summary.SerializeToString(), step=step)
        writer.flush()
    except tf.errors.OpError as error:
        raise OSError(str(error.message).splitlines()[0]) from error


class RunCallback(keras.callbacks.Callback):
    """Keeps the best network, the metrics, a contact sheet and the state to go on from.

    The state comes last: what a killed epoch has written is written again when it is repeated. It
    is kept within an epoch too, every ten minutes and on Ctrl-C.
    With averaged weights, these are validated, drawn and kept as the best.
    """

    def __init__(
        self, folder: RunDir, recipe: Recipe, decoded: Decoded, *, rate: Rate, tell: Tell,
        stop: Interrupt,
    ) -> None:  # fmt: skip
        super().__init__()
        self.folder, self.recipe, self.decoded = folder, recipe, decoded
        self.rate, self.tell, self.stop = rate, tell, stop
        self.steps = decoded.data.samples // recipe.batch_size
        self.place = folder.place()  # where the next epoch begins, perhaps in its middle
        self.events = tf.summary.create_file_writer(str(folder.events))
        self.mean: Any = None
        self.momentum = ema_momentum(recipe, self.steps)
        self.means = folder.read_means() if recipe.ema_momentum else None  # of batch statistics

    def on_epoch_begin(self, epoch, logs=None):
        if epoch != self.place.epoch:
            self.place = RunProgress(epoch=epoch)
        self.began = self.kept = time.monotonic()
        self.rate.scale(self.model, self._share())

    def on_train_begin(self, logs=None):
        if self.recipe.ema_momentum and not self.means:
            self.means = [np.array(ops.convert_to_numpy(v)) for v in statistics(self.model)]

    def on_train_batch_end(self, batch, logs=None):
        self.stop.unsaved = True
        if not math.isfinite(logs["loss"]):
            self._stop_at(self.place.step + batch)
        if self.means:
            for mean, variable in zip(self.means, statistics(self.model), strict=True):
                mean += (1 - self.momentum) * (ops.convert_to_numpy(variable) - mean)
        now = self._place(batch + 1, logs)
        self._tell_progress("learning", now.step, self.steps, loss=now.loss, iou=now.iou)
        if now.step == self.steps:  # the end of the epoch keeps more
            return
        if self.stop.asked or time.monotonic() - self.kept >= SAVE_EVERY:
            self.keep(batch + 1, logs)
        if self.stop.asked:
            raise KeyboardInterrupt

    def keep(self, batches: int, logs: dict[str, float]) -> None:
        """Save the state after so many batches since the beginning or the last stop."""
        self.folder.save_last(self.model, self._place(batches, logs), self.means)
        self.kept = time.monotonic()
        self.stop.unsaved = False

    def _place(self, batches: int, logs: dict[str, float]) -> RunProgress:
        """Return where so many batches since the beginning or the last stop lead, and means over all."""
        before, step = self.place, self.place.step + batches
        means = {
            name: (before.step * getattr(before, name) + batches * logs[name]) / step
            for name in ("loss", "iou")
        }
        seconds = before.seconds + time.monotonic() - self.began
        return RunProgress(epoch=before.epoch, step=step, seconds=seconds, **means)

    def on_test_begin(self, logs=None):
        self.mean = averaged(self.model, self.means)
        self.mean.__enter__()

    def on_test_batch_end(self, batch, logs=None):
        batches = -(-len(self.decoded.validation) // self.recipe.batch_size)
        self._tell_progress("judging", batch + 1, batches, loss=logs["loss"], iou=logs["iou"])

    def on_test_end(self, logs=None):
        self.mean.__exit__(None, None, None)

    def on_epoch_end(self, epoch, logs=None):
        if not math.isfinite(logs["val_loss"]):
            raise RunError(f"the validation loss of epoch {epoch + 1} is no number; lower the rate")
        whole = self._place(self.steps - self.place.step, logs)
        logs = {**logs, "loss": whole.loss, "iou": whole.iou}
        row = {name: f"{value:.6g}" for name, value in logs.items() if name in COLUMNS}
        row["epoch"] = str(epoch + 1)
        row["seconds"] = f"{whole.seconds:.1f}"
        row["learning_rate"] = f"{float(self.model.optimizer.learning_rate):.4g}"
        rows = self.folder.rows()
        better = all(float(row["val_loss"]) < float(old["val_loss"]) for old in rows)
        with averaged(self.model, self.means):
            if better:
                self.folder.save_best(self.model)
            self._draw(epoch, row)
        self.folder.write_rows([*rows, row])
        self.folder.save_last(self.model, RunProgress(epoch=epoch + 1), self.means)
        self.stop.unsaved = False
        numbers = {name: float(value) for name, value in row.items() if name != "epoch"}
        self.tell({"event": "epoch", "epoch": epoch + 1, **numbers, "best": better})
        patience = self.recipe.patience
        if patience and self.folder.stale() >= patience:
            self.model.stop_training = True
        elif self.stop.asked and epoch + 1 < self.recipe.epochs:
            raise KeyboardInterrupt

    def _tell_progress(self, what: str, done: int, total: int, **values: float) -> None:
        epochs = {"epoch": self.place.epoch + 1, "epochs": self.recipe.epochs}
        part = {"event": "progress", "what": what, "done": done, "total": total}
        self.tell({**part, **epochs, **{name: float(value) for name, value in values.items()}})

    def _share(self) -> float:
        losses = self.folder.losses()
        return plateau_share(losses, self.recipe.plateau_patience, self.recipe.plateau_factor)

    def _draw(self, epoch: int, row: dict[str, str]) -> None:
        names = [pair.name for pair in self.decoded.data.held_out[:SHOWN]]
        sheet = contact_sheet(self.model, self.decoded.validation[:SHOWN], names)
        png = cv2.imencode(".png", sheet[..., ::-1])[1].tobytes()  # imwrite is silent on errors
        with atomic(self.folder.sheets / f"{epoch + 1:03}.png") as part:
            part.write_bytes(png)
        values = {name: float(value) for name, value in row.items() if name != "epoch"}
        write_events(self.events, epoch + 1, values, png)

    def _stop_at(self, batch: int) -> None:
        epoch = self.place.epoch
        images, truth = batch_of(self.recipe, self.decoded, epoch=epoch, step=batch)
        path = self.folder.path / "nan-batch.npz"
        with atomic(path) as part:
            np.savez(part, images=images, truth=truth)
        raise RunError(
            f"the loss is no number at step {batch + 1} of epoch {epoch + 1}; its batch is in "
            f"{str(path)!r}; look at it, or lower the rate ({self.recipe.learning_rate:g})"
        )
