"""What happens to each of a clip's frames, in steps that run side by side."""

from collections.abc import Generator
from contextlib import closing
from typing import TypeAlias

import av

from figureground.engines import Engine
from figureground.jobs.clip_look import Drawn, Painter, view_of
from figureground.matting.film import Sketch, film_edges, film_sketch
from figureground.matting.hindsight import in_hindsight
from figureground.media.videos import Frame, Packet, VideoReader

Found: TypeAlias = Generator[tuple[Frame | Packet, Sketch | None], None, None]
"""Frames with their sketches, and packets of sound and the like without any."""


def find(
    items: Generator[Frame | Packet, None, None],
    reader: VideoReader,
    engine: Engine,
    *,
    still: bool,
) -> Found:
    """Find the person in each frame.

    Args:
        items: what `reader` reads.
        reader: of the clip.
        engine: runs the network; see `figureground.engines`.
        still: keep the mattes from flickering; frames then come out some frames later.
    """

    def found() -> Found:
        memory = None
        for item in items:
            if isinstance(item, Frame):
                view = view_of(item.planes, reader.given)
                sketch, memory = film_sketch(view, reader.size, engine, memory, still=still)
                yield item, sketch
            else:
                yield item, None

    with closing(items):
        yield from in_hindsight(found()) if still else found()


def draw(items: Found, painter: Painter) -> Generator[tuple[Drawn, int] | Packet, None, None]:
    """Draw what is asked for of each frame, with its time."""
    with closing(items):
        for item, sketch in items:
            if isinstance(item, Frame) and sketch is not None:
                yield painter.paint(item, film_edges(sketch)), item.pts
            elif isinstance(item, av.Packet):
                yield item
