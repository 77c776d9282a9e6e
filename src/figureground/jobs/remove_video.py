"""One video: what the Python interface offers."""

import os
from pathlib import Path
from typing import Any, Unpack

from figureground.jobs.job import VideoJob
from figureground.jobs.style import Edge, Style
from figureground.jobs.video import Outcome, Progress, convert_video
from figureground.jobs.video_planning import plan_video
from figureground.matting.roi import open_video_engine
from figureground.media.formats import VideoEncoding
from figureground.media.naming import check_targets
from figureground.media.video_part import Part
from figureground.models.shipped import find_model

OWN = ("background", "background_fit", "flip_background", "kind", "model", "part", "encoding",
       "every")  # fmt: skip


class VideoOptions(Edge, total=False):
    """What `remove_video` takes beside the files."""

    background: Any  # as for images, or a video's path; None is transparent or green
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
    **options: Unpack[VideoOptions],
) -> Outcome:
    """Take the background out of a video, as `figureground remove` does.

    Args:
        source: the video.
        output: .mp4, .mov, .mkv, .webm, an animation, or a folder for images. Without a
            background, what can hold transparency becomes a cutout, the rest lies over green.
        options: see `VideoOptions`.
    Returns: how many frames were written, and what the file could not keep.
    Raises:
        VideoError: the source cannot be read, or the output not be written.
        UsageError: the output cannot hold what is asked for, or is an input.
    """
    left: dict[str, Any] = dict(options)
    progress = left.pop("progress", _silent)
    own = {name: left.pop(name) for name in OWN if name in left}
    smooth = left.pop("steady", True)
    job = VideoJob(inputs=source, output=output, smooth=smooth, style=Style(**left), **own)
    task = plan_video(job, Path(source), Path(output))
    check_targets([task], job.kept)
    engine = open_video_engine(find_model(job.model))
    return convert_video(task, engine, progress)


def _silent(done: int, of: int | None) -> None:
    """Tell nobody."""
