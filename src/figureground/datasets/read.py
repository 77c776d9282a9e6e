"""A pair from disk to arrays: the one reading that checks, training and evaluation share."""

from pathlib import Path

from figureground.arrays import Mask, Rgb
from figureground.datasets.masks import read_mask
from figureground.errors import DataError, ImageError
from figureground.media.images import read_image

PROPORTION = 0.02  # by which a mask's proportions may differ from its image's


def read_pair(image: Path, mask: Path) -> tuple[Rgb, Mask]:
    """An image, upright, and its mask, which may be of another size but not of another shape.

    Raises:
        DataError: a file cannot be read, or the proportions differ.
    """
    try:
        rgb = read_image(image).rgb
    except ImageError as error:
        raise DataError(str(error)) from error
    truth = read_mask(mask)
    if not same_shape(rgb.shape, truth.shape):
        raise DataError(
            f"the mask {str(mask)!r} is {truth.shape} but its upright image is "
            f"{rgb.shape[:2]} (rows, columns); make them one size"
        )
    return rgb, truth


def same_shape(image: tuple[int, ...], mask: tuple[int, ...]) -> bool:
    """Return whether two sizes, (rows, columns, ...), have the same proportions, but for rounding."""
    stretch = (mask[0] / image[0]) / (mask[1] / image[1])
    return abs(stretch - 1) <= max(PROPORTION, 1 / min(mask[:2]))  # small sizes are rounded more
