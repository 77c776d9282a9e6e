"""GIF, still and animated: 256 colours a frame, and transparency that is all or nothing.

Source: Graphics Interchange Format, Version 89a, CompuServe 1990; the loop is Netscape's extension.
"""

import io
import struct
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.media.palette import choose_palette

OPAQUE = 0.5  # share of white from which alpha counts as all
CLEAR = 255  # index of the colour that is transparent
HEADER = 13  # bytes before the global table of colours
TO_BACKGROUND = 2 << 2  # disposal: a frame is wiped before the next
TRANSPARENT = 1
LONGEST = 0xFFFF  # hundredths of a second


def encode_gif(pixels: NDArray[np.uint8]) -> bytes:
    """A still GIF file; alpha, the last of 2 or 4 channels, becomes 0 or 1, split at a half.

    pixels: uint8 (H, W, C), C 1 to 4.
    """
    channels = pixels.shape[2]
    colors = pixels if channels in (1, 3) else np.ascontiguousarray(pixels[..., :-1])
    rgb = cv2.cvtColor(colors, cv2.COLOR_GRAY2RGB) if channels < 3 else colors
    opaque = None if channels in (1, 3) else pixels[..., -1] >= OPAQUE * 255
    seen = np.asarray(rgb.reshape(-1, 3) if opaque is None else rgb[opaque], np.uint8)
    indices = np.full(rgb.shape[:2], CLEAR, np.uint8)
    table = np.zeros((256, 3), np.uint8)
    if len(seen):
        chosen = choose_palette(seen, CLEAR)
        table[: len(chosen.colors)] = chosen.colors
        if opaque is None:
            indices = chosen.indices.reshape(indices.shape)
        else:
            indices[opaque] = chosen.indices
    image = Image.fromarray(indices)
    image.putpalette(table.tobytes())
    settings: dict[str, Any] = {"optimize": False, "interlace": False}
    if opaque is not None:
        settings["transparency"] = CLEAR
    stream = io.BytesIO()
    image.save(stream, "GIF", **settings)
    return stream.getvalue()


def join_frames(stills: Sequence[bytes], milliseconds: Sequence[float], *, plays: int) -> bytes:
    """An animated GIF file, each frame with colours of its own.

    Args:
        stills: what `encode_gif` made, all of one size.
        milliseconds: how long each is shown, rounded to hundredths of a second.
        plays: how often all are; 0 is for ever.
    """
    screen = stills[0][6:10] + bytes([0x70, 0, 0])  # no global table of colours
    parts = [b"GIF89a", screen]
    if plays != 1:
        again = min(plays - 1, LONGEST) if plays else 0
        parts.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", again) + b"\0")
    for still, time in zip(stills, milliseconds, strict=True):
        parts += _frame(still, min(round(time / 10), LONGEST))
    return b"".join([*parts, b";"])


def _frame(still: bytes, hundredths: int) -> list[bytes]:
    """Control, descriptor, colours and indices of a still, as a frame."""
    bits = still[10] & 7
    end = HEADER + (6 << bits)
    colors, at, clear = still[HEADER:end], end, None
    while still[at] == 0x21:  # extensions
        if still[at + 1] == 0xF9 and still[at + 3] & TRANSPARENT:
            clear = still[at + 6]
        at += 2
        while still[at]:
            at += 1 + still[at]
        at += 1
    packed = TO_BACKGROUND | (0 if clear is None else TRANSPARENT)
    control = struct.pack("<BBBBHBB", 0x21, 0xF9, 4, packed, hundredths, clear or 0, 0)
    descriptor = still[at : at + 9] + bytes([0x80 | bits])  # colours of its own
    return [control, descriptor, colors, still[at + 10 : -1]]
