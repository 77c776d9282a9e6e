"""What a request asks of a video: the options of `figureground remove`, under the same names."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from figureground.errors import UsageError
from figureground.jobs.backgrounds import FITS as BACKGROUND_FITS
from figureground.jobs.job import VideoJob
from figureground.jobs.kinds import video_kinds
from figureground.jobs.style import Style
from figureground.jobs.values import bits, number, people, rate, seconds
from figureground.media.format_row import ANIMATION, VIDEO
from figureground.media.formats import VideoEncoding, written_endings
from figureground.models.shipped import VIDEO_MODEL
from figureground.serve.options import flag, one_of, parse_options

CONTAINERS = tuple(
    ending.removeprefix(".") for ending in (*written_endings(VIDEO), *written_endings(ANIMATION))
)
EDGE: dict[str, Callable[[str], Any]] = {
    "feather": number, "grow": int, "threshold": number, "min_area": int, "people": people,
}  # fmt: skip
PART: dict[str, Callable[[str], Any]] = {
    "start": seconds, "end": seconds, "frames": int, "scale": number,
}  # fmt: skip
ENCODING: dict[str, Callable[[str], Any]] = {
    "crf": int, "bitrate": bits, "encoder": str, "fps": rate,
    "codec": one_of("h264", "h265", "av1", "vp9", "prores"),
}  # fmt: skip
OWN: dict[str, Callable[[str], Any]] = {
    "kind": one_of(*video_kinds()), "background": str, "background_fit": one_of(*BACKGROUND_FITS),
    "flip_background": flag, "container": one_of(*CONTAINERS), "model": str, "every": int,
    "strip": flag, "no_smoothing": flag,
}  # fmt: skip
OPTIONS = {**OWN, **EDGE, **PART, **ENCODING}
SHOWN_AS = {"fps": "rate"}  # names of `VideoEncoding` that differ


def read_video_job(
    fields: Mapping[str, str], source: Path, folder: Path, *, colors: bool = False
) -> VideoJob:
    """The job that a request describes; its result is `result` in `folder`, of some ending.

    Args:
        fields: options as texts, by name; those that are empty count as not given.
        source: the video. An image `background` or `keep_mask` beside it is taken as such.
        folder: where to.
        colors: read the background and the part as well, which loads PyAV and the array libraries.
            No text is ever taken for the path of a file.
    Raises:
        UsageError: an option is unknown, cannot be read, or makes no sense.
    """
    given = parse_options(fields, OPTIONS)
    part = {name: given.pop(name) for name in PART if name in given}
    edge: dict[str, Any] = {name: given.pop(name) for name in EDGE if name in given}
    if (mask := source.with_name("keep_mask")).is_file():
        edge["keep_mask"] = mask
    packing = {SHOWN_AS.get(one, one): given.pop(one) for one in ENCODING if one in given}
    packing["metadata"] = not given.pop("strip", False)
    style, text = Style(**edge), given.pop("background", None)
    behind = _behind(text, source.with_name("background"), colors=colors)
    kind = given.pop("kind", None) or ("cutout" if text == "transparent" else None)
    ending = given.pop("container", None) or _ending(kind, filled=bool(behind or text))
    return VideoJob(
        inputs=source,
        output=folder / f"result.{ending}",
        kind=kind,
        background=behind,
        style=style,
        encoding=VideoEncoding(**packing),
        model=given.pop("model", VIDEO_MODEL),
        smooth=not given.pop("no_smoothing", False),
        part=_part(part) if part and colors else None,
        resume=not style.chooses and f".{ending}" in written_endings(VIDEO),
        **given,
    )


def _behind(text: str | None, file: Path, *, colors: bool) -> Any:
    if file.is_file():
        if text is not None:
            raise UsageError("background is a text or an image, not both")
        return file
    if text is None or text == "transparent":
        return None
    if not colors:
        return text
    from figureground.jobs.backgrounds import parse_background

    return parse_background(text)


def _ending(kind: str | None, *, filled: bool) -> str:
    """The kind of file where none is asked for: what holds transparency, else what all can show."""
    return "webm" if kind == "cutout" or (kind is None and not filled) else "mp4"


def _part(asked: dict[str, Any]) -> Any:
    from figureground.media.video_part import Part  # which loads PyAV

    return Part(**asked)
