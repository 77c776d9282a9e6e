"""One image: what the Python interface offers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from figureground.arrays import Alpha
from figureground.engines import Engine, is_stale, open_engine
from figureground.jobs.cutout import Animation, Cutout, Presence
from figureground.jobs.drawing import reshape
from figureground.jobs.style import Options, Style, read_options
from figureground.matting.image_alpha import Matte, estimate_matte
from figureground.matting.raw_alpha import estimate_raw_alpha
from figureground.media.animation import read_animation_info, read_frames
from figureground.media.images import DecodedImage, Source, read_image
from figureground.media.remote import fetch, is_remote
from figureground.models.shipped import MODEL, find_model

LARGE = 1 << 23  # pixels; the matte of so many is made strip by strip, twice, and never whole
__all__ = ["Animation", "Cutout", "Presence", "Remover", "remove"]


class Remover:
    """Takes people out of images with one loaded network; safe to share between threads.

    Example:
        >>> from figureground import Remover
        >>> remover = Remover()
        >>> alpha = remover.alpha("examples/astronaut.jpg")
        >>> alpha.shape, alpha.dtype.name
        ((512, 512), 'float32')
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own, by its name
        self,
        model: str | Path = MODEL,
        *,
        threads: int | None = None,
        max_pixels: int | None = None,
        max_memory: int | None = None,
        smooth: bool = True,
        raw: bool = False,
        device: str = "cpu",
        color: str | None = None,
    ) -> None:
        """Load a network.

        Args:
            model: a shipped preset's name, or the path of an exported network.
            threads: how many cores the network may use; all if None.
            max_pixels: images of more are refused before they are unpacked; None as for
                `read_image`.
            max_memory: images that need more bytes of it are refused likewise; None is half of
                what this process may have.
            smooth: keep the mattes of animations from flickering; else each frame is by itself.
            raw: take the network's matte as it is: no levels, small regions or edges refined.
            device: what an `.onnx` network runs on: cpu, cuda, coreml or openvino.
            color: order of channels that a file of the Keras tutorial takes: bgr, as its scripts
                read images, or rgb. If None, bgr, unless a photo that comes along tells otherwise.
        Raises:
            UsageError: there is no such network.
            ModelError: it cannot be run.
        """
        self.model, self.threads = model, threads
        self.max_pixels, self.max_memory = max_pixels, max_memory
        self.smooth = smooth
        self.raw, self.device, self.color = raw, device, color
        self._engine = self._open()

    def _open(self) -> Engine:
        path = find_model(self.model)
        return open_engine(path, threads=self.threads, device=self.device, color=self.color)

    @property
    def engine(self) -> Engine:
        """The loaded network; a process that was forked loads it again."""
        if is_stale(self._engine):
            self._engine = self._open()
        return self._engine

    def __getstate__(self) -> dict[str, Any]:
        """Leave the loaded network out: a copy loads it again."""
        return {name: value for name, value in vars(self).items() if name != "_engine"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Load the network again."""
        model = state.pop("model")
        Remover.__init__(self, model, **state)

    def __repr__(self) -> str:
        """Tell the network and its input, in one line."""
        rows, columns = self.engine.size
        return f"<Remover model={str(self.model)!r}, input {columns}x{rows}>"

    def alpha(self, image: Source) -> Alpha:
        """The matte of the people in an image, float32 (H, W), 0 to 1; see `remove`."""
        return self.remove(image).alpha

    def remove(self, image: Source, **options: Unpack[Options]) -> Cutout:
        """The people in an image; of an animation the first frame, which knows of the others.

        Args:
            image: a path, a URL (extra `remote`), a file's bytes, a Pillow image, or an array,
                uint8 or uint16, (H, W), (H, W, 3) RGB or (H, W, 4) RGBA. Transparency that is
                already there stays.
            options: what is to be made of it, as `figureground remove` takes it; see `Options`.
        Raises:
            ImageError: it cannot be read as an image.
            UsageError: an option makes no sense.
        """
        style, kind = read_options(options)
        cutout = self._find(image, style, kind)
        return cutout.outlined(reshape(cutout.alpha, style)) if style.reshapes else cutout

    def _find(self, source: Source, style: Style, kind: str) -> Cutout:
        source = fetch(source) if is_remote(source) else source
        image = read_image(source, max_pixels=self.max_pixels, max_memory=self.max_memory)
        estimate = estimate_raw_alpha if self.raw else estimate_matte
        matte, animation = estimate(image.rgb, self.engine), None
        if image.moves and (flow := read_animation_info(source)):
            animation = Animation(plays=flow.plays, frames=lambda: self.remove_frames(source))
        return _cutout(image, matte, animation=animation, style=style, kind=kind)

    def remove_frames(self, source: Source) -> Iterator[tuple[Cutout, float]]:
        """The people in the frames of an animation (GIF, WebP, APNG), and milliseconds of each.

        Each frame is read and worked on when it is asked for. A still image is one frame.

        Raises:
            ImageError: it cannot be read as an image.
        """
        from figureground.matting.animation_alpha import estimate_next_alpha  # of these alone

        memory = None
        for frame in read_frames(source, max_pixels=self.max_pixels, max_memory=self.max_memory):
            if self.raw:
                alpha = estimate_raw_alpha(frame.image.rgb, self.engine)
                yield _cutout(frame.image, alpha), frame.milliseconds
                continue
            alpha, kept = estimate_next_alpha(frame.image.rgb, self.engine, memory)
            memory = kept if self.smooth else None
            yield _cutout(frame.image, alpha), frame.milliseconds


def _cutout(image: DecodedImage, matte: Alpha | Matte, **told: Any) -> Cutout:
    """A cutout, of which more is `told`. Transparency that is already there stays."""
    if isinstance(matte, Matte) and (image.alpha is not None or matte.pixels < LARGE):
        matte = matte.whole()
    if image.alpha is not None:
        matte = np.asarray(matte) * image.alpha
    return Cutout(original=image, alpha=matte, **told)


def remove(image: Source, *, model: str | Path = MODEL, **options: Unpack[Options]) -> Cutout:
    """The people in one image; for many, make one `Remover` and reuse it.

    Args:
        image: as for `Remover.remove`.
        model: as for `Remover`.
        options: as for `Remover.remove`.

    Example:
        >>> from figureground import remove
        >>> cutout = remove("examples/astronaut.jpg")
        >>> cutout.image.mode
        'RGBA'
    """
    return Remover(model).remove(image, **options)
