"""A case as pictures: what was given, what is true, what came out, and where the two differ."""

import cv2
import numpy as np

from figureground.arrays import Alpha, Color, Rgb, Size
from figureground.datasets.contact_sheet import MAGENTA
from figureground.evaluation.cases import Case
from figureground.matting.compositing import composite
from figureground.matting.resize import fit, resize

TOO_MUCH: Color = (255, 106, 0)  # kept though background; colour-blind eyes tell it from blue too
TOO_LITTLE: Color = (0, 98, 255)  # lost though person
FADED = 0.3  # how much of the picture is seen beneath a difference


def panels(case: Case, *, box: Size) -> dict[str, Rgb]:
    """A case's pictures, each uint8 (h, w, 3), as large as fits into a box; never enlarged.

    They are `picture`; `truth` and `ours`, the person over magenta; and `difference`: orange is
    what was kept wrongly, blue what was lost, over the faded picture.
    """
    size = fit(case.truth.shape, box)
    rgb = resize(case.rgb, size)
    truth = resize(case.truth, size).astype(np.float32) / np.float32(255)
    alpha = np.clip(resize(case.alpha, size), 0, 1)
    return {
        "picture": rgb,
        "truth": composite(rgb, truth, MAGENTA),
        "ours": composite(rgb, alpha, MAGENTA),
        "difference": _difference(rgb, alpha, truth),
    }


def _difference(rgb: Rgb, alpha: Alpha, truth: Alpha) -> Rgb:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    faded = np.repeat((255 - FADED * (255 - grey))[..., None], 3, axis=2).astype(np.uint8)
    kept = composite(np.full_like(rgb, TOO_MUCH), np.clip(alpha - truth, 0, 1), faded)
    return composite(np.full_like(rgb, TOO_LITTLE), np.clip(truth - alpha, 0, 1), kept)
