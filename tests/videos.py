"""Tiny videos for tests, and a network that needs no weights."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Rgb, Size
from figureground.engines import Engine
from figureground.jobs.video import Outcome, VideoTask, convert_video
from figureground.jobs.video_style import CHROMA_GREEN, VideoStyle
from figureground.matting.fixed_lag_smoother import rgb_view
from figureground.matting.video_alpha import VideoState, estimate_frame_alpha, refine_frame_alpha
from figureground.media.video_color import Coding, from_planes, planes_of

SIZE = (48, 64)
SKIN = (220, 150, 120)
GREEN_AT = 2, 60  # a place that the disc never reaches


class Redness:
    """An engine that takes for a person what is more red than green."""

    size: Size = (32, 32)

    def __call__(self, image: NDArray[np.float32]) -> Alpha:
        return np.clip((image[..., 0] - image[..., 1]) * 8 - 0.5, 0, 1).astype(np.float32)

    def resized(self, size: Size) -> "Redness":
        """Itself: its size is fixed."""
        return self


def alpha_of_frames(
    rgb: Rgb, engine: Engine, memory: VideoState | None, *, smooth: bool = True
) -> tuple[Alpha, VideoState | None]:
    """A frame's matte, of its size, as it comes, without knowing what comes later."""
    coarse_matte, memory = estimate_frame_alpha(
        rgb_view(rgb), rgb.shape[:2], engine, memory, smooth=smooth
    )
    return refine_frame_alpha(coarse_matte).full(), memory


def draw(number: int, size: Size = SIZE) -> Rgb:
    """A skin-coloured disc that moves two pixels a frame before bluish grey."""
    rows, columns = np.indices(size)
    rgb = np.full((*size, 3), (90, 110, 140), np.uint8)
    rgb[(rows - size[0] / 2) ** 2 + (columns - 20 - 2 * number) ** 2 < 144] = SKIN
    return rgb


def make_video(  # noqa: PLR0913 - each test sets one or two
    path: Path,
    *,
    times: list[int] | None = None,
    size: Size = SIZE,
    sound: str | None = "aac",
    codec: str = "libx264",
    matrix: int = 6,
    subtitle: str = "",
    chapter: str = "",
    rate: int = 25,
    drawing: Callable[[int, Size], Rgb] = draw,
) -> Path:
    """A video with a frame at each of `times`, in 1/90000 s, and a tone; 8 frames by default."""
    times = [i * 3600 for i in range(8)] if times is None else times
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "a disc"
        video = container.add_stream(codec, rate=rate, options={"crf": "4"})
        video.height, video.width, video.pix_fmt = *size, "yuv420p"
        video.codec_context.time_base = Fraction(1, 90_000)
        video.codec_context.colorspace, video.codec_context.color_range = matrix, 1
        tone = container.add_stream(sound, rate=48_000, layout="mono") if sound else None
        if chapter:
            container.set_chapters([
                {"id": 1, "start": 0, "end": 300, "time_base": Fraction(1, 1000),
                 "metadata": {"title": chapter}}
            ])  # fmt: skip
        if subtitle:
            path.with_suffix(".srt").write_text(f"1\n00:00:00,040 --> 00:00:00,120\n{subtitle}\n")
            with av.open(str(path.with_suffix(".srt"))) as lines:
                words = container.add_stream_from_template(lines.streams[0])
                line = next(packet for packet in lines.demux() if packet.size)
            line.stream = words
        for number, pts in enumerate(times):
            frame = av.VideoFrame.from_ndarray(drawing(number, size), format="rgb24")
            code = 1 if matrix == 1 else 5
            frame = frame.reformat(
                format="yuv420p", src_colorspace=code, dst_colorspace=code, dst_color_range=1
            )
            frame.pts, frame.time_base = pts, Fraction(1, 90_000)
            container.mux(video.encode(frame))
            if tone:
                container.mux(tone.encode(_tone(number)))
            if subtitle and number == 1:
                container.mux(line)
        container.mux(video.encode(None))
        if tone:
            container.mux(tone.encode(None))
    return path


def make_deep_video(path: Path, *, transfer: int = 1, frames: int = 4) -> Path:
    """The disc with 10 bits a channel: H.265 of BT.709 or, with PQ (16) or HLG (18), of BT.2020."""
    hdr = transfer in (16, 18)
    coding = Coding(matrix=9 if hdr else 1, full=False, primaries=9 if hdr else 1,
                    transfer=transfer)  # fmt: skip
    options = {"crf": "4", "x265-params": "log-level=error"}
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx265", rate=25, options=options)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p10le"
        context = video.codec_context
        context.colorspace, context.color_range = coding.matrix, 1
        context.color_primaries, context.color_trc = coding.primaries, transfer
        for number in range(frames):
            planes = planes_of(draw(number), coding, layout="yuv420p10le")
            container.mux(video.encode(from_planes(planes, None, pix_fmt="yuv420p10le")))
        container.mux(video.encode(None))
    return path


def convert(source: Path, target: Path, kind: str = "composite", **options) -> Outcome:
    """What becomes of a video; `options` are those of `VideoTask`, and background and engine."""
    look = VideoStyle(kind=kind, background=options.pop("background", CHROMA_GREEN))
    engine = options.pop("engine", Redness())
    return convert_video(VideoTask(source=source, target=target, look=look, **options), engine)


def _tone(number: int) -> av.AudioFrame:
    wave = np.sin(np.arange(number * 1920, (number + 1) * 1920) * 2 * np.pi * 440 / 48_000)
    frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None] / 2, "fltp", "mono")
    frame.sample_rate, frame.pts = 48_000, number * 1920
    return frame


def frames_of(path: Path, *, kind: str = "rgb24", decoder: str | None = None) -> list[NDArray]:
    """All frames, decoded; `decoder` replaces the one that libavcodec would choose."""
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        if decoder is None:
            return [frame.to_ndarray(format=kind) for frame in video.decode(stream)]
        context = av.CodecContext.create(decoder, "r")
        decoded = [f for packet in video.demux(stream) for f in context.decode(packet)]  # type: ignore[attr-defined]
        return [frame.to_ndarray(format=kind) for frame in decoded]


def times_of(path: Path) -> list[Fraction]:
    """When each frame is shown, seconds."""
    with av.open(str(path)) as video:
        shown = ((f.pts, f.time_base) for f in video.decode(video=0))
        return sorted(Fraction(pts) * base for pts, base in shown if pts is not None and base)


def packets_of(path: Path, kind: str) -> Iterator[bytes]:
    """What the packets of the first stream of a kind hold."""
    with av.open(str(path)) as video:
        for packet in video.demux(next(s for s in video.streams if s.type == kind)):
            if packet.size:
                yield bytes(packet)
