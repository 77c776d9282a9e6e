"""Animated PNG, put together from still PNG images.

Source: Portable Network Graphics Specification (Third Edition), W3C 2025, 11.3.6.
"""

import struct
from collections.abc import Iterator, Sequence

from figureground.media.png import SIGNATURE, chunk

LONGEST = 0xFFFF  # numerator of the time a frame stays; the denominator makes it milliseconds
KEEP, REPLACE = 0, 0  # how a frame goes and comes: it stays, and the next takes its whole place


def join_frames(stills: Sequence[bytes], milliseconds: Sequence[float], *, plays: int) -> bytes:
    """An animated PNG file.

    Args:
        stills: PNG files, all of one size and kind; the first's metadata is kept.
        milliseconds: how long each is shown; up to a minute exactly, longer to a hundredth second.
        plays: how often all are; 0 is for ever.
    """
    header, *rest = _chunks(stills[0])
    known = [chunk(name, data) for name, data in rest if name not in (b"IDAT", b"IEND")]
    parts = [SIGNATURE, chunk(*header), chunk(b"acTL", struct.pack(">II", len(stills), plays))]
    parts += known
    number = 0  # of the chunk, counted through all frames
    for still, time in zip(stills, milliseconds, strict=True):
        control = struct.pack(">I", number) + header[1][:8] + bytes(8) + _delay(time)
        parts.append(chunk(b"fcTL", control + bytes([KEEP, REPLACE])))
        number += 1
        for name, data in _chunks(still):
            if name == b"IDAT" and still is stills[0]:
                parts.append(chunk(name, data))
            elif name == b"IDAT":
                parts.append(chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
    return b"".join([*parts, chunk(b"IEND", b"")])


def _delay(milliseconds: float) -> bytes:
    """Numerator and denominator of seconds."""
    if milliseconds <= LONGEST:
        return struct.pack(">HH", round(milliseconds), 1000)
    return struct.pack(">HH", min(round(milliseconds / 10), LONGEST), 100)


def _chunks(still: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(still):
        length = int.from_bytes(still[at : at + 4], "big")
        yield still[at + 4 : at + 8], still[at + 8 : at + 8 + length]
        at += 12 + length
