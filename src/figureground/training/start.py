"""The network that a run begins with: from another's weights, or on its backbone's."""

import keras

from figureground.errors import ModelError, RunError
from figureground.models.network import build_network, freeze_others
from figureground.models.presets import find_preset
from figureground.training.checkpoints import find_weights, is_foreign, load_trained, read_weights
from figureground.training.recipe import Recipe

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
        if is_foreign(recipe.init, find_preset(recipe.preset)):
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


def check_start(recipe: Recipe) -> None:
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
