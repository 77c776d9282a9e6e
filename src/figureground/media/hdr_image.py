"""Images of high dynamic range brought to that of sRGB, as videos are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figureground.chunks import byte_chunks, map_chunks
from figureground.media.cicp import PRIMARIES, SRGB, Cicp
from figureground.media.hdr import to_deep_sdr
from figureground.media.icc import to_xyz


def to_srgb(pixels: NDArray[Any], tags: Cicp) -> NDArray[Any]:
    """Tone mapped pixels, of the same shape and depth.

    Args:
        pixels: uint8 or uint16 (H, W, 3), in PQ or HLG.
        tags: which of them, and the primaries.
    """
    to_709 = np.linalg.solve(to_xyz(PRIMARIES[SRGB]), to_xyz(tags.places))
    mapped = np.empty_like(pixels)

    def convert(rows: slice) -> None:
        part = pixels[rows]
        shallow = part.dtype == np.uint8
        levels = to_deep_sdr(
            part.astype(np.uint16) * np.uint16(257) if shallow else part, tags.transfer, to_709
        )
        mapped[rows] = levels >> 8 if shallow else levels

    map_chunks(convert, byte_chunks(pixels.shape[0], pixels[0].nbytes))
    return mapped
