"""Which files of a folder are images, which are videos, and which are passed over."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from figureground.counts import are, counted
from figureground.media.format_row import IMAGE, VIDEO
from figureground.media.format_table import FORMATS
from figureground.media.formats import endings_of, kind_of
from figureground.media.places import split_name
from figureground.media.remote import is_remote

if TYPE_CHECKING:
    from figureground.media.walk import Found

OWN = "figureground-"  # how our own files beside results begin
SHOWN = 5  # endings that are told


@dataclass(kw_only=True)
class Sorted:
    """What the files of a folder are."""

    images: "list[Found]" = field(default_factory=list)
    videos: "list[Found]" = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)  # others, by ending
    results: int = 0  # those named as results


def sort_files(
    files: "Iterable[Found]", *, image_kinds: Iterable[str], video_kinds: Iterable[str] | None
) -> Sorted:
    """Sort files by their endings; where these do not tell, by their first bytes.

    Hidden files, those named as results, and our own notes are none of all.

    Args:
        files: all of a folder or a pattern.
        image_kinds: files such as `photo.cutout.png`, for each, are results.
        video_kinds: the same of videos; None passes videos over.
    """
    results = {
        IMAGE: {f".{kind}" for kind in image_kinds},
        VIDEO: {f".{kind}" for kind in video_kinds or ()},
    }
    known = _known_endings()
    found = Sorted()
    for one in files:
        name = one.text[one.text.rfind(os.sep) + 1 :]
        if name.startswith(".") or (f"{os.sep}." in one.text and _is_below_hidden(one)):
            continue
        stem, ending = split_name(name)
        ending = ending.lower()
        kind = known.get(ending) or _told(one.text, ending)
        if kind == VIDEO and video_kinds is None:
            kind = None
        if kind is None:
            found.passed[ending] += not name.startswith(OWN)
        elif split_name(stem)[1].lower() not in results[kind]:
            (found.images if kind == IMAGE else found.videos).append(one)
        else:
            found.results += 1
    return found


def passed_over(counts: Counter[str], results: int = 0) -> str:
    """Tell how many files are passed over: "3 files are not read and passed over: 2 .txt, 1 .md".

    Args:
        counts: of files that are not read, by ending.
        results: how many earlier results there are.
    """
    number = counts.total()
    earlier = counted(results, "earlier results")
    if not number:
        return f"{earlier} {are(results)} passed over"
    parts = [f"{count} {ending or 'without an ending'}" for ending, count in counts.most_common()]
    more = ", …" if len(parts) > SHOWN else ""
    others = f"; so {are(results)} {earlier}" if results else ""
    what = f"{counted(number, 'files')} {are(number)} not read and passed over"
    return f"{what}: {', '.join(parts[:SHOWN])}{more}{others}"


def _known_endings() -> dict[str, str]:
    """IMAGE or VIDEO by ending, of those that are no other files' too."""
    unsure = {ending for row in FORMATS.values() if row.unsure for ending in row.endings}
    kinds = ((kind, ending) for kind in (IMAGE, VIDEO) for ending in endings_of(kind))
    return {ending: kind for kind, ending in kinds if ending not in unsure}


def _told(path: str, ending: str) -> str | None:
    """What a file is whose ending is none, or not only a format's; None of all others, unopened."""
    if is_remote(path) or (ending and not _is_unsure(ending)):
        return None
    return kind_of(Path(path), named=False)


def _is_unsure(ending: str) -> bool:
    return any(ending in row.endings for row in FORMATS.values() if row.unsure)


def _is_below_hidden(one: "Found") -> bool:
    return any(part.startswith(".") for part in Path(one.inside).parts)
