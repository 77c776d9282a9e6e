"""What a run learns from and what it is judged by: found, split, decoded, fingerprinted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from figureground.counts import counted
from figureground.datasets.near_duplicates import ImageHash, hash_image, match_near_duplicates
from figureground.datasets.pairs import Pair, find_pairs
from figureground.datasets.shards import Shards, is_packed, open_shards
from figureground.errors import DataError
from figureground.training.batches import (
    WHOLE,
    Part,
    packed_batches,
    training_batches,
    validation_batches,
)
from figureground.training.input_pipeline import (
    SAMPLE_SCALE,
    Source,
    epoch_order,
    list_scenes,
    open_cached,
    open_samples,
    parse_source,
    split_source,
)
from figureground.training.mixing import Mixing, Squares
from figureground.training.packed import PackedSquares
from figureground.training.recipe import Recipe
from figureground.training.sample_cache import CachedSquares, Files


@dataclass(frozen=True, kw_only=True)
class Data:
    """What a run learns from and what it is judged by."""

    sources: tuple[Source, ...]
    held_out: tuple[Pair, ...]
    shards: Shards | None = None  # a packed set, in place of sources

    @property
    def samples(self) -> int:
        """Samples an epoch."""
        if self.shards:
            return self.shards.pairs
        return sum(source.draws for source in self.sources)


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """The readable part of the data, as squares."""

    data: Data
    training: Squares  # a square a pair, larger than the network's input where samples are cropped
    validation: np.ndarray  # the same for `data.held_out`, at the network's size
    scenes: np.ndarray | None  # backgrounds without people
    unreadable: dict[Path, str]  # images that were left out, and why


def find_data(recipe: Recipe) -> Data:
    """The pairs that a recipe names, split as it says.

    Raises:
        DataError: a folder lacks pairs, or an image is in training and in validation.
    """
    if len(recipe.data) == 1 and is_packed(recipe.data[0]):
        return _find_packed(recipe)
    sources = tuple(parse_source(text) for text in recipe.data)
    if recipe.val is not None:
        held_out = tuple(find_pairs(Path(recipe.val)))
    else:
        parts = [split_source(source, recipe.val_share, recipe.seed) for source in sources]
        sources = tuple(source for source, _ in parts)
        held_out = tuple(pair for _, held in parts for pair in held)
    if not held_out:
        raise DataError("no pairs are left for validation; raise --val-share or give --val DIR")
    both = {pair.image.resolve() for s in sources for pair in s.pairs} & {
        pair.image.resolve() for pair in held_out
    }
    if both:
        raise DataError(f"{str(min(both))!r} is in training and in validation; take it out of one")
    return Data(sources=sources, held_out=held_out)


def _find_packed(recipe: Recipe) -> Data:
    shards = open_shards(Path(recipe.data[0]))
    if recipe.val is None:
        raise DataError(
            f"{recipe.data[0]!r} is packed, and nothing of it can be held back; give --val DIR, a "
            "folder of images and masks to be judged by"
        )
    return Data(sources=(), held_out=tuple(find_pairs(Path(recipe.val))), shards=shards)


def decode(
    recipe: Recipe, data: Data, out: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Decoded:  # fmt: skip
    """Bring all images to squares, once; what cannot be read is left out and named.

    Those of a packed set are drawn when they are learnt from.

    progress: is told how many of how many files are done.
    Raises:
        DataError: too few images remain for one batch.
        RunError: the cache cannot be written.
        OSError, FileError: the disk is full.
    """
    cache = None if recipe.cache is None else Path(recipe.cache)
    large = sample_size(recipe)
    files: list[Files] = [(p.image, p.mask) for source in data.sources for p in source.pairs]
    held: list[Files] = [(pair.image, pair.mask) for pair in data.held_out]
    behind: list[Files] = [(path, None) for path in _scenes(recipe)]
    total = len(files) + len(held) + len(behind)

    def after(first: int) -> Callable[[int], None]:
        return lambda done: progress(first + done, total)

    training: Squares
    if data.shards:
        training, lost = PackedSquares(data.shards, large, seed=recipe.seed), dict[int, str]()
    elif cache is not None:
        training, lost = open_cached(files, large, cache, after(0))
    else:
        opened = open_samples(files, large, out / "samples.bin", after(0))
        training, lost = opened.squares, opened.unreadable
    small = (recipe.image_size,) * 2
    path = out / "samples-val.bin"
    validation = open_samples(held, small, path, after(len(files)), cache=cache)
    parts, scenes = [(files, lost), (held, validation.unreadable)], None
    if behind:
        path, first = out / "samples-scenes.bin", len(files) + len(held)
        found = open_samples(behind, large, path, after(first), cache=cache)
        scenes = found.squares
        parts.append((behind, found.unreadable))
    readable = Data(
        sources=_without(data.sources, lost),
        held_out=tuple(p for n, p in enumerate(data.held_out) if n not in validation.unreadable),
        shards=data.shards,
    )
    if readable.samples < recipe.batch_size:
        raise DataError(
            f"{counted(readable.samples, 'samples')} cannot fill one batch of {recipe.batch_size}; "
            f"give --batch-size {readable.samples} or less, or more images"
        )
    return Decoded(
        data=readable,
        training=training,
        validation=validation.squares,
        scenes=scenes,
        unreadable={
            asked[number][0]: reason
            for asked, unreadable in parts
            for number, reason in unreadable.items()
        },
    )


def sample_size(recipe: Recipe) -> tuple[int, int]:
    """Rows and columns that samples are made from: more than the network's, to crop from."""
    scale = SAMPLE_SCALE if recipe.augment else 1
    return (round(recipe.image_size * scale),) * 2


def _scenes(recipe: Recipe) -> list[Path]:
    return list_scenes(Path(recipe.backgrounds)) if recipe.backgrounds else []


def _without(sources: Sequence[Source], left_out) -> tuple[Source, ...]:
    """The sources without the pairs at some positions, counted through all of them."""
    kept, first = [], 0
    for source in sources:
        pairs = tuple(p for n, p in enumerate(source.pairs, first) if n not in left_out)
        first += len(source.pairs)
        if pairs:
            kept.append(replace(source, pairs=pairs))
    return tuple(kept)


def training_dataset(recipe: Recipe, decoded: Decoded, epochs: range, *, part: Part = WHOLE):
    """Batches to learn from in some epochs of a run, before any teachers."""
    data, mixing = decoded.data, mixing_of(recipe, decoded.scenes)
    if isinstance(decoded.training, PackedSquares):
        return packed_batches(decoded.training, epochs, recipe=recipe, mixing=mixing, part=part)
    return training_batches(
        decoded.training,
        np.stack([epoch_order(data.sources, recipe.seed, epoch) for epoch in epochs]),
        recipe=recipe,
        first=epochs[0] * (data.samples // recipe.batch_size * recipe.batch_size),
        mixing=mixing,
        part=part,
    )


def mixing_of(recipe: Recipe, scenes: np.ndarray | None) -> Mixing:
    """Return how a recipe wants samples mixed, with what backgrounds, uint8 (N, rows, columns, 4)."""
    return Mixing(
        augment=recipe.augment,
        natural=recipe.natural,
        paste=recipe.copy_paste,
        recomposed=recipe.background_replacement,
        negatives=recipe.negatives,
        backgrounds=scenes,
    )


def batch_of(recipe: Recipe, decoded: Decoded, *, epoch: int, step: int):
    """One batch again, image and alpha: what a sample is follows from its number."""
    batches = training_dataset(recipe, decoded, range(epoch, epoch + 1), part=Part(skip=step))
    return next(iter(batches.take(1).as_numpy_iterator()))


def validation_dataset(recipe: Recipe, decoded: Decoded):
    """Batches for validation."""
    return validation_batches(decoded.validation, recipe.batch_size)


def find_leaks(decoded: Decoded) -> list[tuple[str, str]]:
    """Images held back that are nearly the same as one learnt from: names of both, each once.

    They are compared as squares, as `figureground data check` compares whole images. Those of a
    packed set, all of which would have to be read first, are not.
    """
    if isinstance(decoded.training, PackedSquares):
        return []
    learnt = [pair.name for source in decoded.data.sources for pair in source.pairs]
    held = [pair.name for pair in decoded.data.held_out]
    of_held, of_learnt = (_hashes(squares) for squares in (decoded.validation, decoded.training))
    ties = match_near_duplicates(of_held, of_learnt)
    return [(held[tie.first], learnt[tie.second]) for tie in ties]


def _hashes(squares: np.ndarray | CachedSquares) -> list[ImageHash]:
    if isinstance(squares, CachedSquares):
        return squares.hashes()
    return [hash_image(np.ascontiguousarray(square[..., :3])) for square in squares]
