"""Kinds of output of a picture: each kind's name and how it is made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from figureground.errors import StyleError
from figureground.jobs.remover import Animation, Cutout
from figureground.jobs.style import Style, composite, person, reshape
from figureground.matting import compositing, effects, morphology
from figureground.media.animation import AnimationEncoder, can_move
from figureground.media.encode import Encoding, encode_picture
from figureground.media.naming import Task
from figureground.media.remote import write_bytes

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def _cutout(cutout: Cutout, look: Style) -> NDArray[Any]:
    return compositing.cutout(*person(cutout, look))


def _mask(cutout: Cutout, look: Style) -> NDArray[Any]:
    return compositing.mask(person(cutout, look)[1])


def _mask16(cutout: Cutout, look: Style) -> NDArray[Any]:
    return compositing.mask16(person(cutout, look)[1])


def _trimap(cutout: Cutout, look: Style) -> NDArray[Any]:
    alpha = person(cutout, look)[1]
    return morphology.trimap(alpha, width=max(1, max(alpha.shape) // 100))


def _foreground(cutout: Cutout, look: Style) -> NDArray[Any]:
    return person(cutout, look)[0]


def _outline(cutout: Cutout, look: Style) -> NDArray[Any]:
    pixels, alpha = person(cutout, look)
    width = max(alpha.shape) / 120
    return compositing.cutout(*effects.outline(pixels, alpha, width=width, color=WHITE))


def _side_by_side(cutout: Cutout, look: Style) -> NDArray[Any]:
    return compositing.side_by_side(cutout.picture.pixels, cutout.foreground, cutout.alpha)


OUTPUTS: dict[str, Callable[[Cutout, Style], NDArray[Any]]] = {
    "cutout": _cutout,
    "mask": _mask,
    "composite": composite,
    "side-by-side": _side_by_side,
    "foreground": _foreground,
    "mask16": _mask16,
    "trimap": _trimap,
    "outline": _outline,
}
TRANSPARENT = {"cutout", "outline"}


Put = Callable[[Path, bytes], None]
"""Puts a file in its place."""


def write_outputs(
    cutout: Cutout, task: Task, look: Style, encoding: Encoding, put: Put = write_bytes
) -> None:
    """Write all that a task asks for. Raises PictureError where something cannot be written.

    Of an animation, formats that hold one show every frame, and the others the first.
    """
    moving = {kind: path for kind, path in task.targets.items() if can_move(path)}
    if cutout.animation is not None and moving:
        joined = encode_animation(cutout.animation, moving, look, encoding)
        for kind, data in joined.items():
            put(moving[kind], data)
    else:
        moving = {}
    still = {kind: path for kind, path in task.targets.items() if kind not in moving}
    cutout = cutout.outlined(reshape(cutout.alpha, look))
    for kind, path in still.items():
        pixels = OUTPUTS[kind](cutout, look)
        put(path, encode_picture(pixels, path.suffix, like=cutout.picture, encoding=encoding))


def encode_animation(
    animation: Animation, targets: dict[str, Path], look: Style, encoding: Encoding
) -> dict[str, bytes]:
    """All frames as one file of each kind, in the format that its path's ending names.

    Raises:
        StyleError: the frame is to follow the person.
    """
    if look.reframes or look.canvas is not None:
        raise StyleError("an animation keeps its frame, or the person would jump; leave "
                        "--crop and --canvas out")  # fmt: skip
    reels = {
        kind: AnimationEncoder(path, plays=animation.plays, encoding=encoding)
        for kind, path in targets.items()
    }
    for frame, milliseconds in animation.frames():
        shaped = frame.outlined(reshape(frame.alpha, look))
        for kind, reel in reels.items():
            reel.add(OUTPUTS[kind](shaped, look), milliseconds, like=frame.picture)
    return {kind: reel.join() for kind, reel in reels.items()}


def parse_kinds(text: str) -> tuple[str, ...]:
    """`cutout,mask` as a tuple. Raises StyleError at a word that is no kind of output."""
    kinds = tuple(dict.fromkeys(word.strip() for word in text.split(",")))
    for kind in kinds:
        if kind not in OUTPUTS:
            raise StyleError(f"there is no output {kind!r}; there are {', '.join(OUTPUTS)}")
    return kinds
