"""Animations, GIF, WebP, PNG or AVIF, a frame at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from figureground.media.formats import open_image
from figureground.media.pictures import Picture, Source, picture_of
from figureground.media.sources import MAX_PIXELS, check_size, name_of, open_source, refusing

ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")  # several pages of a TIFF are no animation


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """One picture of an animation, complete: what the file only says of changes is laid over."""

    picture: Picture
    duration: float  # milliseconds on screen; as the file says, so 0 is possible
    plays: int  # how often the whole is shown; 0 is for ever


def count_frames(source: Source, *, max_pixels: int = MAX_PIXELS) -> int:
    """How many frames a file has; 1 is no animation. Arguments and errors as in `read_frames`."""
    name = name_of(source)
    with (
        refusing(name),
        open_source(source, name=name) as stream,
        open_image(stream, name=name) as image,
    ):
        check_size(image, name=name, max_pixels=max_pixels)
        return len(_numbers(image))


def read_frames(source: Source, *, max_pixels: int = MAX_PIXELS) -> Iterator[Frame]:
    """The frames of an animation, or the one of a picture, 8 bits a channel; one is in memory.

    Args:
        source: a path, a file's bytes, or a binary stream, which is read to its end.
        max_pixels: frames of more are refused before they are unpacked.
    Raises:
        PictureError: it is missing, damaged, too large, or no picture; damage far into a file
            shows only when its frame is reached.
        ExtraError: it is HEIC and the package that reads it is missing.
    """
    name = name_of(source)
    with (
        refusing(name),
        open_source(source, name=name) as stream,
        open_image(stream, name=name) as image,
    ):
        for number in _numbers(image):
            image.seek(number)
            check_size(image, name=name, max_pixels=max_pixels)
            picture = picture_of(image)  # WebP and AVIF know a frame's time once it is unpacked
            duration = float(image.info.get("duration", 0))
            yield Frame(picture=picture, duration=duration, plays=_plays(image))


def _numbers(image: Image.Image) -> range:
    """The numbers of an animation's frames; the first of PNG may be but a picture in its place."""
    if image.format not in ANIMATED:
        return range(1)
    count: int = getattr(image, "n_frames", 1)
    return range(1 if getattr(image, "default_image", False) and count > 1 else 0, count)


def _plays(image: Image.Image) -> int:
    """A GIF without the count plays once; with it, it tells how often to play again."""
    loop = image.info.get("loop")
    if loop is None:
        return 1
    return int(loop) + 1 if image.format == "GIF" and loop else int(loop)
