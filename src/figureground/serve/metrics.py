"""What Prometheus is told: requests, times, memory, deaths."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 120)  # seconds


class Metrics:
    """Counts of one service."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.registry = CollectorRegistry()
        labels = ["route", "method", "status"]
        self.requests = Counter(
            "figureground_requests", "Requests answered.", labels, registry=self.registry
        )
        self.seconds = Histogram(
            "figureground_request_seconds", "Seconds from a request's head to its answer's end.",
            ["route"], buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.work = Histogram(
            "figureground_work_seconds", "Seconds of work on one image, without waiting.",
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._gauges = {
            name: Gauge(f"figureground_{name}", about, registry=self.registry)
            for name, about in (
                ("inside", "Requests in work or waiting."),
                ("working", "Workers that are in work."),
                ("workers", "Workers that are alive."),
                ("worker_deaths", "Workers that ended before they answered, since the start."),
                ("worker_bytes", "Memory of all workers, bytes."),
                ("videos_waiting", "Videos that wait for their turn."),
            )
        }

    def answered(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Note one request."""
        self.requests.labels(route, method, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def text(self, **now: float) -> bytes:
        """All of it as Prometheus reads it; `now` are the gauges, by name."""
        for name, value in now.items():
            self._gauges[name].set(value)
        return generate_latest(self.registry)
