"""Pictures behind URLs: fetched one by one, worked on as local ones are, their results sent.

Names in the local folder of work mirror those at both ends, so that a message about a local path
becomes one about a URL by replacing the beginning.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from figureground.cli import batch, remove
from figureground.errors import PictureError
from figureground.jobs import journal
from figureground.jobs.outputs import OUTPUTS, TRANSPARENT, write_outputs
from figureground.jobs.remover import Cutout, Remover
from figureground.media.encode import check_format
from figureground.media.paths import VIDEOS, Found, Task, plan
from figureground.media.remote import WEB, fetch, find_remote, mark, names_below, send

EVERY = 20.0  # seconds between two copies of the journal to where the results are
LOCAL = ("watch", "list")  # what works on local pictures only


class RemoteJournal(journal.Journal):
    """A journal beside remote results; what the last copy does not know is done again."""

    def __init__(self, path: Path, *, settings: str, desk: "Desk") -> None:
        self.desk = desk
        self._sent = time.monotonic()
        self._there = names_below(desk.out)
        if journal.NAME in self._there:
            fetch(desk.out + journal.NAME, path)
        super().__init__(path, settings=settings)

    def entry(self, task: Task) -> journal.Entry:
        """As of local files, by URLs."""
        source = self.desk.urls[task.source]
        results = sorted(self.desk.told(str(target)) for target in task.targets.values())
        return {"source": source, "stamp": mark(source), "results": results,
                "settings": self.settings}  # fmt: skip

    def has(self, target: Path) -> bool:
        """Whether a result was there when the job began."""
        return target.relative_to(self.desk.results).as_posix() in self._there

    def add(self, entry: journal.Entry) -> None:
        """Note that a picture is done, and send the journal now and then."""
        super().add(entry)
        if time.monotonic() - self._sent > EVERY:
            self.copy()

    def copy(self) -> None:
        """Send the journal to where the results are."""
        if self.path.exists():
            send(self.path, self.desk.out + self.path.name)
        self._sent = time.monotonic()


class Desk:
    """A local folder that mirrors both ends."""

    def __init__(self, folder: Path, out: str) -> None:
        self.folder, self.results, self.out = folder, folder / "out", out
        self.urls: dict[Path, str] = {}
        self.roots: dict[Path, str] = {}
        self.results.mkdir()

    def place(self, url: str, kinds: set[str]) -> list[Found]:
        """Local names of the pictures at a URL."""
        places = []
        for remote in find_remote(url, kinds=kinds):
            number = list(dict.fromkeys([*self.roots.values(), remote.root])).index(remote.root)
            root = self.folder / str(number)
            self.roots[root] = remote.root
            self.urls[root / remote.name] = remote.url
            places.append(Found(path=root / remote.name, root=root))
        return places

    def told(self, text: str) -> str:
        """A text about local paths as one about URLs."""
        for folder, url in ((self.results, self.out), *self.roots.items()):
            text = text.replace(f"{folder}/", url)
        return text


class RemoteRemover(Remover):
    """Fetches each picture before it looks at it, and keeps it until the next."""

    def __init__(self, *arguments: Any, desk: Desk, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.desk = desk
        self._last: Path | None = None

    def remove(self, image: Any) -> Cutout:
        """As `Remover.remove`, of a path on the desk."""
        if self._last is not None:
            self._last.unlink(missing_ok=True)
        self._last = image
        fetch(self.desk.urls[image], image)
        return super().remove(image)


def remove_remote(arguments: argparse.Namespace) -> int:
    """Plan, work, report; returns the exit code. Raises FiguregroundError before it begins."""
    out, name = split_out(arguments)
    with tempfile.TemporaryDirectory(prefix="figureground-") as folder:
        desk = Desk(Path(folder), out)
        tasks = plan_remote(arguments, desk, name)
        if arguments.dry_run:
            for target in (target for task in tasks for target in task.targets.values()):
                print(desk.told(str(target)))
            return 0
        look, encoding = remove.look_from(arguments), remove.encoding_from(arguments)

        def write(cutout: Cutout, task: Task) -> None:
            write_outputs(cutout, task, look, encoding)
            for target in task.targets.values():
                send(target, desk.told(str(target)))
                target.unlink()

        kind: Callable[..., Remover] = partial(RemoteRemover, desk=desk)
        removers = remove.load_removers(arguments, len(tasks), kind)
        job = replace(remove.batch_from(arguments, removers, write), told=desk.told)
        return batch.run_batch(tasks, job) if name else with_journal(arguments, tasks, job, desk)


def with_journal(
    arguments: argparse.Namespace, tasks: list[Task], job: batch.Batch, desk: Desk
) -> int:
    """Run a job whose journal is beside its results, and leave it there whatever happens."""
    settings = remove.settings_of(arguments)
    book = RemoteJournal(desk.results / journal.NAME, settings=settings, desk=desk)
    failures = book.path.with_name(batch.FAILURES)
    try:
        return batch.run_batch(tasks, replace(job, journal=book))
    finally:
        book.copy()
        if failures.exists():
            send(failures, desk.out + failures.name)


def split_out(arguments: argparse.Namespace) -> tuple[str, str]:
    """The URL of the folder of results, with a slash at its end, and the one file's name if any.

    Raises:
        PictureError: something is asked for that is done with local pictures only.
    """
    for name in LOCAL:
        if getattr(arguments, name):
            raise PictureError(f"--{name} works on local pictures, not on URLs; leave it out")
    if remove.PIPE in (*arguments.inputs, arguments.out):
        raise PictureError("a pipe goes with local pictures, not with URLs; name a file")
    if arguments.out is None:
        raise PictureError("say where results of pictures behind URLs go: -o FOLDER or -o URL")
    text = as_url(arguments.out)
    if text.partition("://")[0] in WEB:
        raise PictureError(f"cannot write {text!r}: the web can only be read; choose another -o")
    if not Path(text).suffix or (isinstance(arguments.out, Path) and arguments.out.is_dir()):
        return text.rstrip("/") + "/", ""
    folder, name = text.rsplit("/", 1)
    return f"{folder}/", name


def as_url(place: Path | str) -> str:
    """A URL, also of a local path."""
    return place if isinstance(place, str) else f"file://{place.resolve().as_posix()}"


def plan_remote(arguments: argparse.Namespace, desk: Desk, name: str) -> list[Task]:
    """What to do, as local paths on the desk. Raises PictureError before anything is begun."""
    kinds = remove.wanted_kinds(arguments)
    endings = {kind: Path(name).suffix or f".{arguments.format}" for kind in kinds}
    for kind, ending in endings.items():
        check_format(Path(f"result{ending}"), alpha=kind in TRANSPARENT)
    urls = [as_url(given) for given in arguments.inputs]
    for url in urls:
        if Path(url).suffix.lower() in VIDEOS:
            raise PictureError(f"cannot take the video {url!r} from a URL; fetch it first")
    found = [each for url in urls for each in desk.place(url, set(OUTPUTS))]
    if not name:
        return plan(found, out=desk.results, suffixes=endings)
    if len(found) * len(kinds) > 1:
        raise PictureError(f"{len(found) * len(kinds)} results do not fit into the one file {name}")
    if desk.out + name in urls:
        raise PictureError(f"{desk.out + name!r} is an input and would be replaced; choose -o")
    return [Task(source=found[0].path, targets={kinds[0]: desk.results / name})]
