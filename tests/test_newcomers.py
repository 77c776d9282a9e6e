"""What a newcomer adds is one row: each test adds one at run time and uses it end to end."""

import io
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from figureground import Remover
from figureground.cli import main
from figureground.engines import ENGINES, open_engine
from figureground.errors import UsageError
from figureground.jobs import drawing
from figureground.jobs.kinds import OUTPUTS, Kind
from figureground.media.format_row import IMAGE, Format, Writer
from figureground.media.format_table import FORMATS, starts
from figureground.models.backbone import Backbone
from figureground.models.backbones import BACKBONES
from figureground.models.network import build_network, encoder_layers
from figureground.models.presets import PRESETS, Preset
from figureground.training.losses import MatteLoss


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A skin-coloured square before grey, 32 by 32."""
    pixels = np.full((32, 32, 3), (90, 110, 140), np.uint8)
    pixels[8:24, 8:24] = (220, 150, 120)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_a_kind_is_one_function_and_one_row(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw_negative(cutout: Any, style: object) -> np.ndarray:
        return 255 - np.asarray(cutout.original.pixels)

    monkeypatch.setattr(drawing, "draw_negative", draw_negative, raising=False)
    monkeypatch.setitem(OUTPUTS, "negative", Kind(image="draw_negative"))
    out = tmp_path / "out"
    assert main(["remove", str(photo), "-o", f"{out}/", "--kind", "negative,mask", "-q"]) == 0
    with Image.open(out / "photo.negative.png") as image:
        assert image.getpixel((0, 0)) == (165, 145, 115)
    assert main(["remove", str(out), "-o", str(out), "-q"]) == 1  # both are results, none an image


def encode_ppm(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PPM")
    return stream.getvalue()


def test_a_format_is_one_row(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = Format(
        name="PPM", kinds=(IMAGE,), endings=(".ppm",), tell=starts(b"P6"),
        reader="PIL.PpmImagePlugin:PpmImageFile",
        writer=Writer(function=f"{__name__}:encode_ppm", endings=(".ppm",), keeps=()),
    )  # fmt: skip
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    with Image.open(photo) as image:
        image.save(folder / "a.ppm", "PPM")
    words = ["remove", str(folder), "-o", str(out), "--background", "#00ff00", "-q"]
    assert main(words) == 1  # it is not known
    monkeypatch.setitem(FORMATS, "PPM", row)
    assert main([*words, "--format", "ppm"]) == 0
    written = out / "a.composite.ppm"
    assert written.read_bytes().startswith(b"P6")
    assert main(["remove", str(written), "-o", str(tmp_path / "b.png"), "-q"]) == 0
    with Image.open(tmp_path / "b.png") as image:
        assert image.size == (32, 32)


ENGINE = """
import numpy as np


class Redness:
    size = (32, 32)

    def __call__(self, square):
        return np.clip((square[..., 0] - square[..., 1]) * 8 - 0.5, 0, 1).astype(np.float32)

    def resized(self, size):
        return self


def open_engine(path, **options):
    return Redness()
"""
ROW = "from figureground.engines import ENGINES\nENGINES['.red'] = 'redness'\n"


def test_an_engine_is_one_module_and_one_row(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = tmp_path / "rooms"  # for this process, and for the one in which networks are tried
    rooms.mkdir()
    (rooms / "redness.py").write_text(ENGINE)
    (rooms / "sitecustomize.py").write_text(ROW)
    monkeypatch.syspath_prepend(str(rooms))
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(rooms), os.environ.get("PYTHONPATH", "")])
    )
    network = tmp_path / "skin.red"
    network.write_bytes(b"as red as skin")
    with pytest.raises(UsageError, match="cannot tell how to run"):
        open_engine(network)
    monkeypatch.setitem(ENGINES, ".red", "redness")
    alpha = Remover(network).remove(photo).alpha
    assert alpha[16, 16] > 0.9 and alpha[2, 2] < 0.1
    mask = tmp_path / "mask.png"
    words = ["--kind", "mask", "--model", str(network), "-q"]
    assert main(["remove", str(photo), "-o", str(mask), *words]) == 0
    with Image.open(mask) as image:
        assert image.getpixel((16, 16)) > 230 and image.getpixel((2, 2)) < 25


def test_a_backbone_is_one_file_and_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def features(image: object) -> list[object]:
        half = layers.Conv2D(4, 3, 2, padding="same", name="pebble1")(image)  # 1/2
        quarter = layers.Conv2D(4, 3, 2, padding="same", name="pebble2")(half)  # 1/4
        taps = [half, quarter]
        for step in (3, 4):
            taps.append(layers.MaxPooling2D(name=f"pool{step}")(taps[-1]))  # 1/8, 1/16
        return taps

    loaded = []
    row = Backbone(features=features, load=lambda network, weights: loaded.append(weights))
    preset = Preset(
        name="pebble", backbone="pebble", bridge=4, dilations=(1,), decoder=(4, 4, 4, 4),
        separable=True, size=32,
    )  # fmt: skip
    monkeypatch.setitem(BACKBONES, "pebble", row)
    monkeypatch.setitem(PRESETS, "pebble", preset)
    network = build_network(PRESETS["pebble"])
    assert loaded == ["imagenet"]
    assert {"pebble1", "pebble2"} <= {layer.name for layer in encoder_layers(network)}
    loss = MatteLoss({"bce": 1.0}, (1, 1, 1, 1))
    network.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss)
    images = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)
    kernel = network.get_layer("pebble1").kernel
    before = keras.ops.convert_to_numpy(kernel).copy()
    network.train_on_batch(images, images[..., :1])
    assert np.abs(keras.ops.convert_to_numpy(kernel) - before).max() > 0
    assert network.predict_on_batch(images).shape == (2, 32, 32, 4)
