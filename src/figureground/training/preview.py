"""What a recipe makes of images: a sheet of samples before and after augmentation."""

from pathlib import Path

import numpy as np

from figureground.arrays import Rgb, Size
from figureground.report.contact_sheet import Tile, draw_sheet, over_magenta
from figureground.training.dataset import mixing_of, sample_size
from figureground.training.input_pipeline import list_scenes, parse_source
from figureground.training.mixing import sampler
from figureground.training.recipe import Recipe
from figureground.training.sample_cache import cached_sample

SCENES = 12  # backgrounds to choose from
BOX: Size = (144, 144)  # rows and columns of a view, pixels


def draw_preview(recipe: Recipe, *, count: int, views: int) -> Rgb:
    """Some pairs, a row each: as they are, then as the network may see them; uint8 (H, W, 3).

    Each view is shown twice, as an image and with its people over magenta. People that are pasted
    in come from the pairs that are shown.

    Args:
        recipe: its data, seed, size and augmentation are taken.
        count: pairs, drawn by the recipe's seed.
        views: samples of each.
    Raises:
        DataError, ImageError: there are no pairs, or one cannot be read.
    """
    pairs = [pair for text in recipe.data for pair in parse_source(text).pairs]
    random = np.random.default_rng(recipe.seed)
    picks = np.sort(random.permutation(len(pairs))[:count])
    files = [(pairs[pick].image, pairs[pick].mask) for pick in picks]
    squares = _squares(recipe, files)
    scenes = None
    if recipe.backgrounds:
        found = list_scenes(Path(recipe.backgrounds))
        some = random.permutation(len(found))[:SCENES]
        scenes = _squares(recipe, [(found[pick], None) for pick in some])
    make = sampler(squares, mixing_of(recipe, scenes), seed=recipe.seed, size=recipe.image_size)
    tiles = []
    for row, pick in enumerate(picks):
        after = [make(row * views + view, row) for view in range(views)]
        shown = [v for s in (squares[row], *after) for v in _both(s)]
        tiles.append(Tile(views=tuple(shown), caption=f"{pairs[pick].name}: as it is, then views"))
    return draw_sheet(tiles, columns=1, box=BOX)


def _squares(recipe: Recipe, files: list[tuple[Path, Path | None]]) -> np.ndarray:
    size = sample_size(recipe)
    cache = None if recipe.cache is None else Path(recipe.cache)
    return np.stack([cached_sample(image, mask, size, cache) for image, mask in files])


def _both(sample: np.ndarray) -> tuple[Rgb, Rgb]:
    rgb = np.ascontiguousarray(sample[..., :3])
    return over_magenta(rgb, np.ascontiguousarray(sample[..., 3]), box=BOX)
