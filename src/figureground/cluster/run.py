"""Do a job on a cluster: what `figureground remove --cluster` calls, and a program may."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

from figureground.cluster.command import note_command
from figureground.cluster.connect import check_address, connected, threads_of
from figureground.cluster.coordinator import Coordinator
from figureground.cluster.journal import ClusterJournal
from figureground.cluster.known import Known
from figureground.cluster.listing import each_chunk, nothing_found
from figureground.cluster.planning import Planner, absolute, check_job
from figureground.cluster.rows import DIED, EMPTY, EXISTS, FAILED, SKIPPED, Item, Row
from figureground.cluster.sent_job import for_workers
from figureground.cluster.worker import JobPlugin, as_task
from figureground.errors import UsageError
from figureground.jobs import events
from figureground.jobs.cutout import Presence
from figureground.jobs.events import Tell
from figureground.jobs.image_batch import STOPPED, UNIT
from figureground.jobs.job import ImageJob
from figureground.jobs.run import silent
from figureground.jobs.summary import Summary, Totals
from figureground.media.remote import is_remote, is_there, spell
from figureground.media.remote_folder import abort_uploads, names_in, remove_folder

SHOWN = 1000  # failures that a summary keeps; the journal has all


def run_on_cluster(
    job: ImageJob,
    address: str,
    on_event: Tell = silent,
    *,
    items: Iterable[Item] | None = None,
    words: Sequence[str] = (),
) -> Summary:
    """Do a job on images with the workers of a cluster, as `figureground.run` does it here.

    Names, bytes and what is done on a second run are the same. Images go from their place to
    workers, never through this process. The journal is a folder of Parquet parts among the results.

    Args:
        job: its output is a folder, here or remote.
        address: of a Dask scheduler, `tcp://host:8786`; or `local:8`, processes of this machine.
        on_event: is told what becomes of each; see `figureground.jobs.events`.
        items: do these, of those that the job is about, and no others.
        words: of the command, which are noted for `figureground jobs DIR --retry`.
    Returns: counts, and the first failures.
    Raises:
        UsageError: what is asked for makes no sense, or something would be lost.
        RunError: there is no such cluster.
        FiguregroundError: there is nothing to do, or a network or a background cannot be read.
    """
    check_address(address)
    out = check_job(job)
    journal = ClusterJournal(absolute(job).out or out, job.fingerprint())
    _refuse_strangers(job, journal)
    run = _Run(job=absolute(job), journal=journal, known=Known(journal), tell=on_event)
    todo = run.items() if items is None else iter(items)
    if job.dry_run:
        for _ in todo:
            pass
        return Summary(unit=UNIT)
    with journal.alone(), connected(address) as client:
        note_command(journal.folder, words)
        abort_uploads(run.out)
        return run.work(client, todo, threads=threads_of(address))


def _refuse_strangers(job: ImageJob, journal: ClusterJournal) -> None:
    """See that --name replaces nothing that no journal knows. Raises UsageError."""
    if job.name is None or job.overwrite or job.skip_existing or job.out is None:
        return
    names = names_in(job.out)
    if names and journal.folder.name not in names:
        raise UsageError(
            f"{spell(job.out)!r} holds files that no journal of a cluster knows as results; choose "
            "another -o, or --overwrite"
        )


@dataclass(kw_only=True)
class _Run:
    """A job in work."""

    job: ImageJob
    journal: ClusterJournal
    known: Known
    tell: Tell
    done_before: int = 0
    tried: int = 0
    failed: int = 0
    empty: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    results: int = 0  # earlier ones that were passed over

    @property
    def out(self) -> Path:
        """The folder of the results."""
        return self.journal.folder.parent

    def items(self) -> Iterator[Item | None]:
        """What is left to do; None now and then, where there is nothing for a while."""
        planner = Planner(job=self.job)
        for chunk in each_chunk(self.job, videos=False):
            self.passed += chunk.found.passed
            self.results += chunk.found.results
            for item in planner.items(chunk):
                if self._is_left(item):
                    yield item
            yield None
        if not planner.found:
            raise nothing_found(self.job, self.passed)
        if self.passed or self.results:
            self.tell(events.PassedOver(counts=self.passed, results=self.results))

    def _is_left(self, item: Item) -> bool:
        """Return whether an image is to be worked on; tell it where it is not, or in a dry run."""
        job, done = self.job, self._is_done(item)
        task = as_task(job, item)
        if job.dry_run:
            self.tell(events.Planned(task=task, unit=UNIT, done=done))
            return False
        if done:
            self.done_before += 1
            self.tell(events.AlreadyDone(task=task, unit=UNIT))
            return False
        why = None if job.overwrite else self._why_not(item)
        if why is not None:
            self._note_outcome(Row(item=item, status=FAILED, error=why))
        return why is None

    def _is_done(self, item: Item) -> bool:
        """Return whether the journal says so; of results on a disk here, also that they are there."""
        if self.job.overwrite:
            return False
        skip = self.job.on_empty == "skip"
        return self.known.is_done(item, skip_empty=skip) and (
            skip or is_remote(self.out) or all(map(is_there, item.outputs))
        )

    def _why_not(self, item: Item) -> str | None:
        """Why an image is not to be worked on; None where it is."""
        source = spell(item.source)
        if self.known.is_left_out(item):
            return (
                f"{source!r} is left out, since it ended the processes that worked on it; "
                "--overwrite tries it again"
            )
        if self.known.has_other_source(item):
            return (
                f"{source!r} would replace what was made from another image; choose another -o, "
                "or --overwrite"
            )
        return None

    def work(self, client: Client, todo: Iterator[Item | None], *, threads: int) -> Summary:
        """Do what is left."""
        name = f"figureground-{os.urandom(6).hex()}"
        sent, model = for_workers(self.job)
        marks = self.journal.marks(name)
        plugin = JobPlugin(name, sent, marks, threads=threads, model=model)
        coordinator = Coordinator(client, plugin)
        self.tell(events.Begun(unit=UNIT, total=None, done=0))
        try:
            self._take_up(coordinator, coordinator.work(todo))
        except KeyboardInterrupt:
            for rows in coordinator.stop():
                self._add(rows)
            self.tell(events.Interrupted(unit=UNIT, done=self.tried, total=None))
            raise
        finally:
            self.journal.flush()
            coordinator.close()
            remove_folder(marks)
        self.tell(events.Ended(unit=UNIT))
        return self._finish()

    def _take_up(self, coordinator: Coordinator, each: Iterable[list[Row]]) -> None:
        for rows in each:
            failed = self.failed
            self._add(rows)
            if self.job.fail_fast and self.failed > failed and not coordinator.stopping:
                self.tell(events.Note(text=STOPPED))
                for last in coordinator.stop():
                    self._add(last)
                return

    def _add(self, rows: list[Row]) -> None:
        self.journal.add(row for row in rows if row.status != EXISTS)
        for row in rows:
            self._note_outcome(row)

    def _note_outcome(self, row: Row) -> None:
        """Count and tell what became of an image."""
        task = as_task(self.job, row.item)
        if row.status == EXISTS:
            self.done_before += 1
            self.tell(events.AlreadyDone(task=task, unit=UNIT))
            return
        self.tried += 1
        seen = (
            None if row.share is None else Presence(share=row.share, confidence=row.confidence or 0)
        )
        if row.status in (FAILED, DIED) or seen is None or row.shape is None:
            self.failed += 1
            if len(self.failures) < SHOWN:
                self.failures.append((spell(row.item.source), row.error or ""))
            failure = events.ImageFailed(
                task=task, error=row.error or "", seconds=row.seconds, size=row.shape, presence=seen
            )
            self.tell(failure)
            return
        self.empty += row.status in (EMPTY, SKIPPED)
        done = events.ImageDone(
            task=task, seconds=row.seconds, size=row.shape, presence=seen,
            written=row.status != SKIPPED, notes=row.notes,
        )  # fmt: skip
        self.tell(done)

    def _finish(self) -> Summary:
        told = f"; `figureground jobs {spell(self.out)}` sums them up"
        summary = Summary(
            unit=UNIT,
            asked=self.done_before + self.tried,
            failures=self.failures,
            lists=told,
            empty_lists=told,
            totals=Totals(self.tried, self.failed, self.empty),
        )
        self.tell(events.Finished(summary=summary))
        return summary
