"""A training run, from its recipe to the best network it found.

A run folder holds `recipe.toml` and `run.json` (what it was made with), `metrics.csv`, `sheets/`
(a contact sheet an epoch), `events/` (TensorBoard), `best.weights.h5` (the network with the lowest
validation loss), `last.weights.h5` (all that going on needs) and, at the end, `report.html`.
"""

import shlex
from pathlib import Path

import keras
import tensorflow as tf

from figureground.errors import FileError, ImageError, RunError
from figureground.media.atomic import telling
from figureground.media.lock import locked
from figureground.models.network import freeze_encoder, freeze_others
from figureground.training.batches import Part
from figureground.training.callbacks import RunCallback, Tell
from figureground.training.dataset import (
    Data,
    Decoded,
    decode,
    find_data,
    find_leaks,
    training_dataset,
    validation_dataset,
)
from figureground.training.devices import check_shares, find_strategy
from figureground.training.distillation import distilled, load_teachers
from figureground.training.interrupt import Interrupt
from figureground.training.optimizer import Rate, compile_network, ema_momentum
from figureground.training.provenance import record_provenance
from figureground.training.recipe import Recipe
from figureground.training.release import releasing_pipelines
from figureground.training.report import write_report
from figureground.training.run_dir import RunDir, damaged
from figureground.training.start import check_start, start_network


def _prepare(network: keras.Model, recipe: Recipe, steps: int, epoch: int) -> Rate:
    """Make what learns in an epoch trainable and give it an optimizer; returns its rate."""
    warm = epoch < recipe.frozen_epochs
    freeze_encoder(network, frozen=warm)
    if recipe.trainable:
        freeze_others(network, recipe.trainable)
    return compile_network(network, recipe, steps, 0 if warm else recipe.frozen_epochs)


def _take_up(network: keras.Model, recipe: Recipe, folder: RunDir, *, steps: int) -> Rate:
    """Bring a network and its optimizer to the state on disk, if any; returns its rate."""
    place = folder.place()
    rate = _prepare(network, recipe, steps, place.epoch if place.step else max(0, place.epoch - 1))
    if place.epoch or place.step:
        try:
            network.load_weights(folder.last)
        except Exception as error:
            raise RunError(damaged(folder.last, folder.path)) from error
    if place.epoch and place.epoch == recipe.frozen_epochs and not place.step:
        return _prepare(network, recipe, steps, place.epoch)  # the encoder wakes: a new optimizer
    return rate


def _run(
    recipe: Recipe, folder: RunDir, decoded: Decoded, *, strategy: tf.distribute.Strategy,
    tell: Tell,
) -> None:  # fmt: skip
    """Go through what is left; each stretch begins with the state on disk, if any.

    Stretches end with the frozen epochs, with an epoch that was stopped in its middle, and with the
    run.
    """
    steps = decoded.data.samples // recipe.batch_size
    if folder.has_ended(recipe):
        return
    tell({"event": "phase", "what": "building the network"})
    teachers = load_teachers(recipe)
    with strategy.scope(), Interrupt(lambda: tell({"event": "stopping"})) as stop:
        network = start_network(recipe)
        while not folder.has_ended(recipe):
            place = folder.place()
            stage = recipe.frozen_epochs if place.epoch < recipe.frozen_epochs else recipe.epochs
            until = place.epoch + 1 if place.step else stage
            rate = _take_up(network, recipe, folder, steps=steps)
            epochs, part = range(place.epoch, until), Part(skip=place.step)
            batches = training_dataset(recipe, decoded, epochs, part=part)
            tell({"event": "phase", "what": "compiling the first step"})
            stop.unsaved = False
            callback = RunCallback(folder, recipe, decoded, rate=rate, tell=tell, stop=stop)
            with releasing_pipelines() as collect:
                network.fit(
                    distilled(batches, teachers, recipe.distillation_weight),
                    validation_data=validation_dataset(recipe, decoded),
                    initial_epoch=place.epoch,
                    epochs=until,
                    steps_per_epoch=steps - place.step,
                    callbacks=[callback, collect],
                    shuffle=False,
                    verbose=0,
                )


def how_to_go_on(out: Path) -> str:
    """The command that takes a run up again, and where."""
    place = RunDir(out).place()
    where = f"goes on after epoch {place.epoch}" if place.epoch else "begins again"
    if place.step:
        where = f"goes on after step {place.step} of epoch {place.epoch + 1}"
    elif not place.epoch:
        where += ": nothing was learnt yet"
    command = shlex.join(["figureground", "train", str(out / "recipe.toml"), "-o", str(out)])
    return f"`{command}` {where}"


def _get_ready(recipe: Recipe, folder: RunDir, data: Data, *, tell: Tell) -> Decoded:
    """Decode the data, note what the run is made from, and tell what is odd about it."""

    def tell_progress(done: int, total: int) -> None:
        tell({"event": "progress", "what": "reading", "done": done, "total": total})

    again = folder.open(recipe)
    decoded = decode(recipe, data, folder.path, tell_progress)
    for reason in decoded.unreadable.values():
        tell({"event": "unreadable", "reason": reason})
    if not folder.origin.exists():
        tell({"event": "phase", "what": "looking for near duplicates"})
        _tell_leaks(decoded, tell=tell)
    tell({"event": "phase", "what": "checking all files"})
    record_provenance(folder, recipe, data, decoded)
    _tell_start(recipe, folder, decoded, again=again, tell=tell)
    return decoded


def _tell_leaks(decoded: Decoded, *, tell: Tell) -> None:
    if leaks := find_leaks(decoded):
        held = len(decoded.validation)
        tell({"event": "leak", "images": len(leaks), "of": held, "example": leaks[0]})


def _tell_start(
    recipe: Recipe, folder: RunDir, decoded: Decoded, *, again: bool, tell: Tell
) -> None:
    """Tell where a run begins, and what of its recipe means something else than it seems."""
    place, samples = folder.begin(), decoded.data.samples
    start = {"epoch": place.epoch, "step": place.step, "epochs": recipe.epochs, "again": again}
    tell({"event": "start", **start, "samples": samples, "unreadable": len(decoded.unreadable)})
    steps = samples // recipe.batch_size
    if (momentum := ema_momentum(recipe, steps)) < recipe.ema_momentum:
        count = recipe.epochs * steps // recipe.gradient_accumulation_steps
        given = {"given": recipe.ema_momentum, "used": momentum, "steps": count}
        tell({"event": "ema_momentum", **given})
    if place.epoch == folder.extended() > 0 and recipe.schedule == "cosine" and not place.step:
        rate = float(Rate(recipe, steps, place.epoch)(0))
        tell({"event": "extended", "epochs": recipe.epochs, "learning_rate": rate})


def train(
    recipe: Recipe, out: Path, *, devices: str | None = None,
    tell: Tell = lambda event: None,
) -> None:  # fmt: skip
    """Run a recipe, or go on with it where it was stopped.

    Args:
        recipe: what decides the run.
        out: the run folder; made if missing.
        devices: `all` or how many of this machine share each batch; None is one.
        tell: takes events as they come: phase, progress, unreadable, leak, start, ema_momentum,
            extended, epoch, stopping, end.
    Raises:
        DataError: the data cannot be trained on.
        UsageError: there is no network to start from, or there are fewer devices.
        ModelError: `trainable` names what is no layer's.
        RecipeError: `out` holds a run with another recipe, or it cannot be shared by the devices.
        FileError: another process trains in `out`.
        RunError: `out` holds a run with other data, the loss is no number any more, or the run's
            files are damaged or cannot be written.
        KeyboardInterrupt: Ctrl-C; what was learnt is kept.
    """
    strategy = find_strategy(devices)
    check_shares(recipe, strategy.num_replicas_in_sync)
    data = find_data(recipe)
    check_start(recipe)
    folder = RunDir(out)
    with telling(out):
        out.mkdir(parents=True, exist_ok=True)
    with locked(out):
        _train(recipe, folder, data, strategy=strategy, tell=tell)


def _train(
    recipe: Recipe, folder: RunDir, data: Data, *, strategy: tf.distribute.Strategy, tell: Tell
) -> None:
    try:
        decoded = _get_ready(recipe, folder, data, tell=tell)
    except (OSError, FileError, ImageError) as error:
        raise RunError(f"{error}; then {how_to_go_on(folder.path)}") from error
    try:
        keras.utils.set_random_seed(recipe.seed)
        _run(recipe, folder, decoded, strategy=strategy, tell=tell)
        write_report(recipe, folder, decoded)
    except (OSError, FileError, ImageError) as error:
        raise RunError(f"{error}; then {how_to_go_on(folder.path)}") from error
    except tf.errors.OpError as error:
        if why := getattr(decoded.training, "failure", None):  # of a thread of tf.data
            raise RunError(f"{why}; then {how_to_go_on(folder.path)}") from error
        raise
    folder.remove_canvases()
    best = min(folder.rows(), key=lambda row: float(row["val_loss"]))
    last = folder.rows()[-1]
    ends = {"last_epoch": int(last["epoch"]), "last_val_iou": float(last["val_iou"])}
    figures = {"best_epoch": int(best["epoch"]), "val_iou": float(best["val_iou"])}
    tell({"event": "end", **figures, **ends, "report": str(folder.report)})
