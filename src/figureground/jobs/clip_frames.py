"""Which of a clip's frames are worked on, and when they are shown."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from math import ceil

from figureground.media.videos import Frame, Packet, VideoReader


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
    """The frames at their own times or, where a rate is asked for, at even times."""
    if rate is None:
        yield from items
        return
    held, slot = None, 0
    for item in items:
        if isinstance(item, Frame):
            now = item.pts * reader.time_base
            if held is None:
                slot = ceil(now * rate)
            while held is not None and slot / rate < now:
                yield replace(held, pts=slot)
                slot += 1
            held = item
        else:
            yield item
    if held is not None:
        yield replace(held, pts=slot)
