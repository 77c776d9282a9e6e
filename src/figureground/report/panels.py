"""An image, the truth, a matte, and where the two differ, side by side."""

import cv2
import numpy as np

from figureground.arrays import Alpha, Color, Mask, Rgb, Size
from figureground.matting.compositing import composite
from figureground.matting.resize import fit, resize
from figureground.report.contact_sheet import MAGENTA

TOO_MUCH: Color = (255, 106, 0)  # kept though background; colour-blind eyes tell it from blue too
TOO_LITTLE: Color = (0, 98, 255)  # lost though person
FADED = 0.3  # how much of the image is seen beneath a difference


def panels(rgb: Rgb, mask: Mask, alpha: Alpha, *, box: Size) -> dict[str, Rgb]:
    """Images of one shape, each uint8 (h, w, 3), as large as fits into a box; never enlarged.

    They are `image`; `truth` and `ours`, the person over magenta; and `difference`: orange is
    what was kept wrongly, blue what was lost, over the faded image.

    Args:
        rgb: uint8 (H, W, 3).
        mask: the truth, uint8 (h, w), 0 to 255.
        alpha: the answer, float32 (h, w), 0 to 1.
        box: rows and columns that an image may take, pixels.
    """
    size = fit(mask.shape, box)
    rgb = resize(rgb, size)
    truth = resize(mask, size).astype(np.float32) / np.float32(255)
    alpha = np.clip(resize(alpha, size), 0, 1)
    return {
        "image": rgb,
        "truth": composite(rgb, truth, MAGENTA),
        "ours": composite(rgb, alpha, MAGENTA),
        "difference": _difference(rgb, alpha, truth),
    }


def _difference(rgb: Rgb, alpha: Alpha, truth: Alpha) -> Rgb:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    faded = np.repeat((255 - FADED * (255 - grey))[..., None], 3, axis=2).astype(np.uint8)
    kept = composite(np.full_like(rgb, TOO_MUCH), np.clip(alpha - truth, 0, 1), faded)
    return composite(np.full_like(rgb, TOO_LITTLE), np.clip(truth - alpha, 0, 1), kept)
