"""Find what is wrong with a data set before a network learns it.

Errors are what training would leave out or learn wrongly: missing partners, files that cannot be
read, masks of another shape than their image, images that are in another set too. Warnings are
what is seldom meant: empty masks, all-white masks, duplicates. Files are read just as training and
`figureground evaluate` read them; nothing is changed.

With --model a network is shown every image, and what it sees is held against the mask. Masks that
it contradicts are often wrong, but so is the network at times: look at them (--sheet). One that
learnt from these very masks seldom contradicts them. --sound lists the pairs that can be learnt
from, --doubted those that the network contradicts; every command takes such a file for a folder.

Ends with 1 where there are errors, else with 0, warnings or not.
"""

import argparse
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from figureground.cli.measurement import count
from figureground.cli.progress import Progress
from figureground.counts import counted
from figureground.datasets.check import (
    Inspected,
    Report,
    inspect_all,
    judge,
    suspect_pairs,
    valid_pairs,
)
from figureground.datasets.findings import ERRORS, WARNINGS, Finding
from figureground.datasets.manifest import check_manifest, write_manifest
from figureground.datasets.pair_sheet import draw_pairs
from figureground.datasets.pairs import Pair, Survey, survey
from figureground.engines import Engine, open_engine
from figureground.errors import DataError, UsageError
from figureground.media.encode import write_image
from figureground.media.formats import check_format
from figureground.models.shipped import find_model

SHOWN = 5  # findings of one kind in the table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this tool takes."""
    parser.add_argument(
        "data", nargs="+", type=Path, metavar="DIR|MANIFEST",
        help="data sets; several are checked as one",
    )  # fmt: skip
    parser.add_argument(
        "--against", action="append", default=[], type=Path, metavar="DIR|MANIFEST",
        help="a set that must not share images with these, say the one to be judged by; "
        "may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--model", metavar="NAME|FILE",
        help="ask this network, say lite, which masks are probably wrong",
    )  # fmt: skip
    parser.add_argument(
        "--sound", type=Path, metavar="FILE.csv",
        help="write a manifest (.csv, .jsonl) of the pairs that can be learnt from: without "
        "errors, without masks that are probably wrong, each image once",
    )  # fmt: skip
    parser.add_argument(
        "--doubted", type=Path, metavar="FILE.csv",
        help="write a manifest of the pairs that the network contradicts: masks to mend or, where "
        "they are right, images to learn most from",
    )  # fmt: skip
    parser.add_argument(
        "--json", action="store_true", help="print all findings as JSON in place of the table"
    )
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE.png",
        help="draw images and their people over magenta, those with findings first",
    )  # fmt: skip
    parser.add_argument(
        "--cards", type=count, default=60, metavar="N", help="images on the sheet (default 60)"
    )
    parser.add_argument("--all", action="store_true", help=f"list more than {SHOWN} of a kind")
    parser.add_argument("-q", "--quiet", action="store_true", help="show no progress and no table")


def run(arguments: argparse.Namespace) -> int:
    """Check, and print what was found."""
    if arguments.sheet is not None:
        check_format(arguments.sheet, alpha=False)
    _check_lists(arguments)
    surveys, others = find_surveys(arguments.data), find_surveys(arguments.against)
    pairs, strangers = ([p for s in part for p in s.pairs] for part in (surveys, others))
    progress = Progress(
        len(pairs) + len(strangers), unit="pairs", shown=False if arguments.quiet else None
    )
    engine = None if arguments.model is None else _open(arguments.model)
    inspected = _collect(inspect_all(pairs, engine=engine), progress)
    report = judge(surveys, inspected, _collect(inspect_all(strangers, masks=False), progress))
    progress.finish()
    if arguments.json:
        _print_json(report, arguments)
    elif not arguments.quiet:
        print(_as_text(report, everything=arguments.all))
    if arguments.sheet is not None:
        _write_sheet(report, arguments.sheet, arguments.cards)
    if arguments.sound is not None:
        _write_list(valid_pairs(surveys, report), "sound", report, arguments)
    if arguments.doubted is not None:
        _write_list(suspect_pairs(report), "doubted", report, arguments)
    return 1 if report.errors else 0


def find_surveys(places: Sequence[Path]) -> list[Survey]:
    """Survey each place; of several, names begin with their place's.

    Raises:
        UsageError: a place is given twice.
        DataError: it is no data set.
    """
    if len({os.path.realpath(place) for place in places}) < len(places):
        raise UsageError("a data set is given twice; all its images would be duplicates")
    found = [survey(place) for place in places]
    if len(found) == 1:
        return found
    return [
        replace(
            one,
            pairs=tuple(replace(p, name=f"{one.place}/{p.name}") for p in one.pairs),
            twins={told: f"{one.place}/{name}" for told, name in one.twins.items()},
        )
        for one in found
    ]


def _check_lists(arguments: argparse.Namespace) -> None:
    """See that --sound and --doubted name manifests, and none of the files that are read."""
    if arguments.doubted is not None and arguments.model is None:
        raise UsageError("--doubted lists what a network contradicts: give --model too, say lite")
    taken = {os.path.realpath(place) for place in (*arguments.data, *arguments.against)}
    for option in ("sound", "doubted"):
        path: Path | None = getattr(arguments, option)
        if path is None:
            continue
        check_manifest(path)
        if os.path.realpath(path) in taken:
            raise UsageError(
                f"--{option} would write over {str(path)!r}, which is checked or written already; "
                "give another name"
            )
        taken.add(os.path.realpath(path))


def _open(model: str) -> Engine:
    return open_engine(find_model(model))


def _collect(found: Iterable[Inspected], progress: Progress) -> list[Inspected]:
    collected = []
    for one in found:
        collected.append(one)
        progress.advance()
    return collected


def _print_json(report: Report, arguments: argparse.Namespace) -> None:
    """Everything, for scripts."""
    content: dict[str, Any] = {
        "data": [str(place) for place in arguments.data],
        "against": [str(place) for place in arguments.against],
        "pairs": len(report.inspected),
        "masks": report.kinds,
        "errors": report.errors,
        "warnings": len(report.findings) - report.errors,
        "findings": [
            {"level": "error" if f.is_error else "warning", **asdict(f)} for f in report.findings
        ],
    }
    print(json.dumps(content, indent=2))


def _as_text(report: Report, *, everything: bool) -> str:
    """A table for people."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in report.kinds.items())
    lines = [f"{counted(len(report.inspected), 'pairs')}; masks: {kinds or 'none'}"]
    for kind, group in groupby(report.findings, lambda finding: finding.kind):
        found = list(group)
        level = "ERROR  " if found[0].is_error else "warning"
        lines.append(f"{level}  {len(found)} {kind}: {(ERRORS | WARNINGS)[kind]}")
        shown = found if everything else found[:SHOWN]
        lines += [f"           {_line(finding)}" for finding in shown]
        if len(found) > len(shown):
            lines.append(f"           … and {len(found) - len(shown)} more; --all lists them")
    warnings = len(report.findings) - report.errors
    lines.append(f"{counted(report.errors, 'errors')}, {counted(warnings, 'warnings')}")
    return "\n".join(lines)


def _line(finding: Finding) -> str:
    return f"{finding.name}: {finding.detail}" if finding.detail else finding.name


def _write_sheet(report: Report, path: Path, cards: int) -> None:
    """Pairs with findings first, then others from all over the set."""
    kinds: dict[str, list[str]] = {}
    turns: dict[str, int] = {}
    for _, group in groupby(report.findings, lambda finding: finding.kind):
        for number, finding in enumerate(group):
            kinds.setdefault(finding.name, []).append(finding.kind)
            turns.setdefault(finding.name, number)  # one of each kind, then a second of each
    readable = [one.pair for one in report.inspected if one.size and one.kind]
    odd = sorted((p for p in readable if p.name in kinds), key=lambda p: turns[p.name])[:cards]
    rest = [pair for pair in readable if pair.name not in kinds]
    wanted = cards - len(odd)
    even = rest[:: max(1, len(rest) // max(1, wanted))][: max(0, wanted)]
    chosen = [*odd, *even]
    if not chosen:
        raise DataError("there is no pair that can be read, so there is nothing to draw")
    captions = {pair.name: " ".join([*kinds.get(pair.name, []), pair.name]) for pair in chosen}
    write_image(draw_pairs(chosen, captions), path)


def _write_list(
    pairs: Sequence[Pair], kind: str, report: Report, arguments: argparse.Namespace
) -> None:
    """The manifest of what is `sound` or `doubted`."""
    path = getattr(arguments, kind)
    if not pairs:
        raise DataError(
            f"none of {counted(len(report.inspected), 'pairs')} is {kind}, so {str(path)!r} is not written"
        )
    write_manifest(((pair.image, pair.mask) for pair in pairs), path)
    if not arguments.quiet and not arguments.json:
        print(f"{path}: {counted(len(pairs), 'pairs', of=len(report.inspected))}")
