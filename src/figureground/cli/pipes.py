"""Images and videos through standard input and output.

Videos go by way of temporary files: an MP4 cannot be read from front to back.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

from figureground.cli.remove_output import Printer
from figureground.errors import FileError, UsageError
from figureground.jobs.events import ImageDone, Planned
from figureground.jobs.image_batch import UNIT, load_removers, writer_for
from figureground.jobs.job import ImageJob, VideoJob
from figureground.jobs.kinds import OUTPUTS
from figureground.jobs.style import read_style
from figureground.media.format_row import VIDEO
from figureground.media.formats import check_format, endings_of
from figureground.media.naming import Task, check_targets
from figureground.media.paths import PIPE


def comes_through_pipe(job: VideoJob) -> bool:
    """Return whether `-` means a video: the result is one, or a --codec or a --container is asked for."""
    named = job.out is not None and job.out.suffix.lower() in endings_of(VIDEO)
    return job.sources == (PIPE,) and bool(named or job.encoding.codec or job.container)


@contextmanager
def through_files(job: VideoJob) -> Iterator[VideoJob]:
    """Put files in the place of `-`, and write what becomes of them to standard output.

    A result is Matroska there, a cutout WebM, where --container says nothing else.
    """
    import shutil
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="figureground-") as folder:
        if job.sources == (PIPE,):
            source = Path(folder, "input.mkv")  # whatever it is: its head tells
            with source.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
            job = replace(job, inputs=source)
        result = None
        if job.out == PIPE:
            usual = "webm" if job.kind == "cutout" else "mkv"
            result = Path(folder, f"result.{job.container or usual}")
            job = replace(job, output=result, container=None)
        yield job
        if result is not None and result.is_file():
            with result.open("rb") as file:
                pour(file)


def pour(file: BinaryIO) -> None:
    """Write what a file holds to standard output. Raises FileError where that fails."""
    import shutil

    try:
        shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as error:
        raise FileError(f"cannot write standard output: {error.strerror}") from error


def remove_image(job: ImageJob, printer: Printer) -> bool:
    """Work on one image from standard input, or to standard output, or both.

    Returns: whether there is nobody in it.
    Raises:
        UsageError: pipes do not take what is asked for, or the background would be replaced.
    """
    task, to_pipe = _plan(job, printer), job.out == PIPE
    read_style(job)
    if job.dry_run:
        shown = {kind: job.out or PIPE for kind in task.targets}
        printer(Planned(task=task._replace(targets=shown), unit=UNIT, done=False))
        return False
    source = sys.stdin.buffer.read() if task.source == PIPE else task.source
    (remover,) = load_removers(job, 1)
    began = perf_counter()
    cutout = remover.remove(source)
    writer_for(job, (lambda _, data: pour(BytesIO(data))) if to_pipe else None)(cutout, task)
    printer(
        ImageDone(
            task=task,
            seconds=perf_counter() - began,
            size=cutout.size,
            presence=cutout.presence,
            written=not (cutout.presence.empty and job.on_empty == "skip"),
            notes=cutout.original.notes,
        )
    )
    return cutout.presence.empty


def _plan(job: ImageJob, printer: Printer) -> Task:
    """Return the task; see `remove_image`."""
    kinds = job.wanted_kinds
    if job.name is not None:
        raise UsageError("a pipe's result is named by -o; leave --name out")
    if len(job.sources) != 1 or len(kinds) != 1 or job.listed or job.out is None:
        raise UsageError("a pipe takes one image, one --kind and -o: remove - -o -")
    if job.out == PIPE and printer.lines:
        raise UsageError("standard output takes the image or --json, not both; name a file by -o")
    to_pipe = job.out == PIPE
    target = Path(f"result.{job.format}") if to_pipe else job.out
    check_format(target, alpha=OUTPUTS[kinds[0]].transparent, lossless=job.encoding.lossless)
    task = Task(source=job.sources[0], targets={kinds[0]: target})
    if not to_pipe:
        check_targets([task], job.kept)
    return task
