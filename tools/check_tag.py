"""Check that a tag is the version of the code, and that the changelog tells of it.

python tools/check_tag.py v1.2.3
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def problem(tag: str, root: Path = ROOT) -> str | None:
    """Say in a line what does not fit; None where all does."""
    code = (root / "src/figureground/__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', code, re.MULTILINE)
    version = found[1] if found else ""
    if tag != f"v{version}":
        return f"the tag is {tag}, but src/figureground/__init__.py says {version!r}"
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    first = next((line for line in changelog.splitlines() if line.startswith("## ")), "")
    if first.split()[1:2] != [version]:
        return f"CHANGELOG.md begins with {first!r}; its first heading has to be '## {version}'"
    return None


def main() -> int:
    """Print what does not fit; returns 1 where something does not."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    said = problem(sys.argv[1])
    if said:
        print(said, file=sys.stderr)
    return int(said is not None)


if __name__ == "__main__":
    sys.exit(main())
