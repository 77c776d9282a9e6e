"""Trained networks by what they are called: a run, a preset that ships, a file; and their mean."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import h5py
import keras
import numpy as np

from figureground.engines import reason_of, saved_model
from figureground.engines.keras import KNOWN
from figureground.engines.trial import check_network
from figureground.engines.tutorial import is_tutorial
from figureground.errors import ModelError, UsageError
from figureground.models.network import build_network
from figureground.models.photograph import photograph
from figureground.models.presets import PRESETS, RESNET50, TUTORIAL, Preset, find_preset
from figureground.models.shipped import find_keras_weights, is_run, is_saved_model, is_shipped
from figureground.models.tutorial_proof import TOLERANCE, open_tutorial
from figureground.models.tutorial_weights import load_tutorial
from figureground.training.recipe_file import load_recipe
from figureground.training.run_dir import MARK


def find_weights(name: str) -> Path:
    """The best weights of a run, else those of the preset that ships by that name, else the file.

    Raises:
        UsageError: it is none of these.
    """
    if is_run(name):
        return Path(name) / "best.weights.h5"
    path = find_keras_weights(name) or Path(name)
    if path.is_dir() and not is_saved_model(path):
        raise UsageError(f"{name!r} is not the folder of a training run: no recipe.toml in it")
    if not path.exists():
        raise UsageError(
            f"there is no {name!r}: give the folder of a training run, a preset that ships, or a "
            "file of weights"
        )
    return path


def is_foreign(name: str, preset: Preset | None = None) -> bool:
    """Return whether a file or folder holds a whole network, or weights of the article's own.

    preset: what a file of weights is of.
    """
    path = Path(name)
    if is_run(name) or find_keras_weights(name) or not path.exists():
        return False
    if not name.endswith(".weights.h5"):
        return True
    return preset is not None and preset.backbone == TUTORIAL.backbone and mark_of(path) is None


def load_file(path: Path, *, color: str | None = None) -> tuple[keras.Model, Preset]:
    """The network of a file that `export --to keras` wrote, or of the tutorial's; and its preset.

    Raises:
        ModelError: it is neither, or cannot be read.
    """
    check_network(path)
    if is_saved_model(path) and not (path / "keras_metadata.pb").is_file():
        return _load_exported(path, color)
    if path.suffix.lower() != ".keras" or is_tutorial(path):
        loaded = open_tutorial(path, color=color)
        return loaded.network, loaded.preset
    try:
        source = keras.saving.load_model(path, compile=False, custom_objects=KNOWN)
        preset = find_preset(source.name)
        network = build_network(preset, backbone_weights="none")
        network.set_weights(source.get_weights())
    except (OSError, TypeError, ValueError, UsageError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ModelError(f"{str(path)!r} is no network of figureground's: {reason}") from error
    return network, preset


def _load_exported(path: Path, color: str | None) -> tuple[keras.Model, Preset]:
    """The network of a folder that Keras 3 exported, which holds a program and does not describe it.

    Its weights are taken in their order, dilations as the article's; that is proven by the program.
    """
    engine = saved_model.open_engine(path, color=color)
    loaded = load_tutorial(path, color=engine.color)
    rows, columns = engine.size
    square = np.ascontiguousarray(photograph(max(engine.size))[0][:rows, :columns])
    ours = np.asarray(loaded.network(square[None], training=False))[0, ..., -1]
    if not (difference := float(np.abs(ours - engine(square)).max())) < TOLERANCE:
        raise ModelError(
            f"{str(path)!r} is not quite the tutorial's network: built anew its matte of a photo "
            f"differs by {difference:.2g}; give its .h5 or .keras file"
        )
    return loaded.network, replace(loaded.preset, size=rows)


def mark_of(path: Path) -> str | None:
    """What a network was called whose weights were written here; None where they were elsewhere."""
    with suppress(OSError), h5py.File(path) as file:
        return str(file.attrs[MARK]) if MARK in file.attrs else None
    return None


def load_trained(
    name: str, *, preset: Preset | None = None, color: str | None = None
) -> tuple[keras.Model, Preset]:
    """The best network of a run folder, a shipped one, or a file of weights; and its preset.

    Args:
        name: the run folder, the preset, or the file.
        preset: what a file of weights is of.
        color: order of channels that a file of the Keras tutorial takes; see `open_tutorial`.
    Raises:
        UsageError: there is none, or it is no preset's.
        ModelError: its weights cannot be loaded.
    """
    path = find_weights(name)
    if is_run(name):
        preset = find_preset(load_recipe(Path(name) / "recipe.toml").preset)
    elif find_keras_weights(name):
        preset = find_preset(name)
    elif is_foreign(name, preset):
        return load_file(path, color=color)
    elif preset is None:
        raise UsageError(
            f"{name!r} is neither the folder of a run nor a preset that ships; if it is a file of "
            f"weights, say of what: --preset {' or '.join(sorted(PRESETS))}"
        )
    network = build_network(preset, backbone_weights="none")
    what = "holds no finished epoch" if is_run(name) else "holds no weights"
    read_weights(network, path, f"{name!r} {what} of {preset.name}")
    return network, preset


def read_weights(network: keras.Model, path: Path, complaint: str) -> None:
    """Load a file of weights into a network, once it is known to do no harm.

    Args:
        network: what they are of.
        path: the file.
        complaint: how an error begins.
    Raises:
        ModelError: they cannot be loaded.
    """
    if not path.is_file():
        raise ModelError(f"{complaint}: there is no {str(path)!r}")
    if not is_shipped(path):
        check_network(path)
    # Keras goes by numbers of layers, which fit these two and are of others.
    mark = mark_of(path)
    if mark is None and network.name == RESNET50.name and not is_run(str(path.parent)):
        raise ModelError(
            f"{complaint}: it was not written by figureground; give its run's folder, or, of the "
            "Keras tutorial's network, --preset tutorial"
        )
    if mark in PRESETS and mark != network.name:  # a copy's name may be another
        raise ModelError(f"{complaint}: its weights are of preset {mark}, not {network.name}")
    try:
        network.load_weights(path)
    except Exception as error:
        raise ModelError(f"{complaint}: {reason_of(error)}") from error


def trained_size(name: str) -> int | None:
    """Return the rows and columns that a run was trained at; None where a name is no run's."""
    return load_recipe(Path(name) / "recipe.toml").image_size if is_run(name) else None


def parse_share(text: str) -> tuple[str, float]:
    """`NAME` or `NAME:WEIGHT`. Raises UsageError where the weight is no number above 0."""
    name, colon, weight = text.rpartition(":")
    if not colon or Path(text).exists():
        return text, 1.0
    try:
        value = float(weight)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise UsageError(f"{text!r}: the weight after the colon must be a number above 0")
    return name, value


def first_run(texts: Sequence[str]) -> Path | None:
    """The first of some networks that is the folder of a run, if any.

    Raises:
        UsageError: one is none.
    """
    names = [parse_share(text)[0] for text in texts]
    for name in names:
        find_weights(name)
    return next((Path(name) for name in names if is_run(name)), None)


def load_mean(
    texts: Sequence[str], *, preset: Preset | None = None, color: str | None = None
) -> tuple[keras.Model, Preset]:
    """The network whose weights, batch statistics too, are the mean of those of several.

    Networks that were trained from one start often lie in one basin, whose middle is better than
    its rims; of others, the mean is no network at all.
    Source: model soups, Wortsman et al., ICML 2022.

    Args:
        texts: one or more of `load_trained`, each with a share of its own as in `parse_share`.
        preset: what files of weights are of.
        color: order of channels that files of the Keras tutorial take; see `open_tutorial`.
    Raises:
        UsageError: there is none of a name, or they are of several presets.
        ModelError: one cannot be loaded.
    """
    shares = [parse_share(text) for text in texts]
    whole = sum(share for _, share in shares)
    network, first = load_trained(shares[0][0], preset=preset, color=color)
    if len(shares) == 1:
        return network, first
    total = [shares[0][1] / whole * values.astype(np.float64) for values in network.get_weights()]
    for name, share in shares[1:]:
        other, its = load_trained(name, preset=preset, color=color)
        if its != first:
            raise UsageError(
                f"{shares[0][0]!r} is {first.name} but {name!r} is {its.name}; only networks of "
                "one preset have a mean"
            )
        for sums, values in zip(total, other.get_weights(), strict=True):
            sums += share / whole * values
    network.set_weights([values.astype(np.float32) for values in total])
    return network, first
