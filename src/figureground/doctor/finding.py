"""What was found, a line each."""

from collections.abc import Iterable
from typing import NamedTuple

GOOD, NOTE, ABSENT, BROKEN = "good", "note", "absent", "broken"


class Finding(NamedTuple):
    """One thing that was looked at."""

    part: str  # what it belongs to: "packages", say
    name: str
    state: str  # GOOD; NOTE: works, but slower or with less; ABSENT: an extra; BROKEN
    value: str  # version, size, time
    advice: str = ""  # why, and what to do
    seconds: float | None = None  # where it was timed


def any_broken(findings: Iterable[Finding]) -> bool:
    """Return whether something does not work."""
    return any(finding.state == BROKEN for finding in findings)
