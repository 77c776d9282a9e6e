"""A training run, from its recipe to the best network it found.

A run folder holds `recipe.toml` and `run.json` (what it was made with), `metrics.csv`, `sheets/`
(a contact sheet an epoch), `events/` (TensorBoard), `best.weights.h5` (the network with the lowest
validation loss), `last.weights.h5` (all that going on needs) and, at the end, `report.html`.
"""

import shlex
from pathlib import Path

import keras

from figureground.errors import PictureError, RecipeError
from figureground.models.presets import find_preset
from figureground.models.shipped import find_keras_weights
from figureground.training.data import Decoded, decode, find_data, judged_by, learn_from
from figureground.training.folder import RunFolder
from figureground.training.network import build_network, freeze_encoder
from figureground.training.optimizer import Rate, compile_network
from figureground.training.recipe import Recipe
from figureground.training.report import write_report
from figureground.training.watch import Keeper, Tell

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


def _find_weights(init: str) -> Path:
    """A shipped preset's weights, the best of a run, or a file of weights."""
    path = find_keras_weights(init) or Path(init)
    return path / "best.weights.h5" if path.is_dir() else path


def start_network(recipe: Recipe) -> keras.Model:
    """The network before its first step: from `init`, or on its backbone's weights."""
    weights = "none" if recipe.init else recipe.backbone_weights
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(POLICIES[recipe.precision])
    try:
        network = build_network(find_preset(recipe.preset), backbone_weights=weights)
    finally:
        keras.config.set_dtype_policy(before)
    if recipe.init:
        path = _find_weights(recipe.init)
        try:
            network.load_weights(path)
        except (OSError, ValueError) as error:
            raise RecipeError(f"cannot start from {str(path)!r}: {error}") from error
    return network


def _prepare(network: keras.Model, recipe: Recipe, steps: int, epoch: int) -> Rate:
    """Make what learns in an epoch trainable and give it an optimizer; returns its rate."""
    warm = epoch < recipe.frozen_epochs
    freeze_encoder(network, frozen=recipe.frozen_encoder or warm)
    return compile_network(network, recipe, steps, 0 if warm else recipe.frozen_epochs)


def _run(recipe: Recipe, folder: RunFolder, decoded: Decoded, *, tell: Tell, verbose: int) -> None:
    """Go through the epochs that are left; both stages begin with the state on disk, if any."""
    steps = decoded.data.samples // recipe.batch
    network = start_network(recipe)
    for until in sorted({recipe.frozen_epochs, recipe.epochs} - {0}):
        done = folder.finished()
        if done >= until or (recipe.patience and folder.stale() >= recipe.patience):
            continue
        rate = _prepare(network, recipe, steps, max(0, done - 1))
        if done:
            network.load_weights(folder.last)
        if done and done == recipe.frozen_epochs:  # the encoder wakes: another optimizer
            rate = _prepare(network, recipe, steps, done)
        network.fit(
            learn_from(recipe, decoded, range(done, until)),
            validation_data=judged_by(recipe, decoded),
            initial_epoch=done,
            epochs=until,
            steps_per_epoch=steps,
            callbacks=[Keeper(folder, recipe, decoded, rate=rate, tell=tell)],
            shuffle=False,
            verbose=verbose,
        )


def how_to_go_on(out: Path) -> str:
    """The command that takes a run up again, and where."""
    epoch = RunFolder(out).finished()
    where = f"goes on after epoch {epoch}" if epoch else "begins again: no epoch was finished"
    command = shlex.join(["figureground", "train", str(out / "recipe.toml"), "--out", str(out)])
    return f"`{command}` {where}"


def train(recipe: Recipe, out: Path, *, tell: Tell = lambda event: None, verbose: int = 0) -> None:
    """Run a recipe, or go on with it where it was stopped.

    Args:
        recipe: what decides the run.
        out: the run folder; made if missing.
        tell: takes events as they come: start, unreadable, epoch, end.
        verbose: 0 silent, 1 a progress bar.
    Raises:
        DataError: the data cannot be trained on.
        RecipeError: `out` holds a run with another recipe, the loss is no number any more, or the
            run's files cannot be written.
    """
    data = find_data(recipe)
    folder = RunFolder(out)
    try:
        folder.open(recipe)
        decoded = decode(recipe, data, out)
        folder.note_origin(recipe, decoded)
        for reason in decoded.unreadable:
            tell({"event": "unreadable", "reason": reason})
        start = {"epoch": folder.begin(), "epochs": recipe.epochs}
        count = {"samples": decoded.data.samples, "unreadable": len(decoded.unreadable)}
        tell({"event": "start", **start, **count})
        keras.utils.set_random_seed(recipe.seed)
        _run(recipe, folder, decoded, tell=tell, verbose=verbose)
        write_report(recipe, folder, decoded)
    except (OSError, PictureError) as error:
        raise RecipeError(f"{error}; then {how_to_go_on(out)}") from error
    folder.remove_canvases()
    best = min(folder.rows(), key=lambda row: float(row["val_loss"]))
    figures = {"best_epoch": int(best["epoch"]), "val_iou": float(best["val_iou"])}
    tell({"event": "end", **figures, "report": str(folder.report)})
