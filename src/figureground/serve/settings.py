"""Settings of a service: where it listens, how much it takes, what it allows."""

from dataclasses import dataclass
from pathlib import Path

from figureground.errors import UsageError
from figureground.models.shipped import MODEL, VIDEO_MODEL, find_model

PORT = 8000
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, kw_only=True)
class ServeSettings:
    """What `figureground serve` was asked for."""

    host: str = LOOPBACK[0]
    port: int = PORT  # 0 takes one that is free
    workers: int = 1  # processes, one image at a time each
    queue: int = 32  # images that may wait for a worker, and videos that may wait
    max_bytes: int = 50_000_000  # of a request
    max_video_bytes: int = 2_000_000_000
    max_pixels: int | None = None  # as of `ImageJob`
    max_memory: int | None = (
        None  # bytes that a process may take for one image or video; None: its share
    )
    max_seconds: float = 60.0  # of work on one image
    max_video_seconds: float = 21_600.0  # of work on one video
    upload_seconds: float = 30.0  # that a client may be silent, or send next to nothing
    keep_seconds: float = 86_400.0  # that a finished video is kept
    models: tuple[str, ...] = (
        MODEL,
        VIDEO_MODEL,
    )  # networks that may be asked for, the usual first
    folder: Path = Path("figureground-serve")  # uploads, videos and their queue lie in it
    redis: str | None = None  # URL of a queue that several services share
    token_file: Path | None = None  # None: whoever reaches the port may use it
    root_path: str = ""  # of the URL, where a proxy puts the service below one
    fetch: bool = False  # whether images are fetched from URLs

    def __post_init__(self) -> None:
        least = {"workers": 1, "queue": 0, "max_bytes": 1, "max_video_bytes": 1, "port": 0}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise UsageError(f"--{name.replace('_', '-')} is {low} or more")
        for name in ("max_seconds", "max_video_seconds", "upload_seconds", "keep_seconds"):
            if not getattr(self, name) > 0:
                raise UsageError(f"--{name.replace('_', '-')} is above 0 seconds")
        if not self.models:
            raise UsageError("a service needs a network")
        for model in self.models:
            find_model(model)
        if self.root_path and not self.root_path.startswith("/"):
            raise UsageError(f"--root-path begins with a slash, got {self.root_path!r}")

    @property
    def is_open(self) -> bool:
        """Whether other machines may reach it without a token."""
        return self.host not in LOOPBACK and self.token_file is None
