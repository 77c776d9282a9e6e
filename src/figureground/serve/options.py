"""What a request asks of an image: the options of `figureground remove`, under the same names."""

import argparse
from collections.abc import Callable, Mapping
from typing import Any

from figureground.errors import FiguregroundError, UsageError
from figureground.jobs.backgrounds import FITS as BACKGROUND_FITS
from figureground.jobs.backgrounds import parse_background
from figureground.jobs.job import CHOICES, ImageJob
from figureground.jobs.kinds import OUTPUTS, parse_kinds
from figureground.jobs.style import FITS, Style
from figureground.jobs.values import aspect, canvas_size, number, people
from figureground.media.format_row import IMAGE
from figureground.media.formats import Encoding, written_endings
from figureground.models.shipped import MODEL

FORMATS = tuple(ending.removeprefix(".") for ending in written_endings(IMAGE))
TRUE, FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off", "")
CROP = 0.05  # margin where a crop is asked for without one
FILES = ("background", "keep_mask")  # options that are images


def flag(text: str) -> bool:
    """`true` or `false`, as programs spell them."""
    if text.lower() not in (*TRUE, *FALSE):
        raise argparse.ArgumentTypeError(f"write true or false, not {text!r}")
    return text.lower() in TRUE


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words."""

    def word(text: str) -> str:
        if text not in words:
            raise argparse.ArgumentTypeError(f"write {', '.join(words)}, not {text!r}")
        return text

    return word


def margin(text: str) -> float | None:
    """`0.1` as a crop's margin; `true` is the usual one, `false` none."""
    if text.lower() in ("true", "false", ""):
        return CROP if text.lower() == "true" else None
    return number(text)


STYLE: dict[str, Callable[[str], Any]] = {
    "feather": number, "grow": int, "threshold": number, "min_area": int, "people": people,
    "shadow": flag, "crop": margin, "canvas": canvas_size, "aspect": aspect, "size": canvas_size,
    "fit": one_of(*FITS),
}  # fmt: skip
ENCODING: dict[str, Callable[[str], Any]] = {"quality": int, "lossless": flag}
JOB: dict[str, Callable[[str], Any]] = {
    "background_fit": one_of(*BACKGROUND_FITS), "flip_background": flag, "raw": flag,
    "on_empty": one_of(*CHOICES), "format": one_of(*FORMATS),
}  # fmt: skip
OWN: dict[str, Callable[[str], Any]] = {
    "kind": one_of(*OUTPUTS), "background": str, "model": str, "strip": flag,
}  # fmt: skip
OPTIONS = {**OWN, **STYLE, **JOB, **ENCODING}


def spell(name: str) -> str:
    """An option's name as it is known here: `min_area` for `min-area`."""
    return name.replace("-", "_")


def read_job(
    fields: Mapping[str, str],
    files: Mapping[str, bytes] | None = None,
    *,
    colors: bool = False,
    **own: Any,
) -> ImageJob:
    """The job that a request describes.

    Args:
        fields: options as texts, by name; those that are empty count as not given.
        files: images among the options, those of `FILES`.
        colors: read the background's text as well, which loads the array libraries. No text is
            ever taken for the path of a file.
        own: fields of the job that the service decides.
    Raises:
        UsageError: an option is unknown, cannot be read, or makes no sense.
        ImageError: an image among them cannot be read.
    """
    files = files or {}
    given = parse_options(fields, OPTIONS)
    behind = files.get("background", given.pop("background", None))
    kind, strip = given.pop("kind", None), given.pop("strip", False)
    if isinstance(behind, str):
        if behind == "transparent":
            behind, kind = None, kind or "cutout"
            if kind == "composite":
                raise UsageError("a composite has a background; a cutout is left transparent")
        elif colors:
            behind = parse_background(behind)
    style = {name: given.pop(name) for name in STYLE if name in given}
    packing = {name: given.pop(name) for name in ENCODING if name in given}
    if "keep_mask" in files:
        style["keep_mask"] = files["keep_mask"]
    return ImageJob(
        kinds=None if kind is None else parse_kinds(kind),
        background=behind,
        style=Style(**style),
        encoding=Encoding(**packing, metadata=not strip),
        model=given.pop("model", MODEL),
        **given,
        **own,
    )


def parse_options(
    fields: Mapping[str, str], options: Mapping[str, Callable[[str], Any]]
) -> dict[str, Any]:
    """The values of options, by name; those that are empty count as not given.

    Raises:
        UsageError: one is unknown, or cannot be read.
    """
    for name in fields:
        if name not in options:
            raise UsageError(f"there is no option {name!r}; there are {', '.join(sorted(options))}")
    return {name: _read(name, text, options[name]) for name, text in fields.items() if text != ""}


def _read(name: str, text: str, parse: Callable[[str], Any]) -> Any:
    """One option's value. Raises UsageError, which names the option."""
    try:
        return parse(text)
    except FiguregroundError:
        raise
    except (argparse.ArgumentTypeError, ValueError) as error:
        said = str(error) if isinstance(error, argparse.ArgumentTypeError) else "write a number"
        raise UsageError(
            f"{name}: {said}" + ("" if "not " in said else f", not {text!r}")
        ) from None
