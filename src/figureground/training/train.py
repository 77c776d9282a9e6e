"""A training run, from its recipe to the best network it found.

A run folder holds `recipe.json`, `metrics.csv`, `best.weights.h5` (the network with the lowest
validation loss) and `last.weights.h5` (weights, optimizer and step, to go on from).
"""

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from figureground.datasets.find import Pair, find_pairs
from figureground.errors import DataError, RecipeError
from figureground.models.presets import find_preset
from figureground.models.shipped import find_keras_weights
from figureground.training.losses import MatteLoss, iou
from figureground.training.network import build_network, freeze_encoder
from figureground.training.pipeline import (
    CANVAS_SCALE,
    Mixing,
    Source,
    epoch_order,
    open_canvas,
    parse_source,
    split_source,
    training_batches,
    validation_batches,
)
from figureground.training.recipe import Recipe, load_recipe

COLUMNS = ("epoch", "loss", "iou", "val_loss", "val_iou", "learning_rate", "seconds")


@dataclass(frozen=True, kw_only=True)
class Data:
    """What a run learns from and what it is judged by."""

    sources: tuple[Source, ...]
    held_out: tuple[Pair, ...]

    @property
    def samples(self) -> int:
        """Samples an epoch."""
        return sum(source.draws for source in self.sources)


def find_data(recipe: Recipe) -> Data:
    """The pairs that a recipe names, split as it says.

    Raises:
        DataError: a folder lacks pairs, or a picture is in training and in validation.
    """
    sources = tuple(parse_source(text) for text in recipe.data)
    if recipe.val is not None:
        held_out = tuple(find_pairs(Path(recipe.val)))
    else:
        parts = [split_source(source, recipe.val_share, recipe.seed) for source in sources]
        sources = tuple(source for source, _ in parts)
        held_out = tuple(pair for _, held in parts for pair in held)
    if not held_out:
        raise DataError("no pairs are left for validation; raise --val-share or give --val DIR")
    both = {pair.picture.resolve() for s in sources for pair in s.pairs} & {
        pair.picture.resolve() for pair in held_out
    }
    if both:
        raise DataError(f"{str(min(both))!r} is in training and in validation; take it out of one")
    return Data(sources=sources, held_out=held_out)


def _find_weights(init: str) -> Path:
    """A shipped preset's weights, the best of a run, or a file of weights."""
    path = find_keras_weights(init) or Path(init)
    return path / "best.weights.h5" if path.is_dir() else path


def start_network(recipe: Recipe) -> keras.Model:
    """The network before its first step: from `init`, or on its backbone's weights."""
    weights = "none" if recipe.init else recipe.backbone_weights
    network = build_network(find_preset(recipe.preset), backbone_weights=weights)
    if recipe.init:
        path = _find_weights(recipe.init)
        try:
            network.load_weights(path)
        except (OSError, ValueError) as error:
            raise RecipeError(f"cannot start from {str(path)!r}: {error}") from error
    freeze_encoder(network, frozen=recipe.frozen_encoder)
    return network


def compile_network(network: keras.Model, recipe: Recipe, steps: int) -> None:
    """AdamW (Loshchilov & Hutter, 2019) with a warm-up and a cosine to zero; `steps` an epoch."""
    warmup = max(1, round(recipe.warmup * steps))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        max(1, recipe.epochs * steps - warmup),
        warmup_target=recipe.rate,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, global_clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    network.compile(optimizer=optimizer, loss=MatteLoss(recipe.edge), metrics=[iou])
    optimizer.build(network.trainable_variables)


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file under a temporary name of the same ending, then give it its own."""
    temporary = path.with_name(f"unfinished-{path.name}")
    write(temporary)
    temporary.replace(path)


class RunFolder(keras.callbacks.Callback):
    """Keeps the best network, the metrics and the state to go on from, in this order.

    The state comes last: what a killed epoch has written is written again when it is repeated.
    """

    def __init__(self, out: Path) -> None:
        super().__init__()
        self.metrics = out / "metrics.csv"
        self.best = out / "best.weights.h5"
        self.last = out / "last.weights.h5"

    def rows(self) -> list[dict[str, str]]:
        """The metrics of all finished epochs."""
        if not self.metrics.exists():
            return []
        with self.metrics.open(newline="") as file:
            return list(csv.DictReader(file))

    def resume(self, network: keras.Model, steps: int) -> int:
        """Bring a network to where its run stood; returns the epoch to begin with."""
        if not self.last.exists():
            return 0
        network.load_weights(self.last)
        epoch = int(network.optimizer.iterations) // steps
        self._write([row for row in self.rows() if int(row["epoch"]) <= epoch])
        return epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        row = {name: f"{value:.6g}" for name, value in (logs or {}).items() if name in COLUMNS}
        row["epoch"] = str(epoch + 1)
        row["seconds"] = f"{time.monotonic() - self.began:.1f}"
        row["learning_rate"] = f"{float(self.model.optimizer.learning_rate):.4g}"
        rows = self.rows()
        if all(float(row["val_loss"]) < float(old["val_loss"]) for old in rows):
            bare = keras.Model(self.model.inputs, self.model.outputs)  # leaves the optimizer out
            _replace(self.best, bare.save_weights)
        self._write([*rows, row])
        _replace(self.last, self.model.save_weights)

    def _write(self, rows: list[dict[str, str]]) -> None:
        def write(path: Path) -> None:
            with path.open("w", newline="") as file:
                table = csv.DictWriter(file, COLUMNS)
                table.writeheader()
                table.writerows(rows)

        _replace(self.metrics, write)


def open_run(recipe: Recipe, out: Path) -> None:
    """Make the run folder, or see that it belongs to the same recipe. Raises RecipeError if not."""
    path = out / "recipe.json"
    if path.exists() and load_recipe(path) != recipe:
        raise RecipeError(
            f"{str(out)!r} holds a run with another recipe; repeat its own command to go on, "
            "or give another --out"
        )
    out.mkdir(parents=True, exist_ok=True)
    recipe.save(path)


def load_batches(recipe: Recipe, data: Data, out: Path, first_epoch: int):
    """Batches to learn from, from an epoch on, and to be judged by."""
    canvas_size = (round(recipe.size * CANVAS_SCALE),) * 2
    files = [(pair.picture, pair.mask) for source in data.sources for pair in source.pairs]
    canvas = open_canvas(files, canvas_size, out / "canvas.npy")
    held = [(pair.picture, pair.mask) for pair in data.held_out]
    val_canvas = open_canvas(held, (recipe.size, recipe.size), out / "canvas-val.npy")
    scenes = None
    if recipe.backgrounds:
        empty = sorted(path for path in Path(recipe.backgrounds).iterdir() if path.is_file())
        scenes = open_canvas([(p, None) for p in empty], canvas_size, out / "canvas-scenes.npy")
    epochs = range(first_epoch, recipe.epochs)
    orders = np.stack([epoch_order(data.sources, recipe.seed, e) for e in epochs])
    training = training_batches(
        canvas,
        orders,
        recipe=recipe,
        first=first_epoch * (data.samples // recipe.batch * recipe.batch),
        mixing=Mixing(paste=recipe.paste, recomposed=recipe.recomposed, backgrounds=scenes),
    )
    return training, validation_batches(val_canvas, recipe.batch)


def train(recipe: Recipe, out: Path, *, verbose: int = 1) -> None:
    """Run a recipe, or go on with it where it was stopped.

    Args:
        recipe: what decides the run.
        out: the run folder; made if missing.
        verbose: 0 silent, 1 a progress bar, 2 a line an epoch.
    Raises:
        DataError: the data cannot be trained on.
        RecipeError: `out` holds a run with another recipe.
    """
    data = find_data(recipe)
    steps = data.samples // recipe.batch
    if not steps:
        raise DataError(f"{data.samples} samples do not fill one batch of {recipe.batch}")
    open_run(recipe, out)
    keras.utils.set_random_seed(recipe.seed)
    network = start_network(recipe)
    compile_network(network, recipe, steps)
    folder = RunFolder(out)
    first_epoch = folder.resume(network, steps)
    if first_epoch < recipe.epochs:
        training, validation = load_batches(recipe, data, out, first_epoch)
        network.fit(
            training,
            validation_data=validation,
            initial_epoch=first_epoch,
            epochs=recipe.epochs,
            steps_per_epoch=steps,
            callbacks=[folder, keras.callbacks.TerminateOnNaN()],
            verbose=verbose,
        )
    for canvas in out.glob("canvas*"):
        canvas.unlink()
