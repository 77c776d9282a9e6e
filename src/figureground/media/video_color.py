"""How a video means its numbers: between frames of libav, samples in memory, and RGB."""

from dataclasses import dataclass, replace

import av
import numpy as np

from figureground.arrays import Alpha, Rgb, Size
from figureground.media.cicp import HDR
from figureground.media.hdr import to_hdr, to_sdr
from figureground.media.planes import Plane, Planes, to_small_rgb

# What libswscale needs to keep colours to a level: it rounds and skips chroma otherwise.
# Bicubic, full chroma when writing and when reading, accurate rounding: numbers of swscale.h,
# since PyAV below 17 has no names for the latter three.
EXACT = 0x4 | 0x2000 | 0x4000 | 0x40000
BT709, BT601 = 1, 5
# MatrixCoefficients of ISO/IEC 23091-2 (H.273) to libswscale's numbers.
MATRICES = {1: BT709, 4: 4, 5: BT601, 6: BT601, 7: 7, 9: 9, 10: 9}
# By libswscale's number of the matrix: primaries and transfer (H.273) that players assume with it.
ASSUMED = {BT709: (1, 1), 4: (4, 4), BT601: (6, 6), 7: (7, 7), 9: (9, 14)}
UNSAID = {0, 2}  # primaries and transfers that say nothing
LIMITED, FULL = 1, 2  # ranges
CLEAR = "yuva444p"  # what transparency is read in
HD = 720  # rows from which an untagged video is taken for BT.709, below for BT.601, as players do


@dataclass(frozen=True, kw_only=True)
class Coding:
    """Matrix and range of a video's numbers, and what its colours are relative to (H.273)."""

    matrix: int  # libswscale's number
    full: bool  # black to white is 0 to 255; else 16 to 235
    primaries: int
    transfer: int
    bits: int = 8  # of a sample

    @property
    def hdr(self) -> str | None:
        """The kind of high dynamic range, if it is one."""
        return HDR.get(self.transfer)


SDR = Coding(matrix=BT709, full=False, primaries=1, transfer=1)  # what HDR is brought to


def coding_of(frame: av.VideoFrame, context: av.VideoCodecContext) -> Coding:
    """Return the colours that a frame and its decoder tell, or that players assume where they do not."""
    guess = BT709 if frame.height >= HD else BT601
    full = frame.color_range == FULL or frame.format.name.startswith("yuvj")
    matrix = MATRICES.get(int(frame.colorspace), guess)
    primaries, transfer = ASSUMED[matrix]
    return Coding(
        matrix=matrix,
        full=full or frame.format.is_rgb,
        primaries=_said(context.color_primaries, frame.color_primaries, primaries),
        transfer=_said(context.color_trc, frame.color_trc, transfer),
        bits=int(frame.format.components[0].bits),
    )


def _said(*values: int) -> int:
    """Return the first value that says something; the last always does."""
    return next(int(value) for value in values if int(value) not in UNSAID)


def to_planes(
    frame: av.VideoFrame, coding: Coding, *, layout: str, size: Size, like: Coding | None = None
) -> Planes:
    """A decoded frame's samples, of limited range, and its transparency.

    Args:
        frame: as decoded.
        coding: what its numbers mean.
        layout: libavutil's name of a planar YUV format, such as yuv420p or yuv444p10le.
        size: rows and columns; the frame is scaled where it has others.
        like: the coding whose matrix the samples shall have; its own if None.
    """
    alpha = _alpha_of(frame, size)
    if like is not None and like.hdr != coding.hdr:
        made = planes_of(_frame_to_rgb(frame, coding, size), like, layout=layout)
        return replace(made, alpha=alpha)
    matrix = (like or coding).matrix
    kept = frame.format.name == layout and (frame.height, frame.width) == size
    if not kept or coding.full or matrix != coding.matrix:
        frame = frame.reformat(
            width=size[1],
            height=size[0],
            format=layout,
            src_colorspace=coding.matrix,
            dst_colorspace=matrix,
            src_color_range=FULL if coding.full else LIMITED,
            dst_color_range=LIMITED,
            interpolation=EXACT,
        )
    luma, blue, red = (np.array(_view(plane, layout)) for plane in frame.planes[:3])
    return Planes(luma=luma, blue=blue, red=red, bits=_bits(layout), alpha=alpha)


def from_planes(planes: Planes, alpha: Alpha | None, *, pix_fmt: str) -> av.VideoFrame:
    """Samples as a frame that is ready to encode.

    Args:
        planes: in the layout of `pix_fmt`.
        alpha: float32 (H, W), 0 to 1; None where `pix_fmt` has no transparency.
        pix_fmt: libavutil's name, such as yuv420p or yuva420p.
    """
    frame = av.VideoFrame(planes.size[1], planes.size[0], pix_fmt)
    parts = list(planes.all)
    if alpha is not None:
        white = (1 << planes.bits) - 1
        parts.append(np.rint(alpha * np.float32(white)).astype(planes.luma.dtype))
    for target, part in zip(frame.planes, parts, strict=True):
        np.copyto(_view(target, pix_fmt), part)
    return frame


def planes_of(rgb: Rgb, coding: Coding, *, layout: str) -> Planes:
    """An image, uint8 (H, W, 3), as samples of a video's matrix."""
    if coding.hdr:
        frame = av.VideoFrame.from_ndarray(to_hdr(rgb, coding.transfer), format="rgb48le")
    else:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    made = replace(coding, full=True)
    return to_planes(frame, made, layout=layout, size=(rgb.shape[0], rgb.shape[1]))


def to_rgb(planes: Planes, coding: Coding, *, layout: str) -> Rgb:
    """Samples as an image in sRGB, uint8 (H, W, 3)."""
    frame = from_planes(planes, None, pix_fmt=layout)
    return _frame_to_rgb(frame, replace(coding, full=False), planes.size)


def work_rgb(planes: Planes, coding: Coding, size: Size) -> Rgb:
    """A frame as the network sees it, at a smaller size than its own: uint8 (*size, 3)."""
    rgb = to_small_rgb(planes, matrix=coding.matrix, size=size)
    return to_sdr(rgb.astype(np.uint16) * np.uint16(257), coding.transfer) if coding.hdr else rgb


def _frame_to_rgb(frame: av.VideoFrame, coding: Coding, size: Size) -> Rgb:
    converted = frame.reformat(
        width=size[1],
        height=size[0],
        format="rgb48le" if coding.hdr else "rgb24",
        src_colorspace=coding.matrix,
        dst_colorspace=coding.matrix,
        src_color_range=FULL if coding.full else LIMITED,
        dst_color_range=FULL,
        interpolation=EXACT,
    ).to_ndarray()
    if coding.hdr:
        return to_sdr(np.asarray(converted, np.uint16), coding.transfer)
    return np.asarray(converted, np.uint8)


def _alpha_of(frame: av.VideoFrame, size: Size) -> Plane | None:
    """A frame's own transparency, uint8 (*size); None where all is opaque."""
    kind = frame.format
    if kind.name != "pal8" and not any(part.is_alpha for part in kind.components):
        return None
    clear = frame.reformat(width=size[1], height=size[0], format=CLEAR, interpolation=EXACT)
    alpha = np.array(_view(clear.planes[3], CLEAR))
    return None if alpha.min() == 255 else alpha


def _bits(layout: str) -> int:
    return int(av.VideoFormat(layout).components[0].bits)


def _view(plane: av.video.plane.VideoPlane, layout: str) -> Plane:
    """The samples of a plane where they lie, (h, w), without the padding of its rows."""
    kind = np.dtype(np.uint16 if _bits(layout) > 8 else np.uint8)
    samples: Plane = np.frombuffer(memoryview(plane), kind)
    rows = samples.reshape(-1, plane.line_size // kind.itemsize)
    return rows[: plane.height, : plane.width]
