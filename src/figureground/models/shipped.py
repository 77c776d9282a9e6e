"""Where a network's file lies: shipped inside the package, or given by path."""

import hashlib
import json
import os
import shlex
from functools import lru_cache
from pathlib import Path

from figureground.errors import ModelError, UsageError

FOLDER = Path(__file__).parent / "weights"
PART = 1 << 18  # bytes that are read at once
SUMS = "SHA256SUMS"  # in the form that `sha256sum -c` reads
MODEL = "lite"  # of images
VIDEO_MODEL = "lite-int8"  # of videos, where speed counts more and a frame less


def shipped_models() -> dict[str, Path]:
    """Exported networks that the package brings, by preset name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.tflite"))}


def shipped_figures(name: str) -> dict[str, dict[str, float]]:
    """Return a shipped network's measured figures, by validation set; empty where there are none.

    Each set has `iou`, `boundary_iou` and `mae`, means over its images; docs/model-card.md says
    what the sets are.
    """
    text = (FOLDER / "figures.json").read_text("utf-8")
    figures: dict[str, dict[str, dict[str, float]]] = json.loads(text)
    return figures.get(name, {})


def find_model(model: str | Path) -> Path:
    """The file of an exported network: a shipped preset's name, a path, or a run that was exported.

    Raises:
        UsageError: it is neither.
        ModelError: the shipped file is damaged.
    """
    shipped = shipped_models()
    if str(model) in shipped:
        check_shipped(shipped[str(model)])
        return shipped[str(model)]
    path = Path(find_exported(str(model)))
    if not os.path.isfile(path) and not is_saved_model(path):
        raise UsageError(
            f"there is no network {str(model)!r}: give a .tflite, .onnx, .keras or .h5 file, the "
            f"folder of a SavedModel, or one of {', '.join(shipped)}"
        )
    return path


def find_exported(name: str) -> str:
    """Return the newest file that `export` wrote into the folder of a run; any other name as it is.

    Raises:
        UsageError: the run was not exported, or has learnt since.
    """
    if not is_run(name):
        return name
    files = sorted(Path(name).glob("*.tflite"), key=lambda path: path.stat().st_mtime_ns)
    best = Path(name) / "best.weights.h5"
    if files and not (best.exists() and best.stat().st_mtime_ns > files[-1].stat().st_mtime_ns):
        return str(files[-1])
    since = "it has learnt since it was exported, export it again" if files else "export it first"
    raise UsageError(
        f"{name!r} is the folder of a training run; {since}: "
        f"{shlex.join(['figureground', 'export', name])}"
    )


def is_shipped(path: Path) -> bool:
    """Return whether a file is one that ships, wherever it lies; in the package it is found so."""
    if path.parent == FOLDER:
        return True  # `find_model` checks it
    return hashlib.sha256(path.read_bytes()).hexdigest() in shipped_sums().values()


def shipped_sums() -> dict[str, str]:
    """Return the SHA-256 of each shipped file, by its name."""
    lines = (FOLDER / SUMS).read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def short_hashes() -> str:
    """Return the networks that ship with the first digits of their SHA-256, to be told apart."""
    named = {Path(name).stem: digest[:12] for name, digest in shipped_sums().items()}
    return ", ".join(f"{name} {named[name]}" for name in shipped_models())


def is_saved_model(path: Path) -> bool:
    """Return whether a network is the folder of a SavedModel, as TensorFlow and Keras write it."""
    return os.path.isfile(path / "saved_model.pb")


def check_shipped(path: Path) -> None:
    """See that a shipped file is the one that was shipped, by its SHA-256.

    Raises:
        ModelError: it is not.
    """
    status = path.stat()
    if shipped_sums().get(path.name) != _digest(path, status.st_size, status.st_mtime_ns):
        raise ModelError(f"the shipped network {str(path)!r} is damaged; install figureground anew")


@lru_cache(maxsize=8)
def _digest(path: Path, size: int, time: int) -> str:
    """The SHA-256 of a file of that size and time, which is read once."""
    digest, part = hashlib.sha256(), memoryview(bytearray(PART))
    with path.open("rb", buffering=0) as file:
        while length := file.readinto(part):
            digest.update(part[:length])
    return digest.hexdigest()


def find_keras_weights(name: str) -> Path | None:
    """Weights of a shipped preset that training can start from; None where there are none."""
    ending = ".weights.h5"
    shipped = {path.name.removesuffix(ending): path for path in FOLDER.glob(f"*{ending}")}
    if name in shipped:
        check_shipped(shipped[name])
    return shipped.get(name)


def is_run(name: str) -> bool:
    """Return whether a network is named by the folder of a training run: it holds a recipe.

    Such a folder goes before a preset of its name, and any other folder is no network.
    """
    return (Path(name) / "recipe.toml").is_file()
