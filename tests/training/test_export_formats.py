"""What is written for other programs does there what the network does here, on a real image."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf
import tf2onnx

from figureground.cli import main
from figureground.engines import open_engine
from figureground.errors import ModelError, UsageError
from figureground.matting.letterbox import letterbox
from figureground.media.images import read_image
from figureground.models.network import build_network
from figureground.models.presets import LITE
from figureground.models.shipped import find_keras_weights
from figureground.models.tutorial_weights import load_tutorial
from figureground.training.export_keras import export_keras, export_saved_model, export_torch
from figureground.training.export_onnx import OPSET, export_onnx
from figureground.training.export_others import export_openvino, export_web


@pytest.fixture(scope="module")
def trained() -> keras.Model:
    network = build_network(LITE, backbone_weights="none")
    network.load_weights(find_keras_weights("lite"))
    return network


def see(network: keras.Model, image: Path, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """An image as a network sees it, (1, rows, columns, 3), and its matte of it."""
    square, _ = letterbox(read_image(image).rgb, size)
    return square[None], np.asarray(network(square[None], training=False))[..., -1:]


@pytest.fixture(scope="module")
def lite_onnx(trained: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "lite.onnx"
    export_onnx(trained, LITE, path)
    return path


def test_onnx_takes_any_size_and_batch(trained, lite_onnx: Path, astronaut: Path) -> None:
    session = onnxruntime.InferenceSession(str(lite_onnx), providers=["CPUExecutionProvider"])
    for size in ((384, 384), (224, 320)):
        seen, expected = see(trained, astronaut, size)
        (alone,) = session.run(["alpha"], {"image": seen})
        np.testing.assert_allclose(alone, expected, atol=2e-4)
        (both,) = session.run(["alpha"], {"image": np.concatenate([seen, seen[:, :, ::-1]])})
        np.testing.assert_allclose(both[:1], expected, atol=2e-4)
    (opset,) = [entry for entry in onnx.load(lite_onnx).opset_import if not entry.domain]
    assert opset.version == OPSET


def test_onnx_is_run_at_the_size_it_names_and_at_others(
    lite_onnx: Path, trained, astronaut
) -> None:
    engine = open_engine(lite_onnx)
    assert engine.size == (384, 384) and engine.device == "cpu"  # type: ignore[attr-defined]
    wide = engine.resized((230, 320))
    seen, expected = see(trained, astronaut, wide.size)
    assert wide.size == (224, 320)
    np.testing.assert_allclose(wide(seen[0]), expected[0, ..., 0], atol=2e-4)


def test_an_onnx_network_cut_short_is_one_line(lite_onnx: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.onnx"
    path.write_bytes(lite_onnx.read_bytes()[:100_000])
    with pytest.raises(ModelError) as raised:
        open_engine(path)
    assert "\n" not in str(raised.value) and len(str(raised.value)) <= 300


def test_a_device_that_is_not_there_is_one_line(lite_onnx: Path) -> None:
    with pytest.raises(UsageError, match="runs on cpu"):
        open_engine(lite_onnx, device="cuda")


@pytest.fixture(autouse=True)
def no_copies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """See that nothing copies a graph of tf2onnx, which holds all weights."""
    copied = []

    def copy(graph, memo):
        copied.append(graph)
        return graph

    monkeypatch.setattr(tf2onnx.graph.Graph, "__deepcopy__", copy, raising=False)
    yield
    assert not copied


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes of what ONNX Runtime gives, a run."""
    bytes_given, run = list[int](), onnxruntime.InferenceSession.run

    def counted(self, *words):
        results = run(self, *words)
        bytes_given.append(sum(result.nbytes for result in results))
        return results

    monkeypatch.setattr(onnxruntime.InferenceSession, "run", counted)
    return bytes_given


@pytest.mark.parametrize("precision", ["float16", "int8"])
def test_onnx_is_smaller_in_other_precisions_and_stays_near(
    trained, lite_onnx: Path, astronaut: Path, tmp_path: Path, given: list[int], precision: str
) -> None:
    seen, expected = see(trained, astronaut, (384, 384))
    squares = [seen[0], seen[0, :, ::-1].copy(), seen[0] * 0.6]
    path = tmp_path / "small.onnx"
    export_onnx(trained, LITE, path, precision=precision, calibration=squares)
    part = {"float16": 0.51, "int8": 0.31}[precision]
    assert path.stat().st_size < part * lite_onnx.stat().st_size
    alpha = open_engine(path)(seen[0])
    person = expected[0, ..., 0] > 0.5
    union = np.count_nonzero((alpha > 0.5) | person)
    assert np.count_nonzero((alpha > 0.5) & person) / union > 0.98
    # Calibration keeps what each run gives: a matte, and two numbers of every step.
    assert max(given) < 1.1 * expected.nbytes


def test_saved_model_takes_any_size_and_batch(trained, astronaut: Path, tmp_path: Path) -> None:
    export_saved_model(trained, LITE, tmp_path / "lite")
    loaded = tf.saved_model.load(str(tmp_path / "lite"))
    serve = loaded.signatures["serving_default"]
    for size in ((384, 384), (224, 320)):
        seen, expected = see(trained, astronaut, size)
        alpha = serve(image=tf.constant(np.concatenate([seen, seen])))["alpha"].numpy()
        np.testing.assert_allclose(alpha[:1], expected, atol=2e-4)
    assert open_engine(tmp_path / "lite").size == (384, 384)


def test_keras_opens_the_file_without_figureground(
    trained, astronaut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_keras(trained, LITE, tmp_path / "lite.keras", size=LITE.size)
    monkeypatch.delitem(keras.saving.get_custom_objects(), "figureground>BatchNormalization")
    network = keras.models.load_model(tmp_path / "lite.keras")
    seen, expected = see(trained, astronaut, (384, 384))
    alphas = np.asarray(network(seen, training=False))
    np.testing.assert_allclose(alphas[..., -1:], expected, atol=2e-4)
    with pytest.raises(UsageError, match="the preset tutorial"):
        export_keras(trained, LITE, tmp_path / "lite.h5", size=LITE.size)


def test_the_tutorials_file_goes_there_and_back(tutorial_files: Path, tmp_path: Path) -> None:
    loaded = load_tutorial(tutorial_files / "keras2" / "model.h5")
    export_keras(loaded.network, loaded.preset, tmp_path / "model.h5", size=64)
    with np.load(tutorial_files / "keras2" / "expected.npz") as kept:
        bgr, mattes = kept["image"].astype(np.float32) / 255, kept["mattes"]
    network = keras.models.load_model(tmp_path / "model.h5", compile=False)
    np.testing.assert_allclose(np.asarray(network(bgr[None]))[0], mattes, atol=1e-5)


def test_a_network_of_the_tutorial_is_exported_by_the_command(
    tutorial_files: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    source, path = tutorial_files / "keras2" / "model.keras", tmp_path / "person.onnx"
    assert main(["export", str(source), "--to", "onnx", "-o", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["difference"] < 1e-4
    with np.load(tutorial_files / "keras2" / "expected.npz") as kept:
        rgb = np.ascontiguousarray(kept["image"][..., ::-1], np.float32) / 255
        np.testing.assert_allclose(open_engine(path)(rgb), kept["mattes"][..., -1], atol=1e-4)


def test_a_page_holds_the_network_that_it_runs(trained, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    export_web(trained, LITE, folder, size=64)
    told = json.loads((folder / "figureground.json").read_text())
    assert open_engine(folder / told["network"]).size == (64, 64) == (told["size"],) * 2
    assert "page.js" in (folder / "index.html").read_text()
    assert (folder / "engine" / "worker.js").is_file()
    assert not [path for path in folder.rglob("*.js") if "://cdn" in path.read_text()]
    shutil.rmtree(folder)
    (folder / "mine").mkdir(parents=True)
    with pytest.raises(UsageError, match="no such page"):
        export_web(trained, LITE, folder, size=64)


def test_openvino_does_the_same(trained, astronaut: Path, tmp_path: Path) -> None:
    openvino = pytest.importorskip("openvino")
    export_openvino(trained, LITE, tmp_path / "lite.xml", size=LITE.size)
    seen, expected = see(trained, astronaut, (384, 384))
    exact = {"INFERENCE_PRECISION_HINT": "f32"}  # not bfloat16, where the processor has it
    compiled = openvino.Core().compile_model(tmp_path / "lite.xml", "CPU", exact)
    alpha = next(iter(compiled(seen).values()))
    np.testing.assert_allclose(alpha, expected, atol=2e-2)


def test_pytorch_does_the_same(trained, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    assert export_torch(trained, LITE, tmp_path / "lite.pt2", size=64) < 1e-3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lite", "--to", "onnx", "-o", "a.tflite"], "ends in .onnx"),
        (["lite", "--to", "onnx", "--precision", "int8", "-o", "a.onnx"], "--calibration"),
        (["lite", "--precision", "int8", "-o", "a.tflite"], "is of --to onnx"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    words: list[str], told: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", *words]) == 2
    line = capsys.readouterr().err
    assert told in line and line.count("\n") == 1 and len(line) <= 320
    assert not list(tmp_path.iterdir())
