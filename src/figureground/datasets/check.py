"""What is wrong with pairs of image and mask, and what only looks odd.

survey ──inspect──▶ what each pair is ──judge──▶ findings ──sound_pairs──▶ what can be learnt from
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from figureground.arrays import Mask, Rgb, Size
from figureground.datasets.findings import ERRORS, INVALID, SUSPECT, WARNINGS, Finding
from figureground.datasets.label_issues import find_label_issues
from figureground.datasets.masks import OPAQUE, read_mask_and_kind
from figureground.datasets.near_duplicates import (
    ImageHash,
    find_near_duplicates,
    hash_image,
    match_near_duplicates,
)
from figureground.datasets.pairs import Pair, Survey
from figureground.datasets.read import same_shape
from figureground.engines import Engine
from figureground.errors import DataError, ImageError
from figureground.media.format_table import FORMATS
from figureground.media.formats import format_of
from figureground.media.images import read_image
from figureground.media.memory_budget import in_turn


@dataclass(frozen=True, kw_only=True, eq=False)
class Inspected:
    """What one pair is."""

    pair: Pair
    size: Size | None  # of the image; None where it cannot be read
    print: ImageHash | None
    kind: str | None  # of the mask's levels, see `read_mask_and_kind`; None where it is unreadable
    findings: tuple[Finding, ...]
    drawn: bytes | None = None  # digest of the mask


@dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """What is there and what is wrong with it."""

    inspected: tuple[Inspected, ...]
    findings: tuple[Finding, ...]  # errors first
    kinds: dict[str, int] = field(default_factory=dict)  # masks of each kind of levels

    @property
    def errors(self) -> int:
        """How many findings must be mended."""
        return sum(finding.is_error for finding in self.findings)


def inspect_all(
    pairs: Sequence[Pair], *, masks: bool = True, engine: Engine | None = None
) -> Iterator[Inspected]:
    """Read every pair, several at a time; in order. Without `masks` only images are read.

    A network that is asked too takes turns on all cores, while others read and refine.
    """
    if masks:
        look = in_turn(partial(inspect, engine=engine), lambda pair: (pair.image, pair.mask))
    else:
        look = in_turn(inspect_image, lambda pair: (pair.image,))
    with ThreadPoolExecutor(os.cpu_count() if engine else None) as pool:  # mattes take memory
        yield from pool.map(look, pairs)


def inspect_image(pair: Pair) -> Inspected:
    """Read the image of a pair."""
    return _look(pair)[0]


def _look(pair: Pair) -> tuple[Inspected, Rgb | None]:
    """Inspect an image; returns the image as well, where it can be read."""
    try:
        rgb = read_image(pair.image).rgb
    except ImageError as error:
        fault = Finding(kind="bad-image", name=pair.name, detail=str(error))
        return Inspected(pair=pair, size=None, print=None, kind=None, findings=(fault,)), None
    size = (rgb.shape[0], rgb.shape[1])
    return Inspected(pair=pair, size=size, print=hash_image(rgb), kind=None, findings=()), rgb


def inspect(pair: Pair, *, engine: Engine | None = None) -> Inspected:
    """Read a pair as training and evaluation will, and say what is wrong with it.

    A network, if there is one, is asked whether the mask is right.
    """
    seen, rgb = _look(pair)
    try:
        mask, kind = read_mask_and_kind(pair.mask)
    except DataError as error:
        fault = Finding(kind="bad-mask", name=pair.name, detail=str(error))
        return replace(seen, findings=(*seen.findings, fault))
    findings = [*seen.findings, *_of_mask(pair, mask, kind)]
    if rgb is not None:
        findings.extend(_of_both(pair.name, rgb, mask, engine))
    drawn = hashlib.blake2b(np.ascontiguousarray(mask).data, digest_size=16).digest()
    return replace(seen, kind=kind, findings=tuple(findings), drawn=drawn)


def _of_mask(pair: Pair, mask: Mask, kind: str) -> Iterator[Finding]:
    if not mask.any():
        yield Finding(kind="empty", name=pair.name)
    elif mask.min() == OPAQUE:
        yield Finding(kind="full", name=pair.name)
    elif kind in ("three-level", "faint"):
        yield Finding(kind=kind, name=pair.name)
    if format_of(pair.mask) is FORMATS["JPEG"]:
        yield Finding(kind="lossy", name=pair.name)


def _of_both(name: str, rgb: Rgb, mask: Mask, engine: Engine | None) -> Iterator[Finding]:
    if mask.shape != rgb.shape[:2]:
        yield _misfit(name, (rgb.shape[0], rgb.shape[1]), (mask.shape[0], mask.shape[1]))
    if engine and same_shape(rgb.shape, mask.shape):
        for kind, (grave, detail) in find_label_issues(rgb, mask, engine).items():
            yield Finding(kind=kind, name=name, detail=detail, grave=grave)


def _misfit(name: str, image: Size, mask: Size) -> Finding:
    turned = "; it seems to lie on its side" if mask == image[::-1] else ""
    return Finding(
        kind="scaled" if same_shape(image, mask) else "size",
        name=name,
        detail=f"image {image[1]}x{image[0]}, mask {mask[1]}x{mask[0]} (width x height){turned}",
    )


def judge(
    surveys: Sequence[Survey], inspected: Sequence[Inspected], others: Sequence[Inspected] = ()
) -> Report:
    """All findings, of names, of pairs and between pairs.

    Args:
        surveys: what was found.
        inspected: all pairs of it.
        others: those of sets that must share no image with it.
    """
    findings = [
        *(finding for found in surveys for finding in _of_names(found)),
        *(finding for one in inspected for finding in one.findings),
        *_of_levels(inspected),
        *_of_likeness(inspected, others),
    ]
    order = {kind: number for number, kind in enumerate((*ERRORS, *WARNINGS))}
    findings.sort(key=lambda finding: (order[finding.kind], -finding.grave, finding.name))
    return Report(
        inspected=tuple(inspected),
        findings=tuple(findings),
        kinds=dict(Counter(one.kind for one in inspected if one.kind).most_common()),
    )


def valid_pairs(surveys: Sequence[Survey], report: Report) -> list[Pair]:
    """The pairs without any finding of `INVALID`, of equal images the first such; in order."""
    odd = {finding.name for finding in report.findings if finding.kind in INVALID}
    odd |= {name for found in surveys for name in found.twins.values()}
    sound: dict[bytes, Pair] = {}
    for one in report.inspected:
        if one.print and one.pair.name not in odd:
            sound.setdefault(one.print.digest, one.pair)
    return list(sound.values())


def suspect_pairs(report: Report) -> list[Pair]:
    """The pairs whose masks the network doubts, in order."""
    names = {finding.name for finding in report.findings if finding.kind in SUSPECT}
    return [one.pair for one in report.inspected if one.pair.name in names]


def _of_names(found: Survey) -> Iterator[Finding]:
    where = str(found.place)
    for kind, names in (
        ("no-mask", found.without_mask),
        ("no-image", found.without_image),
        ("two-files", found.twins),
    ):
        yield from (Finding(kind=kind, name=name, detail=where) for name in names)


def _of_levels(inspected: Sequence[Inspected]) -> list[Finding]:
    """Masks of 0 and 1 where other masks are not: a mask with one speck of level 1 looks so."""
    if not any(one.kind in ("hard", "soft", "full", "three-level", "faint") for one in inspected):
        return []
    return [
        Finding(kind="zero-one", name=one.pair.name) for one in inspected if one.kind == "zero-one"
    ]


def _of_likeness(inspected: Sequence[Inspected], others: Sequence[Inspected]) -> Iterator[Finding]:
    """Duplicates within the set, and with other sets; those only within others do not matter.

    Of many that are alike each is told once, beside the first.
    """
    own = [one for one in inspected if one.print]
    strangers = [one for one in others if one.print]
    prints = [one.print for one in own if one.print]
    for tie in find_near_duplicates(prints):
        one, two = own[tie.first], own[tie.second]
        differ = tie.exact and one.drawn != two.drawn
        yield Finding(
            kind="duplicate" if tie.exact else "near-duplicate",
            name=one.pair.name,
            detail=f"like {two.pair.name}{', but the masks differ' if differ else ''}",
        )
    for tie in match_near_duplicates(prints, [one.print for one in strangers if one.print]):
        yield Finding(
            kind="other-set" if tie.exact else "near-other-set",
            name=own[tie.first].pair.name,
            detail=f"like {strangers[tie.second].pair.name}",
        )
