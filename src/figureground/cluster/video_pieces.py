"""Where a long video may be cut: at key frames, best where the scene changes."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from figureground.media.video_clock import Clock
from figureground.media.video_open import open_container, video_stream
from figureground.media.video_reader import UNSOUGHT, Part, VideoReader

SHORTEST = 10.0  # seconds of a piece
WARM_UP = 64  # frames before a piece that steady its first mattes; even, as mattes settle by two
AHEAD = 12  # frames after a piece that its last mattes are drawn towards
NEAR = 0.4  # of a piece's length, within which a change of scene is preferred


@dataclass(frozen=True, kw_only=True)
class VideoIndex:
    """When a video's frames are shown, in units of its time base, in order."""

    times: tuple[int, ...]
    keys: tuple[int, ...]  # those that need no other frame
    end: Fraction  # of the last packet, seconds by the file's clock
    origin: Fraction  # where that clock begins, seconds
    base: Fraction  # a unit of time, seconds
    whole: bool = False  # it cannot be cut

    def seconds(self, time: int) -> float:
        """A frame's time, seconds from the beginning."""
        return float(time * self.base - self.origin)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Frames of a video that one worker makes."""

    number: int
    first: int  # time of its first frame
    beyond: int | None  # of the first after it; None is the end
    read: Part  # what is read for it: with frames before and after


def index_video(path: Path) -> VideoIndex:
    """Read a video's packets, and decode none. Raises VideoError where it is no video."""
    with VideoReader(path) as reader:
        origin, base = reader.shift, reader.time_base
    times: list[int] = []
    keys: list[int] = []
    end, sound = Fraction(0), True
    with open_container(path) as container:
        stream, clock = video_stream(container, path), Clock(container)
        for packet in container.demux(stream):
            clock.set(packet)
            if not packet.size or packet.is_discard:
                continue
            if packet.pts is None:
                sound = False
                break
            times.append(packet.pts)
            end = max(end, (packet.pts + (packet.duration or 0)) * base)
            keys += [packet.pts] if packet.is_keyframe else []
        known = container.format.name not in UNSOUGHT and not clock.joined
    sound = sound and known and len(set(times)) == len(times)
    return VideoIndex(
        times=tuple(sorted(times)), keys=tuple(sorted(keys)), end=end, origin=origin, base=base,
        whole=not sound,
    )  # fmt: skip


def cut(index: VideoIndex, part: Part, pieces: int) -> list[Piece]:
    """Cut what is asked for of a video into about so many pieces; one where it cannot be cut."""
    times = [time for time in index.times if _is_in(index, part, time)]
    whole = Piece(number=0, first=times[0] if times else 0, beyond=None, read=part)
    if index.whole or len(times) < 2 or part.frames is not None:
        return [whole]
    length = index.seconds(times[-1]) - index.seconds(times[0])
    count = min(pieces, int(length / SHORTEST))
    seams = _seams(index, times, count)
    if not seams:
        return [whole]
    places = [0, *(bisect_left(times, seam) for seam in seams), len(times)]
    return [
        _piece(index, part, times, number, places[number : number + 2])
        for number in range(len(places) - 1)
    ]


def _is_in(index: VideoIndex, part: Part, time: int) -> bool:
    seconds = index.seconds(time)
    early = part.start and seconds < part.start - 1e-6
    return not early and (part.end is None or seconds < part.end)


def _seams(index: VideoIndex, times: Sequence[int], count: int) -> list[int]:
    """Times of key frames near even distances, of changes of scene where there are such."""
    keys = [key for key in index.keys if times[0] < key <= times[-1]]
    if count < 2 or not keys:
        return []
    changes = set(_changes(index.keys))
    step = (times[-1] - times[0]) / count
    seams: list[int] = []
    for number in range(1, count):
        goal = times[0] + number * step
        near = [key for key in keys if abs(key - goal) <= NEAR * step]
        near = [key for key in near if key in changes] or near
        if near:
            seams.append(min(near, key=lambda key: abs(key - goal)))
    return sorted(set(seams))


def _changes(keys: Sequence[int]) -> list[int]:
    """Key frames that come sooner than the usual ones: encoders set them where scenes change."""
    steps = [after - before for before, after in pairwise(keys)]
    if not steps:
        return []
    usual = max(steps)
    return [key for key, step in zip(keys[1:], steps, strict=True) if step < 0.98 * usual]


def _piece(
    index: VideoIndex, part: Part, times: Sequence[int], number: int, places: Sequence[int]
) -> Piece:
    first, beyond = places
    start = max(0, first - WARM_UP) // 2 * 2  # mattes settle by two
    last = beyond + AHEAD
    half = float(index.base) / 2
    read = Part(
        start=index.seconds(times[start]) - half if start else part.start,
        end=index.seconds(times[last]) - half if last < len(times) else part.end,
        scale=part.scale,
    )
    ends = len(times) == beyond
    return Piece(
        number=number, first=times[first], beyond=None if ends else times[beyond], read=read
    )
