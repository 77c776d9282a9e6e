"""Networks of every kind of file run behind the same protocol."""

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tiny import TINY

from figureground.engines import open_engine
from figureground.errors import ExtraError, ModelError, SizeError, UsageError
from figureground.models.network import build_network
from figureground.models.shipped import find_model


def save_onnx(path: Path, *, rows: int | str = 4) -> Path:
    """A network whose mattes are the image's own channels."""
    shape = [1, rows, 6, 3]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["image"], ["alphas"])],
        "channels",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("alphas", TensorProto.FLOAT, shape)],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
    return path


def save_keras(path: Path) -> Path:
    import keras

    image = keras.Input((4, 6, 3))
    keras.Model(image, keras.layers.Identity()(image)).save(path)
    return path


@pytest.mark.parametrize(("save", "name"), [(save_onnx, "a.onnx"), (save_keras, "a.keras")])
def test_the_last_matte_is_the_answer(tmp_path: Path, save, name: str) -> None:
    engine = open_engine(save(tmp_path / name), threads=1)
    square = np.random.default_rng(0).random((4, 6, 3), np.float32)
    assert tuple(engine.size) == (4, 6)
    np.testing.assert_array_equal(engine(square), square[..., 2])
    with pytest.raises(SizeError, match="the network takes"):
        engine(square[:2])


def test_a_network_of_ours_runs_where_nothing_of_training_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    network = build_network(TINY)
    network.save(tmp_path / "tiny.keras")
    monkeypatch.delitem(keras.saving.get_custom_objects(), "figureground>BatchNormalization")
    engine = open_engine(tmp_path / "tiny.keras")
    assert tuple(engine.size) == (TINY.size, TINY.size)
    square = np.random.default_rng(0).random((TINY.size, TINY.size, 3), np.float32)
    np.testing.assert_allclose(
        engine(square), np.asarray(network(square[None]))[0, ..., -1], atol=1e-6
    )


def test_an_onnx_network_without_a_fixed_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="fixed rows and columns"):
        open_engine(save_onnx(tmp_path / "a.onnx", rows="any"))


@pytest.mark.parametrize("name", ["a.onnx", "a.keras", "a.tflite", "a.pth"])
def test_what_is_no_network_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"no network")
    with pytest.raises(UsageError if name == "a.pth" else ModelError) as raised:
        open_engine(path)
    assert name in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "package", "extra"), [("a.onnx", "onnxruntime", "onnx"), ("a.keras", "keras", "train")]
)
def test_a_missing_package_is_named_by_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"figureground.engines.{extra}", raising=False)
    monkeypatch.delitem(sys.modules, f"figureground.engines.{package}", raising=False)
    (tmp_path / name).touch()
    with pytest.raises(ExtraError, match=rf"figureground\[{extra}\]"):
        open_engine(tmp_path / name)


def test_a_network_keeps_few_sizes_of_input_loaded() -> None:
    engine = open_engine(find_model("lite-int8"))
    sides = (64, 128, 192, 256)
    first = [engine.resized((side, side)) for side in sides]
    assert [one.size for one in first] == [(side, side) for side in sides]
    assert engine.resized((256, 256)) is first[3]
    assert engine.resized((192, 192)) is first[2]
    assert engine.resized((64, 64)) is not first[0]
    assert engine.resized((192, 192)) is first[2]  # the one used last is not the one to go
    assert engine.resized((256, 256)) is not first[3]
