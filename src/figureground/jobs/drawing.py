"""Draw results: the outline, the framing, and what lies behind."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Mask
from figureground.errors import StyleError
from figureground.jobs.backgrounds import Background, Blur, Gradient
from figureground.jobs.style import Style
from figureground.matting import canvas, compositing, effects, morphology
from figureground.matting.background import gradient
from figureground.matting.blur import blur_behind
from figureground.matting.compositing import to_depth
from figureground.matting.people_selection import Chosen, choose_people
from figureground.matting.people_tracking import FollowedPeople, follow_people
from figureground.matting.resize import resize
from figureground.media.images import Source, read_image
from figureground.media.limits import MAX_PIXELS

if TYPE_CHECKING:
    from figureground.jobs.cutout import Cutout  # which carries a Style

OUTLINE = (255, 255, 255)


def reshape(alpha: Alpha, look: Style) -> Alpha:
    """The matte of those who are asked for, with the outline that is, float32 (H, W).

    Raises:
        StyleError: nobody is where somebody was pointed at.
        ImageError: the mask to keep cannot be read.
    """
    return _outlined(choose_people(alpha, chosen(look)) if look.chooses else alpha, look)


def reshape_next(
    alpha: Alpha, look: Style, memory: FollowedPeople | None
) -> tuple[Alpha, FollowedPeople | None]:
    """As `reshape`, of what moves: those who were chosen in the first frame are followed.

    memory: what the last call returned; None at the beginning.
    """
    if look.chooses:
        known = memory is not None and look.keep_mask is not None
        alpha, memory = follow_people(alpha, () if known else chosen(look), memory)
    return _outlined(alpha, look), memory


def chosen(look: Style) -> Chosen:
    """Return whom to keep: a word, points or a mask, uint8 (h, w)."""
    if look.keep_mask is None:
        return look.people
    return read_hint(look.keep_mask)


def read_hint(source: Source) -> Mask:
    """A hint mask from an image: what is white, or opaque in a cutout; uint8 (h, w).

    Raises:
        ImageError: it cannot be read.
    """
    hint = read_image(source)
    if hint.alpha is not None and (hint.alpha < 1).any():
        return np.asarray(hint.alpha * 255, np.uint8)
    return np.asarray(to_depth(hint.rgb, np.uint8).max(axis=2), np.uint8)


def _outlined(alpha: Alpha, look: Style) -> Alpha:
    if look.min_area:
        alpha = morphology.drop_small(alpha, area=look.min_area)
    if look.grow:
        alpha = morphology.grow(alpha, pixels=look.grow)
    if look.threshold is not None:
        alpha = morphology.threshold(alpha, level=look.threshold)
    return morphology.feather(alpha, radius=look.feather) if look.feather else alpha


def person(cutout: "Cutout", look: Style) -> tuple[NDArray[Any], Alpha]:
    """Colours (h, w, 3) and alpha (h, w) as they are written: with shadow, cropped or framed."""
    pixels, alpha = _widen(cutout.foreground, cutout.alpha, look)
    box = _box(alpha, look)
    if look.canvas is not None:
        pixels, alpha = canvas.place_on_canvas(pixels, alpha, size=look.canvas)
    if look.shadow:
        reach = max(alpha.shape) / 60
        offset = round(reach), round(reach / 2)
        pixels, alpha = effects.shadow(pixels, alpha, offset=offset, blur=max(0.5, reach))
    if box is not None:
        pixels, alpha = pixels[box], alpha[box]
    if look.size is None or look.size == alpha.shape:
        return pixels, alpha
    return canvas.scale(pixels, alpha, look.size)


def composite(cutout: "Cutout", look: Style) -> NDArray[Any]:
    """The person before the background that is asked for, (h, w, 3)."""

    def blurred(radius: float) -> NDArray[Any]:
        whole = blur_behind(cutout.original.pixels, cutout.alpha, radius=radius)
        whole, wide = _widen(whole, cutout.alpha, look)
        box = _box(wide, look)
        part = whole if box is None else np.ascontiguousarray(whole[box])
        return part if look.size is None else resize(part, look.size)

    pixels, alpha = person(cutout, look)
    return compose_over(pixels, alpha, look.background, blurred=blurred)


def draw_cutout(cutout: "Cutout", look: Style) -> NDArray[Any]:
    """Colours and alpha, (h, w, 4)."""
    return compositing.cutout(*person(cutout, look))


def draw_mask(cutout: "Cutout", look: Style) -> NDArray[Any]:
    """The matte, uint8 (h, w)."""
    return compositing.mask(person(cutout, look)[1])


def draw_mask16(cutout: "Cutout", look: Style) -> NDArray[Any]:
    """The matte, uint16 (h, w)."""
    return compositing.mask16(person(cutout, look)[1])


def draw_trimap(cutout: "Cutout", look: Style) -> NDArray[Any]:
    """What is surely the person, surely not, or unsure, uint8 (h, w)."""
    alpha = person(cutout, look)[1]
    return morphology.trimap(alpha, width=max(1, max(alpha.shape) // 100))


def draw_foreground(cutout: "Cutout", look: Style) -> NDArray[Any]:
    """The person's colours, everywhere, (h, w, 3)."""
    return person(cutout, look)[0]


def draw_outline(cutout: "Cutout", look: Style) -> NDArray[Any]:
    """The cutout with a white line around it, as a sticker has, (h, w, 4)."""
    pixels, alpha = person(cutout, look)
    width = max(alpha.shape) / 120
    return compositing.cutout(*effects.outline(pixels, alpha, width=width, color=OUTLINE))


def draw_side_by_side(cutout: "Cutout", look: Style) -> NDArray[Any]:
    """The image and the cutout on a checkerboard beside it, (h, 2 w, 3)."""
    return compositing.side_by_side(cutout.original.pixels, cutout.foreground, cutout.alpha)


def _aspect(look: Style) -> float | None:
    return look.aspect if look.size is None else look.size[1] / look.size[0]


def _widen(pixels: NDArray[Any], alpha: Alpha, look: Style) -> tuple[NDArray[Any], Alpha]:
    """The image, its edges continued where the window around the person lacks room; and the matte.

    Nobody is where the image ends.
    """
    top, bottom, left, right = room = _room(alpha, look)
    if not any(room):
        return pixels, alpha
    wide = cv2.copyMakeBorder(pixels, *room, cv2.BORDER_REPLICATE)
    return wide, np.pad(alpha, ((top, bottom), (left, right)))


def _room(alpha: Alpha, look: Style) -> tuple[int, int, int, int]:
    """Rows above and below, columns left and right, that the image is to be continued by.

    Raises:
        StyleError: the window would be larger than any image may be.
    """
    aspect = _aspect(look)
    if aspect is None or look.fit == "cover":
        return 0, 0, 0, 0
    top, bottom, left, right = canvas.room_for(alpha, aspect=aspect, margin=look.crop or 0.0)
    rows, columns = alpha.shape[0] + top + bottom, alpha.shape[1] + left + right
    if rows * columns > MAX_PIXELS:
        raise StyleError(
            f"a window of that shape around the whole person has {columns}x{rows} pixels, and at "
            f"most {MAX_PIXELS} are allowed; take another shape, or --fit cover"
        )
    return top, bottom, left, right


def _box(alpha: Alpha, look: Style) -> canvas.Block | None:
    """The window around the person that results show; None where they show the whole image.

    alpha: the matte, widened where the window lacks room.
    """
    aspect = _aspect(look)
    if aspect is not None:
        return canvas.shaped_box(alpha, aspect=aspect, margin=look.crop)
    return None if look.crop is None else canvas.person_box(alpha, margin=look.crop)


def compose_over(
    pixels: NDArray[Any],
    alpha: Alpha,
    background: Background,
    *,
    blurred: Callable[[float], NDArray[Any]],
) -> NDArray[Any]:
    """The person before a background, (H, W, 3) in the depth of `pixels`.

    Args:
        pixels: colours of the person, uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
        background: what lies behind.
        blurred: makes the image's own background, (H, W, 3) in the depth of `pixels`, blurred by
            a radius in pixels, where that is asked for; it is written into.
    """
    if isinstance(background, tuple):
        return compositing.composite(pixels, alpha, background)
    size, depth = (alpha.shape[0], alpha.shape[1]), pixels.dtype.type
    if isinstance(background, Blur):
        behind = blurred(background.radius)
    elif isinstance(background, Gradient):
        behind = gradient(background.colors, size, depth=depth)
    else:
        behind = to_depth(background.at(size), depth)
    compositing.lay_over(pixels, alpha, behind)
    return behind
