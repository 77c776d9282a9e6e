"""Tell what became of a large job, by the journal among its results.

  figureground jobs s3://shop/cut            how much is done, how fast, what failed and why
  figureground jobs cutouts/ --retry         the same command again, of what failed alone

It is for jobs on a cluster (`figureground remove --cluster`), whose journal is the folder
.figureground-journal of Parquet files. DuckDB, pandas and others read it, too.
"""

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from figureground.cli.progress import span
from figureground.cluster.connect import need_extra
from figureground.counts import counted
from figureground.errors import FileError, UsageError

if TYPE_CHECKING:
    from figureground.cluster.report import JournalReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the results are, or a URL")
    parser.add_argument("--retry", action="store_true", help="do again what failed")
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="with --retry, where (default as the last time)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print what is known, or do again what failed; returns the exit code."""
    need_extra()
    if arguments.cluster and not arguments.retry:
        raise UsageError("--cluster says where to --retry; without that nothing is done")
    if arguments.retry:
        return _retry(arguments)
    from figureground.cluster.report import open_journal, report_on

    report = report_on(open_journal(arguments.folder))
    if arguments.json:
        print(json.dumps(as_json(report)))
    else:
        print(*lines_of(report), sep="\n")
    return 0


def _retry(arguments: argparse.Namespace) -> int:
    """Do again what failed, as the command said that began the job."""
    from figureground.cli import parse
    from figureground.cli.remove import remove_on_cluster
    from figureground.cluster.command import read_command
    from figureground.cluster.report import failed_items, open_journal

    journal = open_journal(arguments.folder)
    words, folder = read_command(journal.folder)
    items = failed_items(journal)
    if not items:
        print("nothing failed")
        return 0
    os.chdir(folder)  # where paths of that command are relative to
    again = parse([*words, *(["--cluster", arguments.cluster] if arguments.cluster else [])])
    if again.verb != "remove":
        raise FileError(f"{str(journal.folder)!r} is damaged: it began with {again.verb!r}")
    return remove_on_cluster(again, items=items)


def lines_of(report: "JournalReport") -> list[str]:
    """A report as lines of text."""
    empty = report.statuses["empty"] + report.statuses["skipped"]
    failed = report.reasons.total()
    lines = [
        f"{counted(report.done, 'images')} done, {empty} of them without people; {failed} failed",
        f"{counted(len(report.workers), 'workers')}, {span(report.seconds)} of work"
        + _rates(report),
    ]
    for reason, count in report.reasons.most_common():
        shown = ", ".join(report.examples[reason])
        lines += [f"{count} failed: {reason}", f"    such as {shown}"]
    lines += [f"{seconds:.1f} s: {source}" for seconds, source in report.slowest]
    lines += [f"nobody in {source}" for source in report.empties]
    return lines


def _rates(report: "JournalReport") -> str:
    work = report.done / report.seconds * 3600 if report.seconds else 0.0
    wall = report.done / report.span * 3600 if report.span else 0.0
    return f": {work:,.0f} an hour a core, {wall:,.0f} an hour in all" if work and wall else ""


def as_json(report: "JournalReport") -> dict[str, object]:
    """A report for programs."""
    return {
        "done": report.done,
        "statuses": dict(report.statuses),
        "seconds": round(report.seconds, 3),
        "span": round(report.span, 3),
        "workers": len(report.workers),
        "reasons": [
            {"reason": reason, "count": count, "examples": report.examples[reason]}
            for reason, count in report.reasons.most_common()
        ],
        "slowest": [{"seconds": seconds, "source": source} for seconds, source in report.slowest],
        "empties": report.empties,
    }
