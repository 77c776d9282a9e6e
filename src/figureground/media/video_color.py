"""How a video means its numbers: between luma and chroma in a file, and RGB in memory."""

from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Rgb

# What libswscale needs to keep colours to a level: it rounds and skips chroma otherwise.
# Bicubic, full chroma when writing and when reading, accurate rounding: numbers of swscale.h,
# since PyAV below 17 has no names for the latter three.
EXACT = 0x4 | 0x2000 | 0x4000 | 0x40000
BT709, BT601 = 1, 5
# MatrixCoefficients of ISO/IEC 23091-2 (H.273) to libswscale's numbers.
MATRICES = {1: BT709, 4: 4, 5: BT601, 6: BT601, 7: 7, 9: 9, 10: 9}
LIMITED, FULL = 1, 2  # ranges
HD = 720  # rows from which an untagged video is taken for BT.709, below for BT.601, as players do
HDR = {16: "PQ", 18: "HLG"}  # H.273 TransferCharacteristics


@dataclass(frozen=True, kw_only=True)
class Coding:
    """Matrix and range of a video's numbers, and what its colours are relative to (H.273)."""

    matrix: int  # libswscale's number
    full: bool  # black to white is 0 to 255; else 16 to 235
    primaries: int
    transfer: int

    @property
    def hdr(self) -> str | None:
        """The kind of high dynamic range, if it is one."""
        return HDR.get(self.transfer)


def coding_of(frame: av.VideoFrame, context: av.VideoCodecContext) -> Coding:
    """What a frame and its decoder say, and what players assume where they are silent."""
    guess = BT709 if frame.height >= HD else BT601
    full = frame.color_range == FULL or frame.format.name.startswith("yuvj")
    return Coding(
        matrix=MATRICES.get(int(frame.colorspace), guess),
        full=full or frame.format.is_rgb,
        primaries=int(context.color_primaries),
        transfer=int(context.color_trc),
    )


def to_rgb(frame: av.VideoFrame, coding: Coding, *, width: int, height: int) -> Rgb:
    """A decoded frame as uint8 (height, width, 3), scaled on the way if it has another size."""
    converted = frame.reformat(
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=coding.matrix,
        dst_colorspace=coding.matrix,
        src_color_range=FULL if coding.full else LIMITED,
        dst_color_range=FULL,
        interpolation=EXACT,
    )
    return np.asarray(converted.to_ndarray(), np.uint8)


def from_rgb(pixels: NDArray[np.uint8], coding: Coding, *, pix_fmt: str) -> av.VideoFrame:
    """Pixels, (H, W, 3) or with alpha (H, W, 4), as a frame of limited range, ready to encode."""
    kind = "rgba" if pixels.shape[2] == 4 else "rgb24"
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=kind)
    return frame.reformat(
        format=pix_fmt,
        src_colorspace=coding.matrix,
        dst_colorspace=coding.matrix,
        src_color_range=FULL,
        dst_color_range=LIMITED,
        interpolation=EXACT,
    )
