"""Lines of a journal: what stands in them."""

import json
from typing import Any

Entry = dict[str, Any]
Key = tuple[str, ...]  # source and results


def as_empty(entry: Entry) -> Entry:
    """The entry of an image that was skipped, since it shows nobody."""
    return {**entry, "empty": True}


def as_cut_short(entry: Entry) -> Entry:
    """The entry of a video that was written as far as it was when interrupted: it is not done."""
    return {**entry, "cut_short": True}


def as_death(entry: Entry, why: str) -> Entry:
    """The entry of what ended the process that worked on it, and on nothing else."""
    return {**entry, "died": why}


def name_of(entry: Entry) -> Entry:
    """What tells an entry from all others: its source and results."""
    return {"source": entry["source"], "results": entry["results"]}


def parse(line: bytes) -> Entry | None:
    """The entry in a line; None where there is none."""
    try:
        entry = json.loads(line)
        json.dumps(entry)  # what nests too deeply could not be written again
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("results"), list):
        return None
    names = [entry.get("source"), *entry["results"], entry.get("begun", "")]
    return entry if all(isinstance(name, str) for name in names) else None
