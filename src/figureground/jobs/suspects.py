"""Files that a process died on are tried again in a process of their own, one at a time.

A job that finds in its journal that its process died cannot know which of the files in work it died
of, nor whether it was the file's fault: somebody may have ended it. So those files come first, in
another process. If that one dies while this one lives, the file is to blame; it is noted, and left
out from then on. If this one is ended too, nothing is concluded.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, Any, NamedTuple

from figureground.jobs.bookkeeping import Bookkeeper
from figureground.jobs.events import Note, Tell, VideoBegun, VideoProgress
from figureground.jobs.job import ImageJob, Job
from figureground.jobs.summary import in_a_line
from figureground.media.naming import Task

COMMAND = [sys.executable, "-m", "figureground.jobs.suspects"]
READY = "ready"
STEP = 10  # frames between two reports


def try_suspects(
    job: Job, tasks: Sequence[Any], keeper: Bookkeeper, tell: Tell
) -> Generator[tuple[Any, Any, str | None]]:
    """Do tasks in another process; yield each, what came of it, and why it failed.

    Args:
        job: on images, with each a `Task`; or on videos, with each a `VideoTask`.
        tasks: the suspects.
        keeper: notes what a process dies on.
        tell: is told how far a video is; and where no other process can be had, in which case the
            rest is not tried, and is to be done here.
    """
    waiting = []
    for task in tasks:
        if keeper.is_left_out(task) and not job.overwrite:
            yield task, None, _left_out(task.source)
        else:
            waiting.append(task)
    while waiting:
        how = ""
        with _Trial(job, waiting, tell) as trial:
            if not trial.is_ready:
                tell(Note(text="no other process can be started, so what the last one may have "
                          "died of is tried in this one"))  # fmt: skip
                return
            while waiting:
                task = waiting[0]
                keeper.take(task)
                answer = trial.answer(task)
                if answer is None:
                    how = trial.how_it_ended()
                    break
                waiting.pop(0)
                yield task, *answer
        if waiting:
            task = waiting.pop(0)
            keeper.died(task, how)
            yield task, None, _died(task.source, how)


def _left_out(source: Path) -> str:
    return (
        f"{str(source)!r} is left out, since it ended the process that worked on it; --overwrite "
        "tries it again"
    )


def _died(source: Path, how: str) -> str:
    return (
        f"{str(source)!r} ended the process that worked on it ({how}); it is left out from now "
        "on, and --overwrite tries it again"
    )


class _Progress(NamedTuple):
    """How far a video is."""

    frames: int
    total: int | None


class _Trial:
    """The other process."""

    def __init__(self, job: Job, tasks: Sequence[Any], tell: Tell) -> None:
        self._tell = tell
        paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
        self._process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
        self._in, self._out = self._process.stdin, self._process.stdout
        with suppress(BrokenPipeError):
            pickle.dump((job, list(tasks)), self._in)  # type: ignore[arg-type]
            self._in.flush()  # type: ignore[union-attr]

        self.is_ready = self._hear() == READY

    def __enter__(self) -> "_Trial":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]

    def answer(self, task: Any) -> Any:
        """What becomes of a task; None if the process has died."""
        if not isinstance(task, Task):
            self._tell(VideoBegun(task=task))
        while isinstance(heard := self._hear(), _Progress):
            self._tell(VideoProgress(task=task, frames=heard.frames, total=heard.total))
        return heard

    def _hear(self) -> Any:
        try:
            return pickle.load(self._out)  # type: ignore[arg-type]
        except (EOFError, pickle.UnpicklingError):
            return None

    def how_it_ended(self) -> str:
        """The signal or the exit code, in words."""
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def main() -> None:
    """Be the other process: read a job and tasks, and write what becomes of each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asked ends this one
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    job, tasks = pickle.load(sys.stdin.buffer)
    end_with_parent(sys.stdin.buffer)
    _say(answers, READY)
    work = _image_worker(job) if isinstance(job, ImageJob) else _video_worker(job, answers)
    for task in tasks:
        try:
            answer = work(task)
        except Exception as error:  # noqa: BLE001 - any error is the file's, not the job's
            answer = (None, in_a_line(error, task.source))
        _say(answers, answer)


def end_with_parent(stream: IO[bytes]) -> None:
    """End this process, from now on, with the one that holds the other end of a pipe."""

    def follow() -> None:
        while os.read(stream.fileno(), 1):
            pass
        os._exit(1)

    Thread(target=follow, daemon=True).start()


def _say(answers: IO[bytes], answer: object) -> None:
    pickle.dump(answer, answers)
    answers.flush()


def _image_worker(job: ImageJob) -> Any:

    from figureground.jobs.image_batch import load_removers, writer_for
    from figureground.jobs.workers import remove_one

    (remover,), write = load_removers(job, 1), writer_for(job)

    def work(task: Any) -> Any:
        result = remove_one(task, remover, write)
        why = None if result.error is None else in_a_line(result.error, task.source)
        return result._replace(error=None), why

    return work


def _video_worker(job: Any, answers: IO[bytes]) -> Any:
    from figureground.jobs.video import convert_video
    from figureground.jobs.video_batch import open_network

    engine = open_network(job)

    def progress(frames: int, total: int | None) -> None:
        if frames % STEP == 0:
            _say(answers, _Progress(frames, total))

    return lambda task: (convert_video(task, engine, progress), None)


if __name__ == "__main__":
    with suppress(BrokenPipeError, EOFError):  # the process that asked is no more
        main()
