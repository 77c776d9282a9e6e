"""One picture: what the Python interface offers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.arrays import Alpha
from figureground.engines import open_engine
from figureground.jobs.backgrounds import Background, as_background, compose_over
from figureground.matting import compositing
from figureground.matting.blur import blur_behind
from figureground.matting.edited_foreground import edited_foreground
from figureground.matting.image_alpha import estimate_alpha, estimate_next_alpha
from figureground.matting.row_chunks import to_depth
from figureground.matting.temporal_smoothing import TemporalState
from figureground.media.animation import read_animation_info, read_frames
from figureground.media.encode import DEFAULT, Encoding, encode_picture, write_picture
from figureground.media.pictures import Picture, Source, read_picture
from figureground.media.remote import fetch, is_remote
from figureground.models.shipped import MODEL, find_model

EMPTY = 2e-4  # share of a picture below which what was found is nobody


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Whether there is anybody in a picture, as far as the network can tell."""

    share: float  # of the picture that people cover, 0 to 1
    confidence: float  # mean matte where there is one, weighted by itself: 1 sure, 0.5 guessing

    @property
    def empty(self) -> bool:
        """Whether there is nobody in it."""
        return self.share < EMPTY


@dataclass(frozen=True, kw_only=True, eq=False)
class Cutout:
    """A picture and the matte of the people in it."""

    picture: Picture
    alpha: Alpha  # float32 (H, W), 0 to 1
    animation: "Animation | None" = None  # that this is the first frame of
    found: Alpha | None = None  # the matte before its outline was changed, where it was

    @cached_property
    def foreground(self) -> NDArray[Any]:
        """The people's own colours, free of what was behind them: (H, W, 3), depth kept."""
        matte, shown = (self.alpha, None) if self.found is None else (self.found, self.alpha)
        return edited_foreground(
            self.picture.pixels, matte, shown=shown, opacity=self.picture.alpha
        )

    def outlined(self, alpha: Alpha) -> "Cutout":
        """The same people with another outline; their colours stay those that were found.

        alpha: float32 (H, W), 0 to 1.
        """
        if alpha is self.alpha:
            return self
        return replace(self, alpha=alpha, found=self.alpha if self.found is None else self.found)

    @cached_property
    def pixels(self) -> NDArray[Any]:
        """Foreground and alpha, straight: (H, W, 4), depth and colour space of the picture."""
        return compositing.cutout(self.foreground, self.alpha)

    @cached_property
    def presence(self) -> Presence:
        """How much of the picture people cover, and how sure that is."""
        total = float(self.alpha.sum())
        confidence = float(np.vdot(self.alpha, self.alpha)) / total if total else 0.0
        return Presence(share=float((self.alpha > 0.5).mean()), confidence=confidence)

    @property
    def image(self) -> Image.Image:
        """The cutout as a Pillow image in mode RGBA, 8 bits a channel."""
        image = Image.fromarray(to_depth(self.pixels, np.uint8))
        if self.picture.profile:
            image.info["icc_profile"] = self.picture.profile
        return image

    def composite(self, background: "Source | Background") -> NDArray[Any]:
        """The people over something else, (H, W, 3), depth kept.

        Args:
            background: all that the command line takes ("#00ff00", "white", "blur:20",
                "gradient:white,skyblue", a picture's path), a colour (0, 255, 0), a picture as
                `remove` takes it, scaled to cover the whole, or see `jobs.backdrop`.
        Raises:
            ColorError: a text or tuple that names no background.
            PictureError: a picture that cannot be read.
        """
        return compose_over(
            self.foreground,
            self.alpha,
            as_background(background),
            blurred=lambda radius: blur_behind(self.picture.pixels, self.alpha, radius=radius),
        )

    def save(self, path: str | Path, *, encoding: Encoding = DEFAULT) -> None:
        """Write the cutout with transparency, in the format that the path's ending names.

        Raises:
            PictureError: the path cannot be written.
            UsageError: its ending names no format, or one without transparency.
        """
        write_picture(self.pixels, path, like=self.picture, encoding=encoding)

    def encode(self, suffix: str = ".png", *, encoding: Encoding = DEFAULT) -> bytes:
        """Return what `save` would write into a file with that ending.

        Raises:
            UsageError: the ending names no format, or one without transparency.
        """
        return encode_picture(self.pixels, suffix, like=self.picture, encoding=encoding)


@dataclass(frozen=True, kw_only=True)
class Animation:
    """The rest of a picture that moves."""

    plays: int  # how often it is shown; 0 is for ever
    frames: Callable[[], Iterator[tuple[Cutout, float]]]  # all of them, and milliseconds of each


class Remover:
    """Takes people out of pictures with one loaded network; safe to share between threads.

    Example:
        >>> from figureground import Remover
        >>> remover = Remover()
        >>> alpha = remover.alpha("examples/astronaut.jpg")
        >>> alpha.shape, alpha.dtype.name
        ((512, 512), 'float32')
    """

    def __init__(
        self,
        model: str | Path = MODEL,
        *,
        threads: int | None = None,
        max_pixels: int | None = None,
        still: bool = True,
    ) -> None:
        """Load a network.

        Args:
            model: a shipped preset's name, or the path of an exported network.
            threads: how many cores the network may use; all if None.
            max_pixels: pictures of more are refused before they are unpacked; None as for
                `read_picture`.
            still: keep the mattes of animations from flickering; else each frame is by itself.
        Raises:
            UsageError: there is no such network.
            ModelError: it cannot be run.
        """
        self.engine = open_engine(find_model(model), threads=threads)
        self.max_pixels = max_pixels
        self.still = still

    def alpha(self, image: Source) -> Alpha:
        """The matte of the people in a picture, float32 (H, W), 0 to 1; see `remove`."""
        return self.remove(image).alpha

    def remove(self, image: Source) -> Cutout:
        """The people in a picture; of an animation the first frame, which knows of the others.

        Args:
            image: a path, a URL (extra `remote`), a file's bytes, a Pillow image, or an array,
                uint8 or uint16, (H, W), (H, W, 3) RGB or (H, W, 4) RGBA. Transparency that is
                already there stays.
        Raises:
            PictureError: it cannot be read as a picture.
        """
        image = fetch(image) if is_remote(image) else image
        picture = read_picture(image, max_pixels=self.max_pixels)
        cutout = _cutout(picture, estimate_alpha(picture.rgb, self.engine))
        flow = read_animation_info(image)
        if flow is None:
            return cutout
        animation = Animation(plays=flow.plays, frames=lambda: self.remove_frames(image))
        return replace(cutout, animation=animation)

    def remove_frames(self, source: Source) -> Iterator[tuple[Cutout, float]]:
        """The people in the frames of an animation (GIF, WebP, APNG), and milliseconds of each.

        Each frame is read and worked on when it is asked for. A still picture is one frame.

        Raises:
            PictureError: it cannot be read as a picture.
        """
        memory: TemporalState | None = None
        for frame in read_frames(source, max_pixels=self.max_pixels):
            alpha, kept = estimate_next_alpha(frame.picture.rgb, self.engine, memory)
            memory = kept if self.still else None
            yield _cutout(frame.picture, alpha), frame.milliseconds


def _cutout(picture: Picture, alpha: Alpha) -> Cutout:
    """Transparency that is already there stays."""
    if picture.alpha is not None:
        alpha = alpha * picture.alpha
    return Cutout(picture=picture, alpha=alpha)


def remove(image: Source, *, model: str | Path = MODEL) -> Cutout:
    """The people in one picture; for many, make one `Remover` and reuse it.

    Example:
        >>> from figureground import remove
        >>> cutout = remove("examples/astronaut.jpg")
        >>> cutout.image.mode
        'RGBA'
    """
    return Remover(model).remove(image)
