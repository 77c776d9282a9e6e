"""What was typed behind `figureground remove`, as jobs."""

import argparse
from collections.abc import Sequence
from typing import Any

from figureground.errors import UsageError
from figureground.jobs.job import ImageJob, VideoJob
from figureground.jobs.kinds import parse_kinds
from figureground.jobs.style import Style
from figureground.media.encoding import Encoding
from figureground.media.paths import is_stream, list_folder, read_list
from figureground.media.video_formats import VideoEncoding
from figureground.media.walk import Inputs
from figureground.models.shipped import MODEL, VIDEO_MODEL

NOT_FOR_VIDEO = ("crop", "canvas", "size", "aspect", "fit", "shadow", "raw", "color", "device")
# Which may be there as well.
FOR_IMAGES = ("quality", "lossless", "max_pixels", "max_memory", "on_empty", "exit_empty")
EDGE = ("feather", "grow", "threshold", "min_area", "people", "keep_mask")
FRAME = ("shadow", "crop", "canvas", "aspect", "size", "fit")
BOTH = ("background", "background_fit", "flip_background", "format", "overwrite", "skip_existing",
        "fail_fast", "dry_run", "output", "output_folder", "name")  # fmt: skip


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
