"""Take the background away from pictures and videos.

  figureground remove photo.jpg                    writes photo.cutout.png beside it
  figureground remove photo.jpg -o person.png      writes person.png
  figureground remove holiday/ -o cutouts/         all pictures of a folder, its sub-folders too
  figureground remove photo.jpg --background '#00ff00' -o green.jpg
  figureground remove clip.mp4 -o clip.webm        a video with transparency and its sound
  figureground remove - -o - < photo.jpg > person.png

Pictures stay as they are: results get names of their own. A picture that cannot be read or written
is said, and stops no other. Stopped in the middle, the same command does only the rest: a journal
among the results knows what is done. Exit code: 0 all done, 1 some failed, 2 misuse, 130 Ctrl-C.
"""

import argparse
import os
import sys
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import perf_counter

from figureground import __version__
from figureground.cli import batch
from figureground.cli.hints import check_second_name
from figureground.cli.remove_options import add_arguments
from figureground.cli.remove_plan import (
    find_journal,
    goes_to_file,
    leave_clear,
    plan_tasks,
    style_from,
    wanted_kinds,
)
from figureground.cli.silence import silenced
from figureground.cli.summary import Summary, sum_up
from figureground.cli.video_pipes import comes_through_pipe, pour, through_files
from figureground.engines.litert import cores
from figureground.errors import PictureError, UsageError
from figureground.jobs.journal import NAME, Journal, settings_of, stamp
from figureground.jobs.kinds import TRANSPARENT, Put, write_outputs
from figureground.jobs.remover import Cutout, Remover
from figureground.jobs.style import Style
from figureground.jobs.workers import Result, Write
from figureground.media.encode import Encoding, check_format
from figureground.media.naming import Task, check_targets
from figureground.media.paths import PIPE, find_videos, is_stream, list_folder, read_list
from figureground.media.remote import is_remote, spell, write_bytes
from figureground.models.shipped import MODEL, find_model

__all__ = ["add_arguments", "run"]

VIDEO_KINDS = ("composite", "cutout", "mask", "side-by-side")
# What a picture's results depend on, and so what the journal goes by.
SETTINGS = ("kind", "format", "background", "model", "feather", "grow", "threshold", "min_area",
            "largest", "crop", "canvas", "size", "fit", "aspect", "background_fit",
            "flip_background", "shadow", "quality", "lossless", "strip", "no_smoothing")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Plan, work, report: videos first, then pictures."""
    leave_clear(arguments)
    check_second_name(arguments.inputs, arguments.output)
    arguments.below = None if arguments.list is None else list_folder(arguments.list)
    if arguments.list is not None and is_stream(arguments.list):  # can be read but once
        arguments.inputs, arguments.list = [*arguments.inputs, *read_list(arguments.list)], None
    if comes_through_pipe(arguments):
        with through_files(arguments):
            return remove_all(arguments)
    return remove_all(arguments)


def remove_all(arguments: argparse.Namespace) -> int:
    """As `run`, of files."""
    listed = [] if arguments.list is None else read_list(arguments.list)
    videos, others = find_videos(
        [*arguments.inputs, *listed],
        kinds=VIDEO_KINDS,
        sequences=arguments.sequence,
        below=arguments.below,
    )
    if not videos or arguments.watch:
        return sum_up([remove_pictures(arguments)])
    from figureground.cli.video_batch import remove_videos  # PyAV takes a while to load

    far = [spell(video.path) for video in videos if is_remote(video.path)]
    if far:
        raise UsageError(f"{far[0]!r} is a remote video; download it first")
    if len(videos) == 1 and not others:
        with through_files(arguments):
            return sum_up([remove_videos(videos, arguments, alone=True)])
    summaries = [remove_videos(videos, arguments, alone=not others)]
    if others and not (summaries[0].failures and arguments.fail_fast):
        arguments.inputs, arguments.list = others, None
        summaries.append(remove_pictures(arguments))
    return sum_up(summaries)


def remove_pictures(arguments: argparse.Namespace) -> Summary:
    """Plan, work, report."""
    look = style_from(arguments)
    encoding = Encoding(
        quality=arguments.quality, lossless=arguments.lossless, metadata=not arguments.strip
    )
    if PIPE in (*arguments.inputs, arguments.output):
        run_pipe(arguments, look, encoding)
        return Summary(unit="pictures")
    job = make_job(arguments, lambda cutout, task: write_outputs(cutout, task, look, encoding))
    if arguments.watch:
        return watch(arguments, job)
    tasks = plan_tasks(arguments)
    settings = picture_settings(arguments)
    journal = find_journal(arguments.output, tasks, several=len(tasks) > 1, settings=settings)
    job = replace(job, journal=journal)
    if arguments.dry_run:
        batch.tell_plan(tasks, job)
        return Summary(unit="pictures")
    return batch.run_batch(tasks, replace(job, removers=load_removers(arguments, len(tasks))))


def watch(arguments: argparse.Namespace, job: batch.Batch) -> Summary:
    """Work on whatever appears, until Ctrl-C or a failure that ends it."""
    if arguments.dry_run:
        raise UsageError("--watch cannot know what will appear; leave --dry-run or --watch out")
    away = arguments.output is None or any(map(is_remote, [*arguments.inputs, arguments.output]))
    if away or goes_to_file(arguments, arguments.inputs):
        raise UsageError("--watch needs a folder here for the results: -o FOLDER")
    with suppress(PictureError):  # nothing there yet; misuse ends it at once
        plan_tasks(arguments)
    journal = Journal(arguments.output / NAME, settings=picture_settings(arguments))
    journal.begin()

    def write(cutout: Cutout, task: Task) -> None:
        batch.refuse_replacing([task], None if job.overwrite else journal)
        job.write(cutout, task)

    removers = load_removers(arguments, cores())
    watched = replace(job, write=write, journal=journal, removers=removers)
    return batch.watch(lambda: plan_tasks(arguments), watched)


def load_removers(arguments: argparse.Namespace, tasks: int) -> list[Remover]:
    """A network for each picture that is worked on at once; cores are shared between them."""
    workers = max(1, min(tasks, cores()))
    threads = max(1, cores() // workers)
    with silenced():
        return [
            Remover(
                arguments.model or MODEL,
                threads=threads,
                max_pixels=arguments.max_pixels,
                smooth=not arguments.no_smoothing,
            )
            for _ in range(workers)
        ]


def picture_settings(arguments: argparse.Namespace) -> str:
    """Return what the journal goes by: all that was asked for, and the states of files."""
    asked = {name: getattr(arguments, name) for name in SETTINGS}
    files = [find_model(arguments.model or MODEL), Path(arguments.background or "")]
    return settings_of(__version__, asked, [stamp(path) for path in files if os.path.isfile(path)])


def plan_pipe(arguments: argparse.Namespace) -> Task:
    """Return what to do with one picture from standard input, or to standard output, or both.

    Raises:
        UsageError: pipes do not take what is asked for, or the background would be replaced.
    """
    kinds = wanted_kinds(arguments)
    if len(arguments.inputs) != 1 or len(kinds) != 1 or arguments.list or arguments.output is None:
        raise UsageError("a pipe takes one picture, one --kind and -o: remove - -o -")
    if arguments.output == PIPE and arguments.json:
        raise UsageError("standard output takes the picture or --json, not both; name a file by -o")
    to_pipe = arguments.output == PIPE
    target = Path(f"result.{arguments.format}") if to_pipe else arguments.output
    check_format(target, alpha=kinds[0] in TRANSPARENT, lossless=arguments.lossless)
    task = Task(source=arguments.inputs[0], targets={kinds[0]: target})
    if not to_pipe:
        check_targets([task], [Path(arguments.background)] if arguments.background else [])
    return task


def run_pipe(arguments: argparse.Namespace, look: Style, encoding: Encoding) -> None:
    """Do it."""
    task, to_pipe = plan_pipe(arguments), arguments.output == PIPE
    put: Put = (lambda _, data: pour(BytesIO(data))) if to_pipe else write_bytes
    job = make_job(arguments, lambda cutout, task: write_outputs(cutout, task, look, encoding, put))
    if arguments.dry_run:
        job = replace(job, overwrite=True)  # pipes know nothing of what is done
        batch.tell_plan([replace(task, targets={k: arguments.output for k in task.targets})], job)
        return
    source = sys.stdin.buffer.read() if task.source == PIPE else task.source
    (remover,) = load_removers(arguments, 1)
    began = perf_counter()
    cutout = remover.remove(source)
    batch.on_empty(job.on_empty, job.write)(cutout, task)
    seconds, (rows, columns) = perf_counter() - began, cutout.alpha.shape
    result = Result(task=task, seconds=seconds, size=(rows, columns), presence=cutout.presence)
    batch.report(result, job, bar=False, silent=to_pipe)


def make_job(arguments: argparse.Namespace, write: Write) -> batch.Batch:
    """Return how pictures are worked on, as was asked; by what, is still to be loaded."""
    return batch.Batch(
        write=write,
        overwrite=arguments.overwrite,
        skip_existing=arguments.skip_existing,
        fail_fast=arguments.fail_fast,
        on_empty=arguments.on_empty,
        quiet=arguments.quiet,
        lines=arguments.json,
    )
