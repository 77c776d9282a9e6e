"""One clip: decode, find the person, draw, encode, all at the same time."""

import shutil
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError

from figureground.arrays import Size
from figureground.engines import Engine
from figureground.errors import FiguregroundError, UsageError, VideoError
from figureground.jobs.ahead import ahead
from figureground.jobs.clip_frames import beyond, thinned, timed
from figureground.jobs.clip_look import ClipLook, Drawn, Painter
from figureground.jobs.clip_steps import draw, find
from figureground.jobs.cores import side_by_side
from figureground.media.atomic import telling, write_whole
from figureground.media.video_color import SDR
from figureground.media.video_folder import FOLDER_LAYOUT, FrameFolder, write_folder
from figureground.media.video_formats import Codec, VideoEncoding, codec_for
from figureground.media.video_open import PICTURES
from figureground.media.video_reel import REELS, ReelWriter
from figureground.media.video_segments import SegmentWriter
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
    pictures: Fraction = PICTURES  # a second, where the source is a sequence of them
    picture: str = ".png"  # ending of the pictures in a folder
    every: int = 1  # of so many frames, the first
    resume: str | None = None  # go on where a killed run with this same stamp of settings ended
    segment: int = 250  # frames that a killed run loses at most, where it can be resumed
    still: bool = True  # keep the matte from flickering

    def __post_init__(self) -> None:
        if self.every < 1:
            raise UsageError(f"every is 1 or more frames, got {self.every}")

    @property
    def is_folder(self) -> bool:
        """Whether frames become pictures."""
        return not self.target.suffix

    @property
    def is_video(self) -> bool:
        """Whether frames become a video; else they become pictures or an animation."""
        return not self.is_folder and self.target.suffix.lower() not in REELS


@dataclass(kw_only=True)
class Outcome:
    """What became of a clip."""

    frames: int = 0  # written
    resumed: int = 0  # written before, by a run that was killed
    damaged: int = 0  # of the source, that could not be decoded, or only with errors
    missing: int = 0  # frames that the source promises but does not hold
    notes: list[str] = field(default_factory=list)  # what the result could not keep


# Frames found and not drawn yet: the network takes long for a few of them, and none for the others.
FOUND = 8
Progress = Callable[[int, int | None], None]
Writer = VideoWriter | FrameFolder | ReelWriter | SegmentWriter


def remove_clip(clip: Clip, engine: Engine, progress: Progress = lambda done, of: None) -> Outcome:
    """Read a clip, take the background out of every frame, and write the result.

    The file gets its name once it is whole. Ctrl-C ends it early: what is done by then is written
    as a file that plays, and KeyboardInterrupt is raised again.

    Args:
        clip: what is to be done.
        engine: runs the network; see `figureground.engines`.
        progress: told the number of frames done and, where known, of all.
    Raises:
        VideoError: the source cannot be read, or holds no frames where they are asked for.
        PictureError, VideoError: the target cannot be written.
    """
    outcome, interrupts = Outcome(), list[KeyboardInterrupt]()

    def write(temporary: Path) -> None:
        try:
            _convert(clip, temporary, engine, outcome, progress)
        except KeyboardInterrupt as interrupt:
            if not outcome.frames:
                raise
            interrupts.append(interrupt)

    try:
        if clip.resume is not None:
            _in_segments(clip, engine, outcome, progress)
        elif clip.is_folder:
            write_folder(clip.target, write)
        else:
            write_whole(clip.target, write)
    except FFmpegError as error:
        raise VideoError(f"cannot write {str(clip.target)!r}: {error.strerror}") from error
    if interrupts:
        raise interrupts[0]
    return outcome


def _in_segments(clip: Clip, engine: Engine, outcome: Outcome, progress: Progress) -> None:
    """As `remove_clip`, but leave whole segments behind until the result is whole."""
    folder = clip.target.with_name(f".{clip.target.name}.parts")
    with telling(clip.target):
        segments = SegmentWriter(folder, stamp=clip.resume or "", length=clip.segment)
        outcome.resumed = segments.done
        _convert(clip, clip.target, engine, outcome, progress, segments)
        shutil.rmtree(folder)


def _convert(
    clip: Clip,
    temporary: Path,
    engine: Engine,
    outcome: Outcome,
    progress: Progress,
    segments: SegmentWriter | None = None,
) -> None:
    with side_by_side(), VideoReader(clip.source, clip.part, pictures=clip.pictures) as reader:
        codec = None
        if clip.is_video:
            deep = reader.coding.bits > 8
            transparent = clip.look.kind == "cutout"
            codec = codec_for(temporary, alpha=transparent, codec=clip.encoding.codec, deep=deep)
            if reader.coding.hdr and "10" not in codec.pix_fmt:
                reader.like = SDR
        reader.layout = FOLDER_LAYOUT if codec is None else codec.layout
        if codec is None or not codec.even or codec.name == "libsvtav1":
            reader.square_pixels()  # only H.264 and H.265 tell another shape
        with Painter(clip.look, reader) as painter:
            if segments is None:
                writer = _open_writer(clip, temporary, reader, codec, painter.size)
            else:
                writer = segments
                segments.prepare(
                    clip.target, reader, size=painter.size, codec=codec, encoding=clip.encoding
                )
            frames = ahead(timed(thinned(_some(reader), clip.every), reader, clip.encoding.rate))
            if segments is not None:
                frames = ahead(beyond(frames, segments.done))
            found = find(frames, reader, engine, still=clip.still)
            items = ahead(draw(ahead(found, FOUND), painter))
            expected = None if clip.encoding.rate else reader.expected
            expected = expected and -(-expected // clip.every)
            _write(items, writer, outcome, lambda done: progress(done, expected))
            outcome.notes = writer.notes
            if segments is not None:
                write_whole(clip.target, lambda path: outcome.notes.extend(segments.join(path)))
        _tell_of(reader, outcome)


def _tell_of(source: VideoReader, outcome: Outcome) -> None:
    """Say what the source lacked, and what was made of it."""
    if source.weaver.used:
        outcome.notes.append("the source is interlaced, and was deinterlaced")
    outcome.damaged, outcome.missing = source.damaged, source.missing


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
    clip: Clip, path: Path, reader: VideoReader, codec: Codec | None, size: Size
) -> Writer:
    if clip.is_folder:
        return FrameFolder(path, like=reader, suffix=clip.picture)
    if codec is None:
        tick = 1 / clip.encoding.rate if clip.encoding.rate else reader.time_base
        return ReelWriter(path, like=reader, tick=float(tick))
    return VideoWriter(path, like=reader, size=size, codec=codec, encoding=clip.encoding)


def _some(reader: VideoReader) -> Generator[Frame | Packet, None, None]:
    """What is read. Raises VideoError in the end if there was no frame."""
    yield from reader
    if not reader.decoded:
        raise VideoError(
            f"there are no frames in {str(reader.path)!r} from {reader.part.start:g} s on"
        )
