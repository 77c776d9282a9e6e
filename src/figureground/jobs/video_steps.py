"""Steps of a video's frames, side by side: estimate the matte, draw, write."""

from collections.abc import Generator
from contextlib import closing
from typing import TypeAlias

import av

from figureground.counts import are, counted
from figureground.engines import Engine
from figureground.jobs.frame_drawing import Drawn
from figureground.jobs.video_style import VideoCompositor, view_of
from figureground.matting.fixed_lag_smoother import smooth_fixed_lag
from figureground.matting.video_alpha import CoarseMatte, estimate_frame_alpha, refine_frame_alpha
from figureground.media.joined import later_recordings
from figureground.media.video_open import has_second_layer
from figureground.media.video_reader import Frame, Packet, VideoReader

Found: TypeAlias = Generator[tuple[Frame | Packet, CoarseMatte | None], None, None]
"""Frames with their sketches, and packets of sound and the like without any."""


def find(
    items: Generator[Frame | Packet, None, None],
    reader: VideoReader,
    engine: Engine,
    *,
    smooth: bool,
) -> Found:
    """Find the person in each frame.

    Args:
        items: what `reader` reads.
        reader: of the video.
        engine: runs the network; see `figureground.engines`.
        smooth: keep the mattes from flickering; frames then come out some frames later.
    """

    def found() -> Found:
        memory = None
        for item in items:
            if isinstance(item, Frame):
                view = view_of(item.planes, reader.given)
                coarse_matte, memory = estimate_frame_alpha(
                    view, reader.size, engine, memory, smooth=smooth
                )
                yield item, coarse_matte
            else:
                yield item, None

    with closing(items):
        yield from smooth_fixed_lag(found()) if smooth else found()


def draw(
    items: Found, painter: VideoCompositor
) -> Generator[tuple[Drawn, int] | Packet, None, None]:
    """Draw what is asked for of each frame, with its time."""
    with closing(items):
        for item, coarse_matte in items:
            if isinstance(item, Frame) and coarse_matte is not None:
                yield painter.paint(item, refine_frame_alpha(coarse_matte)), item.pts
            elif isinstance(item, av.Packet):
                yield item


def notes_of(source: VideoReader) -> list[str]:
    """Say what was made of a video that was read, and what was left out."""
    said = {
        "the source is interlaced, and was deinterlaced": source.deinterlacer.used,
        "the source asks to be sheared or turned by an odd angle; only quarter turns and mirrors are "
        "followed": not source.turn.exact,
        "the source has a second layer (Apple's transparency, or a second eye), which is not read": (
            has_second_layer(source.stream)
        ),
    }
    notes = [note for note, true in said.items() if true]
    if more := later_recordings(source.path, source.container.format.name):
        notes.append(
            f"{counted(more, 'recordings')} behind the first in the file {are(more)} not read; join "
            "them with `ffmpeg -f concat`, not byte by byte"
        )
    return notes
