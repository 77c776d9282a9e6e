"""What a job on videos is to do, before anything is begun."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from figureground.errors import UsageError
from figureground.jobs.job import VideoJob
from figureground.jobs.journal import stamp
from figureground.jobs.style import read_behind, with_hint
from figureground.jobs.video import VideoTask
from figureground.jobs.video_style import (
    CHROMA_GREEN,
    VideoBackground,
    VideoStyle,
    read_video_background,
)
from figureground.media.format_row import VIDEO
from figureground.media.formats import check_format, container_of, endings_of, joiner_of
from figureground.media.name_pattern import has_field, names_by, sample
from figureground.media.naming import bases_of, beside, check_targets, stems_of
from figureground.media.places import prefix
from figureground.media.video_formats import can_be_clear, codec_for, encoder_options
from figureground.media.video_open import IMAGES, is_sequence
from figureground.media.video_reader import Part
from figureground.media.walk import Found, Inputs


def plan_videos(job: VideoJob, inputs: Inputs, *, many: bool) -> list[VideoTask]:
    """Return one task a video, in the order of the inputs.

    Args:
        job: what is asked for.
        inputs: what was found.
        many: whether the output is the folder for all results, not the name of one.
    Raises:
        UsageError: no video can become what is asked for, two results would have one name, or one
            would replace what it is made from.
    """
    videos = inputs.videos
    targets = [job.out] if job.out is not None and not many else name_videos(job, inputs)
    folder = job.output_folder and not many
    tasks = [
        plan_video(job, one.path, to, folder=folder)
        for one, to in zip(videos, targets, strict=True)
    ]
    shown = [image for video in videos for image in images_of(video.path)]
    check_targets(tasks, [*job.kept, *shown])
    return tasks


def plan_video(job: VideoJob, source: Path, target: Path, *, folder: bool = False) -> VideoTask:
    """Return the task of one video. Raises UsageError where no video can become that."""
    folder = folder or not target.suffix
    kind, images = choose_kind(job, source), is_sequence(source)
    encoding = replace(job.encoding, rate=None) if images else job.encoding
    if not folder and joiner_of(target) is None:
        codec = codec_for(target, alpha=kind == "cutout", codec=encoding.codec)
        encoder_options(codec, encoding)
    if folder:
        check_format(Path(f"frame.{job.format}"), alpha=kind == "cutout")
    return VideoTask(
        source=source,
        target=target,
        folder=folder,
        look=VideoStyle(kind=kind, background=_behind(job), edge=with_hint(job.style)),
        part=job.part or Part(),
        encoding=encoding,
        image=f".{job.format}",
        every=job.every,
        resume=stamp_of(job, source) if job.resume else None,
        images=(images and job.encoding.rate) or IMAGES,
        smooth=job.smooth,
    )


def _behind(job: VideoJob) -> VideoBackground:
    """What lies behind the person."""
    given, fit, flip = job.background, job.background_fit, job.flip_background
    if given is None:
        return CHROMA_GREEN
    if isinstance(given, str | os.PathLike):
        return read_video_background(os.fspath(given), fit=fit, flip=flip)
    return read_behind(given, fit=fit, flip=flip)


def stamp_of(job: VideoJob, source: Path) -> str:
    """Return a hash of all that the segments of a video depend on."""
    states = [stamp(path) for path in images_of(source) or [source]]
    return hashlib.sha256(repr((job.fingerprint(), states)).encode()).hexdigest()


def images_of(source: Path) -> list[Path]:
    """The files that numbered images can be among; none of a video."""
    if not is_sequence(source):
        return []
    folder = source if os.path.isdir(source) else source.parent
    try:
        return sorted(folder.iterdir())
    except OSError:  # opening it says why
        return []


def choose_kind(job: VideoJob, source: Path) -> str:
    """Return the kind that is asked for; else cutout where the file holds transparency, else composite."""
    if job.kind:
        return job.kind
    if job.background is not None:
        return "composite"
    out = Path(f"result.{job.container}") if job.container else job.out
    if job.name is not None and not has_field(job.name, "ending"):
        out = sample(job.name)
    if out is None and is_sequence(source):
        return "composite"
    target = source if out is None else out
    clear = can_be_clear(target) or (out is not None and (job.output_folder or not target.suffix))
    return "cutout" if clear else "composite"


def name_videos(job: VideoJob, inputs: Inputs) -> list[Path]:
    """`clip.mp4` becomes `clip.composite.mp4` beside it or, as `plan` names images, below -o.

    Raises UsageError if -o is the name of a file.
    """
    out, container, videos = job.out, job.container, inputs.videos
    if job.name is not None:
        return _name_by_pattern(job, job.name, videos)
    if out is not None and _is_named(out) and not os.path.isdir(out):
        if container:
            raise UsageError(f"-o {str(out)!r} says the kind of file, and so does --container")
        raise UsageError(f"several videos do not fit into the one file {str(out)!r}; give a folder")
    named = [*videos, *beside(videos, endings_of(VIDEO), inputs.names)]
    bases = [_base(found, out) for found in named]
    kinds = [choose_kind(job, found.path) for found in named]
    endings = [_ending(name, kind, container) for (_, name), kind in zip(bases, kinds, strict=True)]
    parts = zip(bases, stems_of(bases, endings), endings, strict=True)
    return [Path(folder + stem + ending) for (folder, _), stem, ending in parts][: len(videos)]


def _name_by_pattern(job: VideoJob, pattern: str, videos: list[Found]) -> list[Path]:
    """As `name_videos`. Raises UsageError where something else names them, too."""
    if job.out is not None and _is_named(job.out) and not os.path.isdir(job.out):
        raise UsageError(f"-o {str(job.out)!r} names the file, and so does --name; give a folder")
    if job.container and not has_field(pattern, "ending"):
        raise UsageError(f"--name {pattern!r} says the kind of file, and so does --container")
    bases = [_base(found, job.out) for found in videos]
    kinds = [choose_kind(job, found.path) for found in videos]
    paths = []
    for number, (base, kind) in enumerate(zip(bases, kinds, strict=True), 1):
        ending = _ending(base[1], kind, job.container).removeprefix(f".{kind}.")
        paths += names_by(pattern, [base], kind=kind, ending=ending, first=number)
    return [Path(path) for path in paths]


def _is_named(out: Path) -> bool:
    """Return whether a path names a file that a video becomes."""
    return container_of(out) is not None or joiner_of(out) is not None


def _base(video: Found, out: Path | None) -> tuple[str, str]:
    """Return folder and name that a result is named by: the video's, or NAME.mp4 of a folder of images."""
    path = video.path
    if not is_sequence(path):
        return bases_of([video], out)[0]
    folder = path if os.path.isdir(path) else path.parent
    if folder.name in ("", ".."):
        folder = folder.resolve()
    return prefix(str(folder.parent if out is None else out)), f"{folder.name}.mp4"


def _ending(name: str, kind: str, container: str | None) -> str:
    if container:
        return f".{kind}.{container}"
    suffix = Path(name).suffix.lower()
    if kind == "cutout":
        suffix = suffix if can_be_clear(Path(name)) else ".webm"
    return f".{kind}{suffix if container_of(Path(f'result{suffix}')) else '.mp4'}"
