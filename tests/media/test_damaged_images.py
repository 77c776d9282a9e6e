"""Damaged and hostile files, by the hundred and by the thousand: an image each, or one line.

They are read in a process of their own, whose memory is measured and whose crash is seen.
"""

import io
import json
import random
import struct
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))  # as pytest does, when run as a script
from damaged import (
    complaint_of,
    limit_memory,
    mutate,
    run_apart,
    tell,
    used_megabytes,
    watch_for_hanging,
)

from figureground.media.animation import read_animation_info, read_frames
from figureground.media.encode import encode_image
from figureground.media.images import read_image

FEW, MANY = 200, 2_000  # files that are damaged
SECONDS = 10.0  # of processor time that a file may take
MEGABYTES = 1_000  # the process may take
LARGE = [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0@\0", bytes(4)]
SUFFIXES = [".png", ".jpg", ".webp", ".tif", ".gif", ".bmp", ".avif", ".txt", ""]


def base_files() -> dict[str, bytes]:
    """A small sound file of every format and of most of its kinds, by name."""
    noise = np.random.default_rng(7).integers(0, 256, (18, 23, 4)).astype(np.uint8)
    rgba = Image.fromarray(noise)
    rgb, frames = rgba.convert("RGB"), [rgba.rotate(90 * turn) for turn in (1, 2)]
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    moving = {"save_all": True, "append_images": frames, "duration": 50}
    kinds: dict[str, tuple[Image.Image, str, dict]] = {
        "rgb.png": (rgb, "PNG", {"exif": exif, "dpi": (72, 72)}),
        "rgba.png": (rgba, "PNG", {}),
        "palette.png": (rgb.quantize(16), "PNG", {"transparency": 3}),
        "moving.png": (rgba, "PNG", moving),
        "plain.jpg": (rgb, "JPEG", {"exif": exif}),
        "progressive.jpg": (rgb, "JPEG", {"progressive": True}),
        "cmyk.jpg": (rgb.convert("CMYK"), "JPEG", {}),
        "lossy.webp": (rgb, "WEBP", {"exif": exif}),
        "exact.webp": (rgba, "WEBP", {"lossless": True}),
        "moving.webp": (rgba, "WEBP", moving),
        "still.gif": (rgb, "GIF", {}),
        "moving.gif": (rgba, "GIF", moving),
        "plain.bmp": (rgb, "BMP", {}),
        "palette.bmp": (rgb.quantize(16), "BMP", {}),
        "plain.tif": (rgb, "TIFF", {}),
        "lzw.tif": (rgba, "TIFF", {"compression": "tiff_lzw"}),
        "deflate.tif": (rgb, "TIFF", {"compression": "tiff_adobe_deflate"}),
        "jpeg.tif": (rgb, "TIFF", {"compression": "jpeg"}),
        "plain.avif": (rgb, "AVIF", {}),
    }
    files = {}
    for name, (image, kind, options) in kinds.items():
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        files[name] = stream.getvalue()
    deep = noise.astype(np.uint16) * 257
    return files | {
        "deep.png": encode_image(deep, ".png"),
        "deep.tif": encode_image(deep, ".tif"),
    }


def png_of(columns: int, rows: int, data: bytes, *extra: bytes) -> bytes:
    """A PNG file whose header says one thing and whose data another; checksums are right."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(
            ">I", zlib.crc32(name + content)
        )  # fmt: skip

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0))
    between = b"".join(chunk(text[:4], text[4:]) for text in extra)
    return b"\x89PNG\r\n\x1a\n" + header + between + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tiff_of(columns: int, rows: int, data: bytes, *, compression: int, count: int) -> bytes:
    """A grey TIFF file of one strip that claims to have `count` bytes."""
    tags = [
        (256, columns), (257, rows), (258, 8), (259, compression), (262, 1), (273, 1024),
        (277, 1), (278, rows), (279, count),
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    return head.ljust(1024, b"\0") + data


def hostile_files() -> dict[str, bytes]:
    """Bombs and lies."""
    bomb = zlib.compress(bytes(200_000_000), 9)  # 200 MB in 200 kB
    profile = zlib.compress(bytes(100_000_000), 9)
    return {
        "bomb.png": png_of(8, 8, bomb),
        "wide.png": png_of(0x7FFFFFFF, 0x7FFFFFFF, bomb),
        "limit.png": png_of(15_000, 15_000, bomb),
        "dense.png": png_of(7_100, 7_100, bomb),
        "full.png": png_of(7_000, 7_000, bomb),
        "large.png": png_of(4_400, 4_500, bomb),
        "none.png": png_of(0, 0, b""),
        "empty.png": png_of(4_000, 4_000, b""),
        "text.png": png_of(8, 8, zlib.compress(bytes(200)), b"zTXta\0\0" + bomb),
        "profile.png": png_of(8, 8, zlib.compress(bytes(200)), b"iCCPa\0\0" + profile),
        "moving.png": png_of(8, 8, bomb, b"acTL" + struct.pack(">II", 0xFFFFFFFF, 0)),
        "bomb.tif": tiff_of(8, 8, bomb, compression=8, count=len(bomb)),
        "wide.tif": tiff_of(0xFFFFFFFF, 0xFFFFFFFF, b"", compression=1, count=1),
        "lie.tif": tiff_of(4_000, 4_000, b"x", compression=1, count=0xFFFFFFFF),
        "large.tif": tiff_of(4_000, 4_000, bomb, compression=8, count=len(bomb)),
        "lzw.tif": tiff_of(4_000, 4_000, bytes(99), compression=5, count=99),
        "fax.tif": tiff_of(4_000, 4_000, bytes(99), compression=4, count=99),
        "huge.gif": b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b",",
        "huge.bmp": b"BM" + struct.pack("<IHHIIiiHHI", 99, 0, 0, 54, 40, 1 << 30, 1 << 30, 1, 24, 0)
        + bytes(60),
        "down.bmp": b"BM" + struct.pack("<IHHIIiiHHI", 99, 0, 0, 54, 40, 8, -(1 << 31), 1, 24, 0)
        + bytes(60),
        "empty": b"",
    }  # fmt: skip


def all_files(count: int) -> Iterator[tuple[str, bytes]]:
    """Names, some of them wrong, and contents; the same ones every time."""
    chance = random.Random(20)
    bases = base_files()
    hostile = hostile_files()
    yield from hostile.items()
    names = list(bases)
    for number in range(count):
        name = names[number % len(names)]
        suffix = Path(name).suffix if chance.random() < 0.9 else chance.choice(SUFFIXES)
        yield f"{number}-{Path(name).stem}{suffix}", mutate(bases[name], chance)


def read_all(folder: Path, count: int) -> dict:
    """Read every file as an image and as an animation, and tell what is not as it should be."""
    complaints, images, longest = [], 0, 0.0
    for name, data in all_files(count):
        path = folder / name
        path.write_bytes(data)
        tell(name)
        watch_for_hanging()
        began = time.process_time()
        for read in (read_one, read_moving):
            try:
                read(path)
                images += read is read_one
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                wrong = complaint_of(error)
                complaints += [f"{name}: {wrong}"] if wrong else []
        seconds = time.process_time() - began
        longest = max(longest, seconds)
        if seconds > SECONDS:
            complaints.append(f"{name}: took {seconds:.0f} s")
        path.unlink()
    used = used_megabytes()
    return {"complaints": complaints, "images": images, "megabytes": used, "longest": longest}


def read_one(path: Path) -> None:
    image = read_image(path)
    assert image.rgb.ndim == 3 and image.rgb.size, "an empty image"
    assert image.alpha is None or image.alpha.shape == image.rgb.shape[:2]


def read_moving(path: Path) -> None:
    if read_animation_info(path):
        for _, _frame in zip(range(5), read_frames(path), strict=False):
            pass


def check(folder: Path, count: int) -> None:
    """See that nothing is wrong, and that the mutations bite: some survive, some do not."""
    told = run_apart(__file__, folder, count, timeout=60 + count)
    assert not told["complaints"]
    assert told["megabytes"] < MEGABYTES
    assert count // 20 < told["images"] < count * 19 // 20


def test_every_damaged_file_is_an_image_or_refused_in_one_line(tmp_path: Path) -> None:
    check(tmp_path, FEW)


@pytest.mark.soak
def test_thousands_of_damaged_files_are_images_or_refused(tmp_path: Path) -> None:
    check(tmp_path, MANY)


if __name__ == "__main__":
    limit_memory(4)
    tell(json.dumps(read_all(Path(sys.argv[1]), int(sys.argv[2]))))
