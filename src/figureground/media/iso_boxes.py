"""What an AVIF or HEIC file says of its main image, in the boxes around it.

Source: ISO/IEC 14496-12 (boxes; ColourInformationBox in 12.1.5), ISO/IEC 23008-12 (items and their
properties; PixelInformationProperty in 6.5.6), AV1 Codec ISO Media File Format Binding (av1C).
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

Property = tuple[bytes, bytes]  # name and content of a box

# Boxes that hold others, and how many bytes of their own come before those.
PARENTS = {b"iprp": 0, b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0, b"stsd": 8,
           b"av01": 78, b"hvc1": 78}  # fmt: skip
META, MOVIE = b"meta", b"moov"
LARGEST = 16 << 20  # bytes of these; images have kilobytes


def read_properties(stream: BinaryIO) -> list[Property]:
    """What is said of a file's main image: first its own properties, then all others.

    A file that is damaged says less, or nothing.
    """
    inside = {name: data for name, data in _outer(stream) if name in (META, MOVIE)}
    meta, found = inside.get(META, b"")[4:], list[Property]()
    try:
        boxes = dict(_boxes(meta))
        held = dict(_boxes(boxes.get(b"iprp", b"")))
        shared = list(_boxes(held.get(b"ipco", b"")))
        own = _own(boxes.get(b"pitm", b""), held.get(b"ipma", b""))
        found += [shared[at - 1] for at in own if 0 < at <= len(shared)]
        found += [*shared, *_nested(inside.get(MOVIE, b""))]
    except (struct.error, IndexError):
        pass
    return found


def read_nclx(properties: list[Property]) -> tuple[int, int, int, bool] | None:
    """Primaries, transfer and matrix by H.273, and whether the range is full; None if not said."""
    for name, data in properties:
        if name == b"colr" and data[:4] in (b"nclx", b"nclc") and len(data) >= 10:
            primaries, transfer, matrix = struct.unpack(">HHH", data[4:10])
            return primaries, transfer, matrix, bool(data[10:11] and data[10] & 0x80)
    return None


def read_bits(properties: list[Property]) -> int:
    """Bits a channel; 8 where that is not said."""
    for name, data in properties:
        if name == b"pixi" and len(data) > 5:
            return data[5]
        if name == b"av1C" and len(data) > 2 and data[2] & 0x40:
            return 12 if data[2] & 0x20 else 10
    return 8


def _outer(stream: BinaryIO) -> Iterator[Property]:
    """The boxes of a file that are wanted, without reading the pixels."""
    at, size = 0, stream.seek(0, 2)
    while at + 8 <= size:
        stream.seek(at)
        head = stream.read(16)
        length, name, skip = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:
            length, skip = int.from_bytes(head[8:16], "big"), 16
        length = length or size - at
        if length < skip:
            return
        if name in (META, MOVIE) and length <= LARGEST:
            stream.seek(at + skip)
            yield name, stream.read(length - skip)
        at += length


def _boxes(data: bytes) -> Iterator[Property]:
    at = 0
    while at + 8 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        length = length or len(data) - at
        if length < 8:
            return
        yield name, data[at + 8 : at + length]
        at += length


def _nested(data: bytes, depth: int = 0) -> Iterator[Property]:
    """All boxes inside boxes."""
    for name, inside in _boxes(data):
        yield name, inside
        if name in PARENTS and depth < len(PARENTS):
            yield from _nested(inside[PARENTS[name] :], depth + 1)


def _own(primary: bytes, associations: bytes) -> list[int]:
    """The places, from 1, of the properties of the main item."""
    if len(primary) < 6 or len(associations) < 8:
        return []
    wanted = int.from_bytes(primary[4:], "big")
    wide, long = associations[3] & 1, associations[0] > 0
    at, step, width = 8, 4 if long else 2, 2 if wide else 1
    for _ in range(int.from_bytes(associations[4:8], "big")):
        item = int.from_bytes(associations[at : at + step], "big")
        count = associations[at + step]
        at += step + 1
        if item == wanted:
            parts = [associations[at + width * n : at + width * (n + 1)] for n in range(count)]
            essential = 1 << (8 * width - 1)
            return [int.from_bytes(part, "big") & ~essential for part in parts]
        at += width * count
    return []
