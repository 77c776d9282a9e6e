"""A person whose colours and edge are known."""

import numpy as np


def scene(kind: type = np.uint8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A red person before a green and blue background, with an edge that fades over 30 pixels."""
    white = np.iinfo(kind).max
    alpha = np.clip((np.arange(160, dtype=np.float32) - 65) / 30, 0, 1)
    alpha = np.repeat(alpha[None], 90, axis=0)
    person = np.zeros((90, 160, 3))
    person[..., 0], person[..., 1] = 0.8, np.linspace(0.1, 0.3, 90)[:, None]
    behind = np.zeros((90, 160, 3))
    behind[:45, :, 1], behind[45:, :, 2] = 0.7, 0.9
    mixed = alpha[..., None] * person + (1 - alpha[..., None]) * behind
    return (mixed * white).astype(kind), alpha, person * white
