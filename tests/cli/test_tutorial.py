"""One command does what the Keras tutorial does, and its files are the tutorial's."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.cli import main
from figureground.engines import open_engine
from figureground.models.photograph import photograph


@pytest.fixture(scope="module")
def folder(people: Path, astronaut: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The article's layout after the command."""
    folder = tmp_path_factory.mktemp("tutorial")
    shutil.copytree(people, folder / "people_segmentation")
    (folder / "test" / "images").mkdir(parents=True)
    shutil.copy(astronaut, folder / "test" / "images" / "astronaut.jpg")
    words = ["--epochs", "1", "--image-size", "32", "--batch-size", "4"]
    assert main(["tutorial", str(folder), *words, "--backbone-weights", "none", "-q"]) == 0
    return folder


def test_the_model_is_what_the_articles_scripts_open(folder: Path) -> None:
    import keras

    network = keras.models.load_model(folder / "files" / "model.h5", compile=False)
    assert network.input_shape == (None, 32, 32, 3) and network.output_shape == (None, 32, 32, 4)


def test_the_log_has_the_columns_of_its_csv_logger(folder: Path) -> None:
    with (folder / "files" / "data.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert set(row) == {"epoch", "loss", "lr", "val_loss"}
    assert row["epoch"] == "0" and float(row["val_loss"]) > 0


def test_an_image_stands_beside_its_person_as_its_network_predicts(folder: Path) -> None:
    import cv2
    import keras

    image = cv2.imread(str(folder / "test" / "images" / "astronaut.jpg"))
    assert image is not None
    network = keras.models.load_model(folder / "files" / "model.h5", compile=False)
    seen = (cv2.resize(image, (32, 32)) / 255.0).astype(np.float32)
    alpha = cv2.resize(np.asarray(network(seen[None], training=False))[0, ..., -1], (512, 512))
    made = np.asarray(Image.open(folder / "test" / "masks" / "astronaut.png"), np.int16)
    assert made.shape == (512, 512 * 2 + 10, 3)
    expected = np.rint(image[..., ::-1] * alpha[..., None])
    assert np.abs(made[:, 522:] - expected).max() <= 1
    assert (made[:, 512:522] == 128).all()


def test_evaluate_measures_what_the_articles_file_finds(
    tutorial_files: Path, tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    shutil.copy(astronaut, tmp_path / "images" / "astronaut.jpg")
    mask = (photograph(512)[1] * 255).astype(np.uint8)  # of the same portrait
    Image.fromarray(mask).save(tmp_path / "masks" / "astronaut.png")
    model = str(tutorial_files / "keras2" / "model.h5")
    assert main(["evaluate", "--data", str(tmp_path), "--model", model, "--json", "-q"]) == 0
    (measured,) = json.loads(capsys.readouterr().out).values()
    assert measured["iou"]["value"] > 0.8


def test_weights_alone_are_exported_once_their_preset_is_told(
    tutorial_files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, path = tutorial_files / "keras2" / "model.weights.h5", tmp_path / "model.h5"
    words = ["export", str(weights), "--to", "keras", "--size", "64", "-o", str(path), "-q"]
    assert main(words) == 2
    assert "--preset" in capsys.readouterr().err
    assert main([*words, "--preset", "tutorial"]) == 0
    with np.load(weights.parent / "expected.npz") as kept:
        rgb = np.ascontiguousarray(kept["image"][..., ::-1], np.float32) / 255
        np.testing.assert_allclose(open_engine(path)(rgb), kept["mattes"][..., -1], atol=1e-5)


@pytest.mark.parametrize("name", ["keras2/model.h5", "keras2/model.keras", "keras3/model.h5"])
def test_remove_gives_what_the_articles_own_script_predicted(
    tutorial_files: Path, tmp_path: Path, name: str
) -> None:
    with np.load((tutorial_files / name).parent / "expected.npz") as kept:
        bgr, mattes = kept["image"], kept["mattes"]
    source, mask = tmp_path / "image.png", tmp_path / "mask.png"
    Image.fromarray(np.ascontiguousarray(bgr[..., ::-1])).save(source)
    words = ["--model", str(tutorial_files / name), "--raw", "--kind", "mask16"]
    assert main(["remove", str(source), *words, "-o", str(mask), "-q"]) == 0
    made = np.asarray(Image.open(mask), np.float64) / 65535
    np.testing.assert_allclose(made, mattes[..., -1], atol=1e-5 + 0.5 / 65535)
