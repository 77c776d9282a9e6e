"""Some seventy videos of the odd kinds that people have, made on the spot, and what is to be seen.

Each frame has a corner in each of four colours and tells its number by the grey of its middle, so
that another reader can tell order, orientation and colours of a result.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from struct import pack
from typing import Any

import av
import cv2
import numpy as np
from numbered import SOUND_RATE, sound_packets
from numpy.typing import NDArray

from figureground.arrays import Rgb
from figureground.media.scheduling import usual_scheduling

SIZE = (64, 96)
THUMB = 8  # rows and columns that images are compared by
COUNT = 12  # frames, if a case says nothing else
CORNERS = [(200, 60, 50), (60, 170, 70), (50, 70, 190), (190, 180, 70)]
CLICK = 0.25  # seconds, where there is sound
TURNS: dict[str, tuple[tuple[int, int, int, int], Callable[[Rgb], Rgb]]] = {
    "upright": ((1, 0, 0, 1), lambda rgb: rgb),
    "90": ((0, 1, -1, 0), lambda rgb: np.rot90(rgb, -1)),
    "180": ((-1, 0, 0, -1), lambda rgb: np.rot90(rgb, 2)),
    "270": ((0, -1, 1, 0), lambda rgb: np.rot90(rgb, 1)),
    "mirrored": ((-1, 0, 0, 1), np.fliplr),
    "flipped": ((1, 0, 0, -1), np.flipud),
    "transposed": ((0, 1, 1, 0), lambda rgb: np.swapaxes(rgb, 0, 1)),
    "transversed": ((0, -1, -1, 0), lambda rgb: np.rot90(np.swapaxes(rgb, 0, 1), 2)),
}


@dataclass(frozen=True, kw_only=True)
class VideoCase:
    """One odd video."""

    name: str  # of the file
    kind: str  # what is odd about it
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    rate: Fraction = Fraction(25)
    size: tuple[int, int] = SIZE
    times: tuple[int, ...] = tuple(range(COUNT))  # of frames, in 1 / rate
    format: str | None = None  # libavformat's, where the name does not tell
    muxer: dict[str, str] = field(default_factory=dict)
    encoder: dict[str, str] = field(default_factory=dict)
    matrix: int = 6  # of H.273
    turn: str = "upright"
    sound: str | None = None
    layout: str = "mono"
    sound_late: float = 0.0  # seconds after the image
    later: int = 0  # seconds that all begins after 0
    last: int = 1  # of 1 / rate, how long the last frame lasts
    twice: bool = False  # joined with itself, byte by byte
    aspect: Fraction = Fraction(1)
    tolerance: float = 10.0  # levels, of colours
    clicks_told: bool = True  # whether the file tells the delay of its sound's encoder

    def make(self, folder: Path) -> Path:
        """Write the file."""
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        muxer: dict[str, Any] = {"format": self.format, "container_options": self.muxer}
        with usual_scheduling(), av.open(str(path), "w", **muxer) as film:
            film.mux(self._packets(film))
        if self.turn != "upright":
            turn_upright(path, self.turn, self.size)
        if self.twice:
            path.write_bytes(path.read_bytes() * 2)
        return path

    @property
    def frames(self) -> int:
        """How many there are to see."""
        return len(self.times) * (2 if self.twice else 1)

    def shown(self) -> list[Rgb]:
        """What the frames look like, upright and, where pixels are not square, as they are stored."""
        made = [TURNS[self.turn][1](draw(number, self.size)) for number in range(len(self.times))]
        return made * (2 if self.twice else 1)

    def _packets(self, film: av.container.OutputContainer) -> list[av.Packet]:
        video = film.add_stream(self.codec, rate=self.rate, options=self.encoder)
        video.height, video.width, video.pix_fmt = *self.size, self.pix_fmt
        context = video.codec_context
        context.time_base = 1 / self.rate
        context.colorspace, context.sample_aspect_ratio = self.matrix, self.aspect
        heard = film.add_stream(self.sound, rate=SOUND_RATE) if self.sound else None
        if heard:
            heard.codec_context.layout = self.layout
        packets: list[av.Packet] = []
        for number, time in enumerate(self.times):
            frame = coded(draw(number, self.size), self.pix_fmt, self.matrix)
            frame.pts, frame.time_base = time, 1 / self.rate
            packets += video.encode(frame)
        packets += video.encode(None)
        if self.last > 1:
            packets[-1].duration = round(self.last / self.rate / packets[-1].time_base)
        if heard:
            length = float((self.times[-1] + self.last) / self.rate)
            made = sound_packets(heard, length - self.sound_late, (CLICK,))
            move(made, Fraction(self.sound_late).limit_denominator(1000))
            packets += made
        move(packets, Fraction(self.later))
        return sorted(packets, key=lambda p: (p.dts or 0) * p.time_base)


def draw(number: int, size: tuple[int, int]) -> Rgb:
    """Four corners and a middle whose grey tells the number."""
    rows, columns = size
    rgb = np.zeros((rows, columns, 3), np.uint8)
    rgb[: rows // 2, : columns // 2], rgb[: rows // 2, columns // 2 :] = CORNERS[0], CORNERS[1]
    rgb[rows // 2 :, : columns // 2], rgb[rows // 2 :, columns // 2 :] = CORNERS[2], CORNERS[3]
    middle = slice(rows // 4, rows - rows // 4), slice(columns // 4, columns - columns // 4)
    rgb[middle] = 40 + 7 * (number % 24)
    return rgb


def coded(rgb: Rgb, pix_fmt: str, matrix: int) -> av.VideoFrame:
    """An image as samples of a format and matrix."""
    code = 1 if matrix == 1 else 5
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    made = frame.reformat(
        format=pix_fmt, src_colorspace=code, dst_colorspace=code,
        dst_color_range=2 if pix_fmt.startswith("yuvj") else 1, interpolation="AREA",
    )  # fmt: skip
    made.colorspace = matrix
    return made


def move(packets: list[av.Packet], seconds: Fraction) -> None:
    """Make packets later."""
    for packet in packets:
        ticks = round(seconds / packet.time_base)
        packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks


def turn_upright(path: Path, turn: str, size: tuple[int, int]) -> None:
    """Write a display matrix over that of an MP4's first track (ISO/IEC 14496-12, 8.3.2)."""
    a, b, c, d = (value << 16 for value in TURNS[turn][0])
    rows, columns = size
    left = columns * (a < 0) + rows * (c < 0)
    top = columns * (b < 0) + rows * (d < 0)
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44
    values = a, b, 0, c, d, 0, left << 16, top << 16, 1 << 30
    data[place : place + 36] = pack(">9i", *values)
    path.write_bytes(data)


def video_cases() -> list[VideoCase]:
    """All that can be made here; kinds alternate, so that each half has some of all."""
    return [case for case in _all_cases() if can_encode(case)]


def can_encode(case: VideoCase) -> bool:
    """Return whether this PyAV has the encoders of a case."""
    names = [case.codec, *([case.sound] if case.sound else [])]
    try:
        return all(av.Codec(name, "w") for name in names)
    except av.codec.codec.UnknownCodecError:
        return False


SVT = {"preset": "12", "crf": "20"}
FAST = {"preset": "ultrafast", "crf": "8", "x265-params": "log-level=error"}
VPX = {"deadline": "realtime", "cpu-used": "8", "crf": "8", "b": "2M"}
SHARP = {"qmin": "1", "qmax": "3", "b": "4M"}
X264 = {"preset": "veryfast", "crf": "6"}
OPEN = {**X264, "x264-params": "open-gop=1:keyint=6:bframes=2:b-adapt=0"}


def _all_cases() -> list[VideoCase]:
    cases = [
        VideoCase(name="24.mp4", kind="rate", rate=Fraction(24), encoder=X264),
        VideoCase(name="ntsc.mp4", kind="rate", rate=Fraction(30_000, 1001), encoder=X264),
        VideoCase(name="12.5.mkv", kind="rate", rate=Fraction(25, 2), encoder=X264),
        VideoCase(name="120.mov", kind="rate", rate=Fraction(120), encoder=X264),
        VideoCase(name="film.mkv", kind="container", encoder=X264),
        VideoCase(name="film.webm", kind="container", codec="libvpx-vp9", encoder=VPX),
        VideoCase(name="old.webm", kind="container", codec="libvpx", encoder=VPX),
        VideoCase(name="film.avi", kind="container", codec="mpeg4", encoder=SHARP),
        VideoCase(name="b.avi", kind="container", codec="mpeg4", encoder={**SHARP, "bf": "2"}),
        VideoCase(name="jpeg.avi", kind="container", codec="mjpeg", pix_fmt="yuvj420p",
                  encoder=SHARP),
        VideoCase(name="film.ts", kind="container", encoder=X264),
        VideoCase(name="mpeg2.ts", kind="container", codec="mpeg2video", encoder=SHARP),
        VideoCase(name="film.mpg", kind="container", codec="mpeg2video", format="mpeg",
                  encoder={**SHARP, "bf": "2"}),
        VideoCase(name="film.flv", kind="container", encoder=X264),
        VideoCase(name="film.wmv", kind="container", codec="wmv2", format="asf", encoder=SHARP),
        VideoCase(name="film.3gp", kind="container", codec="mpeg4", encoder=SHARP),
        VideoCase(name="film.m4v", kind="container", format="mp4", encoder=X264),
        VideoCase(name="film.m2ts", kind="container", format="mpegts", encoder=X264),
        VideoCase(name="film.mxf", kind="container", codec="mpeg2video",
                  pix_fmt="yuv422p", encoder=SHARP),
        VideoCase(name="film.nut", kind="container", codec="ffv1"),
        VideoCase(name="h265.mp4", kind="codec", codec="libx265", encoder=FAST),
        VideoCase(name="av1.mp4", kind="codec", codec="libsvtav1", encoder=SVT),
        VideoCase(name="open.mp4", kind="codec", encoder=OPEN),
        VideoCase(name="open.ts", kind="codec", encoder=OPEN),
        VideoCase(name="live.mkv", kind="no index", muxer={"live": "1"}, encoder=X264),
        VideoCase(name="pieces.mp4", kind="no index", encoder={**X264, "g": "4"},
                  muxer={"movflags": "frag_keyframe+empty_moov"}),
        VideoCase(name="dash.mp4", kind="no index", encoder={**X264, "g": "4"}, later=100,
                  muxer={"movflags": "frag_keyframe+empty_moov+default_base_moof",
                         "avoid_negative_ts": "disabled"}),
        VideoCase(name="422.mkv", kind="samples", pix_fmt="yuv422p", encoder=X264),
        VideoCase(name="444.mp4", kind="samples", pix_fmt="yuv444p", encoder=X264),
        VideoCase(name="full.mp4", kind="samples", pix_fmt="yuvj420p", encoder=X264),
        VideoCase(name="grey.mkv", kind="samples", codec="ffv1", pix_fmt="gray", tolerance=256),
        VideoCase(name="rgb.mkv", kind="samples", codec="ffv1", pix_fmt="bgr0"),
        VideoCase(name="ten.mp4", kind="samples", codec="libx265", pix_fmt="yuv420p10le",
                  encoder=FAST),
        VideoCase(name="prores.mov", kind="samples", codec="prores_ks", pix_fmt="yuv422p10le"),
        VideoCase(name="png.mov", kind="samples", codec="png", pix_fmt="rgb24"),
        VideoCase(name="qtrle.mov", kind="samples", codec="qtrle", pix_fmt="rgb24"),
        VideoCase(name="huff.avi", kind="samples", codec="huffyuv", pix_fmt="yuv422p"),
        VideoCase(name="709.mp4", kind="matrix", matrix=1, encoder=X264),
        VideoCase(name="601.mkv", kind="matrix", matrix=5, encoder=X264),
        VideoCase(name="709.mov", kind="matrix", matrix=1, codec="prores_ks",
                  pix_fmt="yuv422p10le"),
        *(VideoCase(name=f"{turn}.{'mov' if number % 2 else 'mp4'}", kind="display matrix",
                    turn=turn, encoder=X264) for number, turn in enumerate(TURNS) if number),
        VideoCase(name="uneven.mp4", kind="times", times=(0, 1, 4, 5, 9, 20), encoder=X264),
        VideoCase(name="uneven.mkv", kind="times", times=(0, 2, 3, 8, 9, 10, 30), encoder=X264),
        VideoCase(name="gap.ts", kind="times", times=(0, 1, 2, 30, 31, 32), encoder=X264),
        VideoCase(name="last.mp4", kind="last frame", last=50, encoder=X264),
        VideoCase(name="last.mkv", kind="last frame", last=50, encoder={**X264, "bf": "0"}),
        VideoCase(name="hour.mkv", kind="start", later=3600, sound="aac", encoder=X264),
        VideoCase(name="minute.ts", kind="start", later=100, sound="aac", encoder=X264),
        VideoCase(name="joined.ts", kind="joined", twice=True, encoder=X264),
        VideoCase(name="joined.mp4", kind="joined", twice=True, format="mpegts", encoder=X264),
        VideoCase(name="aac.mp4", kind="sound", sound="aac", encoder=X264),
        VideoCase(name="opus.mkv", kind="sound", sound="libopus", encoder=X264),
        VideoCase(name="flac.mkv", kind="sound", sound="flac", encoder=X264),
        VideoCase(name="pcm.mov", kind="sound", sound="pcm_s24be", encoder=X264),
        VideoCase(name="pcm.avi", kind="sound", sound="pcm_s16le", codec="mpeg4", encoder=SHARP),
        VideoCase(name="mp3.mkv", kind="sound", sound="libmp3lame", encoder=X264),
        VideoCase(name="around.mkv", kind="sound", sound="ac3", layout="5.1", encoder=X264),
        VideoCase(name="alac.mov", kind="sound", sound="alac", layout="stereo", encoder=X264),
        VideoCase(name="late.mp4", kind="sound", sound="aac", sound_late=0.12, encoder=X264),
        VideoCase(name="late.mkv", kind="sound", sound="libopus", sound_late=0.08, encoder=X264),
        VideoCase(name="my%20dance.mp4", kind="name", encoder=X264),
        VideoCase(name="100%d.mkv", kind="name", encoder=X264),
        VideoCase(name="-o \u00fcber #1?.mp4", kind="name", encoder=X264),
        VideoCase(name="a:b/c.d.mkv", kind="name", encoder=X264),
        VideoCase(name="odd.webm", kind="size", size=(63, 95), codec="libvpx-vp9", encoder=VPX),
        VideoCase(name="odd.mkv", kind="size", size=(33, 47), codec="ffv1", pix_fmt="bgr0"),
        VideoCase(name="one.mp4", kind="size", times=(0,), encoder=X264),
        VideoCase(name="two.mkv", kind="size", times=(0, 1), encoder=X264),
        VideoCase(name="wide.mp4", kind="aspect", aspect=Fraction(4, 3), encoder=X264),
        VideoCase(name="narrow.mkv", kind="aspect", aspect=Fraction(2, 3), encoder=X264),
    ]  # fmt: skip
    return cases


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What another reader sees in a video."""

    images: list[Rgb]  # as shown
    times: list[float]  # seconds


def has_ffmpeg() -> bool:
    """Return whether FFmpeg's own programs are there."""
    return bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))


def look(path: Path) -> Seen:
    """Read a video with FFmpeg's program or, where there is none, with PyAV alone."""
    return _look_with_ffmpeg(path) if has_ffmpeg() else _look_with_pyav(path)


def _look_with_ffmpeg(path: Path) -> Seen:
    name = str(path.absolute())
    ask = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-of", "csv=p=0",
           "-show_entries", "frame=best_effort_timestamp_time", name]  # fmt: skip
    told = subprocess.run(ask, capture_output=True, text=True, check=True, timeout=60).stdout
    times = [float(line.split(",")[0]) for line in told.split() if line.split(",")[0] != "N/A"]
    show = ["ffmpeg", "-v", "error", "-i", name, "-map", "0:v:0", "-fps_mode", "passthrough",
            "-sws_flags", "accurate_rnd+full_chroma_int+bicubic",
            "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "-"]  # fmt: skip
    data = subprocess.run(show, capture_output=True, check=True, timeout=60).stdout
    return Seen(images=_split_ppm(data), times=times)


def _split_ppm(data: bytes) -> list[Rgb]:
    images, place = [], 0
    while place < len(data):
        head = data[place : place + 40].split(b"\n", 3)
        columns, rows = map(int, head[1].split())
        place += sum(len(line) + 1 for line in head[:3])
        size = columns * rows * 3
        image = np.frombuffer(data[place : place + size], np.uint8)
        images.append(image.reshape(rows, columns, 3))
        place += size
    return images


def _look_with_pyav(path: Path) -> Seen:
    """Results are upright, so that no display matrix needs to be followed."""
    with av.open(str(path.absolute())) as film:
        frames = list(film.decode(film.streams.video[0]))
        return Seen(
            images=[
                np.asarray(frame.reformat(
                    format="rgb24", src_colorspace=1 if frame.colorspace == 1 else 5,
                    src_color_range=2 if frame.color_range == 2 else 1,
                ).to_ndarray(), np.uint8)
                for frame in frames
            ],
            times=[float(frame.pts * frame.time_base) for frame in frames],
        )  # fmt: skip


def thumb(rgb: Rgb) -> NDArray[np.float64]:
    """An image at a few pixels."""
    small = cv2.resize(rgb, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    return small.astype(np.float64)
