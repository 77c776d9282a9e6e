"""Jobs as values: all that decides what is made of images, or of videos."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figureground.errors import StyleError, UsageError
from figureground.jobs.journal import stamp
from figureground.jobs.kinds import check_kinds
from figureground.jobs.style import Style
from figureground.media.formats import DEFAULT, Encoding, VideoEncoding
from figureground.media.name_pattern import check_pattern, has_field
from figureground.models.shipped import MODEL, VIDEO_MODEL, find_model

if TYPE_CHECKING:
    from figureground.media.video_part import Part  # which loads PyAV

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
POLICY, FILE = "policy", "file"  # what a field's metadata tell of it
CHOICES = ("keep", "skip", "fail")


def policy(default: Any) -> Any:
    """A field that no result depends on: it is left out of the fingerprint."""
    return field(default=default, metadata={POLICY: True})


@dataclass(frozen=True, kw_only=True)
class Job:
    """What images and videos have in common; see `ImageJob` and `VideoJob`."""

    inputs: Paths = policy(())  # files, folders and patterns; becomes a tuple of Path
    listed: Path | None = policy(None)  # a text file of more of them, read when the job begins
    list_root: Path | None = policy(None)  # files below it keep their folders below `output`
    output: str | os.PathLike[str] | None = policy(None)  # a file, or a folder; None: beside each
    output_folder: bool = policy(False)  # `output` is a folder, whatever its name ends in
    background: Any = field(default=None, metadata={FILE: True})  # as for `remove`
    background_fit: str | None = None  # of an image: cover, contain or tile
    flip_background: bool = False
    model: str | Path = field(default=MODEL, metadata={FILE: True})
    style: Style = field(default_factory=Style)  # its background is that of the job
    format: str = "png"  # ending of images whose names are not given
    name: str | None = policy(None)  # pattern of results' names; see `media.name_pattern`
    smooth: bool = True  # keep what moves from flickering
    overwrite: bool = policy(False)  # do all, whatever is done already
    skip_existing: bool = policy(False)  # leave what has all its results, whoever made them
    fail_fast: bool = policy(False)  # stop at the first failure
    dry_run: bool = policy(False)  # tell what would be written, and write nothing

    def __post_init__(self) -> None:
        one = isinstance(self.inputs, str | os.PathLike)
        paths = [self.inputs] if one else self.inputs
        object.__setattr__(self, "inputs", tuple(Path(path) for path in paths))  # type: ignore[arg-type, union-attr]
        if self.output is not None:
            text = os.fspath(self.output)
            folder = self.output_folder or text.endswith(("/", os.sep)) or os.path.isdir(text)
            object.__setattr__(self, "output", Path(text))
            object.__setattr__(self, "output_folder", folder)
        if isinstance(self.background, str) and self.background == "transparent":
            object.__setattr__(self, "background", None)
        if self.name is not None:
            check_pattern(self.name)

    def fingerprint(self) -> str:
        """A text that changes when anything does that results depend on.

        That is every field, of what fields hold too, but for those of policy; the version; and the
        state of the files that are named.

        Raises:
            UsageError: there is no such network.
        """
        from figureground import __version__

        return hashlib.sha256(repr((__version__, describe(self))).encode()).hexdigest()

    @property
    def sources(self) -> tuple[Path, ...]:
        """The inputs as paths."""
        return self.inputs  # type: ignore[return-value]

    @property
    def out(self) -> Path | None:
        """The output as a path."""
        return self.output  # type: ignore[return-value]

    @property
    def kept(self) -> list[Path]:
        """Files that are looked at, and that no result may replace."""
        files = self.background, self.style.keep_mask
        return [Path(file) for file in files if isinstance(file, str | os.PathLike)]


@dataclass(frozen=True, kw_only=True)
class ImageJob(Job):
    """What is to be made of images; `figureground.run` does it.

    Example:
        >>> from figureground import ImageJob
        >>> ImageJob(inputs="holiday", output="cutouts/", kinds=("cutout", "mask")).format
        'png'
    """

    kinds: tuple[str, ...] | None = None  # of output; None is composite with a background
    encoding: Encoding = DEFAULT
    on_empty: str = policy("keep")  # where there is nobody: keep, skip or fail
    max_pixels: int | None = policy(None)  # larger images are refused
    max_memory: int | None = policy(None)  # bytes; images that need more are refused
    watch: bool = policy(False)  # go on with what appears, until Ctrl-C
    raw: bool = False  # the network's matte as it is
    color: str | None = None  # order of channels of a file of the Keras tutorial; see `Remover`
    device: str = policy("cpu")  # what an .onnx network runs on

    def __post_init__(self) -> None:
        super().__post_init__()
        check_kinds(self.wanted_kinds)
        if self.on_empty not in CHOICES:
            raise UsageError(f"on_empty is {', '.join(CHOICES)}, got {self.on_empty!r}")
        if self.name is not None:
            self._check_name(self.name)

    def _check_name(self, name: str) -> None:
        """See that all kinds and formats that are asked for have names. Raises UsageError."""
        if len(self.wanted_kinds) > 1 and not has_field(name, "kind"):
            raise UsageError(f"several kinds need {{kind}} in their names, which {name!r} lacks")
        if self.format != "png" and not has_field(name, "ending"):
            raise UsageError(
                f"the name {name!r} says the format already; leave --format out, or end it in "
                ".{ending}"
            )
        if self.watch and has_field(name, "number"):
            raise UsageError("--watch cannot number what will appear; leave {number} out")

    @property
    def wanted_kinds(self) -> tuple[str, ...]:
        """The kinds of output that are asked for."""
        return self.kinds or ("cutout" if self.background is None else "composite",)


@dataclass(frozen=True, kw_only=True)
class VideoJob(Job):
    """What is to be made of videos; `figureground.run` does it."""

    kind: str | None = None  # None: a cutout where the file holds transparency, else a composite
    container: str | None = None  # ending of videos whose names are not given
    encoding: VideoEncoding = field(default_factory=VideoEncoding)
    model: str | Path = field(default=VIDEO_MODEL, metadata={FILE: True})
    part: "Part | None" = None  # None is the whole video
    every: int = 1  # of so many frames, the first
    sequence: bool = False  # a folder is one video of the images in it
    resume: bool = policy(False)  # work in segments; killed, it goes on from the last

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.style.reframes or self.style.canvas is not None or self.style.shadow:
            raise StyleError("crop, canvas, aspect, size and shadow are for images, not videos")
        if self.resume and self.style.chooses:
            raise StyleError(
                "people are followed from the first frame on, which a resumed job does not see; "
                "leave --resume out, or --people and --keep-mask"
            )


def describe(value: Any) -> Any:
    """What a value consists of, in texts and numbers that are the same in each process."""
    if is_dataclass(value):
        parts = [
            (one.name, _named(value, one.name) if FILE in one.metadata else describe(part))
            for one in fields(value)
            if POLICY not in one.metadata
            for part in [getattr(value, one.name)]
        ]
        return (type(value).__name__, parts)
    if isinstance(value, tuple | list):
        return [describe(part) for part in value]
    if hasattr(value, "__array_interface__"):  # images, as arrays or of Pillow
        from numpy import ascontiguousarray

        array = ascontiguousarray(value)
        return (str(array.dtype), array.shape, hashlib.sha256(array.tobytes()).hexdigest())
    return str(value) if isinstance(value, os.PathLike) else repr(value)


def _named(job: Any, name: str) -> Any:
    """A field that may name a file: its name, and the file's state."""
    value = getattr(job, name)
    if not isinstance(value, str | os.PathLike):
        return describe(value)
    path = find_model(value) if name == "model" else Path(value)  # type: ignore[arg-type]
    return (str(value), stamp(path) if os.path.isfile(path) else None)
