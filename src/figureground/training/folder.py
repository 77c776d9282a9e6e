"""The folder of a run: what is in it, and how it is read again."""

import csv
import json
import platform
from collections.abc import Sequence
from pathlib import Path

import cv2
import h5py
import keras
import numpy as np
import PIL
import tensorflow as tf

import figureground
from figureground.errors import RecipeError
from figureground.media.atomic import write_whole
from figureground.training.data import Data, Decoded, fingerprint
from figureground.training.optimizer import epochs_without_gain
from figureground.training.recipe import Recipe
from figureground.training.recipe_file import load_recipe, save_recipe

COLUMNS = ("epoch", "loss", "iou", "val_loss", "val_iou", "learning_rate", "seconds")
MADE_WITH = (figureground, keras, tf, np, cv2, PIL)


class RunFolder:
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

    def open(self, recipe: Recipe) -> None:
        """Make the folder, or see that it belongs to the same recipe. Raises RecipeError if not."""
        if self.recipe.exists() and load_recipe(self.recipe) != recipe:
            raise RecipeError(
                f"{str(self.path)!r} holds a run with another recipe; repeat its own command to "
                "go on, or give another --out"
            )
        self.path.mkdir(parents=True, exist_ok=True)
        for part in self.path.glob(".*.unfinished*"):  # left by a killed process
            part.unlink()
        save_recipe(recipe, self.recipe)

    def note_origin(self, recipe: Recipe, decoded: Decoded) -> None:
        """Write once what the run was made with and from: versions, seed, data."""
        if self.origin.exists():
            return
        origin = {
            "python": platform.python_version(),
            "versions": {package.__name__: package.__version__ for package in MADE_WITH},
            "machine": platform.platform(),
            "seed": recipe.seed,
            "data": _describe(recipe, decoded.data),
            "unreadable": list(decoded.unreadable),
        }
        text = json.dumps(origin, indent=2) + "\n"
        write_whole(self.origin, lambda part: part.write_text(text, "utf-8"))

    def rows(self) -> list[dict[str, str]]:
        """The metrics of all finished epochs."""
        if not self.metrics.exists():
            return []
        with self.metrics.open(newline="") as file:
            return list(csv.DictReader(file))

    def begin(self) -> int:
        """Drop metrics of an epoch that was killed before its state was kept; epochs finished."""
        done = self.finished()
        if len(rows := self.rows()) > done:
            self.write_rows(rows[:done])
        return done

    def stale(self) -> int:
        """How many epochs ago the best one was."""
        return epochs_without_gain(self.losses())

    def losses(self) -> list[float]:
        """The validation losses of all finished epochs."""
        return [float(row["val_loss"]) for row in self.rows()]

    def write_rows(self, rows: Sequence[dict[str, str]]) -> None:
        """Replace metrics.csv."""

        def write(path: Path) -> None:
            with path.open("w", newline="") as file:
                table = csv.DictWriter(file, COLUMNS)
                table.writeheader()
                table.writerows(rows)

        write_whole(self.metrics, write)

    def finished(self) -> int:
        """How many epochs the saved state has behind it."""
        if not self.last.exists():
            return 0
        with h5py.File(self.last) as file:
            return int(file.attrs["epoch"])

    def save_best(self, network: keras.Model) -> None:
        """Keep the network's weights, without its optimizer."""
        bare = keras.Model(network.inputs, network.outputs)
        write_whole(self.best, lambda part: _save_weights(bare, part))

    def read_means(self) -> list[np.ndarray]:
        """The means of batch statistics that `save_last` kept; none in a new run."""
        if not self.last.exists():
            return []
        with h5py.File(self.last) as file:
            kept = file.get("means", {})
            return [kept[name][()] for name in sorted(kept)]

    def save_last(
        self, network: keras.Model, epoch: int, means: Sequence[np.ndarray] | None
    ) -> None:
        """Keep all that going on after `epoch` epochs needs; the last file an epoch writes."""

        def write(path: Path) -> None:
            _save_weights(network, path)
            with h5py.File(path, "r+") as file:
                file.attrs["epoch"] = epoch
                for number, mean in enumerate(means or ()):
                    file[f"means/{number:04}"] = mean

        write_whole(self.last, write)

    def remove_canvases(self) -> None:
        """Delete the decoded pictures."""
        for canvas in self.path.glob("canvas*"):
            canvas.unlink()


def _save_weights(network: keras.Model, path: Path) -> None:
    named = path.with_suffix(".weights.h5")  # Keras takes no other ending
    network.save_weights(named)
    named.replace(path)


def _describe(recipe: Recipe, data: Data) -> list[dict[str, object]]:
    sets = [(text, source.pairs) for text, source in zip(recipe.data, data.sources, strict=False)]
    sets.append((recipe.val or "held out for validation", data.held_out))
    return [
        {"set": name, "pairs": len(pairs), "sha256": fingerprint(pairs)} for name, pairs in sets
    ]
