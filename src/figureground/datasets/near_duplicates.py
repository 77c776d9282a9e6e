"""Find near duplicates by perceptual hashes, compared in bulk.

A print holds two 64-bit difference hashes, of the picture and of its mirror image, and a thumbnail.
Hashes find candidates, thumbnails confirm them: two portraits before one wall share a hash more
often than a thumbnail.

Source of the hash: Krawetz, "Kind of Like That", hackerfactor.com, 2013 (dHash).
"""

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Rgb

CLOSE = 12  # bits of 64 in which hashes of candidates may differ
ALIKE = 0.95  # correlation of the thumbnails of near-duplicates
SIDE = 16  # of a thumbnail, pixels
FLAT = 1.0  # standard deviation of grey levels below which a picture shows nothing
BLOCK = 512  # rows of hashes that are compared at once
PIECE = 50_000  # candidates that are: 100 MB


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageHash:
    """What is kept of a picture to compare it by."""

    digest: bytes  # of the decoded pixels
    hash: int  # 64 bits, a bit for each step from left to right that gets brighter
    mirrored: int  # the same of the mirror image
    thumbnail: NDArray[np.float32]  # (SIDE * SIDE,), mean 0 and length 1; all 0 for a flat picture


@dataclass(frozen=True, kw_only=True)
class NearDuplicate:
    """Two pictures that show the same, by their positions."""

    first: int
    second: int
    exact: bool  # pixel by pixel


def hash_image(rgb: Rgb) -> ImageHash:
    """The print of a picture, uint8 (H, W, 3)."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    digest = hashlib.blake2b(repr(rgb.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(rgb).data)
    small = np.asarray(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
    centred = small.ravel() - small.mean()
    flat = small.std() < FLAT
    return ImageHash(
        digest=digest.digest(),
        hash=_hash(grey),
        mirrored=_hash(grey[:, ::-1]),
        thumbnail=centred * 0 if flat else centred / np.linalg.norm(centred),
    )


def _hash(grey: NDArray[np.uint8]) -> int:
    steps = np.diff(cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)) > 0
    return int.from_bytes(np.packbits(steps).tobytes(), "big")


def find_near_duplicates(prints: Sequence[ImageHash]) -> list[NearDuplicate]:
    """All pairs of pictures that are the same or nearly, mirrored ones too, in order.

    Every hash is compared with every other in blocks: 10,000 pictures are 50 million comparisons.
    """
    hashes = np.array([p.hash for p in prints], np.uint64)
    mirrored = np.array([p.mirrored for p in prints], np.uint64)
    thumbnails = np.array([p.thumbnail for p in prints], np.float32).reshape(-1, SIDE, SIDE)
    found = []
    for first in range(0, len(prints), BLOCK):
        rows = slice(first, first + BLOCK)
        for others, flipped in ((hashes, False), (mirrored, True)):
            distances = np.bitwise_count(hashes[rows, None] ^ others[None, first:])
            one, two = np.nonzero(distances <= CLOSE)
            one, two = one[one < two] + first, two[one < two] + first
            alike = _agree(thumbnails, one, two, flipped=flipped)
            found += list(zip(one[alike].tolist(), two[alike].tolist(), strict=True))
    same = [(a, b) for a, b in sorted(set(found) | _same(prints))]
    return [
        NearDuplicate(first=a, second=b, exact=prints[a].digest == prints[b].digest)
        for a, b in same
    ]


def _agree(
    thumbnails: NDArray[np.float32], one: NDArray[np.intp], two: NDArray[np.intp], *, flipped: bool
) -> NDArray[np.bool_]:
    """Return whether candidates' thumbnails correlate, bool (N,). Products before white are candidates all
    of them, so a piece is looked at at a time.
    """
    agree = np.zeros(len(one), bool)
    for start in range(0, len(one), PIECE):
        piece = slice(start, start + PIECE)
        views = thumbnails[two[piece]]
        views = views[:, :, ::-1] if flipped else views
        agree[piece] = np.einsum("nij,nij->n", thumbnails[one[piece]], views) >= ALIKE
    return agree


def _same(prints: Sequence[ImageHash]) -> set[tuple[int, int]]:
    """Pairs of equal digests, each with the first that has it: flat pictures have no thumbnail."""
    first: dict[bytes, int] = {}
    pairs = {(first.setdefault(p.digest, n), n) for n, p in enumerate(prints)}
    return {(a, b) for a, b in pairs if a != b}


def join(groups: Sequence[Hashable], ties: Iterable[tuple[int, int]]) -> list[int]:
    """The group of each position: equal entries are one group, and so is what ties connect.

    Returns: for each position, the lowest position of its group.
    """
    lowest = list(range(len(groups)))

    def root(position: int) -> int:
        while lowest[position] != position:
            lowest[position] = position = lowest[lowest[position]]
        return position

    seen: dict[Hashable, int] = {}
    equal = [(seen.setdefault(group, position), position) for position, group in enumerate(groups)]
    for a, b in (*equal, *ties):
        low, high = sorted((root(a), root(b)))
        lowest[high] = low
    return [root(position) for position in range(len(groups))]
