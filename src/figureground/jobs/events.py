"""What a job tells while it runs, so that a bar, a log or a page can show it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from figureground.media.naming import Task

if TYPE_CHECKING:
    from figureground.jobs.cutout import Presence
    from figureground.jobs.style import Size
    from figureground.jobs.summary import Summary
    from figureground.jobs.video import Outcome, VideoTask


@dataclass(frozen=True, kw_only=True, eq=False)
class Planned:
    """One image or video in a dry run, and whether it is done already."""

    task: Task
    unit: str  # images, videos
    done: bool


@dataclass(frozen=True, kw_only=True)
class PassedOver:
    """Files of folders that are no images, nor videos where these are looked for, and results."""

    counts: Counter[str]  # by ending
    results: int = 0  # earlier results, by their names or by a journal


@dataclass(frozen=True, kw_only=True, eq=False)
class Begun:
    """Work begins."""

    unit: str
    total: int | None  # how many are left to do; None where nobody knows yet
    done: int  # how many are done already


@dataclass(frozen=True, kw_only=True, eq=False)
class AlreadyDone:
    """One image or video needs nothing."""

    task: Task
    unit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageDone:
    """Results of an image are written; or it shows nobody, and none are where that is asked for."""

    task: Task
    seconds: float
    size: "Size"  # rows and columns
    presence: "Presence"
    written: bool = True
    notes: tuple[str, ...] = ()  # what reading it could not keep

    @property
    def empty(self) -> bool:
        """Whether there is nobody in it."""
        return self.presence.empty


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageFailed:
    """An image could not be read or written."""

    task: Task
    error: str  # why, in one line
    seconds: float
    size: "Size | None" = None  # as far as it was read
    presence: "Presence | None" = None


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoBegun:
    """Work on a video begins."""

    task: "VideoTask"


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoProgress:
    """So many frames of a video are written."""

    task: "VideoTask"
    frames: int
    total: int | None  # None where nobody knows


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoDone:
    """A video is written."""

    task: "VideoTask"
    outcome: "Outcome"
    seconds: float | None = None  # of work; None where another process did it


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoFailed:
    """A video could not be read or written."""

    task: "VideoTask"
    error: str  # why, in one line
    seconds: float | None = None  # as of `VideoDone`


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoCutShort:
    """A video was interrupted; the part that was done by then is a file that plays."""

    task: "VideoTask"


@dataclass(frozen=True, kw_only=True, eq=False)
class Note:
    """A line about the job as a whole."""

    text: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Interrupted:
    """Somebody pressed Ctrl-C; KeyboardInterrupt follows."""

    unit: str
    done: int
    total: int | None  # None where nobody knows


@dataclass(frozen=True, kw_only=True, eq=False)
class Ended:
    """Work on all images, or on all videos, has ended."""

    unit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Finished:
    """All is done, in a watched folder: all of what was there."""

    summary: "Summary"


Event: TypeAlias = (
    Planned | PassedOver | Begun | AlreadyDone | ImageDone | ImageFailed | VideoBegun | VideoProgress | VideoDone
    | VideoFailed | VideoCutShort | Note | Interrupted | Ended | Finished
)  # fmt: skip
Tell = Callable[[Event], object]
