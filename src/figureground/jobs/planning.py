"""What a job on images is to do, before anything is begun."""

import os
from collections.abc import Sequence
from pathlib import Path

from figureground.errors import UsageError
from figureground.jobs.bookkeeping import results_of
from figureground.jobs.job import ImageJob, Job, VideoJob
from figureground.jobs.kinds import OUTPUTS, video_kinds
from figureground.media.formats import check_format, writer_of
from figureground.media.name_pattern import sample
from figureground.media.naming import Tasks, check_targets, plan
from figureground.media.paths import list_folder, read_list
from figureground.media.walk import Inputs, Search, find_inputs


def find_of(job: Job, others: Sequence[Job] = ()) -> Inputs:
    """The images and videos that a job is about, folders being walked once.

    Args:
        job: names them.
        others: jobs on the same inputs; only where one of all is about videos are videos looked for.
    Raises:
        ImageError: there is nothing, or a folder cannot be searched.
        FileError: a list cannot be read.
    """
    videos = next((one for one in (job, *others) if isinstance(one, VideoJob)), None)
    root = job.list_root
    if root is None and job.listed is not None:
        root = list_folder(job.listed)
    search = Search(
        image_kinds=OUTPUTS,
        video_kinds=None if videos is None else video_kinds(),
        sequences=videos is not None and videos.sequence,
        below=root,
        filling=isinstance(job, ImageJob) and job.watch,
        results_of=results_of,
    )
    return find_inputs(sources_of(job), search)


def sources_of(job: Job) -> list[Path]:
    """All paths that are given. Raises UsageError where there are none."""
    given = [*job.sources, *([] if job.listed is None else read_list(job.listed))]
    if not given:
        raise UsageError("give an image or a folder, or a --list of them")
    return given


def plan_images(job: ImageJob, inputs: Inputs) -> tuple[Tasks, bool]:
    """Name the results of images; and whether the output is the name of the only one.

    Raises FiguregroundError before anything is begun.
    """
    kinds, kept = job.wanted_kinds, job.kept
    out = job.out
    to_file = goes_to_file(job, inputs)
    if to_file and job.name is not None:
        raise UsageError(f"-o {str(out)!r} names the file, and so does --name; give a folder")
    for kind in kinds:
        target = out if to_file and out else name_of(job, kind)
        alpha = OUTPUTS[kind].transparent
        check_format(target, alpha=alpha, lossless=job.encoding.lossless)
    if not to_file or out is None:
        suffixes = {kind: f".{job.format}" for kind in kinds}
        tasks = plan(
            inputs.images, out=out, suffixes=suffixes, kept=kept, names=inputs.names,
            pattern=job.name,
        )  # fmt: skip
        return tasks, False
    results = len(inputs.images) * len(kinds)
    if results > 1:
        raise UsageError(
            f"{results} results do not fit into the one file {str(out)!r}; give a folder, "
            "without an ending"
        )
    tasks = Tasks([inputs.images[0].text], {kinds[0]: [str(out)]})
    check_targets(tasks, kept)
    return tasks, True


def name_of(job: ImageJob, kind: str) -> Path:
    """What a result could be called, where it is named after its image."""
    if job.name is None:
        return Path(f"NAME.{kind}.{job.format}")
    return sample(job.name, kind=kind, ending=job.format)


def goes_to_file(job: ImageJob, inputs: Inputs) -> bool:
    """Return whether the output names one file: by an ending, which of a folder's results has to be a format's."""
    out = job.out
    if out is None or job.output_folder:
        return False
    return writer_of(out) is not None or bool(out.suffix and is_alone(inputs.given))


def is_alone(given: Sequence[Path]) -> bool:
    """Return whether one file is given, not a folder."""
    return len(given) == 1 and not os.path.isdir(given[0])
