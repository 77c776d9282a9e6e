"""Files of the Keras tutorial, as its scripts save them, become our network by their structure."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from figureground.engines import open_engine, saved_model, trial
from figureground.errors import FiguregroundError, ModelError
from figureground.models.tutorial_file import write_tutorial_file
from figureground.models.tutorial_network import swap_colors
from figureground.models.tutorial_proof import open_tutorial
from figureground.models.tutorial_weights import load_tutorial

FILES = [
    "keras2/model.h5", "keras2/list.h5", "keras2/model.keras", "keras2/model.weights.h5",
    "keras2/saved_model", "keras3/model.h5", "keras3/model.keras", "keras3/model.weights.h5",
    "tf212/model.h5", "tf212/weights.h5", "tf212/model.weights.h5",
]  # fmt: skip


def expected(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """RGB in 0..1 of the image that a version of TensorFlow saw as BGR, and its four mattes."""
    with np.load(folder / "expected.npz") as kept:
        bgr = kept["image"].astype(np.float32) / 255
        return np.ascontiguousarray(bgr[..., ::-1]), kept["mattes"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_predicts_what_its_own_version_did(tutorial_files: Path, name: str) -> None:
    rgb, mattes = expected((tutorial_files / name).parent)
    loaded = load_tutorial(tutorial_files / name)
    found = np.asarray(loaded.network(rgb[None], training=False))[0]
    assert mattes[..., -1].max() > 0.9 and mattes[..., -1].min() < 0.1
    np.testing.assert_allclose(found, mattes, atol=1e-5)


def test_structure_is_read_from_the_file(tutorial_files: Path) -> None:
    preset = load_tutorial(tutorial_files / "keras2" / "model.keras").preset
    assert (preset.bridge, preset.dilations, preset.decoder) == (12, (3, 6, 9), (12, 8, 8, 6))
    assert preset.stages == ((64, 1), (4, 3), (6, 4), (8, 6)) and preset.size == 64


def test_a_saved_model_of_keras_3_tells_its_colors_by_a_photo(tutorial_files: Path) -> None:
    rgb, mattes = expected(tutorial_files / "keras3")
    engine = open_engine(tutorial_files / "keras3" / "saved_model")
    np.testing.assert_allclose(engine(rgb), mattes[..., -1], atol=1e-5)


def change(tutorial_files: Path, tmp_path: Path, edit) -> Path:
    """A copy of a whole file whose configuration is another."""
    path = tmp_path / "model.h5"
    shutil.copy(tutorial_files / "keras2" / "model.h5", path)
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        layers = {layer["name"]: layer for layer in config["config"]["layers"]}
        edit(config["config"], layers)
        del file.attrs["model_config"]
        file.attrs["model_config"] = json.dumps(config)
    return path


def other_kernel(config, layers) -> None:
    layers["conv2d_4"]["config"]["kernel_size"] = [5, 5]


def other_layer(config, layers) -> None:
    layers["conv2d_5"]["class_name"] = "SeparableConv2D"


def other_activation(config, layers) -> None:
    layers["conv2d_19"]["config"]["activation"] = "tanh"


def other_outputs(config, layers) -> None:
    layers["concatenate_5"]["inbound_nodes"][0] = layers["concatenate_5"]["inbound_nodes"][0][:3]


def other_encoder(config, layers) -> None:
    layers["conv1_conv"]["config"]["strides"] = [1, 1]


def other_tap(config, layers) -> None:
    layers["concatenate_4"]["inbound_nodes"][0][1][0] = "conv1_pad"


def sequential(config, layers) -> None:
    del config["layers"]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (other_kernel, "kernel_size 5"),
        (other_layer, "SeparableConv2D"),
        (other_activation, "'tanh'"),
        (other_outputs, "3 mattes"),
        (other_encoder, "strides 1"),
        (other_tap, "'input_1'"),
        (sequential, "functional"),
    ],
)
def test_another_network_is_refused_by_what_differs(
    tutorial_files: Path, tmp_path: Path, edit, told: str
) -> None:
    path = change(tutorial_files, tmp_path, edit)
    with pytest.raises(ModelError) as raised:
        load_tutorial(path)
    line = str(raised.value).replace(str(tmp_path), "")
    assert told in line and "\n" not in line and len(line) <= 300


def test_what_is_built_anew_has_to_do_what_the_file_says(tutorial_files: Path, tmp_path) -> None:
    def edit(config, layers) -> None:  # a step that structure alone does not look at
        layers["conv3_block1_1_conv"]["config"]["padding"] = "valid"
        layers["conv3_block1_1_relu"]["config"]["activation"] = "relu"
        layers["up_sampling2d_6"]["config"]["interpolation"] = "bilinear"

    open_tutorial(change(tutorial_files, tmp_path, edit))  # means the same


def test_other_dilations_are_read(tutorial_files: Path, tmp_path: Path) -> None:
    def edit(config, layers) -> None:
        layers["conv2d_1"]["config"]["dilation_rate"] = [4, 4]

    loaded = open_tutorial(change(tutorial_files, tmp_path, edit))
    assert loaded.preset.dilations == (3, 4, 9)


@pytest.mark.parametrize("name", [*FILES, "keras3/saved_model"])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_a_file_cut_short_is_one_line(
    tutorial_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, part: float
) -> None:
    monkeypatch.setattr(trial, "_limit_memory", lambda memory: None)  # it is tried in this process
    monkeypatch.setattr(trial, "_try", lambda path, *state: trial._verdict(path, 0))
    source, path = tutorial_files / name, tmp_path / Path(name).name
    if source.is_dir():
        shutil.copytree(source, path)
        cut = [path / "saved_model.pb", path / "keras_metadata.pb"]
        cut = [file for file in cut if file.exists()][-1:]
    else:
        shutil.copy(source, path)
        cut = [path]
    for file in cut:
        file.write_bytes(file.read_bytes()[: int(part * file.stat().st_size)])
    with pytest.raises(FiguregroundError) as raised:
        open_engine(path)
    line = str(raised.value).replace(str(tmp_path), "")
    assert "\n" not in line and len(line) <= 300


def cut_short(data: bytes) -> bytes:
    """A half, of which TensorFlow raises an IndexError."""
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    """All bits turned, of which TensorFlow raises an error of its own."""
    return bytes(255 - value for value in data)


@pytest.mark.parametrize(
    ("name", "opener"),
    [("keras2/saved_model", load_tutorial), ("keras3/saved_model", saved_model.open_engine)],
)
@pytest.mark.parametrize("harm", [cut_short, flipped])
def test_a_folder_whose_weights_are_damaged_is_refused(
    tutorial_files: Path, tmp_path: Path, name: str, opener, harm: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "saved_model"
    shutil.copytree(tutorial_files / name, path)
    weights = path / "variables" / "variables.data-00000-of-00001"
    weights.write_bytes(harm(weights.read_bytes()))
    with pytest.raises(ModelError) as raised:
        opener(path)
    assert "\n" not in str(raised.value)


def test_a_network_that_takes_rgb_is_not_taken_as_bgr(tutorial_files: Path, tmp_path: Path) -> None:
    rgb, mattes = expected(tutorial_files / "keras2")
    loaded = load_tutorial(tutorial_files / "keras2" / "model.h5")
    swap_colors(loaded.network, loaded.preset)
    path = tmp_path / "rgb.h5"
    write_tutorial_file(loaded.network, loaded.preset, path, size=64)
    with h5py.File(path, "r+") as file:  # as if somebody else had trained it so
        del file.attrs["figureground"]
    with pytest.raises(ModelError, match="--color rgb or --color bgr"):
        open_tutorial(path)
    right = open_tutorial(path, color="rgb").network
    found = np.asarray(right(rgb[None], training=False))[0]
    np.testing.assert_allclose(found, mattes, atol=1e-5)
