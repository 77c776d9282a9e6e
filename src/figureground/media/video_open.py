"""Open a video, or say in one line why not."""

import glob
import os
import re
import sys
from collections.abc import Collection
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from figureground.errors import VideoError
from figureground.media.format_table import FORMATS
from figureground.media.joined import WithoutHeads, flv_joints

COVER = av.stream.Disposition.attached_pic
NUMBER = re.compile(r"%0?\d*d")  # as C's printf counts
NUMBERED = re.compile(r"(.*?)(\d+)(\D*)")  # a name, around its last number
LARGEST = (1 << 31) - 1  # number that libavformat counts from
# Of a decoder, and of an encoder: each thread holds frames, 30 MB of them at 1080 rows in libx264,
# and more threads would wait for those that draw.
MOST_THREADS = 4
IMAGES = Fraction(25)  # of a sequence a second, where nothing else is said: as libavformat
# A video parameter set of H.265 with its header, layer 0, and 16 bits, six of which count layers.
VIDEO_PARAMETERS = re.compile(rb"\x40\x01(..)\xff\xff", re.DOTALL)
CAMERA, GRAPH = "camera:", "lavfi:"  # how names of what is no file begin
# By `sys.platform`: what libavdevice calls its cameras, and how it names one.
CAMERAS = {
    "darwin": ("avfoundation", "{}"), "linux": ("v4l2", "{}"), "win32": ("dshow", "video={}")
}  # fmt: skip
# Tags whose bytes are no UTF-8: PyAV 19 keeps them as os.fsdecode does, and takes no word on it.
TAGS: dict[str, Any] = (
    {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
)


def exact(rate: Fraction) -> Fraction:
    """Return a rate or a time base of PyAV as a fraction; version 19 has a kind of its own."""
    return Fraction(rate.numerator, rate.denominator)


def codec_threads() -> int:
    """How many threads a decoder or an encoder may have."""
    return min(os.cpu_count() or 1, MOST_THREADS)


def is_sequence(path: Path) -> bool:
    """Return whether a path means numbered images: `frames/%04d.png`, or a folder of them."""
    numbered = NUMBER.search(path.name) and not os.path.isfile(path)
    return bool(numbered) or os.path.isdir(path)


def is_camera(path: Path) -> bool:
    """Return whether a path means a camera: `camera:0`, or `camera:` and the system's name of one."""
    return str(path).startswith(CAMERA)


def open_container(path: Path, rate: Fraction = IMAGES) -> InputContainer:
    """A file that is open for reading; of numbered images, `rate` a second.

    Also a camera, see `is_camera`, and what `lavfi:` and a graph of FFmpeg's filters make.

    Raises:
        VideoError: it is no video, or there are no such images, or no such camera.
    """
    if is_camera(path):
        return _open_camera(str(path).removeprefix(CAMERA))
    if str(path).startswith(GRAPH):
        return _open(str(path).removeprefix(GRAPH), path, "lavfi", {})
    if is_sequence(path):
        name, options = _sequence(path)
        options["framerate"] = str(rate)
        return _open(name, path, "image2", options)
    # Whole, since libavformat takes what stands before a colon for a protocol.
    container = _open(str(path.absolute()), path, None, {})
    if container.format.name == "flv" and (joints := flv_joints(path)):
        container.close()
        return _open(WithoutHeads(path, joints), path, "flv", {})
    return container


def _sequence(path: Path) -> tuple[str, dict[str, str]]:
    """Return the pattern by which libavformat opens a sequence, and the options it needs."""
    if not os.path.isdir(path):
        return _spelled(path), {"start_number": str(_first_number(path))}
    known = {ending for row in FORMATS.values() for ending in row.numbered}
    images = [file for file in path.iterdir() if file.suffix.lower() in known]
    names = sorted(file.name for file in images if not file.name.startswith("."))
    kinds = {Path(name).suffix for name in names}
    if len(kinds) != 1:
        found = ", ".join(sorted(kinds)) or "none"
        raise VideoError(
            f"a sequence is a folder of images of one kind; {str(path)!r} holds {found}"
        )
    pattern, first = _pattern_of(names, path)
    if pattern is not None:
        return _spelled(path / pattern), {"start_number": str(first)}
    if sys.platform == "win32":  # whose libavformat knows no glob
        raise VideoError(
            f"on Windows the images of a sequence are numbered without a gap, as 0001.png; those "
            f"in {str(path)!r} are not"
        )
    return f"{glob.escape(str(path.absolute()))}/*{kinds.pop()}", {"pattern_type": "glob"}


def _spelled(path: Path) -> str:
    """A pattern for libavformat, which takes each % in a folder's name for the number."""
    folder = str(path.parent.absolute()).replace("%", "%%")
    return f"{folder}/{path.name}"


def _pattern_of(names: list[str], folder: Path) -> tuple[str | None, int]:
    """As what names of images, sorted, are numbered one after the other, and the first number.

    None where they are not, and their order is that of their names.

    Raises:
        VideoError: they are numbered in another order than that.
    """
    matches = [match for name in names if (match := NUMBERED.fullmatch(name))]
    around = {(match[1], match[3]) for match in matches}
    if len(matches) < len(names) or len(around) > 1:
        return None, 0
    numbers = [int(match[2]) for match in matches]
    before, after = around.pop()
    digits = f"%0{min(len(match[2]) for match in matches)}d"
    plain = all(digits % number == match[2] for number, match in zip(numbers, matches, strict=True))
    if plain and _gap(numbers) is None and max(numbers) <= LARGEST:
        return f"{before.replace('%', '%%')}{digits}{after}", min(numbers)
    if numbers != sorted(numbers):
        raise VideoError(
            f"the images in {str(folder)!r} do not sort as they are numbered, and some are left "
            f"out; write their numbers with leading zeros, as in {before}{min(numbers):04}{after}"
        )
    return None, 0


def _gap(numbers: Collection[int]) -> int | None:
    """The first number that is left out."""
    taken = set(numbers)
    return next((n for n in range(min(taken), max(taken)) if n not in taken), None)


def _first_number(path: Path) -> int:
    """Return where the numbers of a sequence begin. Raises VideoError if one is left out, or all are."""
    words = NUMBER.split(path.name)
    if len(words) > 2:
        raise VideoError(f"images are numbered once, as in frames/%04d.png, got {str(path)!r}")
    spelled = NUMBER.findall(path.name)[0]
    fits = re.compile(r"(\d+)".join(map(re.escape, words)))
    files = path.parent.iterdir() if os.path.isdir(path.parent) else []
    matches = (match for file in files if (match := fits.fullmatch(file.name)))
    numbers = {int(match[1]) for match in matches if spelled % int(match[1]) == match[1]}
    if not numbers:
        raise VideoError(f"there are no images {str(path)!r}")
    gap = _gap(numbers)
    if gap is None:
        return min(numbers)
    sortable = sorted(numbers) == sorted(numbers, key=lambda number: str(spelled % number))
    remedy = f"the folder with --sequence takes those that are, {str(path.parent)!r}"
    if not sortable:
        remedy = "with leading zeros in all names, as of %04d, the folder can be a --sequence"
    raise VideoError(
        f"of the images {str(path)!r}, from {min(numbers)} to {max(numbers)}, number {gap} is "
        f"not there; {remedy}"
    )


def _open(
    name: str | WithoutHeads, path: Path, kind: str | None, options: dict[str, str]
) -> InputContainer:
    try:
        container: InputContainer = av.open(name, "r", format=kind, options=options, **TAGS)
        return container
    except FileNotFoundError as error:
        raise VideoError(f"there is no video {str(path)!r}") from error
    except (FFmpegError, OSError) as error:
        if kind is None and os.path.isfile(path) and not path.stat().st_size:
            raise VideoError(f"cannot read {str(path)!r}: the file is empty") from error
        raise VideoError(
            f"cannot read {str(path)!r} as a video: {error.strerror}; it is of another kind, "
            "or was cut off before its index (moov) was written"
        ) from error


def _open_camera(name: str) -> InputContainer:
    kind, spelled = CAMERAS.get(sys.platform, CAMERAS["linux"])
    if sys.platform == "linux" and name.isdigit():
        name = f"/dev/video{name}"
    options = {"framerate": "30"} if kind == "avfoundation" else {}  # it has no default
    try:
        return av.open(spelled.format(name), format=kind, options=options)
    except (FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoError(
            f"cannot open the camera {name!r}: {reason}; is it plugged in, free, and allowed? "
            "`figureground live camera:NAME` takes another"
        ) from error


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The first video that is no cover image. Raises VideoError if none can be decoded."""
    streams = [s for s in container.streams.video if not s.disposition & COVER]
    known = [stream for stream in streams if stream.codec_context is not None]
    if not streams:
        raise VideoError(f"there is no video in {str(path)!r}, only sound or other streams")
    if not known:
        raise VideoError(
            f"the video in {str(path)!r} is of a codec that cannot be decoded, or its header is "
            "damaged; convert it to H.264 with the program that made it"
        )
    known[0].thread_type = "AUTO"
    known[0].codec_context.thread_count = codec_threads()
    return known[0]


def has_second_layer(stream: VideoStream) -> bool:
    """Return whether a video of H.265 has a second layer: Apple's transparency, or a second eye.

    PyAV decodes the first alone. Source: ITU-T H.265, 7.3.2.1 (vps_max_layers_minus1).
    """
    context = stream.codec_context
    if context.name != "hevc" or not context.extradata:
        return False
    found = VIDEO_PARAMETERS.search(bytes(context.extradata))
    return found is not None and int.from_bytes(found[1], "big") >> 4 & 0x3F > 0
