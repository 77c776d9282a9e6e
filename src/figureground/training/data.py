"""What a run learns from and what it is judged by: found, split, decoded, fingerprinted."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from figureground.datasets.find import Pair, find_pairs
from figureground.errors import DataError
from figureground.training.mixing import Mixing
from figureground.training.pipeline import (
    CANVAS_SCALE,
    Source,
    epoch_order,
    list_scenes,
    open_canvas,
    parse_source,
    split_source,
    training_batches,
    validation_batches,
)
from figureground.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Data:
    """What a run learns from and what it is judged by."""

    sources: tuple[Source, ...]
    held_out: tuple[Pair, ...]

    @property
    def samples(self) -> int:
        """Samples an epoch."""
        return sum(source.draws for source in self.sources)


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """The readable part of the data, in memory-mapped squares."""

    data: Data
    training: np.ndarray  # uint8 (N, rows, columns, 4), one square a pair of `data.sources`
    validation: np.ndarray  # the same for `data.held_out`, at the network's size
    scenes: np.ndarray | None  # backgrounds without people
    unreadable: tuple[str, ...]  # why each picture that was left out was


def find_data(recipe: Recipe) -> Data:
    """The pairs that a recipe names, split as it says.

    Raises:
        DataError: a folder lacks pairs, or a picture is in training and in validation.
    """
    sources = tuple(parse_source(text) for text in recipe.data)
    if recipe.val is not None:
        held_out = tuple(find_pairs(Path(recipe.val)))
    else:
        parts = [split_source(source, recipe.val_share, recipe.seed) for source in sources]
        sources = tuple(source for source, _ in parts)
        held_out = tuple(pair for _, held in parts for pair in held)
    if not held_out:
        raise DataError("no pairs are left for validation; raise --val-share or give --val DIR")
    both = {pair.picture.resolve() for s in sources for pair in s.pairs} & {
        pair.picture.resolve() for pair in held_out
    }
    if both:
        raise DataError(f"{str(min(both))!r} is in training and in validation; take it out of one")
    return Data(sources=sources, held_out=held_out)


def decode(
    recipe: Recipe, data: Data, out: Path, progress: Callable[[int], None] = lambda done: None
) -> Decoded:
    """Bring all pictures to squares, once; what cannot be read is left out and named.

    Raises:
        DataError: too few pictures remain for one batch.
        OSError: the disk is full.
    """
    cache = None if recipe.cache is None else Path(recipe.cache)
    large = (round(recipe.size * CANVAS_SCALE),) * 2
    files = [(pair.picture, pair.mask) for source in data.sources for pair in source.pairs]
    training = open_canvas(files, large, out / "canvas.bin", progress, cache=cache)
    held = [(pair.picture, pair.mask) for pair in data.held_out]
    validation = open_canvas(held, (recipe.size,) * 2, out / "canvas-val.bin", cache=cache)
    unreadable = [*training.unreadable.values(), *validation.unreadable.values()]
    scenes = None
    if recipe.backgrounds:
        scenes_files = [(path, None) for path in list_scenes(Path(recipe.backgrounds))]
        found = open_canvas(scenes_files, large, out / "canvas-scenes.bin", cache=cache)
        scenes = found.squares
        unreadable += found.unreadable.values()
    readable = Data(
        sources=_without(data.sources, training.unreadable),
        held_out=tuple(p for n, p in enumerate(data.held_out) if n not in validation.unreadable),
    )
    if readable.samples < recipe.batch:
        raise DataError(f"{readable.samples} samples do not fill one batch of {recipe.batch}")
    return Decoded(
        data=readable,
        training=training.squares,
        validation=validation.squares,
        scenes=scenes,
        unreadable=tuple(unreadable),
    )


def _without(sources: Sequence[Source], left_out) -> tuple[Source, ...]:
    """The sources without the pairs at some positions, counted through all of them."""
    kept, first = [], 0
    for source in sources:
        pairs = tuple(p for n, p in enumerate(source.pairs, first) if n not in left_out)
        first += len(source.pairs)
        if pairs:
            kept.append(replace(source, pairs=pairs))
    return tuple(kept)


def learn_from(recipe: Recipe, decoded: Decoded, epochs: range):
    """Batches to learn from in some epochs of a run."""
    data = decoded.data
    orders = np.stack([epoch_order(data.sources, recipe.seed, epoch) for epoch in epochs])
    return training_batches(
        decoded.training,
        orders,
        recipe=recipe,
        first=epochs[0] * (data.samples // recipe.batch * recipe.batch),
        mixing=mixing_of(recipe, decoded.scenes),
    )


def mixing_of(recipe: Recipe, scenes: np.ndarray | None) -> Mixing:
    """How a recipe wants samples mixed, with what backgrounds, uint8 (N, rows, columns, 4)."""
    return Mixing(
        paste=recipe.paste,
        recomposed=recipe.recomposed,
        negatives=recipe.negatives,
        backgrounds=scenes,
    )


def batch_of(recipe: Recipe, decoded: Decoded, *, epoch: int, step: int):
    """One batch again, picture and alpha: what a sample is follows from its number."""
    batches = learn_from(recipe, decoded, range(epoch, epoch + 1))
    return next(iter(batches.skip(step).take(1).as_numpy_iterator()))


def judged_by(recipe: Recipe, decoded: Decoded):
    """Batches for validation."""
    return validation_batches(decoded.validation, recipe.batch)


def fingerprint(pairs: Sequence[Pair]) -> str:
    """A hash of the bytes of all pictures and masks, in order; their folders do not matter."""
    whole = hashlib.sha256()
    for pair in pairs:
        for path in (pair.picture, pair.mask):
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
