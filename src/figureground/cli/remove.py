"""Take the background away from images and videos.

  figureground remove photo.jpg                    writes photo.cutout.png beside it
  figureground remove photo.jpg -o person.png      writes person.png
  figureground remove holiday/ -o cutouts/         all images of a folder, its sub-folders too
  figureground remove photo.jpg --background '#00ff00' -o green.jpg
  figureground remove clip.mp4 -o clip.webm        a video with transparency and its sound
  figureground remove - -o - < photo.jpg > person.png

Images stay as they are: results get names of their own. An image that cannot be read or written
is said, and stops no other. Stopped in the middle, the same command does only the rest: a journal
among the results knows what is done. Exit code: 0 all done, 1 some failed, 2 misuse, 3 nobody is in
some images (with --exit-empty), 130 Ctrl-C.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from figureground.cli.hints import check_second_name
from figureground.cli.pipes import comes_through_pipe, remove_image, through_files
from figureground.cli.remove_options import add_arguments
from figureground.cli.remove_output import Printer
from figureground.errors import UsageError
from figureground.jobs.job import ImageJob, VideoJob
from figureground.jobs.kinds import parse_kinds
from figureground.jobs.planning import find_of
from figureground.jobs.run import run as run_job
from figureground.jobs.style import Style
from figureground.media.formats import Encoding, VideoEncoding
from figureground.media.paths import PIPE, is_stream, list_folder, read_list
from figureground.media.walk import Inputs
from figureground.models.shipped import MODEL, VIDEO_MODEL
from figureground.resources import keep_freed_memory, limited_to

if TYPE_CHECKING:
    from figureground.cluster.rows import Item  # an extra
    from figureground.jobs.summary import Totals

__all__ = ["add_arguments", "run"]

EMPTY = 3  # exit code
NOT_FOR_VIDEO = ("crop", "canvas", "size", "aspect", "fit", "shadow", "raw", "color", "device")
# Which may be there as well.
FOR_IMAGES = ("quality", "lossless", "max_pixels", "max_memory", "on_empty", "exit_empty")
EDGE = ("feather", "grow", "threshold", "min_area", "people", "keep_mask")
FRAME = ("shadow", "crop", "canvas", "aspect", "size", "fit")
BOTH = ("background", "background_fit", "flip_background", "format", "overwrite", "skip_existing",
        "fail_fast", "dry_run", "output", "output_folder", "name")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for, and print what becomes of it; returns the exit code."""
    with limited_to(arguments.max_memory):  # backgrounds and hints too
        return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    check_second_name(arguments.inputs, arguments.output)
    images, videos = jobs_from(arguments)
    printer = Printer(quiet=arguments.quiet, lines=arguments.json)
    if arguments.cluster:
        return remove_on_cluster(arguments)
    piped = PIPE in (*images.sources, images.out)
    if piped and comes_through_pipe(videos):
        return remove_one_video(videos, printer)
    empty = EMPTY if arguments.exit_empty else 0
    if images.watch:
        return _remove([images], printer, empty=empty)
    found = find_of(images, [videos])
    if found.videos:
        refuse_for_images(arguments, found)
        alone = len(found.videos) == 1 and not found.given
        jobs: list[ImageJob | VideoJob] = [videos, images]
        if alone:
            return remove_one_video(videos, printer)
        return _remove(jobs, printer, found, empty=empty)
    if piped:
        printer.silent = images.out == PIPE
        return empty if remove_image(images, printer) else 0
    return _remove([images], printer, found, empty=empty)


def remove_on_cluster(arguments: argparse.Namespace, items: "list[Item] | None" = None) -> int:
    """Do what was asked for on a cluster, or just some of it; returns the exit code."""
    from figureground.cluster.connect import need_extra

    need_extra()
    from figureground.cluster.listing import find_videos
    from figureground.cluster.run import run_on_cluster
    from figureground.cluster.videos import run_videos_on_cluster

    images, videos = jobs_from(arguments)
    printer = Printer(quiet=arguments.quiet, lines=arguments.json)
    found, others = (Inputs(), True) if items or images.watch else find_videos(videos)
    failed = 0
    if found.videos:
        refuse_for_images(arguments, found)
        failed = run_videos_on_cluster(videos, found, arguments.cluster, printer).counts.failed
    if not others and found.videos:
        return 1 if failed else 0
    words = () if items else arguments.words
    summary = run_on_cluster(images, arguments.cluster, printer, items=items, words=words)
    counts = summary.counts
    return 1 if failed else _code(counts, arguments)


def _code(counts: "Totals", arguments: argparse.Namespace) -> int:
    """The exit code for what became of images."""
    return 1 if counts.failed else EMPTY if counts.empty and arguments.exit_empty else 0


def remove_one_video(job: VideoJob, printer: Printer) -> int:
    """Work on one video, which may come and go through pipes."""
    if job.out == PIPE and printer.lines:
        raise UsageError("standard output takes the video or --json, not both; name a file by -o")
    printer.quiet = printer.quiet or job.out == PIPE
    with through_files(job) as through:
        return _remove([through], printer)


def _remove(
    jobs: "list[ImageJob | VideoJob] | list[ImageJob] | list[VideoJob]",
    printer: Printer,
    found: Inputs | None = None,
    *,
    empty: int = 0,
) -> int:
    """Do them; returns the exit code, `empty` where nothing failed but some images are."""
    if not any(isinstance(job, VideoJob) for job in jobs):
        keep_freed_memory()
    summary = run_job(jobs, printer, inputs=found)
    if summary.failures:
        return 1
    return empty if summary.empty else 0


def jobs_from(arguments: argparse.Namespace) -> tuple[ImageJob, VideoJob]:
    """What is asked of images, and what of videos. Raises UsageError where that makes no sense."""
    both = {name: getattr(arguments, name) for name in BOTH}
    both |= {"smooth": not arguments.no_smoothing, **_inputs(arguments)}
    kind = arguments.kind
    if arguments.background == "transparent":
        kind = kind or "cutout"
        if "composite" in kind.split(","):
            raise UsageError("a composite has a background; a cutout is what is left transparent")
    images = ImageJob(
        **both,
        kinds=None if kind is None else parse_kinds(kind),
        style=_style(arguments, (*EDGE, *FRAME)),
        encoding=Encoding(
            quality=arguments.quality, lossless=arguments.lossless, metadata=not arguments.strip
        ),
        model=arguments.model or MODEL,
        on_empty=arguments.on_empty,
        max_pixels=arguments.max_pixels,
        max_memory=arguments.max_memory,
        watch=arguments.watch,
        raw=arguments.raw,
        color=arguments.color,
        device=arguments.device or "cpu",
    )
    videos = VideoJob(
        **both,
        kind=kind or None,
        container=arguments.container,
        style=_style(arguments, EDGE),
        encoding=VideoEncoding(
            crf=arguments.crf,
            bitrate=arguments.bitrate,
            rate=arguments.fps,
            codec=arguments.codec,
            encoder=arguments.encoder,
            metadata=not arguments.strip,
        ),
        model=arguments.model or VIDEO_MODEL,
        part=_part(arguments),
        every=arguments.every,
        sequence=arguments.sequence,
        resume=arguments.resume,
    )
    return images, videos


def _style(arguments: argparse.Namespace, names: Sequence[str]) -> Style:
    """The style that is asked for; what is not stays as it is by itself."""
    asked = {name: getattr(arguments, name) for name in names}
    return Style(**{name: value for name, value in asked.items() if value is not None})


def _inputs(arguments: argparse.Namespace) -> dict[str, Any]:
    """The inputs; a list that can be read but once is read now."""
    if arguments.list is None:
        return {"inputs": arguments.inputs}
    root = list_folder(arguments.list)
    if is_stream(arguments.list):
        return {"inputs": [*arguments.inputs, *read_list(arguments.list)], "list_root": root}
    return {"inputs": arguments.inputs, "listed": arguments.list, "list_root": root}


def _part(arguments: argparse.Namespace) -> Any:
    """The part of a video that is asked for; None for all of it."""
    asked = {name: getattr(arguments, name) for name in ("start", "end", "frames", "scale")}
    if asked == {"start": 0.0, "end": None, "frames": None, "scale": 1.0}:
        return None
    from figureground.media.video_part import Part  # which loads PyAV

    return Part(**asked)


def refuse_for_images(arguments: argparse.Namespace, found: Inputs) -> None:
    """Raise UsageError where something is asked for that no video gets."""
    for name in (*NOT_FOR_VIDEO, *(() if found.given else FOR_IMAGES)):
        asked = getattr(arguments, name)
        if asked not in (None, False, "keep", "contain"):
            option, source = name.replace("_", "-"), found.videos[0].text
            raise UsageError(f"--{option} is for images, not for videos such as {source!r}")
