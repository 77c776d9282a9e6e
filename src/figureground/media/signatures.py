"""How a file's first bytes tell its format, whatever it is called.

Each function takes the first `HEAD` bytes of a file, or all where it is shorter.
"""

from collections.abc import Callable

HEAD = 512  # bytes that tell every format apart
Tell = Callable[[bytes], bool]
"""Returns whether a file that begins so is of a format."""

TS_PACKETS = ((0, 188), (4, 192))  # first sync byte, length: of broadcasts, of Blu-ray and AVCHD
QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # of files without brand


def starts(*signatures: bytes) -> Tell:
    """Tell a format by how its files begin."""
    return lambda head: head.startswith(signatures)


def chunks(kind: bytes) -> Tell:
    """Tell a RIFF file by its kind, four bytes."""
    return lambda head: head[:4] == b"RIFF" and head[8:12] == kind


def brands(*known: bytes) -> Tell:
    """Tell an ISO file by the brands that it can be read as (ISO/IEC 14496-12, 4.3)."""

    def tell(head: bytes) -> bool:
        if head[4:8] != b"ftyp":
            return False
        end = min(int.from_bytes(head[:4], "big"), len(head))
        found = (head[8:12], *(head[at : at + 4] for at in range(16, end, 4)))
        return any(brand.startswith(known) for brand in found)

    return tell


def major_brand(*known: bytes) -> Tell:
    """Tell an ISO file by its first brand."""
    return lambda head: head[4:8] == b"ftyp" and head[8:12].startswith(known)


def matroska(kind: bytes) -> Tell:
    """Tell a Matroska file by its kind, which stands in its first header (RFC 8794, 11.2)."""
    return lambda head: head.startswith(b"\x1a\x45\xdf\xa3") and kind in head[:64]


def quicktime(head: bytes) -> bool:
    """Tell a QuickTime movie; old ones have no brand."""
    return major_brand(b"qt  ")(head) or head[4:8] in QUICKTIME_BOXES


def transport_stream(head: bytes) -> bool:
    """Tell an MPEG transport stream by three packets in a row (ISO/IEC 13818-1, 2.4.3.2)."""
    return any(
        len(head) > first + 2 * length
        and all(head[at] == 0x47 for at in range(first, first + 2 * length + 1, length))
        for first, length in TS_PACKETS
    )


def material_exchange(head: bytes) -> bool:
    """Tell an MXF file by the key of its partition (SMPTE ST 377-1, 7.1)."""
    return b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02" in head
