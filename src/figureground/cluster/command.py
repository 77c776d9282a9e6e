"""The command that began a job, kept beside its journal, so that what failed can be tried again."""

import json
from collections.abc import Sequence
from pathlib import Path

from figureground.errors import FileError
from figureground.media.remote import write_bytes
from figureground.media.remote_folder import names_in, read_bytes

NAME = "command.json"


def note_command(folder: Path, words: Sequence[str]) -> None:
    """Keep the words of a command, and where it was given; nothing where there are no words."""
    if words:
        text = json.dumps({"words": list(words), "folder": str(Path.cwd())}, indent=1)
        write_bytes(folder / NAME, text.encode(), error=FileError)


def read_command(folder: Path) -> tuple[list[str], str]:
    """The words of the last command, and the folder in which it was given.

    Raises:
        FileError: there are none, or they cannot be read.
    """
    if NAME not in names_in(folder):
        raise FileError(
            f"the journal {str(folder)!r} knows no command; run the job again from Python instead"
        )
    try:
        found = json.loads(read_bytes(folder / NAME))
        words, place = found["words"], found["folder"]
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{str(folder / NAME)!r} is damaged; give the command again") from error
    if not all(isinstance(word, str) for word in [place, *words]):
        raise FileError(f"{str(folder / NAME)!r} is damaged; give the command again")
    return words, place
