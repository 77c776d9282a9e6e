"""The folder of a run: what is in it, and how it is read again."""

import csv
import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from figureground.errors import RecipeError, RunError
from figureground.media.atomic import atomic
from figureground.training.optimizer import epochs_without_gain
from figureground.training.recipe import Recipe
from figureground.training.recipe_file import load_recipe, save_recipe

COLUMNS = ("epoch", "loss", "iou", "val_loss", "val_iou", "learning_rate", "seconds")
MARK = "figureground"  # attribute of files of weights that were written here
HDF5_ENTRY = 4096  # bytes around each variable, rather more than less


@dataclass(frozen=True, kw_only=True)
class RunProgress:
    """How far a run is: whole epochs, and the part of the next one that is behind it."""

    epoch: int = 0  # finished
    step: int = 0  # batches of the next one
    loss: float = 0.0  # mean over those
    iou: float = 0.0
    seconds: float = 0.0  # that they took


class RunDir:
    """Files of a run by name; everything in it appears whole or not at all."""

    def __init__(self, out: Path) -> None:
        self.path = out
        self.recipe = out / "recipe.toml"
        self.origin = out / "run.json"
        self.metrics = out / "metrics.csv"
        self.best = out / "best.weights.h5"
        self.last = out / "last.weights.h5"
        self.sheets = out / "sheets"
        self.events = out / "events"
        self.report = out / "report.html"

    def open(self, recipe: Recipe) -> bool:
        """Make the folder, or see that it belongs to the same recipe.

        A run that has ended takes more epochs; one that never kept a step takes any recipe and
        other images.

        Returns: whether a run began here that never kept a step.
        Raises:
            RecipeError: it belongs to another recipe.
        """
        begun = self.recipe.exists()
        if not self.last.exists():
            self.origin.unlink(missing_ok=True)
        elif begun and (before := load_recipe(self.recipe)) != recipe:
            self._extend(before, recipe)
        self.path.mkdir(parents=True, exist_ok=True)
        for part in self.path.glob(".*.unfinished*"):  # left by a killed process
            part.unlink()
        save_recipe(recipe, self.recipe)
        return begun and not self.last.exists()

    def _extend(self, before: Recipe, recipe: Recipe) -> None:
        """See that a recipe is that of the run here with more epochs, and note where it goes on.

        Raises:
            RecipeError: it is another one, or the run has not ended.
        """
        more = replace(before, epochs=max(before.epochs, recipe.epochs)) == recipe
        if not more or not self.has_ended(before):
            raise RecipeError(
                f"{str(self.path)!r} holds a run with another recipe; repeat its own command to "
                "go on, or give another -o"
            )
        origin = self.read_origin()
        self.write_origin({**origin, "extended": [*origin.get("extended", []), self.place().epoch]})

    def has_ended(self, recipe: Recipe) -> bool:
        """Return whether all epochs are done, or as many without gain as the recipe is patient."""
        tired = recipe.patience and self.stale() >= recipe.patience
        return bool(tired) or self.place().epoch >= recipe.epochs

    def read_origin(self) -> dict[str, Any]:
        """Read the facts in run.json that the run began with. Raises RunError where it says nothing."""
        try:
            origin = json.loads(self.origin.read_text("utf-8"))
            if isinstance(origin, dict):
                return origin
            reason: object = "no table"
        except (OSError, ValueError, RecursionError) as error:
            reason = error
        raise RunError(
            f"{str(self.origin)!r} does not say what the run began with ({reason}); put it back, "
            "or delete it if no image has changed"
        )

    def write_origin(self, origin: Mapping[str, Any]) -> None:
        """Write what the run began with. Raises FileError where it cannot be written."""
        text = json.dumps(origin, indent=2) + "\n"
        with atomic(self.origin) as part:
            part.write_text(text, "utf-8")

    def extended(self) -> int:
        """Return the epoch after which the run was asked to go on though it had ended; 0 if never."""
        at = self.read_origin().get("extended", []) if self.origin.exists() else []
        return int(at[-1]) if isinstance(at, list) and at else 0

    def rows(self) -> list[dict[str, str]]:
        """The metrics of all finished epochs."""
        if not self.metrics.exists():
            return []
        with self.metrics.open(newline="") as file:
            return list(csv.DictReader(file))

    def begin(self) -> RunProgress:
        """Drop metrics of an epoch that was killed before its state was kept; where to go on."""
        place = self.place()
        if len(rows := self.rows()) > place.epoch:
            self.write_rows(rows[: place.epoch])
        return place

    def stale(self) -> int:
        """Return how many epochs ago the best one was, or the run was asked to go on."""
        losses = self.losses()
        return min(epochs_without_gain(losses), len(losses) - self.extended())

    def losses(self) -> list[float]:
        """The validation losses of all finished epochs."""
        return [float(row["val_loss"]) for row in self.rows()]

    def write_rows(self, rows: Sequence[dict[str, str]]) -> None:
        """Replace metrics.csv."""

        with atomic(self.metrics) as part, part.open("w", newline="") as file:
            table = csv.DictWriter(file, COLUMNS)
            table.writeheader()
            table.writerows(rows)

    def place(self) -> RunProgress:
        """Read how far the saved state is. Raises RunError where it is damaged."""
        if not self.last.exists():
            return RunProgress()
        try:
            with h5py.File(self.last) as file:
                kept = {
                    name: file.attrs[name] for name in asdict(RunProgress()) if name in file.attrs
                }
        except (OSError, RuntimeError, ValueError, LookupError, TypeError) as error:
            raise RunError(damaged(self.last, self.path)) from error
        return RunProgress(**{name: value.item() for name, value in kept.items()})

    def save_best(self, network: keras.Model) -> None:
        """Keep the network's weights, without its optimizer."""
        bare = keras.Model(network.inputs, network.outputs)

        with atomic(self.best) as part, _room_for(bare, self.path):
            save_weights(bare, part)
            _sync(part)

    def read_means(self) -> list[np.ndarray]:
        """The means of batch statistics that `save_last` kept; none in a new run."""
        if not self.last.exists():
            return []
        with h5py.File(self.last) as file:
            kept = file.get("means", {})
            return [kept[name][()] for name in sorted(kept)]

    def save_last(
        self, network: keras.Model, place: RunProgress, means: Sequence[np.ndarray] | None
    ) -> None:
        """Keep all that going on from a place needs; the last file an epoch writes."""

        def add_place(path: Path) -> None:
            with h5py.File(path, "r+") as file:
                file.attrs.update(asdict(place))
                for number, mean in enumerate(means or ()):
                    file[f"means/{number:04}"] = mean

        with atomic(self.last) as part, _room_for(network, self.path):
            save_weights(network, part)
            add_place(part)
            _sync(part)

    def remove_samples(self) -> None:
        """Delete the decoded images."""
        for file in self.path.glob("samples*"):
            file.unlink()


def damaged(last: Path, run: Path) -> str:
    """Say that a run cannot go on from its state."""
    return (
        f"{str(last)!r} is damaged, and the run cannot go on from it; begin another with "
        f"--init {run}, or delete that file to begin this one again"
    )


def save_weights(network: keras.Model, path: Path) -> None:
    """As Keras does, whatever the file's ending."""
    named = path.with_suffix(".weights.h5")  # Keras takes no other ending
    try:
        network.save_weights(named)
        with h5py.File(named, "r+") as file:
            file.attrs[MARK] = network.name
        named.replace(path)
    finally:
        named.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until a file lies on the disk: a power cut then leaves it or the one before."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def _room_for(network: keras.Model, folder: Path) -> Iterator[None]:
    """A full disk as one plain OSError: HDF5 tells it late, in many lines and kinds of errors."""
    optimizer = getattr(network, "optimizer", None)
    kept = [*network.variables, *(optimizer.variables if optimizer else ())]
    needed = sum(4 * int(np.prod(variable.shape)) + HDF5_ENTRY for variable in kept)
    reason = os.strerror(errno.ENOSPC)
    full = OSError(errno.ENOSPC, reason)
    if shutil.disk_usage(folder).free < needed:
        raise full
    try:
        yield
    except (OSError, RuntimeError) as error:
        text = str(error)
        raise full if reason in text else OSError(text.splitlines()[0]) from error
