"""Read what Keras 2 and Keras 3 save: the configuration as JSON, the weights as arrays; no code.

| file | configuration | weights |
|---|---|---|
| `.h5`, whole | attribute `model_config` | `model_weights/LAYER`, listed in its `weight_names` |
| `.weights.h5` of TensorFlow up to 2.12 | none | `LAYER`, listed in its `weight_names` |
| `.weights.h5` since | none | `layers/CLASS_N/vars/0`, N counted within each class |
| `.keras` | `config.json` | `model.weights.h5`, as the last |
| folder of Keras 2 | `keras_metadata.pb` | a checkpoint of TensorFlow |
| folder of Keras 3 | none but its program | the same, `variables/N` in the network's order |
"""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from figureground.errors import ExtraError, ModelError

try:
    import h5py
except ImportError as missing:
    raise ExtraError("train", "reading a network of Keras") from missing

# Arrays of a layer, which have to be of the shapes that are given.
ReadWeights = Callable[[str, Sequence[tuple[int, ...]]], list[np.ndarray]]
Arrays = Callable[[str], list[Any]]  # of a layer, as the file keeps them
COUNTED = ("layers", "_layer_checkpoint_dependencies")  # where layers are counted by class
PARTS = ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")
EXPORTED = re.compile(r"variables/\d+/\.ATTRIBUTES/VARIABLE_VALUE$")
LARGEST_CONFIG = 64 << 20  # bytes
DAMAGED = (OSError, LookupError, ValueError, TypeError, RuntimeError, EOFError, AttributeError,
           NotImplementedError, zipfile.BadZipFile, zlib.error)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class KerasFile:
    """A file of Keras: what it says, and how its weights are had."""

    config: Any  # as Keras wrote it; None where the file holds weights only
    names: tuple[str, ...]  # what its layers with weights are called in it, in its network's order
    counted: bool  # whether those names are a class and a number
    made_here: bool  # whether figureground wrote it
    shapes: Callable[[str], list[tuple[int, ...]]]  # of a layer's arrays
    read: ReadWeights


def read_keras_file(path: Path) -> KerasFile:
    """What a file or folder of Keras holds.

    Raises:
        ModelError: it is damaged, or of another kind.
    """
    try:
        if path.is_dir():
            return _read_saved_model(path)
        if zipfile.is_zipfile(path) and not h5py.is_hdf5(path):
            return _read_archive(path)
        return _read_hdf5(h5py.File(path))
    except DAMAGED as error:
        reason = " ".join(str(error).split())[:100]
        raise ModelError(
            f"{str(path)!r} is damaged, or no network that Keras saved ({reason})"
        ) from error


def _read_archive(path: Path) -> KerasFile:
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo("config.json").file_size > LARGEST_CONFIG:
            raise ValueError("its configuration is too large")
        config = json.loads(archive.read("config.json"))
        weights = io.BytesIO(archive.read("model.weights.h5"))
    return _read_hdf5(h5py.File(weights), config)


def _read_hdf5(file: Any, config: Any = None) -> KerasFile:
    made_here = "figureground" in file.attrs
    if config is None and "model_config" in file.attrs:
        config = json.loads(file.attrs["model_config"])
    counted = next((name for name in COUNTED if name in file), None)
    group = file[counted] if counted else file.get("model_weights", file)
    arrays = partial(_counted_arrays if counted else _named_arrays, group)
    order = sorted(group, key=_number) if counted else _listed(group.attrs, "layer_names")
    names = tuple(name for name in order if arrays(name))
    if not names:
        raise ValueError("it holds no weights")
    return _file(config, names, arrays, counted=counted is not None, made_here=made_here)


def _file(
    config: Any, names: tuple[str, ...], arrays: Arrays, *, counted: bool, made_here: bool
) -> KerasFile:
    return KerasFile(
        config=config, names=names, counted=counted, made_here=made_here,
        shapes=lambda name: [tuple(array.shape) for array in arrays(name)],
        read=partial(_checked, arrays),
    )  # fmt: skip


def _number(name: str) -> tuple[str, int]:
    """`conv2d_12` as ("conv2d", 12), so that it stands behind `conv2d_9`."""
    word, _, number = name.rpartition("_")
    return (word, int(number)) if number.isdecimal() else (name, 0)


def _counted_arrays(group: Any, name: str) -> list[Any]:
    kept = group[name].get("vars", {})
    return [kept[str(number)] for number in range(len(kept))]


def _named_arrays(group: Any, name: str) -> list[Any]:
    return [group[name][key] for key in _listed(group[name].attrs, "weight_names")]


def _listed(attributes: Any, name: str) -> list[str]:
    """A list that Keras wrote as one attribute, or as several numbered ones where it is long."""
    parts = [name] if name in attributes else sorted(
        (part for part in attributes if re.fullmatch(name + r"\d+", part)), key=_digits
    )  # fmt: skip
    words = [word for part in parts for word in attributes[part]]
    return [word.decode() if isinstance(word, bytes) else str(word) for word in words]


def _digits(name: str) -> int:
    return int(re.sub(r"\D", "", name))


def _checked(arrays: Arrays, name: str, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """Arrays of a layer, unpacked only once they are known to be of their shapes."""
    try:
        kept = arrays(name)
        found = [tuple(array.shape) for array in kept]
        if found != list(shapes):
            raise ModelError(
                f"its layer {name[:60]!r} has weights {found} where {list(shapes)} are wanted"
            )
        if any(getattr(array, "external", None) for array in kept):
            raise ModelError(f"the weights of its layer {name[:60]!r} lie in another file")
        return [np.asarray(array[()], np.float32) for array in kept]
    except DAMAGED as error:
        raise ModelError(
            f"the weights of its layer {name[:60]!r} are damaged or missing"
        ) from error


def _read_saved_model(folder: Path) -> KerasFile:
    """A folder that Keras 2 saved: which object is which layer is told by keras_metadata.pb."""
    if not (folder / "keras_metadata.pb").exists():
        return _read_exported(folder)
    config, places = None, {}
    for place, text in _saved_objects((folder / "keras_metadata.pb").read_bytes()):
        described = json.loads(text)
        if place == "root":
            config = {"class_name": described["class_name"], "config": described["config"]}
        elif re.fullmatch(r"root\.layer_with_weights-\d+", place):
            places[described["name"]] = place.removeprefix("root.")
    known = read_variables(folder)

    def arrays(name: str) -> list[Any]:
        keys = [f"{places[name]}/{part}/.ATTRIBUTES/VARIABLE_VALUE" for part in PARTS]
        return [known[key] for key in keys if key in known]

    return _file(config, tuple(places), arrays, counted=False, made_here=False)


def _read_exported(folder: Path) -> KerasFile:
    """A folder that Keras 3 exported: a convolution's arrays are two, of which the first has 4 sides."""
    known = read_variables(folder)
    keys = sorted((key for key in known if EXPORTED.match(key)), key=_digits)
    values = [known[key] for key in keys]
    layers: dict[str, list[Any]] = {}
    while values:
        count = 2 if values[0].ndim == 4 else 4
        layers[f"layer_{len(layers)}"], values = values[:count], values[count:]
    if not layers:
        raise ValueError("it is no folder that Keras exported")
    return _file(None, tuple(layers), layers.__getitem__, counted=False, made_here=False)


def read_variables(folder: Path) -> dict[str, np.ndarray]:
    """Variables that a SavedModel keeps, but those of training, by their keys; checked by their sums.

    Raises:
        ValueError: they are damaged.
    """
    import tensorflow as tf

    try:
        kept = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
        keys = [key for key in kept.get_variable_to_shape_map() if "optimizer" not in key.lower()]
        return {key: kept.get_tensor(key) for key in keys}
    except (*DAMAGED, tf.errors.OpError) as error:
        raise ValueError("its variables cannot be read") from error


def _saved_objects(data: bytes) -> Iterator[tuple[str, str]]:
    """Path and description of each object of a `keras_metadata.pb`.

    Format: protocol buffers, `SavedMetadata` of keras/protobuf/saved_metadata.proto: field 1 is
    repeated, and of each, field 3 is its path and field 5 its description as JSON.
    """
    for field, value in _fields(data):
        if field == 1:
            parts = dict(_fields(value))
            yield parts.get(3, b"").decode(), parts.get(5, b"{}").decode()


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of the fields of a message that have a length; numbers are skipped."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        if key & 7 == 0:
            _, place = _varint(data, place)
        elif key & 7 == 2:
            length, place = _varint(data, place)
            yield key >> 3, data[place : place + length]
            place += length
        else:
            raise ValueError("its keras_metadata.pb is damaged")


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data):
        value |= (data[place] & 127) << shift
        place, shift = place + 1, shift + 7
        if data[place - 1] < 128:
            return value, place
    raise ValueError("its keras_metadata.pb is cut short")
