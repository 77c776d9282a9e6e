"""Pixels that know the image they come from, and how results become files."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from figureground.matting.compositing import lay_over, to_depth
from figureground.matting.resize import resize
from figureground.media.atomic import atomic
from figureground.media.encode import encode_image
from figureground.media.formats import DEFAULT, Encoding
from figureground.media.images import DecodedImage

SHOWN = 640  # longest side of what a notebook shows, pixels
TILE = 8  # side of the checkerboard's squares, pixels


def as_ending(format: str) -> str:
    """The ending of a format: ".png" for "png", ".png" or "PNG"."""
    return f".{format.lower().removeprefix('.')}"


def save_as(
    encode: Callable[[str], bytes],
    target: str | os.PathLike[str] | BinaryIO,
    format: str | None,
) -> None:
    """Write what `encode` makes for an ending to a path, or into a file object; see `Cutout.save`."""
    if isinstance(target, (str, os.PathLike)):
        path = Path(target)
        data = encode(as_ending(format) if format else path.suffix)
        with atomic(path) as part:
            part.write_bytes(data)
        return
    name = getattr(target, "name", "")
    suffix = Path(name).suffix if isinstance(name, str) else ""
    target.write(encode(as_ending(format or suffix or "png")))


class Composite(np.ndarray[Any, np.dtype[Any]]):
    """People over a background: an array (H, W, 3), uint8 or uint16, that can be saved.

    What is saved has the colour profile, EXIF and resolution of the image it comes from.
    """

    original: DecodedImage | None

    @classmethod
    def of(cls, pixels: NDArray[Any], image: DecodedImage) -> "Composite":
        """Make one of pixels (H, W, 3) in the colour space of `image`."""
        made = pixels.view(cls)
        made.original = image
        return made

    def __array_finalize__(self, source: Any) -> None:
        """Parts and copies come from the same image."""
        self.original = getattr(source, "original", None)

    def __repr__(self) -> str:
        """Tell width, height and depth, in one line; of a part, its values."""
        if self.ndim != 3:
            return repr(np.asarray(self))
        rows, columns, _ = self.shape
        return f"<Composite {columns}x{rows}, {self.dtype}>"

    def _repr_png_(self) -> bytes | None:
        """Show it in a notebook, as a cutout; a part of other dimensions is not."""
        return preview(np.asarray(self)) if self.ndim == 3 else None

    def save(
        self,
        target: str | os.PathLike[str] | BinaryIO,
        *,
        format: str | None = None,
        encoding: Encoding = DEFAULT,
    ) -> None:
        """Write it to a path or a file object; see `Cutout.save`."""
        save_as(lambda ending: self._encoded(ending, encoding), target, format)

    def to_bytes(  # pixels in a format, not an array's memory
        self, format: str = "png", *, encoding: Encoding = DEFAULT
    ) -> bytes:
        """Encode what `save` would write; see `Cutout.to_bytes`."""
        return self._encoded(as_ending(format), encoding)

    def _encoded(self, ending: str, encoding: Encoding) -> bytes:
        return encode_image(np.asarray(self), ending, like=self.original, encoding=encoding)


def preview(pixels: NDArray[Any]) -> bytes:
    """Encode pixels (h, w), (h, w, 3) or (h, w, 4) as a small PNG, over a checkerboard."""
    pixels = to_depth(pixels, np.uint8)
    scale = min(1.0, SHOWN / max(pixels.shape[:2]))
    size = max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale))
    small = pixels if size == pixels.shape[:2] else resize(pixels, size)
    if small.ndim == 3 and small.shape[2] == 4:
        rows, columns = np.indices(size) // TILE
        behind = np.where((rows + columns) % 2, 255, 204).astype(np.uint8)
        board = np.repeat(behind[..., None], 3, axis=2)
        alpha = np.divide(small[..., 3], 255, dtype=np.float32)
        lay_over(np.ascontiguousarray(small[..., :3]), alpha, board)
        small = board
    return encode_image(small, ".png")
