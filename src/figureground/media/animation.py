"""Animations, frame by frame: GIF, WebP, APNG and AVIF in and out.

A frame is read as it is seen, with what earlier frames left standing (their disposal) under it, and
written whole, replacing the one before it: what the matte makes transparent would else show it.
Each frame is encoded as it comes and kept encoded, so that one frame is unpacked at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, NamedTuple

from numpy.typing import NDArray
from PIL import Image

from figureground.errors import ImageError
from figureground.media.encode import encode_image
from figureground.media.format_row import ANIMATION, HEAD
from figureground.media.format_table import tell_format
from figureground.media.formats import Encoding, joiner_of, written_endings
from figureground.media.images import DecodedImage, Source, decode_image
from figureground.media.memory_budget import check_image
from figureground.media.sources import name_of, open_image, open_source, opened, refusing

FOR_EVER = 0  # number of plays


@dataclass(frozen=True, kw_only=True)
class AnimationInfo:
    """How an animation runs."""

    count: int  # frames, two or more
    plays: int = FOR_EVER  # how often it is shown


class Frame(NamedTuple):
    """One image of an animation, as it is seen."""

    image: DecodedImage
    milliseconds: float  # how long it is shown


def read_animation_info(source: Source) -> AnimationInfo | None:
    """Return how a file's animation runs; None where it is a still image, or no path and no bytes.

    Raises:
        ImageError: the file is missing or damaged.
    """
    if not isinstance(source, str | Path | bytes):
        return None
    name = name_of(source)
    with refusing(name), open_source(source, name=name) as stream:
        row = tell_format(stream.read(HEAD))
        stream.seek(0)
        if row is None or ANIMATION not in row.kinds:
            return None
        with open_image(stream, name=name) as image:
            count = _frames(image).stop - _frames(image).start
            return AnimationInfo(count=count, plays=_plays(image)) if count > 1 else None


def read_frames(
    source: Source, *, max_pixels: int | None = None, max_memory: int | None = None
) -> Iterator[Frame]:
    """The frames of an animation in order, each unpacked when it is asked for.

    Args:
        source: a path or a file's bytes. Frames of 16 bits a channel are read with 8.
        max_pixels: files whose frames have more are refused before they are unpacked; None as for
            `read_image`.
        max_memory: as for `read_image`.
    Raises:
        ImageError: the file is missing, damaged or too large.
    """
    name = name_of(source)
    with opened(source, name=name) as (file, stream):
        check_image(file, name=name, max_pixels=max_pixels, max_memory=max_memory, stream=stream)
        for number in _frames(file):
            file.seek(number)
            image = decode_image(file, stream=stream, deep=False)
            yield Frame(image=image, milliseconds=float(file.info.get("duration", 0)))


class AnimationEncoder:
    """The frames of an animation that is being written, encoded."""

    def __init__(self, path: Path, *, plays: int = FOR_EVER, encoding: Encoding) -> None:
        """Begin an animation.

        Args:
            path: what it will be. Its ending names the format: .webp; .png, which is
                APNG; .gif, with its 256 colours, or 255 and transparency, each all or nothing;
                .avif, which is shown for ever whatever `plays` says.
            plays: how often it is shown; 0 is for ever.
            encoding: how frames are encoded.
        Raises:
            ImageError: the format holds no animation.
        """
        joiner = joiner_of(path)
        if joiner is None:
            raise ImageError(
                f"cannot write {str(path)!r}: give an animation a name that ends in "
                f"{', '.join(written_endings(ANIMATION))}"
            )
        self.path, self.plays, self.encoding, self._joiner = path, plays, encoding, joiner
        self._frames: list[bytes] = []
        self._milliseconds: list[float] = []
        self._shape: tuple[int, ...] | None = None

    def add(
        self, pixels: NDArray[Any], milliseconds: float, *, like: DecodedImage | None = None
    ) -> None:
        """Encode one more frame.

        Args:
            pixels: uint8 or uint16, (H, W), (H, W, 3) or (H, W, 4); all frames alike.
            milliseconds: how long it is shown; GIF rounds to hundredths of a second.
            like: the image it comes from, whose colour profile the animation keeps.
        Raises:
            ImageError: it differs from the first frame in size or channels, or does not fit.
        """
        if self._shape not in (None, pixels.shape):
            raise ImageError(
                f"a frame is {pixels.shape} but the first was {self._shape} "
                "(rows, columns, channels); an animation's frames are all alike"
            )
        self._shape = pixels.shape
        self._frames.append(
            encode_image(pixels, self._joiner.frames, like=like, encoding=self.encoding)
        )
        self._milliseconds.append(max(0.0, milliseconds))

    def join(self) -> bytes:
        """The frames as one file. Raises ImageError where there are none."""
        if not self._frames:
            raise ImageError(f"cannot write {str(self.path)!r}: an animation needs a frame")
        known = {"plays": self.plays, **vars(self.encoding)}
        asked = {name: known[name] for name in self._joiner.options}
        whole: bytes = resolve_name(self._joiner.function)(
            self._frames, self._milliseconds, **asked
        )
        return whole


def can_move(path: Path) -> bool:
    """Return whether the format that a path's ending names holds animations."""
    return joiner_of(path) is not None


def _frames(image: Image.Image) -> range:
    """Numbers of the frames that play; APNG may have an image before them for old readers."""
    return range(int(bool(image.info.get("default_image"))), getattr(image, "n_frames", 1))


def _plays(image: Image.Image) -> int:
    """Return how often an animation is shown; GIF says how often it is shown again."""
    loop = image.info.get("loop")
    if image.format != "GIF":
        return int(loop or FOR_EVER)
    if loop is None:
        return 1
    return int(loop) + 1 if loop else FOR_EVER
