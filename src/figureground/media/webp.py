"""Animated WebP, put together from still WebP images.

Source: WebP Container Specification, developers.google.com/speed/webp/docs/riff_container.
"""

import struct
from collections.abc import Iterator, Sequence

ANIMATED, ALPHA, PROFILE = 0x02, 0x10, 0x20  # flags of VP8X
REPLACE = 0x02  # flag of ANMF: the frame replaces what was there, also where it is transparent
IMAGE = (b"ALPH", b"VP8 ", b"VP8L")  # the chunks that hold a still's pixels
LONGEST = (1 << 24) - 1  # milliseconds a frame can stay


def join_frames(stills: Sequence[bytes], milliseconds: Sequence[float], *, plays: int) -> bytes:
    """An animated WebP file.

    Args:
        stills: WebP files, all of one size; the first's colour profile is kept.
        milliseconds: how long each is shown.
        plays: how often all are; 0 is for ever.
    """
    first = dict(_chunks(stills[0]))
    width, height = _size(first)
    flags, frames = ANIMATED, []
    for still, time in zip(stills, milliseconds, strict=True):
        chunks = {name: data for name, data in _chunks(still) if name in IMAGE}
        if b"ALPH" in chunks or (b"VP8L" in chunks and chunks[b"VP8L"][4] & 0x10):
            flags |= ALPHA  # RFC 9649, 3.4: the bit that says so in a lossless image
        place = bytes(6) + _three(width - 1) + _three(height - 1)
        stay = _three(min(round(time), LONGEST))
        inside = b"".join(_chunk(name, chunks[name]) for name in IMAGE if name in chunks)
        frames.append(_chunk(b"ANMF", place + stay + bytes([REPLACE]) + inside))
    profile = b""
    if b"ICCP" in first:
        flags |= PROFILE
        profile = _chunk(b"ICCP", first[b"ICCP"])
    head = _chunk(b"VP8X", struct.pack("<I", flags) + _three(width - 1) + _three(height - 1))
    loop = _chunk(b"ANIM", bytes(4) + struct.pack("<H", min(plays, 0xFFFF)))
    body = b"".join([b"WEBP", head, profile, loop, *frames])
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunks(still: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12  # behind RIFF, the length and WEBP
    while at + 8 <= len(still):
        name, length = still[at : at + 4], int.from_bytes(still[at + 4 : at + 8], "little")
        yield name, still[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _size(chunks: dict[bytes, bytes]) -> tuple[int, int]:
    """Columns and rows of a still."""
    if b"VP8X" in chunks:
        data = chunks[b"VP8X"]
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if b"VP8L" in chunks:
        packed = int.from_bytes(chunks[b"VP8L"][1:5], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", chunks[b"VP8 "][6:10])  # RFC 6386, 9.1
    return width & 0x3FFF, height & 0x3FFF


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
