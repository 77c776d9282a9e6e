"""Tell what is installed here, whether it works, and what is slow and why.

  figureground doctor                    a page to read, or to put into a report of a fault
  figureground doctor --json             the same for programs: one JSON object

It looks at packages, extras, weights, FFmpeg, the processor, memory and folders, and then cuts a
person out of an image that it makes. It opens no connection, and leaves nothing behind.
Exit code: 0 all works, 1 something does not.
"""

import argparse
import json
from collections.abc import Iterator
from itertools import groupby

from figureground import __version__
from figureground.doctor.finding import ABSENT, BROKEN, GOOD, NOTE, Finding, any_broken
from figureground.doctor.machine import find_machine
from figureground.doctor.packages import find_extras, find_packages
from figureground.doctor.parts import find_codecs, find_weights
from figureground.doctor.self_test import run_self_test

SIGNS = {GOOD: " ", NOTE: "!", ABSENT: "-", BROKEN: "X"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; returns 1 where something does not work."""
    findings: list[Finding] = []
    for part, group in groupby(examine(), lambda finding: finding.part):
        if not arguments.json:
            print(part)
        for finding in group:
            findings.append(finding)
            if not arguments.json:
                print(as_text(finding), flush=True)
    broken = any_broken(findings)
    print(as_json(findings) if arguments.json else verdict(findings))
    return int(broken)


def examine() -> Iterator[Finding]:
    """Yield all findings, those of one part together."""
    yield from find_packages()
    yield from find_extras()
    yield from find_weights()
    yield from find_codecs()
    yield from find_machine()
    yield from run_self_test()


def as_text(finding: Finding) -> str:
    """One finding for people: a sign, its name, what was found, and what to do."""
    value = finding.value
    if finding.seconds is not None:
        value = f"{finding.seconds * 1000:6.0f} ms  {value}"
    advice = f": {finding.advice}" if finding.advice else ""
    return f"{SIGNS[finding.state]} {finding.name:22} {value}{advice}"


def as_json(findings: list[Finding]) -> str:
    """All findings for programs."""
    whole = {"version": __version__, "works": not any_broken(findings)}
    return json.dumps({**whole, "findings": [finding._asdict() for finding in findings]}, indent=2)


def verdict(findings: list[Finding]) -> str:
    """The last line: whether all works."""
    broken = [finding.name for finding in findings if finding.state == BROKEN]
    if broken:
        return f"Does not work: {', '.join(broken)}"
    notes = [finding.name for finding in findings if finding.state == NOTE]
    return f"All works{'; to note: ' + ', '.join(notes) if notes else ''}"
