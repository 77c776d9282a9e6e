"""When a video ends: what its file says, as far as that is more than a guess."""

from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av

REORDERED = 16  # frames by which the last may be decoded before another: H.264's and H.265's most
TIMED = "gif", "apng"  # formats whose every frame says how long it is shown
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def promised_end(
    container: av.container.InputContainer, video: av.VideoStream, path: Path
) -> Fraction | None:
    """Return where a video ends or, if it does not tell, the longest stream of its file; seconds.

    None where nothing tells, and of Matroska files that are whole, however long the last frame is.
    """
    if container.format.name.startswith("matroska") and is_whole(path):
        return None
    if video.duration and video.time_base:
        return _told_end(container, video)
    if container.duration:
        absolute = container.format.name.startswith("matroska")  # which tells its end
        start = 0 if absolute else container.start_time or 0
        return Fraction(start + container.duration, av.time_base)
    return None


def shown_until(
    container: av.container.InputContainer,
    video: av.VideoStream,
    path: Path,
    *,
    last: Fraction,
    usual: Fraction,
    packets: Fraction,
) -> Fraction:
    """Return when the last frame of a video that was read to its end is no longer shown, seconds.

    Args:
        container: the file.
        video: its video.
        path: of the file.
        last: when the last frame begins to be shown.
        usual: when it would end if it lasted as long as frames do on average.
        packets: when the last packet ends, by what the packets say of themselves.
    """
    kind = container.format.name
    if kind in TIMED:
        return packets
    if kind.startswith("mov"):
        told, rate = _told_end(container, video) or packets, video.average_rate or Fraction(25)
        reorder = max(Fraction(1), REORDERED / rate)  # the last packet may show before another
        return told if last < told <= packets + reorder else packets
    if kind.startswith("matroska") and is_whole(path):
        told = _tagged_end(container, video) or usual
        return told if told > last else usual
    return usual


def is_whole(path: Path) -> bool:
    """Return whether a Matroska file is as long as it says (RFC 9559, 4.5)."""
    try:
        with path.open("rb") as file:
            if file.read(4) != EBML:
                return False
            file.seek(_read_size(file) or 0, 1)
            if file.read(4) != SEGMENT:
                return False
            size, place = _read_size(file), file.tell()
            return size is not None and place + size <= file.seek(0, 2)
    except OSError:
        return False


def _read_size(file: BinaryIO) -> int | None:
    """Return the size of an element whose name was just read; None where it is not known."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    value = int.from_bytes(bytes([first[0] ^ 1 << (7 - more)]) + file.read(more))
    return None if value == (1 << 7 * (more + 1)) - 1 else value


def _told_end(container: av.container.InputContainer, video: av.VideoStream) -> Fraction | None:
    if not video.duration or not video.time_base:
        return None
    fragmented = container.format.name.startswith("mov") and (video.start_time or 0) > 0
    start = 0 if fragmented else video.start_time or 0  # a duration from 0 on
    return (start + video.duration) * video.time_base


def _tagged_end(container: av.container.InputContainer, video: av.VideoStream) -> Fraction | None:
    """Return the end that a Matroska file's tags tell or, of a video alone, that of the file."""
    try:
        hours, minutes, seconds = video.metadata.get("DURATION", "").split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    except ValueError:
        alone = len(container.streams) == 1 and container.duration
        return Fraction(container.duration or 0, av.time_base) if alone else None
