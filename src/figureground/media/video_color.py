"""How a video means its numbers: between luma and chroma in a file, and RGB in memory."""

from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from figureground.arrays import Rgb

# What libswscale needs to keep colours to a level: it rounds and skips chroma otherwise.
EXACT = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)
# ISO/IEC 23091-2 (H.273) MatrixCoefficients to libswscale's names.
MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
HD = 720  # rows from which an untagged video is taken for BT.709, below for BT.601, as players do
HDR = {16: "PQ", 18: "HLG"}  # H.273 TransferCharacteristics


@dataclass(frozen=True, kw_only=True)
class Coding:
    """Matrix and range of a video's numbers, and what its colours are relative to (H.273)."""

    matrix: Colorspace
    full: bool  # black to white is 0 to 255; else 16 to 235
    primaries: int
    transfer: int

    @property
    def hdr(self) -> str | None:
        """The kind of high dynamic range, if it is one."""
        return HDR.get(self.transfer)


def coding_of(frame: av.VideoFrame) -> Coding:
    """What a frame says of itself, and what players assume where it is silent."""
    guess = Colorspace.ITU709 if frame.height >= HD else Colorspace.ITU601
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return Coding(
        matrix=MATRICES.get(int(frame.colorspace), guess),
        full=full or frame.format.is_rgb,
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
    )


def to_rgb(frame: av.VideoFrame, coding: Coding, *, width: int, height: int) -> Rgb:
    """A decoded frame as uint8 (height, width, 3), scaled on the way if it has another size."""
    converted = frame.reformat(
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=coding.matrix,
        dst_colorspace=coding.matrix,
        src_color_range=ColorRange.JPEG if coding.full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
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
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=EXACT,
    )
