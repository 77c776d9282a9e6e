"""One service: its workers, its queue, its counts, and how an image goes through it."""

from time import perf_counter
from typing import Any

from starlette.requests import Request

from figureground.serve.admission import Admission
from figureground.serve.deaths import Deaths
from figureground.serve.metrics import Metrics
from figureground.serve.pool import Answer, Pool, WorkerDiedError
from figureground.serve.problems import Problem
from figureground.serve.settings import ServeSettings
from figureground.serve.video_queue import VideoQueue
from figureground.serve.video_store import Store


class House:
    """What all requests share."""

    def __init__(self, settings: ServeSettings) -> None:
        """Prepare it; the pool is started with the service."""
        self.settings = settings
        self.metrics = Metrics()
        self.pool = Pool(settings)
        self.admission = Admission(workers=settings.workers, queue=settings.queue)
        self.deaths = Deaths()
        self.store = Store(settings.folder)
        self.videos = VideoQueue(settings, self.store)
        self.is_closing = False

    def now(self) -> dict[str, float]:
        """What the metrics call gauges."""
        return {
            "inside": self.admission.inside,
            "working": self.pool.busy,
            "workers": self.pool.alive,
            "worker_deaths": self.pool.deaths,
            "worker_bytes": self.pool.memory(),
            "videos_waiting": self.videos.waiting,
        }

    async def work(
        self, request: Request, header: dict[str, Any], files: dict[str, bytes]
    ) -> Answer:
        """Let a worker answer a request that has a place in the queue.

        Raises:
            Problem: what the worker refused, or that it died.
        """
        subject = files.get("image") or str(header.get("url")).encode()
        self.deaths.check(subject)
        began = perf_counter()
        try:
            answer = await self.pool.work({**header, "files": list(files)}, list(files.values()))
        except WorkerDiedError as error:
            raise self.deaths.note(subject, str(error), retry_after=self.admission.wait) from error
        told = answer.header
        seconds = told.get("seconds")
        if seconds is not None:
            self.admission.note(seconds)
            self.metrics.work.observe(seconds)
            wait = perf_counter() - began - seconds
            request.state.told = {"work": round(seconds, 3), "wait": round(wait, 3)}
        if told["state"] == "refused":
            raise Problem(told["status"], told["code"], told["detail"])
        return answer
