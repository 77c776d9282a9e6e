"""A photograph of a person, to prove networks on; it ships with the package."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# NASA's portrait of Eileen Collins (public domain) and the matte that `lite` makes of it, 192 x 192.
PERSON = Path(__file__).parent / "person.webp"


def photograph(side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A person in RGB, float32 (side, side, 3), and the matte, float32 (side, side); 0 to 1."""
    with Image.open(PERSON) as image:
        resized = image.convert("RGBA").resize((side, side), Image.Resampling.BILINEAR)
    both = np.asarray(resized, np.float32) / np.float32(255)
    return both[..., :3], both[..., 3]
