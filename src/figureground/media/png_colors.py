"""What a PNG file says of its colours: cICP, else iCCP, else sRGB, else gAMA and cHRM.

Source: Portable Network Graphics Specification (Third Edition), W3C 2025, 4.3.
"""

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.media import color
from figureground.media.cicp import PRIMARIES, SRGB, Cicp
from figureground.media.icc import SRGB_CURVE, Primaries, make_profile
from figureground.media.metadata import Colors

PNG_START = 8  # bytes of the signature
NEAR = 0.002  # chromaticities that differ by less are the same: files round them
SRGB_GAMMA = (0.43, 0.48)  # gAMA of 1 / 2.2, which PNG writers add beside sRGB, or in its place


def read_png_colors(image: Image.Image, profile: bytes | None, stream: BinaryIO | None) -> Colors:
    """What the numbers of a PNG image mean.

    Args:
        image: opened.
        profile: the ICC profile that Pillow found in it.
        stream: its file; None where it has none.
    """
    tags = None if stream is None else _read_cicp(stream)
    if tags is not None:
        return Colors(profile=tags.profile(), hdr=tags if tags.hdr else None, full=tags.full)
    if profile is not None and any(color.suits(profile, kind) for kind in ("RGB", "L")):
        return Colors(profile=profile)
    if "srgb" in image.info:
        return Colors()
    return Colors(profile=_of_gamma(image.info.get("gamma"), image.info.get("chromaticity")))


def _read_cicp(stream: BinaryIO) -> Cicp | None:
    """A PNG file's cICP; None where there is none, or one that means nothing for RGB."""
    at, size = PNG_START, stream.seek(0, 2)
    while at + 12 <= size:
        stream.seek(at)
        head = stream.read(12)
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        if name in (b"IDAT", b"IEND"):
            return None
        if name == b"cICP" and length == 4:
            primaries, transfer, matrix, full = head[8:12]
            tags = Cicp(primaries=primaries, transfer=transfer, matrix=matrix, full=full != 0)
            return tags if matrix == 0 and full < 2 and tags.known else None
        at += 12 + length
    return None


def _of_gamma(gamma: Any, places: Any) -> bytes | None:
    """A profile of PNG's gAMA and cHRM; None where they say sRGB, nothing, or nonsense."""
    primaries, curve = _primaries(places), SRGB_CURVE
    plain = primaries == PRIMARIES[SRGB]
    if isinstance(gamma, float) and 0.01 < gamma < 100:
        usual = plain and SRGB_GAMMA[0] < gamma < SRGB_GAMMA[1]
        curve = SRGB_CURVE if usual else (1 / gamma,)
    if plain and curve == SRGB_CURVE:
        return None
    try:
        return make_profile("PNG gAMA and cHRM", primaries, curve)
    except ValueError:
        return None


def _primaries(places: Any) -> Primaries:
    """What cHRM says, white first there; sRGB's where it says that, or nothing."""
    usual = PRIMARIES[SRGB]
    if not isinstance(places, tuple) or len(places) != 8:
        return usual
    white, red, green, blue = (places[at : at + 2] for at in (0, 2, 4, 6))
    found = (red, green, blue, white)
    if not all(y > 0 and x + y <= 1 for x, y in found):
        return usual
    flat: NDArray[np.float64] = np.array(found)
    known = (own for own in PRIMARIES.values() if np.abs(flat - own).max() < NEAR)
    return next(known, found)
