"""Annotation files as Python objects, whatever is wrong with them told in a line."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from figureground.errors import DataError, ExtraError

LARGEST = 2 << 30  # bytes of an annotation file; COCO's own have half of one billion
LARGEST_YAML = 1 << 20  # bytes
SHOWN = 120  # characters of a reason in an error


def read_json(path: Path, *, kind: str) -> Any:
    """The content of a JSON file in UTF-8, UTF-16 or UTF-32, with a byte-order mark or without.

    kind: whose file it should be, for errors.
    Raises:
        DataError: it cannot be read, is no JSON, nests too deeply or is too large.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST} bytes")
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise DataError(f"cannot read {str(path)!r} as {kind} ({reason_of(error)})") from error


def read_yaml(path: Path) -> Any:
    """The content of a YAML file.

    Raises:
        DataError: it cannot be read, or is no YAML.
        ExtraError: PyYAML is missing.
    """
    try:
        import yaml
    except ImportError as error:
        raise ExtraError("yolo", f"reading {str(path)!r}") from error
    try:
        if path.stat().st_size > LARGEST_YAML:
            raise ValueError(f"it has more than {LARGEST_YAML} bytes")
        return yaml.safe_load(path.read_text("utf-8-sig"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError, MemoryError) as error:
        raise DataError(f"cannot read {str(path)!r} as YAML ({reason_of(error)})") from error


def reason_of(error: BaseException) -> str:
    """An error in a few words."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{type(error).__name__}: {text}"[:SHOWN]


def as_list(content: Any) -> list[Any]:
    """A list, or the values of an object; nothing of anything else."""
    if isinstance(content, dict):
        return list(content.values())
    return content if isinstance(content, list) else []


def as_object(content: Any) -> dict[str, Any]:
    """An object of JSON; an empty one in place of anything else."""
    return content if isinstance(content, dict) else {}


def some_classes(titles: Iterable[str]) -> str:
    """A few names of classes, for errors that ask to choose one: `dog or person`."""
    shown = (title[:SHOWN] for title in sorted(set(titles))[:8])
    return " or ".join(t if t.isprintable() and t else repr(t) for t in shown)
