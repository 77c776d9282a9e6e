"""Pack images and masks into shards, each written whole, the manifest last."""

import hashlib
import io
import os
import tarfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from figureground.arrays import Rgb
from figureground.datasets.pairs import Pair
from figureground.datasets.read import read_pair
from figureground.datasets.shards import (
    IMAGE,
    MANIFEST,
    MASK,
    Shard,
    Shards,
    check_empty,
    describe,
)
from figureground.errors import DataError, ImageError
from figureground.media.remote import write_bytes

SHARD_BYTES = 64_000_000
JPEG = b"\xff\xd8\xff"  # what every such file begins with
QUALITY = 95  # of images that are no JPEG yet; colours are not thinned out
AHEAD = 4  # pairs a core that are read or wait to be written


@dataclass(frozen=True, kw_only=True)
class Packed:
    """What became of a packing."""

    shards: Shards
    left_out: dict[str, str]  # images that cannot be read, and why


def pack(
    pairs: Sequence[Pair], out: Path, *, shard_bytes: int = SHARD_BYTES, seed: int = 42,
    progress: Callable[[int], None] = lambda done: None,
) -> Packed:  # fmt: skip
    """Write pairs to shards in an order that the seed decides; what cannot be read is left out.

    JPEG files stay as they are, other images become JPEG; masks become 8-bit grey PNG.

    Args:
        pairs: of one data set or several.
        out: a folder, or a URL of an object store.
        shard_bytes: about how large a shard becomes.
        seed: of the order.
        progress: is told how many pairs are done.
    Raises:
        DataError: there is a packed set already, or no pair can be read.
        ImageError, FileError: a shard cannot be written.
    """
    check_empty(out)
    keys = _keys(pairs)
    order = [int(n) for n in np.random.default_rng([seed, len(pairs)]).permutation(len(pairs))]
    left_out: dict[str, str] = {}
    shards: list[Shard] = []
    writer = _Writer()
    for done, (number, parts) in enumerate(_read_ahead([(n, pairs[n]) for n in order]), 1):
        if isinstance(parts, str):
            left_out[str(pairs[number].image)] = parts
        else:
            writer.add(keys[number], *parts)
        if writer.size >= shard_bytes:
            shards.append(writer.finish(out / f"shard-{len(shards):06}.tar"))
            writer = _Writer()
        progress(done)
    if writer.pairs:
        shards.append(writer.finish(out / f"shard-{len(shards):06}.tar"))
    if not shards:
        reason = next(iter(left_out.values()), "there are none")
        raise DataError(f"none of {len(pairs)} pairs can be read; {reason}")
    packed = Shards(place=out, shards=tuple(shards), sha256="")
    write_bytes(out / MANIFEST, describe(packed, seed))
    return Packed(shards=packed, left_out=left_out)


class _Writer:
    """A tar file in the making; the same pairs give the same bytes."""

    def __init__(self) -> None:
        self.pairs = 0
        self._buffer = io.BytesIO()
        self._archive = tarfile.TarFile(fileobj=self._buffer, mode="w")

    @property
    def size(self) -> int:
        return self._buffer.tell()

    def add(self, key: str, image: bytes, mask: bytes) -> None:
        for ending, content in ((IMAGE, image), (MASK, mask)):
            member = tarfile.TarInfo(key + ending)
            member.size, member.mode = len(content), 0o644
            self._archive.addfile(member, io.BytesIO(content))
        self.pairs += 1

    def finish(self, place: Path) -> Shard:
        self._archive.close()
        content = self._buffer.getvalue()
        write_bytes(place, content)
        digest = hashlib.sha256(content).hexdigest()
        return Shard(place=place, pairs=self.pairs, size=len(content), sha256=digest)


def _keys(pairs: Sequence[Pair]) -> list[str]:
    """Names without dots, at which WebDataset would cut them, each once."""
    taken: set[str] = set()
    keys = []
    for pair in pairs:
        wanted = key = pair.name.replace(".", "_")
        count = 1
        while key in taken:
            count += 1
            key = f"{wanted}-{count}"
        taken.add(key)
        keys.append(key)
    return keys


def _read_ahead(
    numbered: Sequence[tuple[int, Pair]],
) -> Iterator[tuple[int, tuple[bytes, bytes] | str]]:
    """Yield what is packed of each pair, or why it cannot be, read by several threads."""
    waiting: deque[tuple[int, Future[tuple[bytes, bytes] | str]]] = deque()
    with ThreadPoolExecutor() as pool:
        for number, pair in numbered:
            if len(waiting) == AHEAD * (os.cpu_count() or 1):
                first, future = waiting.popleft()
                yield first, future.result()
            waiting.append((number, pool.submit(_parts, pair)))
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


def _parts(pair: Pair) -> tuple[bytes, bytes] | str:
    """The two files of a pair as they are packed, or why it cannot be read."""
    try:
        rgb, mask = read_pair(pair.image, pair.mask)
        content = pair.image.read_bytes()
    except (DataError, ImageError, OSError) as error:
        return str(error)
    image = content if content.startswith(JPEG) else _as_jpeg(rgb)
    return image, cv2.imencode(MASK, mask)[1].tobytes()


def _as_jpeg(rgb: Rgb) -> bytes:
    how = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
           cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]  # fmt: skip
    return cv2.imencode(IMAGE, rgb[..., ::-1], how)[1].tobytes()
