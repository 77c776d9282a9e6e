"""Between high dynamic range (PQ, HLG) and the range of sRGB.

Transfer functions are those of ITU-R BT.2100-2, with white as shown on paper at 203 nits (ITU-R
BT.2408). Light above `KNEE` is rolled off, x / (1 + x) as in Reinhard et al., "Photographic Tone
Reproduction for Digital Images", SIGGRAPH 2002, so that `PEAK` becomes white; below it stays.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Rgb
from figureground.media.cicp import PQ

PAPER, PEAK = 203.0, 1000.0  # nits
KNEE = 0.75  # of paper white
STEPS = 4096  # of the tables
Light = NDArray[np.float32]
# BT.2020 primaries to BT.709's, linear light: ITU-R BT.2087.
TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)


def to_sdr(rgb: NDArray[np.uint16], transfer: int) -> Rgb:
    """An image in sRGB, uint8 (H, W, 3), of one in BT.2020 with PQ or HLG, uint16 (H, W, 3)."""
    return np.asarray(_from_light()[_places(rgb, transfer, TO_709)], np.uint8)


def to_deep_sdr(
    rgb: NDArray[np.uint16], transfer: int, to_709: NDArray[Any] = TO_709
) -> NDArray[np.uint16]:
    """As `to_sdr`, uint16, of one in any primaries.

    to_709: matrix from their linear light to BT.709's, (3, 3).
    """
    levels = np.rint(_levels() * 65535).astype(np.uint16)
    return np.asarray(levels[_places(rgb, transfer, to_709.astype(np.float32))], np.uint16)


def _places(rgb: NDArray[np.uint16], transfer: int, to_709: Light) -> NDArray[np.uint16]:
    """Where tone mapped light lies among `STEPS` square roots of it, (H, W, 3)."""
    light = cv2.transform(_light(transfer)[rgb >> 4], to_709)
    bright = np.maximum(light.max(axis=2), 1e-6)
    above, most = (bright - KNEE) / (1 - KNEE), (PEAK / PAPER - KNEE) / (1 - KNEE)
    above = np.maximum(above, 0)
    rolled = KNEE + (1 - KNEE) * above / (1 + above) * (1 + 1 / most)
    light *= np.where(above > 0, rolled / bright, 1)[..., None]
    place = np.sqrt(np.clip(light, 0, 1)) * (STEPS - 1)  # finer where it is dark
    return np.asarray(np.rint(place), np.uint16)


def to_hdr(rgb: Rgb, transfer: int) -> NDArray[np.uint16]:
    """An image of sRGB, uint8 (H, W, 3), as uint16 in BT.2020 with PQ or HLG; white is 203 nits.

    A colour stays what it is, so this does not undo the rolling off of `to_sdr`.
    """
    level = np.arange(256) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    light = cv2.transform(linear.astype(np.float32)[rgb], np.linalg.inv(TO_709).astype(np.float32))
    table = _light(transfer)
    signal = np.interp(light, table, np.linspace(0, 65535, STEPS))
    return np.asarray(np.rint(signal), np.uint16)


def _light(transfer: int) -> Light:
    """Light by signal, 1 for white paper, float32 (STEPS,)."""
    signal = np.linspace(0, 1, STEPS)
    if transfer == PQ:
        root = signal ** (1 / 78.84375)
        base = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
        return (10_000 * base ** (1 / 0.1593017578125) / PAPER).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return (PEAK * scene**1.2 / PAPER).astype(np.float32)


def _from_light() -> NDArray[np.uint8]:
    """sRGB levels by the square root of light, uint8 (STEPS,)."""
    return np.asarray(np.rint(_levels() * 255), np.uint8)


def _levels() -> NDArray[np.float64]:
    """The same from 0 to 1."""
    light = np.linspace(0, 1, STEPS) ** 2
    level = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(level, np.float64)
