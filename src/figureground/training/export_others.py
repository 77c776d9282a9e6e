"""From a trained network to OpenVINO, and to a folder that a browser runs."""

import json
import tempfile
from importlib.util import find_spec
from pathlib import Path

import keras

from figureground.errors import UsageError
from figureground.media.atomic import atomic
from figureground.models.presets import Preset
from figureground.page.site import NETWORK, STATIC, page_files
from figureground.training.export import export_litert
from figureground.training.export_onnx import export_onnx
from figureground.training.portable import compare, proof_square

TOLERANCE = 2e-2  # weights are float16
PAGE = Path(__file__).parent / "web"  # index.html and its scripts
ENGINE = "engine/"  # what of the web page runs networks: a worker, and LiteRT.js


def export_openvino(network: keras.Model, preset: Preset, path: Path, *, size: int) -> float:
    """Write `.xml` and, beside it, `.bin`, which OpenVINO reads; any size and batch, as ONNX.

    Returns: the largest difference from the network's matte of a photo.
    Raises:
        UsageError: OpenVINO is not installed.
        ModelError: it does not agree with the network.
        FileError: it cannot be written.
    """
    if find_spec("openvino") is None:
        raise UsageError("--to openvino needs OpenVINO: pip install openvino; or export --to onnx")
    import openvino

    with tempfile.TemporaryDirectory() as kept:
        source, made = Path(kept) / "network.onnx", Path(kept) / "network.xml"
        export_onnx(network, preset, source, size=size)
        openvino.save_model(openvino.convert_model(source), made)
        square = proof_square(preset)
        # Where a processor can, OpenVINO computes in bfloat16, unless it is told; the file is proven.
        exact = {"INFERENCE_PRECISION_HINT": "f32"}
        compiled = openvino.Core().compile_model(made, "CPU", exact)
        alpha = next(iter(compiled(square[None]).values()))[0, ..., 0]
        difference = compare(alpha, network, square, TOLERANCE)
        _put(path.with_suffix(".bin"), made.with_suffix(".bin").read_bytes())
        _put(path, made.read_bytes())
    return difference


def export_web(network: keras.Model, preset: Preset, folder: Path, *, size: int) -> float:
    """Write a folder that is a page: a person is cut out in the browser, by what it brings along.

    Returns: as `export_litert`.
    Raises:
        UsageError: there is something else at that place.
        ModelError: the network does not agree.
        FileError: it cannot be written.
    """
    if folder.exists() and not (folder / "figureground.json").is_file():
        raise UsageError(f"{str(folder)!r} is there and is no such page; choose another -o")
    folder.mkdir(parents=True, exist_ok=True)
    difference = export_litert(network, preset, folder / "network.tflite", size=size)
    told = {"preset": preset.name, "size": size, "network": "network.tflite"}
    for source in sorted(PAGE.iterdir()):
        _put(folder / source.name, source.read_bytes())
    for name in page_files():
        if name.startswith(ENGINE) and name != NETWORK:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            _put(folder / name, (STATIC / name).read_bytes())
    _put(folder / "figureground.json", json.dumps(told).encode())
    return difference


def _put(path: Path, content: bytes) -> None:
    with atomic(path) as part:
        part.write_bytes(content)
