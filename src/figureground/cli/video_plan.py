"""What is to become of videos, from what was said."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from figureground import __version__
from figureground.errors import UsageError
from figureground.jobs.journal import settings_of, stamp
from figureground.jobs.style import Style
from figureground.jobs.video import VideoJob
from figureground.jobs.video_style import CHROMA_GREEN, VideoStyle, read_video_background
from figureground.media.animation import can_move
from figureground.media.encode import check_format
from figureground.media.format_row import VIDEO
from figureground.media.formats import container_of, endings_of
from figureground.media.naming import Task, beside, check_targets, stems_of
from figureground.media.paths import Found
from figureground.media.video_formats import (
    VideoEncoding,
    can_be_clear,
    codec_for,
    encoder_options,
)
from figureground.media.video_open import PICTURES, is_sequence
from figureground.media.video_reader import Part
from figureground.models.shipped import VIDEO_MODEL, find_model

NOT_FOR_VIDEO = ("crop", "canvas", "size", "aspect", "shadow", "strip", "json")
FOR_PICTURES = ("quality", "lossless", "max_pixels", "on_empty")  # which may be there as well
# What no result depends on.
NO_MATTER = {"quiet", "run", "verb", "inputs", "list", "below", "output", "output_folder",
             "overwrite", "skip_existing", "dry_run", "fail_fast", "resume",
             "fit", *FOR_PICTURES}  # fmt: skip


def plan_videos(
    videos: Sequence[Found], arguments: argparse.Namespace, *, many: bool, alone: bool
) -> list[VideoJob]:
    """Return what becomes of each video.

    Args:
        videos: what was found.
        arguments: see `remove_options`.
        many: whether -o is the folder for all results, not the name of one.
        alone: whether there are no pictures beside them.
    Raises:
        UsageError: no video can become what is asked for, two results would have one name, or one
            would replace what it is made from.
    """
    refuse_for_pictures(videos[0].path, arguments, alone=alone)
    targets = (
        [arguments.output]
        if arguments.output is not None and not many
        else name_videos(videos, arguments)
    )
    pairs = zip(videos, targets, strict=True)
    video_jobs = [plan_video(video.path, target, arguments) for video, target in pairs]
    behind = [Path(arguments.background)] if arguments.background else []
    shown = [picture for video in videos for picture in pictures_of(video.path)]
    check_targets([task_of(video_job) for video_job in video_jobs], [*behind, *shown])
    return video_jobs


def refuse_for_pictures(source: Path, arguments: argparse.Namespace, *, alone: bool) -> None:
    """Raise UsageError where something is asked for that no video gets."""
    for name in (*NOT_FOR_VIDEO, *(FOR_PICTURES if alone else ())):
        asked = getattr(arguments, name)
        if asked is not None and asked is not False and asked != "keep":
            option = name.replace("_", "-")
            raise UsageError(f"--{option} is for pictures, not for videos such as {str(source)!r}")


def task_of(video_job: VideoJob) -> Task:
    """A video and its result, as journals know them."""
    return Task(source=video_job.source, targets={video_job.look.kind: video_job.target})


def plan_video(source: Path, target: Path, arguments: argparse.Namespace) -> VideoJob:
    """Return what becomes of one video. Raises UsageError where no video can become that."""
    kind, pictures = choose_kind(source, arguments), is_sequence(source)
    encoding = VideoEncoding(
        crf=arguments.crf,
        bitrate=arguments.bitrate,
        rate=None if pictures else arguments.fps,
        codec=arguments.codec,
    )
    if target.suffix and not can_move(target):
        codec = codec_for(target, alpha=kind == "cutout", codec=arguments.codec)
        encoder_options(codec, encoding)
    if not target.suffix:
        check_format(Path(f"frame.{arguments.format}"), alpha=kind == "cutout")
    background = arguments.background
    behind = (
        CHROMA_GREEN
        if background is None
        else read_video_background(
            background, fit=arguments.background_fit, flip=arguments.flip_background
        )
    )
    return VideoJob(
        source=source,
        target=target,
        look=VideoStyle(kind=kind, background=behind, edge=video_style_from(arguments)),
        part=Part(
            start=arguments.start,
            end=arguments.end,
            frames=arguments.frames,
            scale=arguments.scale,
        ),
        encoding=encoding,
        picture=f".{arguments.format}",
        every=arguments.every,
        resume=stamp_of(source, arguments) if arguments.resume else None,
        pictures=(pictures and arguments.fps) or PICTURES,
        smooth=not arguments.no_smoothing,
    )


def video_settings(arguments: argparse.Namespace) -> str:
    """Return what a result depends on beside its source: all that was asked for, and the files' states."""
    asked = {name: value for name, value in vars(arguments).items() if name not in NO_MATTER}
    files = [find_model(arguments.model or VIDEO_MODEL), Path(arguments.background or "")]
    states = [stamp(path) for path in files if os.path.isfile(path)]
    return settings_of(__version__, sorted(asked.items(), key=str), states)


def stamp_of(source: Path, arguments: argparse.Namespace) -> str:
    """Return what the segments of a video depend on."""
    states = [stamp(path) for path in pictures_of(source) or [source]]
    return settings_of(video_settings(arguments), states)


def pictures_of(source: Path) -> list[Path]:
    """The files that numbered pictures can be among; none of a video."""
    if not is_sequence(source):
        return []
    folder = source if os.path.isdir(source) else source.parent
    try:
        return sorted(folder.iterdir())
    except OSError:  # opening it says why
        return []


def video_style_from(arguments: argparse.Namespace) -> Style:
    """Return what is to be done to the matte of each frame."""
    return Style(
        feather=arguments.feather,
        grow=arguments.grow,
        threshold=arguments.threshold,
        min_area=arguments.min_area,
        largest=arguments.largest,
    )


def choose_kind(source: Path, arguments: argparse.Namespace) -> str:
    """Return what is asked for; else a cutout where the file holds transparency, else a composite."""
    if arguments.kind:
        return str(arguments.kind)
    if arguments.background is not None:
        return "composite"
    out = Path(f"result.{arguments.container}") if arguments.container else arguments.output
    if out is None and is_sequence(source):
        return "composite"
    target = source if out is None else out
    clear = can_be_clear(target) or (out is not None and not target.suffix)
    return "cutout" if clear else "composite"


def name_videos(videos: Sequence[Found], arguments: argparse.Namespace) -> list[Path]:
    """`clip.mp4` becomes `clip.composite.mp4` beside it or, as `plan` names pictures, below -o.

    Raises UsageError if -o is the name of a file.
    """
    out, container = arguments.output, arguments.container
    is_file = out is not None and (container_of(out) is not None or can_move(out))
    if out is not None and is_file and not os.path.isdir(out):
        if container:
            raise UsageError(f"-o {str(out)!r} says the kind of file, and so does --container")
        raise UsageError(f"several videos do not fit into the one file {str(out)!r}; give a folder")
    named = [*videos, *beside(videos, endings_of(VIDEO))]
    bases = [_base(found, out) for found in named]
    kinds = [choose_kind(found.path, arguments) for found in named]
    endings = [_ending(base, kind, container) for base, kind in zip(bases, kinds, strict=True)]
    parts = zip(bases, stems_of(bases, endings), endings, strict=True)
    return [base.with_name(stem + ending) for base, stem, ending in parts][: len(videos)]


def _base(video: Found, out: Path | None) -> Path:
    """Return what a result is named after: the video, or the folder of numbered pictures as an MP4."""
    path = video.path
    if not is_sequence(path):
        return path if out is None else out / path.relative_to(video.root)
    folder = path if os.path.isdir(path) else path.parent
    if folder.name in ("", ".."):
        folder = folder.resolve()
    return (folder.parent if out is None else out) / f"{folder.name}.mp4"


def _ending(base: Path, kind: str, container: str | None) -> str:
    if container:
        return f".{kind}.{container}"
    suffix = base.suffix.lower()
    if kind == "cutout":
        suffix = suffix if can_be_clear(base) else ".webm"
    return f".{kind}{suffix if container_of(Path(f'result{suffix}')) else '.mp4'}"
