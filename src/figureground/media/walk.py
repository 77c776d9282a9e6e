"""Which images and videos are meant: files, folders, which are walked once, and patterns."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path
from typing import NamedTuple

from figureground.errors import ImageError
from figureground.media.format_row import IMAGE, VIDEO
from figureground.media.formats import endings_of, kind_of
from figureground.media.paths import COUNTED, PIPE
from figureground.media.places import Places, prefix, scan
from figureground.media.remote import is_remote, list_below, spell
from figureground.media.sorting import Sorted, sort_files


class Found(NamedTuple):
    """An image or a video, and the folder that was asked for, below which its path is kept."""

    text: str  # its path
    root: str
    link: bool | None = None  # whether it is a symbolic link; None where nobody has looked

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.text)

    @property
    def inside(self) -> str:
        """Its path below `root`."""
        return self.text[len(prefix(self.root)) :]


@dataclass(kw_only=True)
class Inputs:
    """What is meant by what was given."""

    images: list[Found] = field(default_factory=list)
    videos: list[Found] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)  # of all files, by walked folder
    given: list[Path] = field(default_factory=list)  # what was given and is no video alone
    passed: Counter[str] = field(default_factory=Counter)  # files of folders that are neither
    results: int = 0  # earlier results in folders


@dataclass(kw_only=True)
class Tree:
    """What is below a folder, in one of its folders, or fits a pattern."""

    root: str
    place: str  # for errors
    files: list[Found] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)  # folders that cannot be searched
    names: dict[str, list[str]] = field(default_factory=dict)


ResultsOf = Callable[[str], Collection[str]]
"""Tells the real paths of earlier results that are noted in a folder."""


class Search(NamedTuple):
    """What is looked for."""

    image_kinds: Iterable[str] = ()  # files such as `photo.cutout.png`, for each, are results
    video_kinds: Iterable[str] | None = None  # as of images; None: all is taken for an image
    sequences: bool = False  # every folder is a video of the images in it
    below: Path | None = None  # named files keep their folders below this one, as that of a list
    filling: bool = False  # folders, and patterns, may hold nothing yet
    results_of: ResultsOf = lambda folder: ()  # knows other results


def find_inputs(inputs: Iterable[Path], search: Search) -> Inputs:
    """The images and videos among files, folders and patterns, in order, each once.

    Files that are named are taken as they are, even missing ones: reading them says so. Folders are
    searched to their bottom. In them, and in patterns such as `**/*.jpg`, which not every shell
    expands, hidden files, files of other kinds and earlier results are passed over. Folders in them
    that cannot be searched are taken for images: reading them says so; and so are, unless they
    are filling, those that hold nothing, beside others that hold some. Numbered images,
    `frames/%04d.png`, are a video.

    Raises:
        ImageError: there is nothing at all, or a folder cannot be searched.
    """
    found, empty = Inputs(), dict[Path, str]()
    images, videos = dict[str, Found](), dict[str, Found]()
    for given in inputs:
        if _is_sequence(given, search):
            videos.setdefault(str(given), Found(str(given), str(given.parent)))
            continue
        is_video = _is_video(given, search)
        tree = None if is_video and is_remote(given) else meant_by(given)
        if tree is None:
            known = videos if is_video else images
            known.setdefault(str(given), Found(str(given), _root_of(given, search.below)))
            found.given += [] if is_video else [given]
            continue
        inside = sort_tree(tree, search)
        found.names |= tree.names
        found.passed += inside.passed
        found.results += inside.results
        found.given += [given] if inside.images or not inside.videos else []
        if not inside.images and not inside.videos and not search.filling:
            empty[given] = tree.place
        videos.update((one.text, one) for one in inside.videos if one.text not in videos)
        images.update((one.text, one) for one in inside.images if one.text not in images)
    if empty and not images and not videos:
        places, readable = " nor ".join(empty.values()), ", ".join(sorted(endings_of(IMAGE)))
        raise ImageError(f"there are no images {places}; read are {readable}")
    found.images = [*images.values(), *(Found(str(path), str(path.parent)) for path in empty)]
    found.videos = list(videos.values())
    return found


def _is_sequence(given: Path, search: Search) -> bool:
    """Return whether numbered images are meant, as one video."""
    counted = COUNTED.search(given.name) and not os.path.isfile(given)
    numbered = counted or (search.sequences and os.path.isdir(given))
    return search.video_kinds is not None and bool(numbered)


def sort_tree(tree: Tree, search: Search) -> Sorted:
    """The images and the videos of a folder or a pattern; videos that are far away are none."""
    files = _without(tree, search.results_of)
    found = sort_files(
        files,
        image_kinds=search.image_kinds,
        video_kinds=None if is_remote(tree.root) else search.video_kinds,
    )
    found.results += len(tree.files) - len(files)
    found.images += [Found(path, tree.root) for path in tree.closed]
    return found


def _is_video(given: Path, search: Search) -> bool:
    """Return whether a path that was given is to be taken for a video, by its ending or first bytes."""
    if search.video_kinds is None:
        return False
    return given != PIPE and kind_of(given, named=not is_remote(given)) == VIDEO


def _root_of(path: Path, below: Path | None) -> str:
    """Below which folder those of a named file are kept: `below` if it is there, or its own."""
    if below is None or is_remote(path) or not path.is_relative_to(below):
        return str(path.parent)
    return str(path.parent if ".." in path.relative_to(below).parts else below)


def meant_by(given: Path) -> Tree | None:
    """What a folder or pattern holds; None for a single file."""
    if is_remote(given):
        paths = list_below(given)
        if paths is None:
            return None
        files = [Found(str(path), str(given), link=False) for path in paths]
        return Tree(root=str(given), place=f"below {spell(given)!r}", files=files)
    if os.path.isdir(given):
        return _walk(str(given))
    if has_magic(str(given)) and not os.path.exists(given):
        root = str(_fixed_part(given))
        files = [Found(str(path), root) for path in _fitting(given, Path(root))]
        return Tree(root=root, place=f"that fit {str(given)!r}", files=files)
    return None


def _walk(root: str) -> Tree:
    """All regular files below a folder; see `each_folder`."""
    tree = Tree(root=root, place=f"in the folder {root!r}")
    for one in each_folder(root):
        tree.files += one.files
        tree.closed += one.closed
        tree.names |= one.names
    tree.closed.sort()
    return tree


def each_folder(root: str) -> Iterator[Tree]:
    """The regular files of a folder, then of those below it, each sorted; none of hidden folders.

    Raises:
        ImageError: it cannot be searched.
    """
    waiting = [root]
    while waiting:
        folder, tree = waiting.pop(), Tree(root=root, place=f"in the folder {root!r}")
        try:
            files, folders = scan(folder)
        except OSError as error:
            if folder == root:
                raise ImageError(f"cannot search {folder!r}: {error.strerror}") from error
            tree.closed.append(folder)
        else:
            start = prefix(folder)
            tree.files = [Found(start + name, root, link) for name, link in files]
            tree.names[folder] = [name for name, _ in files]
            waiting += [start + name for name in reversed(folders)]
        yield tree


def _fitting(pattern: Path, root: Path) -> list[Path]:
    """The files that fit a pattern, sorted."""
    try:
        paths = list(root.glob(str(pattern.relative_to(root))))
    except OSError as error:
        raise ImageError(f"cannot search {str(root)!r}: {error.strerror}") from error
    return sorted(path for path in paths if os.path.isfile(path))


def _fixed_part(pattern: Path) -> Path:
    """The folders of a pattern before its first wildcard."""
    fixed = pattern
    while has_magic(str(fixed)):
        fixed = fixed.parent
    return fixed


def _without(tree: Tree, results_of: ResultsOf) -> list[Found]:
    """The files of a tree that are no noted results."""
    if is_remote(tree.root):
        return tree.files
    folders = tree.names or {os.path.dirname(one.text) for one in tree.files}
    known = {path for folder in (*_above(tree.root), *folders) for path in results_of(folder)}
    if not known:
        return tree.files
    places = Places()
    return [one for one in tree.files if places.real(one.text, link=one.link) not in known]


def _above(folder: str) -> Iterator[str]:
    """The folders that a folder lies in, whose notes may be about it."""
    yield from map(str, Path(os.path.realpath(folder)).parents)
