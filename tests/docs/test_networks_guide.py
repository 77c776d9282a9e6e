"""What the guide to networks shows runs where it can, and speaks of our networks' names and sizes."""

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.engines import open_engine
from figureground.matting.letterbox import letterbox
from figureground.media.images import read_image
from figureground.models.shipped import find_model

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "networks.md").read_text("utf-8")
NODE = """
import {{ readFileSync, writeFileSync }} from "node:fs";
import {{ loadAndCompile, Tensor }} from "{shim}";
globalThis.fetch = async (name) => new Response(readFileSync(name));
const rgb = new Float32Array(new Uint8Array(readFileSync("rgb")).buffer);
{snippet}
writeFileSync("alpha", alpha);
process.exit(0);
"""


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, astronaut: Path) -> Path:
    """A folder with what the snippets take: a network by two names, and a photo of its size."""
    square, _ = letterbox(read_image(astronaut).rgb, open_engine(find_model("lite")).size)
    Image.fromarray(np.rint(square * 255).astype(np.uint8)).save(tmp_path / "photo.jpg", quality=95)
    for name in ("lite.tflite", "network.tflite"):
        shutil.copyfile(find_model("lite"), tmp_path / name)
    return tmp_path


def matte(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The photo as the network sees it, and its matte."""
    rgb = np.asarray(Image.open(folder / "photo.jpg"), np.float32) / np.float32(255)
    return rgb, open_engine(find_model("lite"))(rgb)


def test_litert_js_does_what_the_guide_shows(folder: Path) -> None:
    if not shutil.which("node") or not (ROOT / "web" / "node_modules" / "@litertjs").is_dir():
        pytest.skip("`make library` brings LiteRT.js")
    (snippet,) = snippets("js")
    rgb, expected = matte(folder)
    (folder / "rgb").write_bytes(rgb.tobytes())
    shim = (ROOT / "benchmarks" / "litert_node.mjs").as_uri()
    (folder / "run.mjs").write_text(NODE.format(shim=shim, snippet=snippet))
    subprocess.run(["node", "run.mjs"], cwd=folder, check=True, timeout=120, capture_output=True)
    alpha = np.frombuffer((folder / "alpha").read_bytes(), np.float32).reshape(expected.shape)
    np.testing.assert_allclose(alpha, expected, atol=1e-5)


@pytest.mark.soak
def test_mediapipe_does_what_the_guide_shows(folder: Path) -> None:
    if find_spec("mediapipe") is None:
        pytest.skip("MediaPipe is not installed; `make soak` does")
    (snippet,) = (text for text in snippets("python") if "mediapipe" in text)
    # TensorFlow, where it is there, would be loaded for nothing.
    before = "import sys, numpy\nsys.modules['tensorflow'] = None\n"
    after = "numpy.savez('told.npz', alpha=alpha, person=person)\n"
    command = [sys.executable, "-c", before + snippet + after]
    subprocess.run(command, cwd=folder, check=True, timeout=120, capture_output=True)
    _, expected = matte(folder)
    with np.load(folder / "told.npz") as told:
        assert told["alpha"].shape == (*expected.shape, 1)
        apart = np.abs(told["alpha"][..., 0] - expected)
        assert apart.mean() < 1e-3  # MediaPipe unpacks JPEG by a library of its own
        person = told["person"].squeeze()
        np.testing.assert_array_equal(person, told["alpha"][..., 0] > 0.5)


@pytest.mark.parametrize("language", ["kotlin", "swift", "js"])
def test_snippets_for_other_machines_name_our_sizes(language: str) -> None:
    text = "".join(snippets(language))
    found = set(map(int, re.findall(r"\b\d{3,}\b", text)))
    assert found == set(open_engine(find_model("lite")).size)
    assert all(text.count(one) == text.count(other) for one, other in ("()", "[]", "{}"))


def test_the_snippet_of_core_ml_names_what_the_package_takes_and_gives() -> None:
    source = (ROOT / "src" / "figureground" / "training" / "export_coreml.py").read_text("utf-8")
    (text,) = (text for text in snippets("swift") if "MLModel" in text)
    (taken,), (given,) = re.findall(r"prediction\((\w+):", text), re.findall(r"\)\.(\w+)", text)
    assert f'name="{taken}"' in source and f'"{given}")' in source
