"""Files behind URLs, through fsspec: listed, fetched, sent whole. The extra `remote`."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from figureground.errors import ExtraError, PictureError
from figureground.media.paths import READABLE

URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://.+", re.DOTALL)  # one letter would be a drive
WEB = {"http", "https"}
# Here a file is visible while it is being written; elsewhere it appears when it is complete.
VISIBLE = {"file", "local", "ftp", "sftp", "ssh", "smb"}
# What file systems call the things that change when a file does.
MARKS = ("size", "mtime", "ETag", "etag", "LastModified", "last_modified", "created", "md5Hash")


def is_url(text: str) -> bool:
    """Whether a text is a URL, such as `s3://bucket/photo.jpg`."""
    return URL.fullmatch(text) is not None


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A picture behind a URL, and the folder's URL that was asked for."""

    url: str
    root: str  # ends in a slash
    name: str  # path below the root, without a query


def find_remote(url: str, *, kinds: set[str]) -> list[Remote]:
    """The pictures at a URL: itself, or those of the folder or pattern that it names, in order.

    Hidden files, files of other kinds and earlier results, `photo.cutout.png` for each of `kinds`,
    are passed over.

    Raises:
        PictureError: it cannot be listed, or holds no pictures.
        ExtraError: fsspec is missing.
    """
    files = open_place(url)
    scheme = url.partition("://")[0]
    plain = url.split("?")[0] if scheme in WEB else url
    if not url.endswith("/") and Path(plain).suffix.lower() in READABLE and "*" not in plain:
        root, name = plain.rsplit("/", 1)
        return [Remote(url=url, root=f"{root}/", name=name)]
    with telling("list", url):
        start = plain.split("*")[0].rsplit("/", 1)[0] if "*" in plain else plain.rstrip("/")
        found = files.glob(url) if "*" in plain else files.find(url)
        above = str(files._strip_protocol(start)).rstrip("/") + "/"
        names = sorted(path.removeprefix(above) for path in found if path.startswith(above))
    results = {f".{kind}" for kind in kinds}
    pictures = [name for name in names if _is_input(name, results)]
    if not pictures:
        raise PictureError(f"there are no pictures at {url!r}; read are {', '.join(READABLE)}")
    return [Remote(url=f"{start}/{name}", root=f"{start}/", name=name) for name in pictures]


def _is_input(name: str, results: set[str]) -> bool:
    parts = name.split("/")
    safe = not any(part.startswith(".") or "\\" in part or not part for part in parts)
    path = Path(name)
    return safe and path.suffix.lower() in READABLE and Path(path.stem).suffix not in results


def fetch(url: str, path: Path) -> None:
    """Copy a file from a URL. Raises PictureError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with telling("read", url):
        open_place(url).get_file(url, str(path))


def send(path: Path, url: str) -> None:
    """Copy a file to a URL, where it appears whole or not at all. Raises PictureError."""
    files, folder = open_place(url), url.rsplit("/", 1)[0]
    with telling("write", url):
        files.makedirs(folder, exist_ok=True)
        if url.partition("://")[0] not in VISIBLE:
            files.put_file(str(path), url)
            return
        hidden = f"{folder}/.{os.urandom(4).hex()}.unfinished"
        try:
            files.put_file(str(path), hidden)
            files.mv(hidden, url)
        except BaseException:
            if files.exists(hidden):
                files.rm(hidden)
            raise


def names_below(url: str) -> set[str]:
    """Paths of all files below a folder's URL; none where there is no such folder."""
    files = open_place(url)
    with telling("list", url):
        above = str(files._strip_protocol(url)).rstrip("/") + "/"
        return (
            {path.removeprefix(above) for path in files.find(url)} if files.exists(url) else set()
        )


def mark(url: str) -> list[str] | None:
    """What changes when the file does, as far as its place tells; None if it cannot be asked."""
    try:
        known = open_place(url).info(url)
    except OSError:
        return None
    return [f"{name}={known[name]}" for name in MARKS if known.get(name) is not None]


def open_place(url: str) -> Any:
    """fsspec's file system for a URL. Raises ExtraError or PictureError."""
    return _file_system(url.partition("://")[0].lower(), url.partition("://")[2].split("/")[0])


@cache
def _file_system(scheme: str, host: str) -> Any:
    try:
        import fsspec
    except ImportError as missing:
        raise ExtraError("remote", f"reading and writing {scheme}://") from missing
    try:
        return fsspec.url_to_fs(f"{scheme}://{host}")[0]
    except (ImportError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise PictureError(f"cannot open {scheme}:// places: {reason}") from error


@contextmanager
def telling(what: str, url: str) -> Iterator[None]:
    """Turn what goes wrong at a place into a PictureError of one line."""
    try:
        yield
    except PictureError:
        raise
    except FileNotFoundError as error:
        raise PictureError(f"cannot {what} {url!r}: there is no such file") from error
    except Exception as error:  # each kind of place has errors of its own
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PictureError(f"cannot {what} {url!r}: {reason}") from error
