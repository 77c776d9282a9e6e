"""One video: what the Python interface offers."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figureground.engines.notices import without_notices
from figureground.jobs.options import Edge, read_behind
from figureground.jobs.style import Style
from figureground.jobs.video import Outcome, Progress, VideoJob, convert_video
from figureground.jobs.video_style import (
    CHROMA_GREEN,
    VideoBackground,
    VideoStyle,
    read_video_background,
)
from figureground.matting.roi import open_video_engine
from figureground.media.naming import Task, check_targets
from figureground.media.video_formats import (
    VideoEncoding,
    can_be_clear,
    codec_for,
    encoder_options,
)
from figureground.media.video_reader import Part
from figureground.models.shipped import VIDEO_MODEL, find_model

if TYPE_CHECKING:
    from typing_extensions import Unpack  # which Python has from 3.11 on


class VideoOptions(Edge, total=False):
    """What `remove_video` takes beside the files."""

    background: Any  # as for pictures, or a video's path; None is transparent or green
    background_fit: str | None
    flip_background: bool
    kind: str | None  # composite, cutout, mask or side-by-side
    model: str | Path
    part: Part
    encoding: VideoEncoding
    every: int  # of so many frames, the first
    steady: bool
    progress: Progress


def remove_video(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    **options: "Unpack[VideoOptions]",
) -> Outcome:
    """Take the background out of a video, as `figureground remove` does.

    Args:
        source: the video.
        output: .mp4, .mov, .mkv, .webm, an animation, or a folder for pictures. Without a
            background, what can hold transparency becomes a cutout, the rest lies over green.
        options: see `VideoOptions`.
    Returns: how many frames were written, and what the file could not keep.
    Raises:
        VideoError: the source cannot be read, or the output not be written.
        UsageError: the output cannot hold what is asked for, or is an input.
    """
    left: dict[str, Any] = dict(options)
    engine_of, progress = left.pop("model", VIDEO_MODEL), left.pop("progress", _silent)
    given, kind = left.pop("background", None), left.pop("kind", None)
    fit, flip = left.pop("background_fit", None), left.pop("flip_background", False)
    given = None if isinstance(given, str) and given == "transparent" else given
    target, encoding = Path(output), left.pop("encoding", VideoEncoding())
    kind = kind or _kind(target, given)
    part, every = left.pop("part", Part()), left.pop("every", 1)
    steady = left.pop("steady", True)
    behind = CHROMA_GREEN if given is None else _backdrop(given, fit=fit, flip=flip)
    video_job = VideoJob(
        source=Path(source),
        target=target,
        look=VideoStyle(kind=kind, background=behind, edge=Style(**left)),
        part=part,
        encoding=encoding,
        every=every,
        smooth=steady,
    )
    _check(video_job, behind)
    with without_notices():
        engine = open_video_engine(find_model(engine_of))
    return convert_video(video_job, engine, progress)


def _silent(done: int, of: int | None) -> None:
    """Tell nobody."""


def _kind(target: Path, background: Any) -> str:
    if background is not None:
        return "composite"
    return "cutout" if not target.suffix or can_be_clear(target) else "composite"


def _backdrop(given: Any, *, fit: str | None, flip: bool) -> VideoBackground:
    if isinstance(given, (str, Path)):
        return read_video_background(str(given), fit=fit, flip=flip)
    return read_behind(given, fit=fit, flip=flip)


def _check(video_job: VideoJob, behind: VideoBackground) -> None:
    """See that the output holds what is asked for, and replaces no input. Raises UsageError."""
    if video_job.is_video:
        transparent = video_job.look.kind == "cutout"
        codec = codec_for(video_job.target, alpha=transparent, codec=video_job.encoding.codec)
        encoder_options(codec, video_job.encoding)
    kept = [behind] if isinstance(behind, Path) else []
    check_targets(
        [Task(source=video_job.source, targets={video_job.look.kind: video_job.target})], kept
    )
