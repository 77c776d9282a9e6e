"""What becomes of one image or video on a cluster: a row of the journal."""

from typing import NamedTuple

DONE, EMPTY, SKIPPED = "done", "empty", "skipped"  # empty: written, but there is nobody in it
FAILED, DIED = "failed", "died"  # died: it ended the processes that worked on it
EXISTS = "exists"  # its results are there, and nothing was done; in no journal
SETTLED = (DONE, EMPTY, SKIPPED)


class Item(NamedTuple):
    """An image or video that is to be worked on, and its state when it was found."""

    source: str  # as `figureground.media.remote` names remote files
    outputs: tuple[str, ...]  # in the order of the job's kinds
    size: int | None = None  # bytes; None where nobody knows
    modified: int | None = None  # microseconds since 1970


class Row(NamedTuple):
    """What became of an item."""

    item: Item
    status: str
    error: str | None = None
    seconds: float = 0.0  # of work
    share: float | None = None  # of the image that people cover, 0 to 1
    confidence: float | None = None
    shape: tuple[int, int] | None = None  # rows and columns
    notes: tuple[str, ...] = ()  # what reading it could not keep
    finished: int = 0  # microseconds since 1970
    worker: str = ""  # host and process
