"""The documents, and the commands that they show."""

import re
import shlex
from pathlib import Path

from figureground.cli import VERBS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [
    page for folder in (ROOT, DOCS, DOCS / "readers") for page in sorted(folder.glob("[!.]*.md"))
]
NOTES = sorted((ROOT / "docs" / "lab").glob("*.md"))


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of code in one language that a page shows."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def prose(page: Path) -> str:
    """Return a page without its code, its links' targets and its images."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)", "]", re.sub(r"`[^`]*`", "", text))


def commands() -> list[list[str]]:
    """Return each command shown, split into words, with its verb first."""
    shown = []
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(re.split(" [<>] ", line)[0], comments=True)
                if words and words[0] == "figureground":
                    verb = [] if words[1] in VERBS else ["remove"]
                    shown.append([*verb, *words[1:]])
    return shown


def after(words: list[str], option: str) -> str | None:
    """Return the word behind an option; None where it is not there."""
    return words[words.index(option) + 1] if option in words else None
