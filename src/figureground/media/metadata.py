"""What a file says of its image besides the pixels: colours, and what stays true of a cutout.

Colours are told by a PNG file's chunks, see `png_colors`; in AVIF and HEIC by an ICC profile, else
nclx; in all others by an ICC profile. What reads more than profiles is loaded for files that say
more.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import cv2
from PIL import Image

from figureground.media.decode import ISO, Pixels
from figureground.media.sources import DAMAGE

if TYPE_CHECKING:
    from figureground.media.cicp import Cicp

ORIENTATION = 0x0112
EXIF_IFD = 0x8769
GPS_IFD = 0x8825
INTEROP_IFD = 0xA005  # of the EXIF directory
# EXIF 2.32, 4.6.4 and 4.6.5: who, what, when, with what. The other tags of the first directory tell
# how the old file stored its pixels. The second directory, a thumbnail with the old background, and
# the tags of a TIFF file's own layout are left behind with them.
DESCRIPTIVE = {
    0x010E, 0x010F, 0x0110,  # description, maker, model
    0x011A, 0x011B, 0x0128,  # resolution
    0x0131, 0x0132, 0x013B, 0x013C, 0x8298,  # software, date, artist, computer, copyright
    0x4746, 0x4749,  # rating
    0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F,  # title to subject, as Windows writes them
}  # fmt: skip
PIXEL_SIZE = {0xA002, 0xA003}  # columns and rows before the image was turned upright


class Tags(NamedTuple):
    """What stays true of a cutout, and how its image is meant to be seen."""

    orientation: int  # of EXIF, 1 to 8; 1 is upright
    exif: bytes | None  # without the orientation
    dpi: tuple[float, float] | None  # pixels per inch, across and down


def read_tags(image: Image.Image) -> Tags:
    """What an image, loaded, says besides its colours."""
    return Tags(orientation=read_orientation(image), exif=read_exif(image), dpi=read_dpi(image))


def read_exif(image: Image.Image) -> bytes | None:
    """EXIF in the form Pillow writes, without what is no longer true; None if there is none.

    EXIF that is damaged is left behind: it must not keep a sound image from being read.
    """
    try:
        exif = image.getexif()
        kept = Image.Exif()
        kept.endian = exif.endian
        for tag in DESCRIPTIVE.intersection(exif):
            kept[tag] = as_stored(exif[tag])
        for group in (EXIF_IFD, GPS_IFD):
            values = read_group(exif, group)
            if values:
                kept[group] = values
        return kept.tobytes() if len(kept) else None
    except DAMAGE:
        return None


def as_stored(value: Any) -> Any:
    """A tag's value; text as its bytes, which Pillow reads as Latin-1 but writes as ASCII only."""
    return value.encode("latin-1", "replace") if isinstance(value, str) else value


def read_group(exif: Image.Exif, group: int) -> dict[int, Any]:
    """The tags of a directory inside EXIF, without what is no longer true."""
    values = {tag: value for tag, value in exif.get_ifd(group).items() if tag not in PIXEL_SIZE}
    place = values.pop(INTEROP_IFD, None)  # in the old file
    if isinstance(place, int) and (tags := exif.get_ifd(INTEROP_IFD)):
        values[INTEROP_IFD] = dict(tags)
    return values


def read_orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1, upright, where there is none that can be read."""
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except DAMAGE:
        return 1
    return value if value in range(1, 9) else 1


# How OpenCV brings an image upright that is stored in an EXIF orientation (EXIF 2.32, 4.6.4 A).
_TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda stored: cv2.flip(stored, 1),
    3: lambda stored: cv2.rotate(stored, cv2.ROTATE_180),
    4: lambda stored: cv2.flip(stored, 0),
    5: cv2.transpose,
    6: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_CLOCKWISE),
    7: lambda stored: cv2.rotate(cv2.transpose(stored), cv2.ROTATE_180),
    8: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def turn_upright(array: Pixels, orientation: int) -> Pixels:
    """(H, W) or (H, W, C) as it is meant to be seen; `array` itself where it is so already."""
    return array if orientation == 1 else _TURNS[orientation](array)


def read_profile(image: Image.Image) -> bytes | None:
    """The ICC profile; None if there is none."""
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and profile else None


def read_dpi(image: Image.Image) -> tuple[float, float] | None:
    """Pixels per inch, across and down; None where they are not said or make no sense."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, *DAMAGE):
        return None
    sound = all(math.isfinite(value) and 1 <= value <= 100_000 for value in (across, down))
    return (across, down) if sound else None


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
        return _colors_of(image, None)
    here = stream.tell()  # where Pillow goes on reading
    try:
        return _colors_of(image, stream)
    finally:
        stream.seek(here)


def _colors_of(image: Image.Image, stream: BinaryIO | None) -> Colors:
    profile = read_profile(image)
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
