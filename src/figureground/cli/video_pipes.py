"""Videos through pipes, by way of temporary files: an MP4 cannot be read from front to back."""

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from figureground.errors import FileError
from figureground.media.format_row import VIDEO
from figureground.media.formats import endings_of
from figureground.media.paths import PIPE


def comes_through_pipe(arguments: argparse.Namespace) -> bool:
    """Return whether `-` means a video: the result is one, or a --codec or a --container is asked for."""
    named = arguments.output is not None and arguments.output.suffix.lower() in endings_of(VIDEO)
    asked = arguments.codec or arguments.container
    return arguments.inputs == [PIPE] and bool(named or asked)


@contextmanager
def through_files(arguments: argparse.Namespace) -> Iterator[None]:
    """Put files in the place of `-`, and write what becomes of them to standard output.

    A result is Matroska there, a cutout WebM, where --container says nothing else.
    """
    with TemporaryDirectory(prefix="figureground-") as folder:
        if arguments.inputs == [PIPE]:
            arguments.inputs = [Path(folder, "input.mkv")]  # whatever it is: its head tells
            with arguments.inputs[0].open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        result = None
        if arguments.output == PIPE:
            usual = "webm" if arguments.kind == "cutout" else "mkv"
            result = Path(folder, f"result.{arguments.container or usual}")
            arguments.output, arguments.container, arguments.quiet = result, None, True
        yield
        if result is not None and result.is_file():
            with result.open("rb") as file:
                pour(file)


def pour(file: BinaryIO) -> None:
    """Write what a file holds to standard output. Raises FileError where that fails."""
    try:
        shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as error:
        raise FileError(f"cannot write standard output: {error.strerror}") from error
