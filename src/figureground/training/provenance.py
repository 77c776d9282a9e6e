"""Record what a run was made with and from, so that it never goes on with anything else."""

import hashlib
import platform
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import PIL
import tensorflow as tf

import figureground
from figureground.counts import counted
from figureground.datasets.shards import Shards
from figureground.errors import RunError
from figureground.training.checkpoints import find_weights
from figureground.training.dataset import Data, Decoded
from figureground.training.input_pipeline import list_scenes
from figureground.training.recipe import Recipe
from figureground.training.run_dir import RunDir

MADE_WITH = (figureground, keras, tf, np, cv2, PIL)


def record_provenance(folder: RunDir, recipe: Recipe, found: Data, decoded: Decoded) -> None:
    """Write once what a run is made with and from: versions, seed, data; later, see to it.

    Args:
        folder: of the run.
        recipe: of the run.
        found: the pairs that the recipe names.
        decoded: those of them that can be read.
    Raises:
        RunError: the run began with other images, or what it began with cannot be read.
    """
    data = describe_data(recipe, found, decoded.unreadable)
    teachers = [fingerprint([find_weights(name)]) for name in recipe.teachers]
    if folder.origin.exists():
        _demand_same(folder, data, teachers)
        return
    origin = {
        "python": platform.python_version(),
        "backend": keras.backend.backend(),
        "versions": {package.__name__: package.__version__ for package in MADE_WITH},
        "machine": platform.platform(),
        "seed": recipe.seed,
        "init_sha256": fingerprint([find_weights(recipe.init)]) if recipe.init else None,
        "teachers_sha256": teachers,
        "data": data,
        "unreadable": list(decoded.unreadable.values()),
    }
    folder.write_origin(origin)


def describe_data(recipe: Recipe, found: Data, unreadable: Iterable[Path]) -> list[dict[str, Any]]:
    """Each set, how many of its pairs can be read, a hash of their bytes, and one of each pair.

    Pairs are named by their images' paths; one that cannot be read has None for a hash.
    """
    texts = () if found.shards else recipe.data
    sets = [(text, source.pairs) for text, source in zip(texts, found.sources, strict=True)]
    sets.append((recipe.val or "held out for validation", found.held_out))
    files: list[tuple[str, list[tuple[Path, ...]]]] = [
        (name, [(pair.image, pair.mask) for pair in pairs]) for name, pairs in sets
    ]
    if recipe.backgrounds:
        scenes = list_scenes(Path(recipe.backgrounds))
        files.append((recipe.backgrounds, [(path,) for path in scenes]))
    parts = [_describe_shards(recipe.data[0], found.shards)] if found.shards else []
    for name, groups in files:
        digest = cache(_digest)  # once a file
        readable = [group for group in groups if group[0] not in unreadable]
        hashes = dict.fromkeys((str(group[0]) for group in groups), None)
        hashes |= {str(group[0]): fingerprint(group, digest)[:16] for group in readable}
        whole = fingerprint([path for group in readable for path in group], digest)
        parts.append({"set": name, "pairs": len(readable), "sha256": whole, "files": hashes})
    return parts


def _describe_shards(name: str, shards: Shards) -> dict[str, Any]:
    """The same of a packed set, by the hashes in its manifest."""
    files = {shard.place.name: shard.sha256[:16] for shard in shards.shards}
    return {"set": name, "pairs": shards.pairs, "sha256": shards.sha256, "files": files}


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def fingerprint(files: Sequence[Path], digest: Callable[[Path], bytes] = _digest) -> str:
    """A hash of the bytes of files, in order; their names and folders do not matter."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(digest(path))
    return whole.hexdigest()


def _demand_same(folder: RunDir, data: Sequence[dict[str, Any]], teachers: Sequence[str]) -> None:
    """What cannot be read any more is left out and named; all else must be as it was."""
    origin = folder.read_origin()
    try:
        before, taught = origin["data"], origin.get("teachers_sha256", [])
        changes = [_change(then, now) for then, now in zip(before, data, strict=True)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(
            f"{str(folder.origin)!r} does not say what the run began with; put it back, or delete "
            "it if no image has changed"
        ) from error
    if taught != teachers:
        raise RunError(
            f"a teacher of the run in {str(folder.path)!r} has changed since it began; put it "
            f"back, or begin another run with --init {folder.path}"
        )
    for now, change in zip(data, changes, strict=True):
        if change:
            raise RunError(
                f"{now['set']!r} is not what the run in {str(folder.path)!r} began with: {change}; "
                f"put it back, or begin another run with --init {folder.path}"
            )


def _change(then: dict[str, Any], now: dict[str, Any]) -> str:
    """Return how a set differs from what it was; empty where a run may go on with it."""
    old, new = then["files"], now["files"]
    if old.keys() != new.keys():
        odd = min(old.keys() ^ new.keys())
        what = "gone" if odd in old else "new"
        return f"{counted(len(old), 'pairs')} then, {len(new)} now; {odd!r} is {what}"
    for name, mark in new.items():
        if mark and old[name] is None:
            return f"{name!r} could not be read then and can be now"
        if mark and mark != old[name]:
            return f"{name!r} or its mask has changed"
    return ""
