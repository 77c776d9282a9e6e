"""What `remove` returns: people, their matte, and what is to be made of them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn, overload

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.arrays import Alpha, Size
from figureground.jobs.backgrounds import Background, as_background
from figureground.jobs.composite import Composite, as_ending, preview, save_as
from figureground.jobs.drawing import composite, person
from figureground.jobs.kinds import OUTPUTS
from figureground.jobs.outputs import draw, encode_animation
from figureground.jobs.strips import StripDrawing
from figureground.jobs.style import Style
from figureground.matting import compositing
from figureground.matting.compositing import to_depth
from figureground.matting.edited_foreground import edited_foreground
from figureground.matting.image_alpha import Matte
from figureground.media.animation import can_move
from figureground.media.encode import encode_image
from figureground.media.formats import DEFAULT, Encoding
from figureground.media.images import DecodedImage, Source

EMPTY = 2e-4  # share of an image below which what was found is nobody


class Presence(NamedTuple):
    """Whether there is anybody in an image, as far as the network can tell."""

    share: float  # of the image that people cover, 0 to 1
    confidence: float  # mean matte where there is one, weighted by itself: 1 sure, 0.5 guessing

    @property
    def empty(self) -> bool:
        """Whether there is nobody in it."""
        return self.share < EMPTY


class WholeAlpha:
    """The field `alpha`: a matte that is made strip by strip becomes an array when it is asked for."""

    @overload
    def __get__(self, cutout: None, owner: type) -> NoReturn: ...
    @overload
    def __get__(self, cutout: "Cutout", owner: type) -> Alpha: ...
    def __get__(self, cutout: "Cutout | None", owner: type) -> Alpha:
        if cutout is None:
            raise AttributeError("alpha")  # which tells dataclasses that there is no default
        if isinstance(cutout.matte, Matte):
            vars(cutout)["_matte"] = cutout.matte.whole()
        return np.asarray(cutout.matte)

    def __set__(self, cutout: "Cutout", matte: "Alpha | Matte") -> None:
        vars(cutout)["_matte"] = matte


@dataclass(frozen=True, kw_only=True, eq=False)
class Cutout:
    """An image and the matte of the people in it."""

    original: DecodedImage
    alpha: WholeAlpha = WholeAlpha()  # float32 (H, W), 0 to 1
    animation: "Animation | None" = None  # that this is the first frame of
    found: Alpha | None = None  # the matte before its outline was changed, where it was
    style: Style = field(default_factory=Style)  # how `save` frames and draws it
    kind: str = "cutout"  # what `save` writes, one of `kinds.OUTPUTS`

    @property
    def matte(self) -> "Alpha | Matte":
        """The matte as it is kept: an array, or what makes it strip by strip."""
        kept: Alpha | Matte = vars(self)["_matte"]
        return kept

    @property
    def size(self) -> Size:
        """Rows and columns of the image."""
        matte = self.matte
        return matte.size if isinstance(matte, Matte) else (matte.shape[0], matte.shape[1])

    @cached_property
    def strip_drawing(self) -> StripDrawing | None:
        """What draws results strip by strip; None where a whole matte is there, or needed."""
        if not isinstance(self.matte, Matte) or self.original.alpha is not None:
            return None
        return StripDrawing(self.original.pixels, self.matte)

    @cached_property
    def foreground(self) -> NDArray[Any]:
        """The people's own colours, free of what was behind them: (H, W, 3), depth kept."""
        matte, shown = (self.alpha, None) if self.found is None else (self.found, self.alpha)
        return edited_foreground(
            self.original.pixels, matte, shown=shown, opacity=self.original.alpha
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
        """Foreground and alpha as styled: (h, w, 4), straight, in the image's depth and space."""
        return compositing.cutout(*person(self, self.style))

    @cached_property
    def presence(self) -> Presence:
        """How much of the image people cover, and how sure that is."""
        drawing = self.strip_drawing
        if drawing is not None:
            total, squares, people = drawing.total, drawing.squares, drawing.people
        else:
            total = float(self.alpha.sum())
            squares = cv2.norm(self.alpha, cv2.NORM_L2SQR)
            people = int(np.count_nonzero(self.alpha > 0.5))
        rows, columns = self.size
        return Presence(share=people / (rows * columns), confidence=squares / total if total else 0)

    @property
    def image(self) -> Image.Image:
        """The cutout as a Pillow image in mode RGBA, 8 bits a channel."""
        image = Image.fromarray(to_depth(self.pixels, np.uint8))
        if self.original.profile:
            image.info["icc_profile"] = self.original.profile
        return image

    def composite(self, background: "Source | Background") -> "Composite":
        """Lay the people over something else, (h, w, 3), depth kept.

        Args:
            background: all that the command line takes ("#00ff00", "white", "blur:20",
                "gradient:white,skyblue", an image's path), a colour (0, 255, 0), an image as
                `remove` takes it, scaled to cover the whole, or a Blur, Gradient or Scene.
        Raises:
            ColorError: a text or tuple that names no background.
            ImageError: an image that cannot be read.
        """
        style = replace(self.style, background=as_background(background))
        return Composite.of(composite(self, style), self.original)

    def rendered(self) -> NDArray[Any]:
        """Draw what `save` writes: (h, w), (h, w, 3) or (h, w, 4), uint8 or uint16."""
        return OUTPUTS[self.kind](self, self.style)

    def save(
        self,
        target: "str | os.PathLike[str] | BinaryIO",
        *,
        format: str | None = None,
        encoding: Encoding = DEFAULT,
    ) -> None:
        """Write what was asked of `remove` into a file; a cutout has transparency.

        Of an animation all frames are written, where the format holds one.

        Args:
            target: a path, or a file object open for bytes.
            format: as for `to_bytes`; None for what the name ends in, PNG for one without a name.
            encoding: how it is packed.
        Raises:
            ImageError: the path cannot be written.
            UsageError: the format is unknown, or holds no transparency.
        """
        save_as(lambda ending: self._encoded(ending, encoding), target, format)

    def to_bytes(self, format: str = "png", *, encoding: Encoding = DEFAULT) -> bytes:
        """Encode what `save` would write into a file.

        format: "png", "jpeg" and so on, with or without a dot, in either case.
        Raises:
            UsageError: the format is unknown, or holds no transparency.
        """
        return self._encoded(as_ending(format), encoding)

    def _encoded(self, ending: str, encoding: Encoding) -> bytes:
        """Encode what `save` writes; of an animation all frames, where the format holds one."""
        path = Path(f"result{ending}")
        if self.animation is None or not can_move(path):
            return encode_image(
                draw(self, self.kind, self.style), ending, like=self.original, encoding=encoding
            )
        targets = {self.kind: path}
        return encode_animation(self.animation, targets, self.style, encoding)[path]

    def __bytes__(self) -> bytes:
        """Refuse: bytes need a format."""
        raise TypeError("a Cutout has no bytes of its own; use cutout.to_bytes('png')")

    def __repr__(self) -> str:
        """Tell the size and how much of it people cover, in one line."""
        rows, columns = self.size
        return f"<Cutout {columns}x{rows}, {self.presence.share:.0%} people, kind={self.kind!r}>"

    def _repr_png_(self) -> bytes:
        """Show it in a notebook, over a checkerboard, at most SHOWN pixels wide or high."""
        return preview(self.rendered())


# Python's own words to f.write(cutout) tell the type's name; so it says what to write instead.
# Pickle goes by __qualname__, which stays.
Cutout.__name__ = "Cutout; use .to_bytes('png')"


@dataclass(frozen=True, kw_only=True)
class Animation:
    """The rest of an image that moves."""

    plays: int  # how often it is shown; 0 is for ever
    frames: Callable[[], Iterator[tuple[Cutout, float]]]  # all of them, and milliseconds of each
