"""Files of our own in folders that are remote or not: read, listed, removed."""

import shutil
from contextlib import suppress
from pathlib import Path

from figureground.errors import FileError
from figureground.media.atomic import atomic
from figureground.media.remote import fetch, file_system, is_remote


def read_bytes(path: Path) -> bytes:
    """All that a file holds, remote or not. Raises FileError where it cannot be read."""
    if is_remote(path):
        return fetch(path, error=FileError)
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"cannot read {str(path)!r}: {error.strerror}") from error


def names_in(folder: Path) -> list[str]:
    """The names of what lies in a folder; none where there is no such folder.

    Raises FileError where it cannot be listed.
    """
    if not is_remote(folder):
        try:
            return [path.name for path in folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise FileError(f"cannot list {str(folder)!r}: {error.strerror}") from error
    with file_system("list", folder, FileError) as (system, place):
        system.invalidate_cache(place)
        try:
            found = system.ls(place, detail=False)
        except FileNotFoundError:
            return []
    return [name.rstrip("/").rpartition("/")[2] for name in found]


def remove_files(paths: list[Path]) -> None:
    """Remove files, remote or not; those that are gone already, or have to stay, are passed over."""
    for path in paths:
        if not is_remote(path):
            with suppress(OSError):
                path.unlink()
            continue
        with suppress(FileError), file_system("remove", path, FileError) as (system, place):
            system.rm_file(place)


def remove_folder(folder: Path) -> None:
    """Remove a folder of files, remote or not, as far as it can be."""
    with suppress(FileError):
        remove_files([folder / name for name in names_in(folder)])
    if not is_remote(folder):
        with suppress(OSError):
            folder.rmdir()


def abort_uploads(folder: Path) -> int:
    """Give up what killed processes have uploaded in parts below a folder of S3; returns how many.

    An upload in parts is no object before it is complete, but it is kept, and paid for.
    """
    if not is_remote(folder):
        return 0
    with file_system("look for", folder, FileError) as (system, place):
        if not hasattr(system, "call_s3"):
            return 0
        bucket, _, prefix = place.strip("/").partition("/")
        asked = {"Bucket": bucket, "Prefix": f"{prefix}/" if prefix else ""}
        found = system.call_s3("list_multipart_uploads", **asked).get("Uploads", [])
        for one in found:
            which = {"Key": one["Key"], "UploadId": one["UploadId"]}
            system.call_s3("abort_multipart_upload", Bucket=bucket, **which)
        return len(found)


def put_file(path: Path, target: Path) -> None:
    """Copy a file of this machine to a place, remote or not, whole or not at all.

    Raises FileError where it cannot be written.
    """
    if is_remote(target):
        with file_system("write", target, FileError) as (system, place):
            system.put_file(str(path), place)
        return
    with atomic(target) as part:
        shutil.copyfile(path, part)


def get_file(source: Path, path: Path) -> None:
    """Copy a file, remote or not, to this machine. Raises FileError where it cannot be read."""
    if is_remote(source):
        with file_system("read", source, FileError) as (system, place):
            system.get_file(place, str(path))
        return
    try:
        shutil.copyfile(source, path)
    except OSError as error:
        raise FileError(f"cannot read {str(source)!r}: {error.strerror}") from error
