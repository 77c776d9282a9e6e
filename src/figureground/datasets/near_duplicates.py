"""Find near duplicates by perceptual hashes, compared in bulk.

A print holds two 64-bit difference hashes, of the image and of its mirror image, and a thumbnail.
Hashes find candidates, thumbnails confirm them: two portraits before one wall share a hash more
often than a thumbnail.

Source of the hash: Krawetz, "Kind of Like That", hackerfactor.com, 2013 (dHash).
"""

import hashlib
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Rgb

CLOSE = 12  # bits of 64 in which hashes of candidates may differ
ALIKE = 0.95  # correlation of the thumbnails of near-duplicates
DIGEST = 16  # bytes
SIDE = 16  # of a thumbnail, pixels
FLAT = 1.0  # standard deviation of grey levels below which an image shows nothing
BLOCK = 512  # rows of hashes that are compared at once
FEW = 16  # one candidate in so many comparisons: fewer are looked at one by one


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageHash:
    """What is kept of an image to compare it by."""

    digest: bytes  # of the decoded pixels
    hash: int  # 64 bits, a bit for each step from left to right that gets brighter
    mirrored: int  # the same of the mirror image
    thumbnail: NDArray[np.float32]  # (SIDE * SIDE,), mean 0 and length 1; all 0 for a flat image

    def to_bytes(self) -> bytes:
        """All of it, to keep in a file."""
        numbers = (number.to_bytes(8, "big") for number in (self.hash, self.mirrored))
        return b"".join((self.digest, *numbers, self.thumbnail.astype("<f4").tobytes()))

    @classmethod
    def from_bytes(cls, kept: bytes) -> "ImageHash":
        """What `to_bytes` made. Raises ValueError where it is of another length."""
        thumbnail = np.frombuffer(kept[DIGEST + 16 :], "<f4").astype(np.float32)
        if thumbnail.shape != (SIDE * SIDE,):
            raise ValueError(f"{len(kept)} bytes are no hash of an image")
        hashed, mirrored = (int.from_bytes(kept[at : at + 8], "big") for at in (DIGEST, DIGEST + 8))
        return cls(digest=kept[:DIGEST], hash=hashed, mirrored=mirrored, thumbnail=thumbnail)


@dataclass(frozen=True, kw_only=True)
class NearDuplicate:
    """Two images that show the same, by their positions."""

    first: int
    second: int
    exact: bool  # pixel by pixel


def hash_image(rgb: Rgb) -> ImageHash:
    """The print of an image, uint8 (H, W, 3)."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    digest = hashlib.blake2b(repr(rgb.shape).encode(), digest_size=DIGEST)
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
    """Ties that join all images that are the same or nearly, mirrored ones too, in order.

    Each image that is like earlier ones is tied to the first of each group of them that no tie
    joins yet, and an exact copy to the first that equals it: so there are fewer ties than images,
    however many are alike. Every hash is compared with every other in blocks: 10,000 images are
    50 million comparisons.
    """
    first: dict[bytes, int] = {}
    copies = [(first.setdefault(p.digest, n), n) for n, p in enumerate(prints)]
    ties = [NearDuplicate(first=a, second=b, exact=True) for a, b in copies if a != b]
    places = list(first.values())
    own = _stack([prints[place] for place in places])
    group = np.arange(len(places))
    for start, alike in _alike_blocks(own, own):
        for row, near in enumerate(alike):
            number = start + row
            earlier = np.flatnonzero(near[:number])
            if not len(earlier):
                continue
            joined, at = np.unique(group[earlier], return_index=True)
            for other in earlier[at].tolist():
                ties.append(NearDuplicate(first=places[other], second=places[number], exact=False))
            for label in joined[1:]:
                group[group == label] = joined[0]
            group[number] = joined[0]
    return sorted(ties, key=lambda tie: (tie.first, tie.second))


def match_near_duplicates(
    prints: Sequence[ImageHash], others: Sequence[ImageHash]
) -> list[NearDuplicate]:
    """For each image that is among others, exactly or nearly, the first there, in order.

    Returns: `first` is a position in `prints`, `second` one in `others`; an exact copy goes before
        what is nearly the same.
    """
    known: dict[bytes, int] = {}
    for number, other in enumerate(others):
        known.setdefault(other.digest, number)
    near = {
        start + row: int(np.argmax(alike))
        for start, block in _alike_blocks(_stack(prints), _stack(others))
        for row, alike in enumerate(block)
        if alike.any()
    }
    exact = {n: known[p.digest] for n, p in enumerate(prints) if p.digest in known}
    return [
        NearDuplicate(first=number, second=other, exact=number in exact)
        for number, other in sorted((near | exact).items())
    ]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Prints:
    """Many prints in arrays."""

    hashes: NDArray[np.uint64]  # (N,)
    mirrored: NDArray[np.uint64]  # (N,)
    thumbnails: NDArray[np.float32]  # (N, SIDE * SIDE)


def _stack(prints: Sequence[ImageHash]) -> _Prints:
    return _Prints(
        hashes=np.array([p.hash for p in prints], np.uint64),
        mirrored=np.array([p.mirrored for p in prints], np.uint64),
        thumbnails=np.array([p.thumbnail for p in prints], np.float32).reshape(-1, SIDE * SIDE),
    )


def _alike_blocks(own: _Prints, others: _Prints) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Which prints are alike, block by block: the block's first position, and bool (rows, M)."""
    flipped = others.thumbnails.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(-1, SIDE * SIDE)
    for start in range(0, len(own.hashes), BLOCK):
        rows = slice(start, start + BLOCK)
        alike = np.zeros((len(own.hashes[rows]), len(others.hashes)), bool)
        for hashes, views in ((others.hashes, others.thumbnails), (others.mirrored, flipped)):
            close = np.bitwise_count(own.hashes[rows, None] ^ hashes[None]) <= CLOSE
            alike |= _agree(own.thumbnails[rows], views, close)
        yield start, alike


def _agree(
    own: NDArray[np.float32], others: NDArray[np.float32], close: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which candidates' thumbnails correlate, bool as `close`.

    Products before white are candidates all of them: those are multiplied as matrices.
    """
    one, two = np.nonzero(close)
    if len(one) * FEW > close.size:
        return np.asarray(close & (own @ others.T >= ALIKE))
    agree = np.zeros_like(close)
    agree[one, two] = np.einsum("nj,nj->n", own[one], others[two]) >= ALIKE
    return agree


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
