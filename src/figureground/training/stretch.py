"""A stretch of a run: some epochs, or the rest of one, with one optimizer."""

import keras

from figureground.errors import RunError
from figureground.models.network import freeze_encoder, freeze_others
from figureground.training.optimizer import Rate, compile_network
from figureground.training.recipe import Recipe
from figureground.training.run_dir import RunDir, RunProgress, damaged


def _prepare(network: keras.Model, recipe: Recipe, steps: int, epoch: int) -> Rate:
    """Make what learns in an epoch trainable and give it an optimizer; returns its rate."""
    warm = epoch < recipe.frozen_epochs
    freeze_encoder(network, frozen=warm)
    if recipe.trainable:
        freeze_others(network, recipe.trainable)
    return compile_network(network, recipe, steps, 0 if warm else recipe.frozen_epochs)


def take_up(
    network: keras.Model, recipe: Recipe, folder: RunDir | None, place: RunProgress, *, steps: int
) -> Rate:
    """Bring a network and its optimizer to the state on disk, if any; returns its rate.

    folder: of the run; None where the state comes from another worker.
    """
    rate = _prepare(network, recipe, steps, place.epoch if place.step else max(0, place.epoch - 1))
    if folder and (place.epoch or place.step):
        try:
            network.load_weights(folder.last)
        except Exception as error:
            raise RunError(damaged(folder.last, folder.path)) from error
    if place.epoch and place.epoch == recipe.frozen_epochs and not place.step:
        return _prepare(network, recipe, steps, place.epoch)  # the encoder wakes: a new optimizer
    return rate


def end_of_stretch(recipe: Recipe, place: RunProgress) -> int:
    """Return the epoch before which a stretch that begins at a place ends."""
    stage = recipe.frozen_epochs if place.epoch < recipe.frozen_epochs else recipe.epochs
    return place.epoch + 1 if place.step else stage
