"""What an image file says of its colours, wherever it says it.

PNG: see `png_colors`. AVIF and HEIC: an ICC profile, else nclx. All others: an ICC profile. What
reads more than profiles is loaded for files that say more.
"""

from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from PIL import Image

from figureground.media import metadata
from figureground.media.decode import ISO

if TYPE_CHECKING:
    from figureground.media.cicp import Cicp


class Colors(NamedTuple):
    """What the numbers of an image mean."""

    profile: bytes | None = None  # ICC, the file's own or one that says the same; None: sRGB
    hdr: "Cicp | None" = None  # of high dynamic range, which no profile tells
    full: bool = True  # black to white is all of the range; else 16 to 235 of 255
    bits: int = 8  # a channel, where the file's boxes say more


def read_colors(image: Image.Image, stream: BinaryIO | None) -> Colors:
    """What an opened image's numbers mean.

    Args:
        image: not loaded yet.
        stream: its file; None where it has none.
    """
    if stream is None:
        return _read(image, None)
    here = stream.tell()  # where Pillow goes on reading
    try:
        return _read(image, stream)
    finally:
        stream.seek(here)


def _read(image: Image.Image, stream: BinaryIO | None) -> Colors:
    profile = metadata.read_profile(image)
    if image.format == "PNG":
        from figureground.media.png_colors import read_png_colors

        return read_png_colors(image, profile, stream)
    if image.format in ISO and stream is not None:
        from figureground.media.cicp import Cicp
        from figureground.media.iso_boxes import read_bits, read_nclx, read_properties

        properties = read_properties(stream)
        said, bits = read_nclx(properties), read_bits(properties)
        if profile is not None or said is None:
            return Colors(profile=profile, bits=bits)
        primaries, transfer, matrix, _ = said  # whose range the decoder knows
        tags = Cicp(primaries=primaries, transfer=transfer, matrix=matrix)
        return Colors(profile=tags.profile(), hdr=tags if tags.hdr else None, bits=bits)
    return Colors(profile=profile)
