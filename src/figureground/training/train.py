"""A training run, from its recipe to the best network it found.

A run folder holds `recipe.toml` and `run.json` (what it was made with), `metrics.csv`, `sheets/`
(a contact sheet an epoch), `events/` (TensorBoard), `best.weights.h5` (the network with the lowest
validation loss), `last.weights.h5` (all that going on needs) and, at the end, `report.html`.
"""

import shlex
from pathlib import Path

import keras

from figureground.errors import FileError, ImageError, ModelError, RunError
from figureground.media.atomic import telling
from figureground.media.lock import locked
from figureground.models.network import build_network, freeze_encoder, freeze_others
from figureground.models.presets import find_preset
from figureground.training.callbacks import RunCallback, Tell
from figureground.training.checkpoints import (
    find_weights,
    is_foreign,
    load_trained,
    read_weights,
)
from figureground.training.dataset import (
    Data,
    Decoded,
    decode,
    find_data,
    find_leaks,
    training_dataset,
    validation_dataset,
)
from figureground.training.distillation import distilled, load_teachers
from figureground.training.interrupt import Interrupt
from figureground.training.optimizer import Rate, compile_network, ema_momentum
from figureground.training.provenance import record_provenance
from figureground.training.recipe import Recipe
from figureground.training.release import releasing_pipelines
from figureground.training.report import write_report
from figureground.training.run_dir import RunDir, damaged

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


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
        path = find_weights(recipe.init)
        if is_foreign(recipe.init):
            return _start_from_file(network, recipe)
        try:
            read_weights(network, path, f"cannot start from {str(path)!r}")
        except ModelError as error:
            raise RunError(str(error)) from error
    return network


def _start_from_file(network: keras.Model, recipe: Recipe) -> keras.Model:
    """The same with weights of a whole network's file, the tutorial's or one of `export`."""
    source, preset = load_trained(str(recipe.init), preset=find_preset(recipe.preset))
    ours, theirs = ([w.shape for w in n.weights] for n in (network, source))
    if preset.backbone != find_preset(recipe.preset).backbone or ours != theirs:
        raise RunError(
            f"cannot start from {recipe.init!r}: it is of preset {preset.name}, with filters of its "
            f"own perhaps, and the run of {recipe.preset}; give --preset {preset.name}"
        )
    network.set_weights(source.get_weights())
    return network


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


def _run(recipe: Recipe, folder: RunDir, decoded: Decoded, *, tell: Tell) -> None:
    """Go through what is left; each stretch begins with the state on disk, if any.

    Stretches end with the frozen epochs, with an epoch that was stopped in its middle, and with the
    run.
    """
    steps = decoded.data.samples // recipe.batch_size
    if folder.has_ended(recipe):
        return
    tell({"event": "phase", "what": "building the network"})
    network, teachers = start_network(recipe), load_teachers(recipe)
    with Interrupt(lambda: tell({"event": "stopping"})) as stop:
        while not folder.has_ended(recipe):
            place = folder.place()
            stage = recipe.frozen_epochs if place.epoch < recipe.frozen_epochs else recipe.epochs
            until = place.epoch + 1 if place.step else stage
            rate = _take_up(network, recipe, folder, steps=steps)
            batches = training_dataset(recipe, decoded, range(place.epoch, until), skip=place.step)
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


def _check_start(recipe: Recipe) -> None:
    """See that there is what a run starts from and learns from, before anything is read."""
    for name in filter(None, (recipe.init, *recipe.teachers)):
        if not (weights := find_weights(name)).exists():
            verb = "start" if name == recipe.init else "learn"
            raise RunError(
                f"cannot {verb} from {name!r}: there is no {str(weights)!r}; give a run with a "
                "finished epoch"
            )
    if recipe.trainable:
        freeze_others(
            build_network(find_preset(recipe.preset), backbone_weights="none"), recipe.trainable
        )


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


def train(recipe: Recipe, out: Path, *, tell: Tell = lambda event: None) -> None:
    """Run a recipe, or go on with it where it was stopped.

    Args:
        recipe: what decides the run.
        out: the run folder; made if missing.
        tell: takes events as they come: phase, progress, unreadable, leak, start, ema_momentum,
            extended, epoch, stopping, end.
    Raises:
        DataError: the data cannot be trained on.
        UsageError: there is no network to start from.
        ModelError: `trainable` names what is no layer's.
        RecipeError: `out` holds a run with another recipe.
        FileError: another process trains in `out`.
        RunError: `out` holds a run with other data, the loss is no number any more, or the run's
            files are damaged or cannot be written.
        KeyboardInterrupt: Ctrl-C; what was learnt is kept.
    """
    data = find_data(recipe)
    _check_start(recipe)
    folder = RunDir(out)
    with telling(out):
        out.mkdir(parents=True, exist_ok=True)
    with locked(out):
        _train(recipe, folder, data, tell=tell)


def _train(recipe: Recipe, folder: RunDir, data: Data, *, tell: Tell) -> None:
    try:
        decoded = _get_ready(recipe, folder, data, tell=tell)
        keras.utils.set_random_seed(recipe.seed)
        _run(recipe, folder, decoded, tell=tell)
        write_report(recipe, folder, decoded)
    except (OSError, FileError, ImageError) as error:
        raise RunError(f"{error}; then {how_to_go_on(folder.path)}") from error
    folder.remove_canvases()
    best = min(folder.rows(), key=lambda row: float(row["val_loss"]))
    last = folder.rows()[-1]
    ends = {"last_epoch": int(last["epoch"]), "last_val_iou": float(last["val_iou"])}
    figures = {"best_epoch": int(best["epoch"]), "val_iou": float(best["val_iou"])}
    tell({"event": "end", **figures, **ends, "report": str(folder.report)})
