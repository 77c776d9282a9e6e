"""Cutouts with transparency, and folders of images and soft mattes."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from figureground.arrays import Mask, Rgb
from figureground.datasets.items import TOLD, Backdrop, Item, Wanted, failing, find_backdrop
from figureground.datasets.masks import understand
from figureground.datasets.pairs import by_name
from figureground.errors import DataError
from figureground.matting import compositing
from figureground.media.images import read_image

# Names of folders in published data sets: AIM-500, AM-2k, P3M-10k, BackgroundMattingV2, Adobe.
IMAGES = ("image", "images", "img", "original", "original_image", "merged")
FOREGROUNDS = ("fg", "fgr", "foreground", "foregrounds")
ALPHAS = ("alpha", "alphas", "pha", "matte", "mattes", "matting", "mask", "masks", "gt")
BACKGROUNDS = ("bg", "bgr", "background", "backgrounds")


def read_rgba(place: Path, wanted: Wanted) -> list[Item]:
    """Cutouts below a folder; their transparency becomes the mask, they are laid over a backdrop.

    Raises:
        DataError: there are no images.
    """
    images, twins = by_name(place)
    shared = set(twins.values())
    return [*_twins(twins, place), *(
        Item(
            name=name, source=path, composed=True,
            draw=partial(_draw_cutout, path, name, wanted.backdrop),
        )
        for name, path in images.items() if name not in shared
    )]  # fmt: skip


def _twins(twins: Mapping[str, str], place: Path) -> list[Item]:
    """Names that two files share, as items that fail."""
    return [
        failing(told, place / name, DataError(f"one name for two files, {told}; rename one"))
        for told, name in twins.items()
    ]


def _draw_cutout(path: Path, name: str, backdrop: Backdrop) -> tuple[Rgb, Mask]:
    image = read_image(path)
    if image.alpha is None:
        raise DataError(f"{str(path)!r} has no transparency; it is no cutout")
    behind = backdrop.at(name, (image.rgb.shape[0], image.rgb.shape[1]))
    return compositing.composite(image.rgb, image.alpha, behind), compositing.mask(image.alpha)


def read_matting(place: Path, wanted: Wanted) -> list[Item]:
    """Images and mattes in two folders, or foregrounds and mattes, laid over a backdrop.

    Without a backdrop of images, a folder of backgrounds beside them is taken.

    Raises:
        DataError: a folder is missing.
    """
    alphas = find_room(place, ALPHAS)
    images = wanted.images or find_room(place, IMAGES)
    source = images or find_room(place, FOREGROUNDS)
    if alphas is None or source is None:
        raise DataError(
            f"{str(place)!r} lacks a folder of mattes ({', '.join(ALPHAS)}), or one of images "
            f"({', '.join(IMAGES)}) or foregrounds ({', '.join(FOREGROUNDS)})"
        )
    mattes, twins = by_name(alphas)
    files, more = by_name(source)
    backdrop = wanted.backdrop
    behind = find_room(place, BACKGROUNDS)
    if behind is not None and not backdrop.images:
        backdrop = find_backdrop(backdrop.color, behind)
    shared = {*twins.values(), *more.values()}
    return [
        *_twins(twins | more, source), *_lonely(mattes, files, place),
        *(
            Item(
                name=name, source=files[name], composed=images is None,
                draw=partial(_draw_matte, mattes[name])
                if images
                else partial(_draw_foreground, files[name], mattes[name], name, backdrop),
            )
            for name in sorted(mattes.keys() & files.keys() - shared)
        ),
    ]  # fmt: skip


def _lonely(mattes: Mapping[str, Path], files: Mapping[str, Path], place: Path) -> list[Item]:
    """Mattes without an image and images without a matte, as items that fail."""
    alone = {**mattes, **files}
    return [
        failing(
            str(alone[name].relative_to(place) if alone[name].is_relative_to(place) else name),
            alone[name],
            DataError(f"no partner for {name[:TOLD]!r}; add what is missing"),
        )
        for name in sorted(mattes.keys() ^ files.keys())
    ]


def find_room(place: Path, names: tuple[str, ...]) -> Path | None:
    """The folder in `place` that has one of some names, in upper or lower case."""
    folders = {path.name.casefold(): path for path in place.iterdir() if path.is_dir()}
    return next((folders[name] for name in names if name in folders), None)


def _draw_matte(path: Path) -> tuple[None, Mask]:
    return None, read_matte(path)


def _draw_foreground(path: Path, matte: Path, name: str, backdrop: Backdrop) -> tuple[Rgb, Mask]:
    rgb, mask = read_image(path).rgb, read_matte(matte)
    if rgb.shape[:2] != mask.shape:
        raise DataError(
            f"the matte {str(matte)!r} is {mask.shape} but its foreground is {rgb.shape[:2]} "
            "(rows, columns); make them one size"
        )
    alpha = mask.astype(np.float32) / np.float32(255)
    return compositing.composite(rgb, alpha, backdrop.at(name, (rgb.shape[0], rgb.shape[1]))), mask


def read_matte(path: Path) -> Mask:
    """A matte, uint8 (H, W): grey of 8 or 16 bits, or the transparency of a cutout.

    Raises:
        DataError: it has colours.
        ImageError: it cannot be read.
    """
    image = read_image(path)
    if image.alpha is not None:
        return compositing.mask(image.alpha)
    if np.ptp(image.pixels, axis=2).any():
        raise DataError(f"the matte {str(path)!r} has colours; it must be grey, 0 to white")
    levels = image.pixels[..., 0]
    deep = levels.dtype == np.uint16
    return understand(np.rint(levels / 257).astype(np.uint8) if deep else levels, path)[0]
