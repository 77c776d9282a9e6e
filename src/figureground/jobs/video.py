"""One video: decode, find the person, draw, encode, all at the same time."""

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError

from figureground.arrays import Size
from figureground.engines import Engine
from figureground.errors import FiguregroundError, UsageError, VideoError
from figureground.jobs.frame_drawing import Drawn
from figureground.jobs.frame_timing import beyond, thinned, timed
from figureground.jobs.prefetch import prefetch
from figureground.jobs.threads import single_threaded_opencv
from figureground.jobs.video_steps import draw, find, notes_of, prepare
from figureground.jobs.video_style import CHROMA_GREEN, VideoCompositor, VideoStyle
from figureground.media.animation import can_move
from figureground.media.animation_writer import AnimationWriter
from figureground.media.atomic import atomic, telling
from figureground.media.formats import VideoEncoding
from figureground.media.lock import locked
from figureground.media.video_folder import FrameFolder, atomic_folder
from figureground.media.video_formats import Codec
from figureground.media.video_open import IMAGES
from figureground.media.video_reader import Frame, Packet, Part, VideoReader
from figureground.media.video_segments import SegmentWriter
from figureground.media.video_writer import VideoWriter


@dataclass(frozen=True, kw_only=True)
class VideoTask:
    """What is to be made of one video; a `VideoJob` is about many."""

    source: Path
    target: Path  # a file, or a folder of images where the name has no ending
    folder: bool = False  # it is a folder, whatever its name ends in
    look: VideoStyle
    part: Part = field(default_factory=Part)
    encoding: VideoEncoding = field(default_factory=VideoEncoding)
    images: Fraction = IMAGES  # a second, where the source is a sequence of them
    image: str = ".png"  # ending of the images in a folder
    every: int = 1  # of so many frames, the first
    resume: str | None = None  # go on where a killed run with this same stamp of settings ended
    segment: int = 250  # frames that a killed run loses at most, where it can be resumed
    smooth: bool = True  # keep the matte from flickering

    def __post_init__(self) -> None:
        if self.every < 1:
            raise UsageError(f"every is 1 or more frames, got {self.every}")

    @property
    def targets(self) -> dict[str, Path]:
        """The result, by its kind, as journals know it."""
        return {self.look.kind: self.target}

    @property
    def is_over_green(self) -> bool:
        """Whether the person is laid over green, since nothing else was asked for."""
        return self.look.kind == "composite" and self.look.background == CHROMA_GREEN

    @property
    def is_folder(self) -> bool:
        """Whether frames become images."""
        return self.folder or not self.target.suffix

    @property
    def is_video(self) -> bool:
        """Whether frames become a video; else they become images or an animation."""
        return not self.is_folder and not can_move(self.target)


@dataclass(kw_only=True)
class Outcome:
    """What became of a video."""

    frames: int = 0  # written
    resumed: int = 0  # written before, by a run that was killed
    damaged: int = 0  # of the source, that could not be decoded, or only with errors
    missing: int = 0  # frames that the source promises but does not hold
    rate: float = 0.0  # frames a second of the source
    notes: list[str] = field(default_factory=list)  # what the result could not keep


# Frames found and not drawn yet: the network takes long for a few of them, and none for the others.
FOUND = 8
Progress = Callable[[int, int | None], None]
Writer = VideoWriter | FrameFolder | AnimationWriter | SegmentWriter


def convert_video(
    task: VideoTask, engine: Engine, progress: Progress = lambda done, of: None
) -> Outcome:
    """Read a video, take the background out of every frame, and write the result.

    The file gets its name once it is whole. Ctrl-C ends it early: what is done by then is written
    as a file that plays, and KeyboardInterrupt is raised again.

    Args:
        video: what is to be done.
        engine: runs the network; see `figureground.engines`.
        progress: told the number of frames done and, where known, of all.
    Raises:
        VideoError: the source cannot be read, or holds no frames where they are asked for.
        VideoError: the target cannot be written.
    """
    outcome, interrupts = Outcome(), list[KeyboardInterrupt]()
    try:
        if task.resume is not None:
            _in_segments(task, engine, outcome, progress)
        elif task.is_folder:
            with atomic_folder(task.target) as part, _kept_to(interrupts, outcome):
                _convert(task, part, engine, outcome, progress)
        else:
            with atomic(task.target, error=VideoError) as part, _kept_to(interrupts, outcome):
                _convert(task, part, engine, outcome, progress)
    except FFmpegError as error:
        raise VideoError(f"cannot write {str(task.target)!r}: {error.strerror}") from error
    if interrupts:
        raise interrupts[0]
    return outcome


@contextmanager
def _kept_to(interrupts: list[KeyboardInterrupt], outcome: Outcome) -> Iterator[None]:
    """Let Ctrl-C pass for now where frames are written by then."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if not outcome.frames:
            raise
        interrupts.append(interrupt)


def _in_segments(task: VideoTask, engine: Engine, outcome: Outcome, progress: Progress) -> None:
    """As `convert_video`, but leave whole segments behind until the result is whole."""
    folder = task.target.with_name(f".{task.target.name}.parts")
    with telling(task.target, VideoError), locked(task.target, VideoError):
        segments = SegmentWriter(folder, stamp=task.resume or "", length=task.segment)
        outcome.resumed = segments.done
        _convert(task, task.target, engine, outcome, progress, segments)
        shutil.rmtree(folder)


def _convert(
    task: VideoTask,
    temporary: Path,
    engine: Engine,
    outcome: Outcome,
    progress: Progress,
    segments: SegmentWriter | None = None,
) -> None:
    with (
        single_threaded_opencv(),
        VideoReader(task.source, task.part, images=task.images) as reader,
    ):
        codec = prepare(task, temporary, reader)
        with VideoCompositor(task.look, reader) as painter:
            if segments is None:
                writer = _open_writer(task, temporary, reader, codec, painter.size)
            else:
                writer = segments
                segments.prepare(
                    task.target,
                    reader,
                    size=painter.size,
                    codec=codec,
                    encoding=task.encoding,
                )
            frames = prefetch(timed(thinned(_some(reader), task.every), reader, task.encoding.rate))
            if segments is not None:
                frames = prefetch(beyond(frames, segments.done))
            found = find(frames, reader, engine, smooth=task.smooth)
            items = prefetch(draw(prefetch(found, FOUND), painter))
            expected = None if task.encoding.rate else reader.expected
            expected = expected and -(-expected // task.every)
            _write(items, writer, outcome, lambda done: progress(done, expected))
            outcome.notes = writer.notes
            if segments is not None:
                with atomic(task.target, error=VideoError) as part:
                    outcome.notes.extend(segments.join(part))
        _tell_of(reader, outcome)


def _tell_of(source: VideoReader, outcome: Outcome) -> None:
    """Say what the source lacked, and what was made of it."""
    outcome.notes += notes_of(source)
    outcome.damaged, outcome.missing = source.damaged, source.missing
    outcome.rate = float(source.rate)


def _write(
    items: Generator[tuple[Drawn, int] | Packet, None, None],
    writer: Writer,
    outcome: Outcome,
    progress: Callable[[int], None],
) -> None:
    """Write what comes, and close the file whatever happens."""
    with closing(items):
        try:
            for item in items:
                if isinstance(item, av.Packet):
                    writer.write_packet(item)
                    continue
                drawn, pts = item
                writer.write_frame(drawn.planes, drawn.alpha, pts)
                outcome.frames += 1
                progress(outcome.frames)
        except KeyboardInterrupt:
            items.close()
            writer.close()
            raise
        except BaseException:
            items.close()
            with suppress(FFmpegError, FiguregroundError, OSError):  # the first error counts
                writer.close()
            raise
    writer.close()


def _open_writer(
    task: VideoTask, path: Path, reader: VideoReader, codec: Codec | None, size: Size
) -> Writer:
    if task.is_folder:
        return FrameFolder(path, like=reader, suffix=task.image)
    if codec is None:
        tick = 1 / task.encoding.rate if task.encoding.rate else reader.time_base
        return AnimationWriter(path, like=reader, tick=float(tick))
    return VideoWriter(path, like=reader, size=size, codec=codec, encoding=task.encoding)


def _some(reader: VideoReader) -> Generator[Frame | Packet, None, None]:
    """Yield what is read. Raises VideoError in the end if there was no frame."""
    yield from reader
    if not reader.decoded:
        raise VideoError(
            f"there are no frames in {str(reader.path)!r} from {reader.part.start:g} s on"
        )
