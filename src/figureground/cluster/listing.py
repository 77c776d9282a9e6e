"""What a job is about, found bit by bit: of fifty million files, some thousand are known at once."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from figureground.errors import FileError, ImageError
from figureground.jobs.bookkeeping import results_of
from figureground.jobs.job import Job, VideoJob
from figureground.jobs.journal import stamp
from figureground.jobs.kinds import OUTPUTS, video_kinds
from figureground.jobs.planning import sources_of
from figureground.jobs.prefetch import prefetch
from figureground.media.paths import list_folder
from figureground.media.remote import file_system, is_remote
from figureground.media.sorting import Sorted
from figureground.media.walk import Found, Inputs, Search, Tree, each_folder, find_inputs, sort_tree

PAGE = 1000  # objects that a store tells at once
NAMED = 10_000  # named files that are planned together
TIMES = ("LastModified", "mtime", "updated", "last_modified", "created")  # as protocols call it


class State(NamedTuple):
    """What tells that a file has changed."""

    size: int | None  # bytes
    modified: int | None  # microseconds since 1970


@dataclass(kw_only=True)
class Chunk:
    """Images and videos that are planned together: no others have names like theirs."""

    found: Sorted
    states: dict[str, State] = field(default_factory=dict)  # by path; of others nobody has looked
    names: dict[str, list[str]] = field(default_factory=dict)  # of all files, by walked folder
    named: bool = False  # its files were given one by one

    def state(self, path: str) -> State:
        """The state of one of its files."""
        return self.states.get(path) or state_of(path)


def each_chunk(job: Job, *, videos: bool) -> Iterator[Chunk]:
    """What is meant by a job's inputs, in their order.

    videos: whether videos are looked for; those that are far away are only found if they are named.
    Raises:
        ImageError: a folder cannot be searched.
        UsageError: nothing is given.
    """
    search = _search_of(job, videos=videos)
    named: list[Path] = []
    for given in sources_of(job):
        chunks = _folder(given, search)
        if chunks is None:
            named.append(given)
            if len(named) == NAMED:
                yield _named(named, search)
                named = []
            continue
        if named:
            yield _named(named, search)
            named = []
        yield from chunks
    if named:
        yield _named(named, search)


def find_videos(job: VideoJob) -> tuple[Inputs, bool]:
    """The videos that a job is about, and whether there may be images, too.

    Those in folders that are far away are not looked for.
    """
    found, others = Inputs(), False
    for given in sources_of(job):
        one = replace(job, inputs=given, listed=None)
        if is_remote(given) and _folder(given, _search_of(one, videos=True)) is not None:
            found.given.append(given)
            others = True
            continue
        for chunk in each_chunk(one, videos=True):
            found.videos += chunk.found.videos
            found.names |= chunk.names if chunk.found.videos else {}
            found.given += [] if chunk.named else [given]
            others = others or bool(chunk.found.images)
    return found, others


def _search_of(job: Job, *, videos: bool) -> Search:
    root = job.list_root
    if root is None and job.listed is not None:
        root = list_folder(job.listed)
    kinds = video_kinds() if videos else None
    sequences = isinstance(job, VideoJob) and job.sequence
    return Search(
        image_kinds=OUTPUTS, video_kinds=kinds, sequences=sequences, below=root, filling=True,
        results_of=results_of,
    )  # fmt: skip


def _named(paths: Sequence[Path], search: Search) -> Chunk:
    """Files that are named, and patterns."""
    found = find_inputs(paths, search)
    both = Sorted(images=found.images, videos=found.videos, passed=found.passed)
    both.results = found.results
    return Chunk(found=both, names=found.names, named=True)


def _folder(given: Path, search: Search) -> Iterator[Chunk] | None:
    """The files of a folder, remote or not; None of what is no folder."""
    if not is_remote(given):
        if not os.path.isdir(given) or search.sequences:
            return None
        return _local(given, search)
    with file_system("list", given) as (system, place):
        if not system.isdir(place):
            return None
    return _remote(given, search)


def _local(given: Path, search: Search) -> Iterator[Chunk]:
    """A chunk a folder."""
    for tree in each_folder(str(given)):
        found = sort_tree(tree, search)
        found.images += [Found(path, tree.root) for path in tree.closed]  # reading says why
        yield Chunk(found=found, names=tree.names)


def _remote(given: Path, search: Search) -> Iterator[Chunk]:
    """Objects in the order of their names, cut where names begin differently."""
    held: list[tuple[str, State]] = []
    with closing(prefetch(_pages(given))) as pages:  # while batches are handed out
        for page in pages:
            held += page
            cut = _cut(held)
            if cut:
                yield _chunk(given, held[:cut], search)
                held = held[cut:]
    if held:
        yield _chunk(given, held, search)


def _pages(given: Path) -> Iterator[list[tuple[str, State]]]:
    objects = _objects(given)
    while page := list(islice(objects, PAGE)):
        yield page


def _cut(held: Sequence[tuple[str, State]]) -> int:
    """Where the last names begin that more to come may be like: `a.jpg` is like `a.png`."""
    start = _start(held[-1][0])
    at = len(held)
    while at and _start(held[at - 1][0]) == start:
        at -= 1
    return at


def _start(name: str) -> str:
    folder, _, last = name.rpartition("/")
    return f"{folder}/{last.partition('.')[0]}"


def _chunk(given: Path, held: Iterable[tuple[str, State]], search: Search) -> Chunk:
    states = {str(given / inside): state for inside, state in held if inside}
    files = [Found(path, str(given), link=False) for path in states]
    found = sort_tree(Tree(root=str(given), place="", files=files), search)
    return Chunk(found=found, states=states)


def _objects(given: Path) -> Iterator[tuple[str, State]]:
    """The names below a remote folder, seen from it, and their states, sorted as far as it goes."""
    with file_system("list", given) as (system, place):
        pages = _s3_pages(system, place) if hasattr(system, "call_s3") else _walk(system, place)
        start = len(place.rstrip("/")) + 1
        for name, facts in pages:
            yield name[start:], _state_of(facts)


def _s3_pages(system: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """All objects, a page at a time, in the order of their names; nothing is kept."""
    bucket, _, prefix = place.strip("/").partition("/")
    asked = {"Bucket": bucket, "Prefix": f"{prefix}/" if prefix else "", "MaxKeys": PAGE}
    while True:
        page = system.call_s3("list_objects_v2", **asked)
        for one in page.get("Contents", ()):
            if not one["Key"].endswith("/"):
                yield f"{bucket}/{one['Key']}", {"size": one["Size"], **one}
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


def _walk(system: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """All files, one folder after the other."""
    for folder, folders, files in system.walk(place, detail=True):
        folders_sorted = dict(sorted(folders.items()))
        folders.clear()
        folders.update(folders_sorted)
        system.invalidate_cache(folder)
        for name in sorted(files):
            facts = files[name]
            yield facts.get("name", f"{folder}/{name}"), facts


def _state_of(facts: dict[str, Any]) -> State:
    when = next((facts[name] for name in TIMES if facts.get(name) is not None), None)
    if isinstance(when, datetime):
        when = when.timestamp()
    elif isinstance(when, str):
        when = datetime.fromisoformat(when.replace("Z", "+00:00")).timestamp()
    return State(facts.get("size"), None if when is None else round(float(when) * 1e6))


def state_of(path: str) -> State:
    """A file's state; of one that cannot be looked at, nothing is known, and reading it says why."""
    if not is_remote(path):
        size, nanoseconds = stamp(Path(path)) or (None, None)
        return State(size, None if nanoseconds is None else nanoseconds // 1000)
    try:
        with file_system("look for", path, FileError) as (system, place):
            return _state_of(system.info(place))
    except FileError:
        return State(None, None)


def nothing_found(job: Job, passed: Counter[str]) -> ImageError:
    """What is said where there is nothing to do."""
    more = f"; {passed.total()} other files were passed over" if passed else ""
    return ImageError(f"there are no images in {', '.join(map(str, job.sources))}{more}")
