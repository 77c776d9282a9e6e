"""One clip: decode, find the person, draw, encode, all at the same time."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from figureground.engines import Engine
from figureground.errors import VideoError
from figureground.jobs.ahead import ahead
from figureground.jobs.clip_look import ClipLook, Painter
from figureground.jobs.look import reshape
from figureground.matting.film import film_alpha
from figureground.media.atomic import write_whole
from figureground.media.video_folder import FrameFolder, write_folder
from figureground.media.video_formats import VideoEncoding, codec_for
from figureground.media.video_writer import VideoWriter
from figureground.media.videos import Frame, Packet, Part, VideoReader


@dataclass(frozen=True, kw_only=True)
class Clip:
    """What is to be made of a clip."""

    source: Path
    target: Path  # a file, or a folder of PNG where the name has no ending
    look: ClipLook
    part: Part = field(default_factory=Part)
    encoding: VideoEncoding = field(default_factory=VideoEncoding)
    still: bool = True  # keep the matte from flickering

    @property
    def is_folder(self) -> bool:
        """Whether frames become pictures."""
        return not self.target.suffix


@dataclass(kw_only=True)
class Outcome:
    """What became of a clip."""

    frames: int = 0  # written
    damaged: int = 0  # of the source, that could not be decoded, or only with errors
    missing: int = 0  # frames that the source promises but does not hold
    notes: list[str] = field(default_factory=list)  # what the result could not keep


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """A finished frame."""

    pixels: NDArray[np.uint8]
    pts: int


Progress = Callable[[int, int | None], None]
Writer = VideoWriter | FrameFolder


def remove_clip(clip: Clip, engine: Engine, progress: Progress = lambda done, of: None) -> Outcome:
    """Read a clip, take the background out of every frame, and write the result.

    The file gets its name once it is whole. Ctrl-C ends it early: what is done by then is written
    as a file that plays, and KeyboardInterrupt is raised again.

    Args:
        clip: what is to be done.
        engine: runs the network; see `figureground.engines`.
        progress: told the number of frames done and, where known, of all.
    Raises:
        VideoError: the source cannot be read, or the target cannot be written.
    """
    outcome, interrupts = Outcome(), list[KeyboardInterrupt]()

    def write(temporary: Path) -> None:
        try:
            _convert(clip, temporary, engine, outcome, progress)
        except KeyboardInterrupt as interrupt:
            if not outcome.frames:
                raise
            interrupts.append(interrupt)
        except FFmpegError as error:
            raise VideoError(f"cannot write {str(clip.target)!r}: {error.strerror}") from error

    if clip.is_folder:
        write_folder(clip.target, write)
    else:
        write_whole(clip.target, write)
    if interrupts:
        raise interrupts[0]
    return outcome


def _convert(
    clip: Clip, temporary: Path, engine: Engine, outcome: Outcome, progress: Progress
) -> None:
    with VideoReader(clip.source, clip.part) as reader, Painter(clip.look, reader.size) as painter:
        writer = _open_writer(clip, temporary, reader, painter)
        outcome.notes = writer.notes
        items = ahead(_draw(ahead(_timed(reader, clip.encoding.rate)), clip, engine, painter))
        with closing(items):
            try:
                for item in items:
                    if isinstance(item, av.Packet):
                        writer.write_packet(item)
                    else:
                        writer.write_frame(item.pixels, item.pts)
                        outcome.frames += 1
                        progress(outcome.frames, None if clip.encoding.rate else reader.expected)
            except KeyboardInterrupt:
                items.close()
                writer.close()
                raise
            except BaseException:
                items.close()
                with suppress(FFmpegError):  # the first error is the one to tell
                    writer.close()
                raise
        writer.close()
        outcome.damaged, outcome.missing = reader.damaged, reader.missing


def _open_writer(clip: Clip, path: Path, reader: VideoReader, painter: Painter) -> Writer:
    if clip.is_folder:
        return FrameFolder(path)
    codec = codec_for(path, alpha=clip.look.kind == "cutout")
    return VideoWriter(path, like=reader, size=painter.size, codec=codec, encoding=clip.encoding)


def _draw(
    items: Generator[Frame | Packet, None, None], clip: Clip, engine: Engine, painter: Painter
) -> Generator[_Drawn | Packet, None, None]:
    """Find the person in each frame, and draw what is asked for."""
    memory = None
    with closing(items):
        for item in items:
            if isinstance(item, Frame):
                alpha, memory = film_alpha(item.rgb, engine, memory, still=clip.still)
                pixels = painter.paint(item, reshape(alpha, clip.look.edge))
                yield _Drawn(pixels=pixels, pts=item.pts)
            else:
                yield item


def _timed(reader: VideoReader, rate: Fraction | None) -> Iterator[Frame | Packet]:
    """The frames at their own times or, where a rate is asked for, at even times."""
    if rate is None:
        yield from reader
        return
    held, slot = None, 0
    for item in reader:
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
