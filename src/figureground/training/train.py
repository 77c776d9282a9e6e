"""A training run, from its recipe to the best network it found.

A run folder holds `recipe.toml` and `run.json` (what it was made with), `metrics.csv`, `sheets/`
(a contact sheet an epoch), `events/` (TensorBoard), `best.weights.h5` (the network with the lowest
validation loss), `last.weights.h5` (all that going on needs) and, at the end, `report.html`.
"""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import keras
import tensorflow as tf

from figureground.errors import FileError, ImageError, RunError
from figureground.media.atomic import telling
from figureground.media.lock import locked
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
from figureground.training.devices import check_shares, find_strategy, keep_graphs
from figureground.training.distillation import distilled, load_teachers
from figureground.training.interrupt import Interrupt
from figureground.training.optimizer import Rate, ema_momentum
from figureground.training.packed import naming_shards
from figureground.training.provenance import record_provenance
from figureground.training.recipe import Recipe
from figureground.training.release import releasing_pipelines
from figureground.training.report import write_report
from figureground.training.run_dir import RunDir
from figureground.training.start import check_start, start_network
from figureground.training.stretch import end_of_stretch, take_up
from figureground.training.worker_loop import check_same, run_share
from figureground.training.workers import Workers, read_cluster


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
            until = end_of_stretch(recipe, place)
            rate = take_up(network, recipe, folder, place, steps=steps)
            epochs, part = range(place.epoch, until), Part(skip=place.step)
            batches = training_dataset(recipe, decoded, epochs, part=part)
            tell({"event": "phase", "what": "compiling the first step"})
            stop.unsaved = False
            callback = RunCallback(folder, recipe, decoded, rate=rate, tell=tell, stop=stop)
            with releasing_pipelines() as collect, naming_shards(decoded.training):
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
    recipe: Recipe, out: Path, *, devices: str | None = None, workers: bool = False,
    tell: Tell = lambda event: None,
) -> None:  # fmt: skip
    """Run a recipe, or go on with it where it was stopped.

    Args:
        recipe: what decides the run.
        out: the run folder; made if missing.
        devices: `all` or how many of this machine share each batch; None is one.
        workers: whether this process is one of those in TF_CONFIG, which share each batch; the
            first writes `out`, the others read their images below theirs.
        tell: takes events as they come: phase, progress, unreadable, leak, start, ema_momentum,
            extended, epoch, stopping, end.
    Raises:
        DataError: the data cannot be trained on.
        UsageError: there is no network to start from, there are fewer devices, or TF_CONFIG names
            no workers.
        ModelError: `trainable` names what is no layer's.
        RecipeError: `out` holds a run with another recipe, or it cannot be shared by the devices.
        FileError: another process trains in `out`.
        RunError: `out` holds a run with other data, the loss is no number any more, or the run's
            files are damaged or cannot be written; a WorkerLostError: another worker is gone.
        KeyboardInterrupt: Ctrl-C; what was learnt is kept.
    """
    group = _meet(recipe, tell=tell) if workers else None
    strategy = group.strategy if group else find_strategy(devices)
    check_shares(recipe, strategy.num_replicas_in_sync)
    data = find_data(recipe)
    check_start(recipe)
    helps = group is not None and not group.chief
    folder = RunDir(out / f"worker-{group.index}" if group and helps else out)
    with telling(folder.path):
        folder.path.mkdir(parents=True, exist_ok=True)
    with locked(folder.path), _telling_how(folder):
        ready = decode(recipe, data, folder.path) if helps else None
        decoded = ready or _get_ready(recipe, folder, data, tell=tell)
        keras.utils.set_random_seed(recipe.seed)
        keep_graphs()
        if group:
            check_same(group, recipe, data, decoded)
            run_share(recipe, folder, decoded, workers=group, tell=tell)
        else:
            _run(recipe, folder, decoded, strategy=strategy, tell=tell)
        if not helps:
            _finish(recipe, folder, decoded, tell=tell)
        folder.remove_samples()
    if helps:
        with suppress(OSError):
            folder.path.rmdir()


@contextmanager
def _telling_how(folder: RunDir) -> Iterator[None]:
    """Say of what a disk or a file refuses how the run goes on."""
    try:
        yield
    except (OSError, FileError, ImageError) as error:
        raise RunError(f"{error}; then {how_to_go_on(folder.path)}") from error


def _meet(recipe: Recipe, *, tell: Tell) -> Workers:
    """Wait for the other workers."""
    check_shares(recipe, read_cluster()[1])
    tell({"event": "phase", "what": "waiting for the other workers"})
    return Workers()


def _finish(recipe: Recipe, folder: RunDir, decoded: Decoded, *, tell: Tell) -> None:
    """Write the report, and tell how well the network does."""
    write_report(recipe, folder, decoded)
    best = min(folder.rows(), key=lambda row: float(row["val_loss"]))
    last = folder.rows()[-1]
    ends = {"last_epoch": int(last["epoch"]), "last_val_iou": float(last["val_iou"])}
    figures = {"best_epoch": int(best["epoch"]), "val_iou": float(best["val_iou"])}
    tell({"event": "end", **figures, **ends, "report": str(folder.report)})
