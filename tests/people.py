"""Mattes of several people."""

import numpy as np

from figureground.arrays import Alpha


def scene(*people: tuple[int, int, int, int], size: tuple[int, int] = (60, 100)) -> Alpha:
    """Sure people, as rows and columns from and to, each with a soft edge of a pixel."""
    alpha = np.zeros(size, np.float32)
    for top, bottom, left, right in people:
        alpha[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = 0.2
    for top, bottom, left, right in people:
        alpha[top:bottom, left:right] = 1
    return alpha


BIG, SMALL, MIDDLE = (10, 50, 5, 30), (30, 50, 70, 80), (20, 40, 45, 55)
