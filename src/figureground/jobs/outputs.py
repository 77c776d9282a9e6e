"""What is made of one image: all of it is drawn and encoded before any of it is written."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figureground.errors import StyleError
from figureground.jobs.drawing import reshape, reshape_next
from figureground.jobs.kinds import OUTPUTS
from figureground.jobs.style import Style
from figureground.media.animation import AnimationEncoder, can_move
from figureground.media.encode import encode_image
from figureground.media.formats import Encoding
from figureground.media.naming import Task
from figureground.media.remote import write_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from figureground.jobs.cutout import Animation, Cutout  # which encode themselves
    from figureground.media.strips import Strips

Put = Callable[[Path, bytes], None]
"""Puts a file in its place."""


def write_outputs(
    cutout: "Cutout", task: Task, look: Style, encoding: Encoding, put: Put = write_bytes
) -> None:
    """Write all that a task asks for. Raises ImageError where something cannot be written.

    Of an animation, formats that hold one show every frame, and the others the first.
    """
    for path, data in encode_outputs(cutout, task.targets, look, encoding).items():
        put(path, data)


def encode_outputs(
    cutout: "Cutout", targets: dict[str, Path], look: Style, encoding: Encoding
) -> dict[Path, bytes]:
    """The content of each file that is to be written. Raises ImageError where it does not fit."""
    files: dict[Path, bytes] = {}
    if cutout.animation is not None:
        moving = {kind: path for kind, path in targets.items() if can_move(path)}
        files = encode_animation(cutout.animation, moving, look, encoding) if moving else {}
    shaped = cutout.outlined(reshape(cutout.alpha, look)) if look.reshapes else cutout
    for kind, path in targets.items():
        if path not in files:
            pixels = draw(shaped, kind, look)
            files[path] = encode_image(pixels, path.suffix, like=shaped.original, encoding=encoding)
    return files


def draw(cutout: "Cutout", kind: str, look: Style) -> "NDArray[Any] | Strips":
    """What a kind of output looks like: strip by strip where that is possible, else an array."""
    drawing = cutout.strip_drawing
    strips = None if drawing is None else drawing.strips(kind, look)
    return OUTPUTS[kind](cutout, look) if strips is None else strips


def encode_animation(
    animation: "Animation", targets: dict[str, Path], look: Style, encoding: Encoding
) -> dict[Path, bytes]:
    """All frames as one file of each kind, in the format that its path's ending names.

    Raises:
        StyleError: the frame is to follow the person.
    """
    if look.reframes or look.canvas is not None:
        raise StyleError("an animation keeps its frame, or the person would jump; leave "
                        "--crop and --canvas out")  # fmt: skip
    writers = {
        kind: AnimationEncoder(path, plays=animation.plays, encoding=encoding)
        for kind, path in targets.items()
    }
    memory = None
    for frame, milliseconds in animation.frames():
        alpha, memory = reshape_next(frame.alpha, look, memory)
        shaped = frame.outlined(alpha)
        for kind, writer in writers.items():
            writer.add(OUTPUTS[kind](shaped, look), milliseconds, like=frame.original)
    return {writer.path: writer.join() for writer in writers.values()}
