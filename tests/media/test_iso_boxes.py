"""What boxes say of a file's main image."""

import io
import struct

import pytest

from figureground.media.iso_boxes import read_bits, read_nclx, read_properties


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(data), name) + data


def nclx(primaries: int, transfer: int, full: int = 0x80) -> bytes:
    return box(b"colr", b"nclx" + struct.pack(">HHHB", primaries, transfer, 1, full))


def file_of(*properties: bytes, uses: bytes, version: int = 0, wide: int = 0) -> io.BytesIO:
    """A file of two items, of which the second is the main one and has the properties `uses`."""
    number = struct.pack(">I" if version else ">H", 2)
    other = struct.pack(">I" if version else ">H", 1)
    one = bytes([0, 1]) if wide else bytes([1])
    count = bytes([len(uses) // (2 if wide else 1)])
    ipma = bytes([version, 0, 0, wide]) + struct.pack(">I", 2)
    ipma += other + b"\x01" + one + number + count + uses
    pitm = bytes([version, 0, 0, 0]) + number
    inside = box(b"ipco", b"".join(properties)) + box(b"ipma", ipma)
    meta = bytes(4) + box(b"pitm", pitm) + box(b"iprp", inside)
    return io.BytesIO(box(b"ftyp", b"avif" + bytes(4)) + box(b"meta", meta) + box(b"mdat", b"x"))


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(("uses", "wide"), [(b"\x82", 0), (b"\x02", 0), (b"\x80\x02", 1)])
def test_the_main_images_own_properties_count(version: int, uses: bytes, wide: int) -> None:
    stream = file_of(nclx(9, 16), nclx(12, 13), uses=uses, version=version, wide=wide)
    assert read_nclx(read_properties(stream)) == (12, 13, 1, True)


def test_properties_of_others_count_where_it_has_none() -> None:
    tile = nclx(12, 13, full=0) + box(b"pixi", bytes(4) + bytes([3, 10, 10, 10]))
    said = read_properties(file_of(tile, uses=b""))
    assert read_nclx(said) == (12, 13, 1, False) and read_bits(said) == 10


@pytest.mark.parametrize(("flags", "bits"), [(0x00, 8), (0x40, 10), (0x60, 12)])
def test_depth_is_known_without_a_box_of_its_own(flags: int, bits: int) -> None:
    said = read_properties(file_of(box(b"av1C", bytes([0x81, 0, flags, 0])), uses=b"\x81"))
    assert read_bits(said) == bits


def test_colours_of_a_track_are_read() -> None:
    entry = box(b"av01", bytes(78) + nclx(9, 13))
    table = box(b"stbl", box(b"stsd", bytes(8) + entry))
    track = box(b"trak", box(b"mdia", box(b"minf", table)))
    assert read_nclx(read_properties(io.BytesIO(box(b"moov", track)))) == (9, 13, 1, True)


def test_long_boxes_before_it_are_passed_over() -> None:
    first = struct.pack(">I4sQ", 1, b"mdat", 16 + 99) + bytes(99)
    whole = file_of(nclx(12, 13), uses=b"\x01").getvalue()
    assert read_nclx(read_properties(io.BytesIO(first + whole))) == (12, 13, 1, True)


def test_damage_says_less_and_raises_nothing() -> None:
    whole = file_of(nclx(9, 16), nclx(12, 13), uses=b"\x82").getvalue()
    for end in range(len(whole)):
        assert read_nclx(read_properties(io.BytesIO(whole[:end]))) in (
            None, (12, 13, 1, True), (9, 16, 1, True), (9, 16, 1, False), (12, 13, 1, False)
        )  # fmt: skip
    for at in range(len(whole)):
        broken = whole[:at] + b"\xff" + whole[at + 1 :]
        read_bits(read_properties(io.BytesIO(broken)))
