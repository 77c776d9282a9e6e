"""What results are called, while the listing still goes on: the names that the local engine gives."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from figureground.cluster.listing import Chunk
from figureground.cluster.rows import Item
from figureground.errors import UsageError
from figureground.jobs.job import ImageJob, Job
from figureground.jobs.kinds import OUTPUTS
from figureground.jobs.planning import name_of
from figureground.media.formats import check_format, writer_of
from figureground.media.name_pattern import names_by
from figureground.media.naming import Tasks, bases_of, check_targets, plan
from figureground.media.paths import PIPE
from figureground.media.remote import is_remote, spell
from figureground.media.walk import Found

Kind = TypeVar("Kind", bound=Job)


def check_job(job: Job) -> Path:
    """See that a job can be done on a cluster; returns the folder for its results.

    Raises:
        UsageError: it cannot.
    """
    out = job.out
    named = out is not None and not job.output_folder and writer_of(out) is not None
    if out is None or out == PIPE or named:
        raise UsageError("--cluster needs a folder for the results: -o FOLDER, or a URL of one")
    if PIPE in job.sources:
        raise UsageError("--cluster reads files and URLs, not standard input")
    if isinstance(job, ImageJob) and job.watch:
        raise UsageError("--cluster does what is there now; leave --watch out, and run it again")
    if job.name is not None and any(_overlap(out, given) for given in job.sources):
        raise UsageError(
            f"on a cluster --name needs another folder than the images': {spell(out)!r} and "
            f"{spell(job.sources[0])!r} lie in one another; choose another -o"
        )
    if isinstance(job, ImageJob):
        for kind in job.wanted_kinds:
            alpha = OUTPUTS[kind].transparent
            check_format(name_of(job, kind), alpha=alpha, lossless=job.encoding.lossless)
    return out


def absolute(job: Kind) -> Kind:
    """A job whose paths mean the same on every machine that shares their disk."""
    root = job.list_root
    return replace(
        job,
        inputs=tuple(map(_absolute, job.sources)),
        output=None if job.out is None else _absolute(job.out),
        listed=None if job.listed is None else _absolute(job.listed),
        list_root=None if root is None else _absolute(root),
    )


def _absolute(path: Path) -> Path:
    return path if is_remote(path) else path.absolute()


def _overlap(out: Path, given: Path) -> bool:
    return is_remote(out) == is_remote(given) and (
        _absolute(out).is_relative_to(_absolute(given))
        or _absolute(given).is_relative_to(_absolute(out))
    )


@dataclass(kw_only=True)
class Planner:
    """Names the results of images, chunk by chunk.

    Where several inputs go to one folder it remembers all names, to see that no two are the same.
    """

    job: ImageJob
    found: int = 0  # images so far
    _taken: dict[int, None] = field(default_factory=dict)  # hashes of names

    def items(self, chunk: Chunk) -> Iterator[Item]:
        """The images of a chunk as items. Raises UsageError where results would be lost."""
        images = chunk.found.images
        tasks = self._plan(images, chunk) if images else ()
        several = len(self.job.sources) > 1 or self.job.listed is not None
        for number, found in enumerate(images):
            outputs = tuple(str(path) for path in tasks[number].targets.values())
            if several:
                self._take(found, outputs)
            yield Item(found.text, outputs, *chunk.state(found.text))
        self.found += len(images)

    def _plan(self, images: list[Found], chunk: Chunk) -> Tasks:
        job = self.job
        suffixes = {kind: f".{job.format}" for kind in job.wanted_kinds}
        if job.name is None:
            return plan(images, out=job.out, suffixes=suffixes, kept=job.kept, names=chunk.names)
        bases = bases_of(images, job.out)
        targets = {
            kind: names_by(job.name, bases, kind=kind, ending=job.format, first=self.found + 1)
            for kind in suffixes
        }
        tasks = Tasks([found.text for found in images], targets)
        check_targets(tasks, job.kept)
        return tasks

    def _take(self, found: Found, outputs: tuple[str, ...]) -> None:
        for path in outputs:
            key = hash(path)
            if key in self._taken:
                raise UsageError(
                    f"{spell(found.text)!r} and another image would both become {spell(path)!r}; "
                    "work on them one after the other, with another -o"
                )
            self._taken[key] = None
