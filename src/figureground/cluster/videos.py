"""Long videos on a cluster: cut into pieces that workers make side by side, then joined."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from distributed import Client, Future, KilledWorker

from figureground.cluster.connect import check_address, connected
from figureground.cluster.journal import ClusterJournal
from figureground.cluster.known import Known
from figureground.cluster.listing import state_of
from figureground.cluster.planning import absolute
from figureground.cluster.rows import DONE, FAILED, Item, Row
from figureground.cluster.video_pieces import VideoIndex, cut
from figureground.cluster.video_worker import (
    Made,
    can_be_cut,
    convert_piece,
    convert_whole,
    index,
    join_pieces,
)
from figureground.errors import RunError
from figureground.jobs import events
from figureground.jobs.events import Tell
from figureground.jobs.job import VideoJob
from figureground.jobs.run import silent
from figureground.jobs.summary import Summary, Totals, in_a_line
from figureground.jobs.video import Outcome, VideoTask
from figureground.jobs.video_planning import plan_videos
from figureground.media.naming import Task
from figureground.media.remote import is_remote, is_there, spell
from figureground.media.remote_folder import abort_uploads
from figureground.media.walk import Found, Inputs

UNIT = "videos"
PER_THREAD = 2  # pieces for each thread of the cluster: the slowest then holds up little
LOOK = 5.0  # seconds, at most, until it is seen that a scheduler is gone
AT_ONCE = 2  # videos in work


def run_videos_on_cluster(
    job: VideoJob, inputs: Inputs, address: str, on_event: Tell = silent
) -> Summary:
    """Do a job on videos with the workers of a cluster, as `figureground.run` does it here.

    A long video is cut at key frames; each piece begins some frames earlier, which steady its
    first mattes. Sound, subtitles and all else are taken once, when the pieces are joined.

    Args:
        job: what is to be done.
        inputs: its videos.
        address: see `run_on_cluster`.
        on_event: is told what becomes of each.
    Raises:
        UsageError: what is asked for makes no sense, or something would be lost.
        RunError: there is no such cluster.
    """
    check_address(address)
    job = absolute(job)
    videos = [Found(*_absolute(one)) for one in inputs.videos]
    many = len(videos) > 1 or bool(inputs.given) or job.output_folder or job.out is None
    found = Inputs(videos=videos, names=inputs.names)
    tasks = plan_videos(job, found, many=many or job.name is not None)
    noted = job.out is not None and many
    journal = ClusterJournal(job.out, job.fingerprint()) if noted and job.out else None
    running = _VideoRun(job=job, tell=on_event, journal=journal)
    done = [task for task in tasks if running.is_done(task)]
    todo = [task for task in tasks if task not in done]
    on_event(events.Begun(unit=UNIT, total=len(todo), done=len(done)))
    for task in done:
        on_event(events.AlreadyDone(task=_named(task), unit=UNIT))
    if todo:
        with nullcontext() if journal is None else journal.alone(), connected(address) as client:
            for folder in {task.target.parent for task in todo}:
                abort_uploads(folder)
            running.work(client, todo)
    on_event(events.Ended(unit=UNIT))
    return running.finish(len(tasks))


def _absolute(one: Found) -> tuple[str, str]:
    if is_remote(one.text):
        return one.text, one.root
    return str(Path(one.text).absolute()), str(Path(one.root).absolute())


def _named(task: VideoTask) -> Task:
    return Task(source=task.source, targets=task.targets)


@dataclass(kw_only=True, eq=False)
class _VideoInWork:
    """A video in work."""

    task: VideoTask
    began: float = field(default_factory=time.monotonic)
    pieces: list[Future] = field(default_factory=list)
    done: int = 0  # frames
    total: int | None = None


@dataclass(kw_only=True)
class _VideoRun:
    """A job in work."""

    job: VideoJob
    tell: Tell
    journal: ClusterJournal | None
    failures: list[tuple[str, str]] = field(default_factory=list)
    tried: int = 0
    known: Known | None = None
    _news: "SimpleQueue[Future]" = field(default_factory=SimpleQueue)
    _videos: dict[str, _VideoInWork] = field(
        default_factory=dict
    )  # by the key of what is waited for

    def __post_init__(self) -> None:
        self.known = None if self.journal is None else Known(self.journal)

    def is_done(self, task: VideoTask) -> bool:
        """Return whether there is nothing left to do for a video."""
        if self.job.overwrite:
            return False
        if self.job.skip_existing:
            return is_there(task.target)
        done = self.known is not None and self.known.is_done(_item(task), skip_empty=False)
        return done and is_there(task.target)

    def work(self, client: Client, tasks: Sequence[VideoTask]) -> None:
        """Do videos, some at a time."""
        waiting = iter(tasks)
        try:
            self._begin_some(client, waiting)
            while self._videos:
                with suppress(Empty):
                    self._take(client, self._news.get(timeout=LOOK))
                self._begin_some(client, waiting)
        finally:
            for video in self._videos.values():
                client.cancel(video.pieces)
            client.cancel([Future(key, client) for key in self._videos])
            if self.journal is not None:
                self.journal.flush()

    def _begin_some(self, client: Client, waiting: Iterator[VideoTask]) -> None:
        while len({id(video) for video in self._videos.values()}) < AT_ONCE:
            task = next(waiting, None)
            if task is None or (self.failures and self.job.fail_fast):
                return
            self.tell(events.VideoBegun(task=task))
            video = _VideoInWork(task=task)
            if can_be_cut(task):
                self._await(client.submit(index, task.source, pure=False), video)
            else:
                model = str(self.job.model)
                self._await(client.submit(convert_whole, task, model, pure=False), video)

    def _await(self, future: Future, video: _VideoInWork) -> None:
        self._videos[future.key] = video
        future.add_done_callback(self._news.put)
        video.pieces.append(future)

    def _take(self, client: Client, future: Future) -> None:
        """Take up what a worker did."""
        video = self._videos.pop(future.key, None)
        if video is None:
            return
        if future.cancelled():
            raise RunError("the scheduler is gone, or has forgotten the job; run it again to go on")
        if future.status == "error":
            self._failed(client, video, future)
            return
        answer = future.result()
        if isinstance(answer, VideoIndex):
            self._cut(client, video, answer)
        elif isinstance(answer, Made):
            video.done += answer.frames
            progress = events.VideoProgress(task=video.task, frames=video.done, total=video.total)
            self.tell(progress)
        else:
            self._note_outcome(video, answer)

    def _cut(self, client: Client, video: _VideoInWork, found: VideoIndex) -> None:
        """Submit the pieces of a video, and that they are joined."""
        task, model = video.task, str(self.job.model)
        threads = sum(client.nthreads().values())
        pieces = cut(found, task.part, PER_THREAD * max(1, threads))
        if len(pieces) == 1:
            self._await(client.submit(convert_whole, task, model, pure=False), video)
            return
        folder = self._folder(task, [(piece.first, piece.beyond) for piece in pieces])
        video.total, made = len(found.times), []
        for piece in pieces:
            made.append(client.submit(convert_piece, task, model, piece, folder, pure=False))
            self._await(made[-1], video)
        self._await(client.submit(join_pieces, task, found, made, folder, pure=False), video)

    def _folder(self, task: VideoTask, seams: object) -> Path:
        """Where the pieces lie until they are joined: another job finds no other's."""
        states = repr((self.job.fingerprint(), state_of(str(task.source)), seams))
        stamp = hashlib.sha256(states.encode()).hexdigest()[:16]
        return task.target.with_name(f".{task.target.name}.{stamp}.pieces")

    def _failed(self, client: Client, video: _VideoInWork, future: Future) -> None:
        error = future.exception()
        client.cancel(video.pieces)
        for key in [key for key, one in self._videos.items() if one is video]:
            del self._videos[key]
        name = spell(video.task.source)
        if isinstance(error, KilledWorker):
            why = f"{name!r} ended every worker that took it; --overwrite tries it again"
        else:
            why = in_a_line(error, video.task.source)
        self.failures.append((name, why))
        self._note(video, FAILED, why)
        seconds = time.monotonic() - video.began
        self.tell(events.VideoFailed(task=video.task, error=why, seconds=seconds))

    def _note_outcome(self, video: _VideoInWork, outcome: Outcome) -> None:
        self._note(video, DONE, None)
        seconds = time.monotonic() - video.began
        self.tell(events.VideoDone(task=video.task, outcome=outcome, seconds=seconds))

    def _note(self, video: _VideoInWork, status: str, why: str | None) -> None:
        self.tried += 1
        if self.journal is None:
            return
        seconds, now = time.monotonic() - video.began, time.time_ns() // 1000
        row = Row(item=_item(video.task), status=status, error=why, seconds=seconds, finished=now)
        self.journal.add([row])

    def finish(self, asked: int) -> Summary:
        """What became of all."""
        summary = Summary(
            unit=UNIT, asked=asked, failures=self.failures,
            totals=Totals(self.tried, len(self.failures), 0),
        )  # fmt: skip
        self.tell(events.Finished(summary=summary))
        return summary


def _item(task: VideoTask) -> Item:
    source = str(task.source)
    return Item(source, (str(task.target),), *state_of(source))
