"""Choose which of a video's frames are worked on, and when they are shown."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from math import ceil

from figureground.media.video_reader import Frame, Packet, VideoReader

SLACK = Fraction(1, 1000)  # seconds by which times may be rounded in files
LEAST = Fraction(1, 10)  # of an even step that the video's rest must fill for one frame more


def beyond(
    items: Generator[Frame | Packet, None, None], count: int
) -> Generator[Frame | Packet, None, None]:
    """All but the first `count` frames."""
    with closing(items):
        for item in items:
            if isinstance(item, Frame) and count:
                count -= 1
            else:
                yield item


def thinned(items: Iterable[Frame | Packet], every: int) -> Iterator[Frame | Packet]:
    """The first of every so many frames, and all packets."""
    count = 0
    for item in items:
        if isinstance(item, Frame):
            count += 1
            if (count - 1) % every:
                continue
        yield item


def timed(
    items: Iterable[Frame | Packet], reader: VideoReader, rate: Fraction | None
) -> Iterator[Frame | Packet]:
    """The frames at their own times or, where a rate is asked for, at even times.

    Each then stays until the next comes, the last until the video ends.
    """
    if rate is None:
        yield from items
        return
    held, slot, first = None, 0, 0
    for item in items:
        if not isinstance(item, Frame):
            yield item
            continue
        now = ceil((item.pts * reader.time_base - reader.shift) * rate)
        if held is None:
            slot = first = now
        else:
            yield from _repeated(held, slot, now)
        held, slot = item, max(slot, now)
    if held is not None:
        end = reader.ends - reader.shift - max(SLACK, LEAST / rate)
        yield from _repeated(held, slot, max(ceil(end * rate), first + 1))


def _repeated(frame: Frame, start: int, end: int) -> Iterator[Frame]:
    return (replace(frame, pts=slot) for slot in range(start, end))
