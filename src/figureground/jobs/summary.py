"""What became of a job: how much of it failed, where nobody is, and lists of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from figureground.errors import FiguregroundError, StyleError
from figureground.jobs.journal import Journal
from figureground.jobs.lists import EMPTY, FAILURES, read_rows, update_list
from figureground.media.remote import spell

__all__ = ["EMPTY", "FAILURES", "Failure", "Summary", "Totals", "in_a_line", "sum_up"]

Failure = tuple[str, str]  # what failed, as its owner wrote it, and why in one line


class Totals(NamedTuple):
    """How many images or videos were tried, and what became of them."""

    tried: int
    failed: int
    empty: int


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What became of images, of videos, or of both."""

    unit: str  # images, videos
    asked: int = 0  # how many were asked for
    done_before: Sequence[str] = ()  # those that were done already
    tried: Sequence[str] = ()  # those that were not
    failures: Sequence[Failure] = ()
    empty: Sequence[tuple[str, str]] = ()  # images that show nobody: source; empty or skipped
    journal: Journal | None = None
    lists: str = ""  # where what failed is listed, or why it is not, as the end of a sentence
    empty_lists: str = ""  # the same of `empty`
    totals: "Totals | None" = None  # where they are too many to be kept one by one

    @property
    def counts(self) -> "Totals":
        """How many were tried, failed, and are empty."""
        return self.totals or Totals(len(self.tried), len(self.failures), len(self.empty))

    @property
    def folder(self) -> Path | None:
        """Where the lists lie; None where there are none, as of a single image."""
        return None if self.journal is None else self.journal.path.parent


def sum_up(summaries: Sequence[Summary]) -> Summary:
    """Put summaries together, and bring the lists beside the journals up to date.

    What was done before and shows nobody counts as empty again.
    """
    told, told_empty = "", ""
    empty = [row for summary in summaries for row in summary.empty]
    for folder in dict.fromkeys(summary.folder for summary in summaries):
        if folder is None:
            continue
        here = [summary for summary in summaries if summary.folder == folder]
        tried = {source for summary in here for source in summary.tried}
        done_before = {source for summary in here for source in summary.done_before}
        failures = [failure for summary in here for failure in summary.failures]
        told += update_list(folder / FAILURES, failures, seen=tried | done_before)
        empty += [row for row in read_rows(folder / EMPTY) if row[0] in done_before]
        found = [row for summary in here for row in summary.empty]
        told_empty += update_list(folder / EMPTY, found, seen=tried)
    return Summary(
        unit=" and ".join(summary.unit for summary in summaries),
        asked=sum(summary.asked for summary in summaries),
        done_before=[source for summary in summaries for source in summary.done_before],
        tried=[source for summary in summaries for source in summary.tried],
        failures=[failure for summary in summaries for failure in summary.failures],
        empty=empty,
        journal=summaries[0].journal,
        lists=told,
        empty_lists=told_empty,
    )


def in_a_line(error: Exception, source: Path) -> str:
    """Why a source failed; what is asked for of all is told of the one that it does not fit."""
    if isinstance(error, StyleError):
        return f"{spell(source)}: {error}"
    if isinstance(error, FiguregroundError):
        return str(error)
    return f"{spell(source)}: {type(error).__name__}: {error}"
