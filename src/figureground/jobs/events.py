"""What a job tells while it runs, so that a bar, a log or a page can show it."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from figureground.media.naming import Task

if TYPE_CHECKING:
    from figureground.jobs.cutout import Presence
    from figureground.jobs.style import Size
    from figureground.jobs.summary import Summary
    from figureground.jobs.video import Outcome, VideoTask


class Planned(NamedTuple):
    """One image or video in a dry run, and whether it is done already."""

    task: Task
    unit: str  # images, videos
    done: bool


class PassedOver(NamedTuple):
    """Files of folders that are no images, nor videos where these are looked for, and results."""

    counts: Counter[str]  # by ending
    results: int = 0  # earlier results, by their names or by a journal


class Begun(NamedTuple):
    """Work begins."""

    unit: str
    total: int | None  # how many are left to do; None where nobody knows yet
    done: int  # how many are done already


class AlreadyDone(NamedTuple):
    """One image or video needs nothing."""

    task: Task
    unit: str


class ImageDone(NamedTuple):
    """Results of an image are written; or it shows nobody, and none are where that is asked for."""

    task: Task
    seconds: float
    size: "Size"  # rows and columns
    presence: "Presence"
    written: bool = True
    notes: tuple[str, ...] = ()  # what reading it could not keep


class ImageFailed(NamedTuple):
    """An image could not be read or written."""

    task: Task
    error: str  # why, in one line
    seconds: float
    size: "Size | None" = None  # as far as it was read
    presence: "Presence | None" = None


class VideoBegun(NamedTuple):
    """Work on a video begins."""

    task: "VideoTask"


class VideoProgress(NamedTuple):
    """So many frames of a video are written."""

    task: "VideoTask"
    frames: int
    total: int | None  # None where nobody knows


class VideoDone(NamedTuple):
    """A video is written."""

    task: "VideoTask"
    outcome: "Outcome"
    seconds: float | None = None  # of work; None where another process did it


class VideoFailed(NamedTuple):
    """A video could not be read or written."""

    task: "VideoTask"
    error: str  # why, in one line
    seconds: float | None = None  # as of `VideoDone`


class VideoCutShort(NamedTuple):
    """A video was interrupted; the part that was done by then is a file that plays."""

    task: "VideoTask"


class Note(NamedTuple):
    """A line about the job as a whole."""

    text: str


class Interrupted(NamedTuple):
    """Somebody pressed Ctrl-C; KeyboardInterrupt follows."""

    unit: str
    done: int
    total: int | None  # None where nobody knows


class Ended(NamedTuple):
    """Work on all images, or on all videos, has ended."""

    unit: str


class Finished(NamedTuple):
    """All is done, in a watched folder: all of what was there."""

    summary: "Summary"


Event: TypeAlias = (
    Planned | PassedOver | Begun | AlreadyDone | ImageDone | ImageFailed | VideoBegun | VideoProgress | VideoDone
    | VideoFailed | VideoCutShort | Note | Interrupted | Ended | Finished
)  # fmt: skip
Tell = Callable[[Event], object]
