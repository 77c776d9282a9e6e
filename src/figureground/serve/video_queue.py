"""The queue of videos, by huey: SQLite in the service's folder, or Redis where its URL is given.

huey says which video is next, to one service or to several that share a Redis and a folder. Whether
there is something left to do is told by the video's own folder, under a lock: so what a killed
service had taken is begun again, and what is told twice is done once.
"""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from huey import RedisHuey, SqliteHuey
from huey.exceptions import ConfigurationError

from figureground.errors import FiguregroundError, UsageError
from figureground.resources import default_budget
from figureground.serve import logs
from figureground.serve.process_memory import ROOM, memory_of
from figureground.serve.settings import ServeSettings
from figureground.serve.video_child import BUSY
from figureground.serve.video_store import DONE, ENDED, FAILED, QUEUED, RUNNING, UPLOADING, Store

LOOK = 0.2  # seconds between two looks at the queue, or at a process
TIDY = 30.0  # seconds between two looks at what has expired
TWICE = 2
CHILD = [sys.executable, "-m", "figureground.serve.video_child"]


class TooMuchError(Exception):
    """A video takes more time or memory than the service allows."""


class VideoQueue:
    """Works on one video at a time, in a process each; the thread that waits for it is its own."""

    def __init__(self, settings: ServeSettings, store: Store) -> None:
        """Open the queue. Raises UsageError where Redis's client is missing."""
        self._settings, self._store = settings, store
        self._most = (settings.max_memory or default_budget()) + ROOM
        self._huey = _open(settings)
        self._task = self._huey.task(name="figureground-video")(self._do)
        self._stop = threading.Event()
        self._missed: set[str] = set()  # that could not be queued
        self._thread = threading.Thread(target=self._loop, name="videos", daemon=True)

    def start(self) -> None:
        """Queue what a service that ended had taken, and begin."""
        for record in self._store.all():
            if record.state in (QUEUED, RUNNING):
                self.submit(record.id)
        self._thread.start()

    def close(self) -> None:
        """Stop; a video in work goes on from there with the next start."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def submit(self, id: str) -> None:
        """Queue one; where the queue cannot be written now, as soon as it can."""
        try:
            self._task(id)
        except Exception:  # noqa: BLE001 - of SQLite, of Redis, of huey
            logs.LOGGER.warning("the queue of videos cannot be written; it is tried again")
            self._missed.add(id)

    @property
    def waiting(self) -> int:
        """How many are to be done, those in work or still coming in included."""
        return sum(record.state not in ENDED for record in self._store.all())

    def _loop(self) -> None:
        pause = 0.0
        while not self._stop.wait(LOOK):
            pause -= LOOK
            if pause <= 0:
                self._store.expire(self._settings.keep_seconds)
                pause = TIDY
            for id in list(self._missed):
                self._missed.discard(id)
                self.submit(id)
            try:
                task = self._huey.dequeue()
                if task is not None:
                    self._huey.execute(task)
            except Exception:  # noqa: BLE001 - of SQLite, of Redis, of huey
                logs.LOGGER.exception("the queue of videos cannot be read; it is tried again")
                self._stop.wait(1.0)

    def _do(self, id: str) -> None:
        """Do one, if there is something left to do."""
        try:
            record = self._store.read(id)
            if self._store.is_cancelled(id):
                self._store.remove(id)
            elif record.state not in (*ENDED, UPLOADING):
                self._store.change(id, state=RUNNING)
                logs.tell("video_begun", id=id[:6])
                self._note_outcome(id, self._run(id))
        except KeyError:
            return  # removed
        except TooMuchError as error:
            self._store.end(id, FAILED, error=str(error))
        except (OSError, FiguregroundError):  # a full disk, say
            logs.LOGGER.exception("a video waits, as its folder cannot be written")
            self._stop.wait(1.0)
            self._missed.add(id)

    def _run(self, id: str) -> int | None:
        """Let a process work on it; returns its exit code, None where it was stopped.

        Raises TooMuchError where it was ended for its time or memory.
        """
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109
        with subprocess.Popen(
            [*CHILD, str(self._store.path(id))], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        ) as process:  # fmt: skip
            until = time.monotonic() + self._settings.max_video_seconds
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return process.wait(LOOK)
                too_much = self._too_much(process.pid, until)
                if too_much or self._stop.is_set() or self._store.is_cancelled(id):
                    process.kill()
                    process.wait()
                    if too_much:
                        raise TooMuchError(f"{too_much}; send a shorter or a smaller one")
                    return None

    def _too_much(self, pid: int, until: float) -> str:
        """What a process takes too much of, as words."""
        if time.monotonic() > until:
            return f"it takes longer than {self._settings.max_video_seconds:g} seconds"
        if memory_of(pid) > self._most:
            return f"it needs more than {self._most // 1_000_000} MB of memory"
        return ""

    def _note_outcome(self, id: str, code: int | None) -> None:
        """Note what became of it."""
        if self._store.is_cancelled(id):
            self._store.remove(id)
            return
        if code is None or code == BUSY:
            if self._store.read(id).state not in ENDED:  # by another service
                self._store.change(id, state=QUEUED)
                self._missed.update([id] if code == BUSY else [])
            return
        outcome = self._outcome(id)
        if outcome is None:
            self._note_death(id, code)
        elif outcome.get("error"):
            self._store.end(id, FAILED, error=outcome["error"])
        else:
            self._store.end(id, DONE, result=outcome["result"], notes=outcome.get("notes", []))

    def _outcome(self, id: str) -> dict[str, Any] | None:
        with suppress(OSError, ValueError):
            path = self._store.path(id) / "outcome.json"
            found: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return found
        return None

    def _note_death(self, id: str, code: int) -> None:
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        deaths = self._store.read(id).deaths + 1
        if deaths >= TWICE:
            error = f"two processes that worked on it ended ({how}); it is damaged or too large"
            self._store.end(id, FAILED, error=error, deaths=deaths)
            return
        self._store.change(id, state=QUEUED, deaths=deaths)
        self.submit(id)


def _open(settings: ServeSettings) -> Any:
    if settings.redis is None:
        path = settings.folder / "queue.sqlite3"
        return SqliteHuey("figureground", filename=str(path), results=False, timeout=2)
    try:
        return RedisHuey("figureground", url=settings.redis, results=False)
    except (ImportError, ConfigurationError) as error:
        raise UsageError("--redis needs one more package: pip install redis") from error
    except ValueError as error:
        raise UsageError(f"--redis is a URL such as redis://host:6379/0: {error}") from error
