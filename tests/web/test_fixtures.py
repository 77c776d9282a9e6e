"""What the browser library's tests compare with is what Python gives."""

import base64
import importlib.util
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("web_fixtures", ROOT / "tools" / "web_fixtures.py")
web_fixtures = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(web_fixtures)


def unpacked(packed: dict[str, Any]) -> np.ndarray:
    values = zlib.decompress(base64.b64decode(packed["data"]))
    return np.frombuffer(values, np.uint8).reshape(packed["shape"]).astype(int)


def test_the_fixtures_are_what_python_gives() -> None:
    kept = json.loads(web_fixtures.TARGET.read_text("utf-8"))
    made = {name: web_fixtures.record(image) for name, image in web_fixtures.scenes()}
    assert kept.keys() == made.keys()
    for name, scene in made.items():
        for step, packed in scene.items():
            pairs = zip(packed, kept[name][step], strict=True) if step == "mattes" else [
                (packed, kept[name][step])
            ]  # fmt: skip
            for new, old in pairs:
                apart = np.abs(unpacked(new) - unpacked(old))
                # Processors round differently by a level here and there.
                assert apart.mean() < 0.02, f"{name}, {step}: run python tools/web_fixtures.py"
