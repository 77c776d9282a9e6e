"""A contact sheet of pairs: each image, and its person over magenta."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from figureground.arrays import Rgb, Size
from figureground.datasets.masks import read_mask
from figureground.datasets.pairs import Pair
from figureground.media.images import read_image
from figureground.media.memory_budget import in_turn
from figureground.report.contact_sheet import Tile, draw_sheet, over_magenta

BOX: Size = (160, 160)  # rows and columns that a view may take, pixels
COLUMNS = 5


def draw_pairs(pairs: Sequence[Pair], captions: Mapping[str, str]) -> Rgb:
    """Each image and its person over magenta, uint8 (H, W, 3).

    Args:
        pairs: one at least, readable. A mask of another shape than its image is stretched.
        captions: what stands below each, by the pair's name.
    Raises:
        ImageError, DataError: a file cannot be read.
    """

    def tile(pair: Pair) -> Tile:
        views = over_magenta(read_image(pair.image).rgb, read_mask(pair.mask), box=BOX)
        return Tile(views=views, caption=captions[pair.name])

    with ThreadPoolExecutor() as pool:
        tiles = pool.map(in_turn(tile, lambda pair: (pair.image, pair.mask)), pairs)
        return draw_sheet(list(tiles), columns=COLUMNS, box=BOX)
