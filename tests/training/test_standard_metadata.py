"""Networks carry the standard metadata that MediaPipe goes by, beside what figureground says of them."""

import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import number_types
from flatbuffers.table import Table
from PIL import Image

from figureground.engines import open_engine
from figureground.matting.letterbox import letterbox
from figureground.media.images import read_image
from figureground.models.shipped import find_model

MEDIAPIPE = """
import sys
sys.modules["tensorflow"] = None  # it would load it where it is there, and needs it for nothing
import mediapipe, numpy
from mediapipe.tasks.python import BaseOptions, vision
options = vision.ImageSegmenterOptions(
    base_options=BaseOptions(model_asset_path=sys.argv[1]),
    output_category_mask=True, output_confidence_masks=True,
)
with vision.ImageSegmenter.create_from_options(options) as segmenter:
    result = segmenter.segment(mediapipe.Image.create_from_file(sys.argv[2]))
    (confidence,) = result.confidence_masks
    numpy.savez(sys.argv[3], labels=segmenter.labels, confidence=confidence.numpy_view(),
                category=result.category_mask.numpy_view())
"""


class Fields:
    """A table of a FlatBuffer by the numbers of its fields."""

    def __init__(self, buffer: bytes, place: int) -> None:
        self._table = Table(buffer, place)

    @classmethod
    def root(cls, buffer: bytes, identifier: bytes) -> "Fields":
        assert buffer[4:8] == identifier
        return cls(buffer, flatbuffers.encode.Get(flatbuffers.packer.uoffset, buffer, 0))

    def _offset(self, number: int) -> int:
        return self._table.Offset(4 + 2 * number)

    def text(self, number: int) -> str:
        return self._table.String(self._offset(number) + self._table.Pos).decode()

    def number(self, number: int, kind: type = number_types.Uint8Flags) -> int:
        offset = self._offset(number)
        return self._table.Get(kind, offset + self._table.Pos) if offset else 0

    def table(self, number: int) -> "Fields":
        place = self._table.Indirect(self._offset(number) + self._table.Pos)
        return Fields(self._table.Bytes, place)

    def tables(self, number: int) -> list["Fields"]:
        start, count = self._table.Vector(self._offset(number)), self._count(number)
        places = [self._table.Indirect(start + 4 * item) for item in range(count)]
        return [Fields(self._table.Bytes, place) for place in places]

    def values(self, number: int, kind: Any) -> list:
        start, count = self._table.Vector(self._offset(number)), self._count(number)
        return [self._table.Get(kind, start + kind.bytewidth * item) for item in range(count)]

    def _count(self, number: int) -> int:
        return self._table.VectorLen(self._offset(number))


def standard_metadata(path: Path) -> Fields:
    network = schema.Model.GetRootAs(path.read_bytes(), 0)
    entries = [network.Metadata(number) for number in range(network.MetadataLength())]
    (buffer,) = [entry.Buffer() for entry in entries if entry.Name() == b"TFLITE_METADATA"]
    return Fields.root(network.Buffers(buffer).DataAsNumpy().tobytes(), b"M001")


@pytest.mark.parametrize("name", ["lite", "lite-int8"])
def test_a_network_says_what_its_image_and_its_matte_are(name: str) -> None:
    (graph,) = (told := standard_metadata(find_model(name))).tables(3)
    (image,), (alpha,), (custom,) = graph.tables(2), graph.tables(3), graph.tables(9)
    assert (told.text(0), told.text(5), told.text(7)) == ("lite", "Apache-2.0", "1.5.0")
    assert image.table(3).number(0) == 2  # an image, RGB, of the size of the input
    properties = image.table(3).table(1)
    assert properties.number(0) == 1
    sides = [properties.table(1).number(side, number_types.Uint32Flags) for side in (0, 1)]
    assert sides == list(open_engine(find_model(name)).size)
    (unit,) = image.tables(4)  # what turns levels into 0 to 1
    assert unit.number(0) == 1
    values = [unit.table(1).values(number, number_types.Float32Flags) for number in (0, 1)]
    assert values == [[0.0], [255.0]]
    (labels,) = alpha.tables(6)
    assert labels.number(2) == 2
    with zipfile.ZipFile(find_model(name)) as archive:
        assert archive.read(labels.text(0)) == b"person\n"
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    assert custom.text(0) == "SEGMENTER_METADATA"
    options = Fields.root(bytes(custom.values(1, number_types.Uint8Flags)), b"V001")
    assert options.number(0) == 0  # the matte is no logit


@pytest.mark.soak
@pytest.mark.parametrize(
    ("name", "largest", "mean"),
    [("lite", 1e-4, 1e-6), ("lite-int8", 1, 0.01)],  # another build rounds int8 otherwise
)
def test_mediapipe_s_image_segmenter_gives_our_matte(
    tmp_path: Path, astronaut: Path, name: str, largest: float, mean: float
) -> None:
    if find_spec("mediapipe") is None:
        pytest.skip("MediaPipe is not installed; `make soak` does")
    engine = open_engine(find_model(name))
    square, _ = letterbox(read_image(astronaut).rgb, engine.size)
    levels = np.rint(square * 255).astype(np.uint8)
    Image.fromarray(levels).save(tmp_path / "square.png")
    script = [sys.executable, "-c", MEDIAPIPE, str(find_model(name))]
    out = tmp_path / "masks.npz"
    subprocess.run([*script, str(tmp_path / "square.png"), str(out)], check=True, timeout=120)
    matte = engine(levels.astype(np.float32) / np.float32(255))
    with np.load(out) as told:
        assert list(told["labels"]) == ["person"]
        confidence, category = told["confidence"].squeeze(), told["category"].squeeze()
    apart = np.abs(confidence - matte)
    assert apart.max() < largest and apart.mean() < mean
    np.testing.assert_array_equal(category, np.where(confidence > 0.5, 0, 255))  # person, or none
