"""Two hundred and more images of the odd kinds that people have, made on the spot."""

import io
import shutil
import struct
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, features
from profiles import P3, make_profile

from figureground.arrays import Rgb
from figureground.media.encode import encode_image

MAGIC = b"\x89PNG\r\n\x1a\n"
CORNERS = [(200, 60, 50), (60, 170, 70), (50, 70, 190), (190, 180, 70)]
SIZE = (24, 36)  # rows and columns
SIZES = [(1, 1), (1, 200), (200, 1), (2, 3), (17, 5), (63, 65), (8, 400), (120, 90), (31, 33)]
ORIENTATION = 0x0112
# What EXIF's orientation asks of a stored image, as transpositions of Pillow's.
STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,  # is to be turned the other way
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
LOSSY = 14.0  # levels that an image's thumbnail may be off after JPEG and the like


@dataclass(frozen=True, kw_only=True)
class ImageCase:
    """One odd image."""

    name: str
    kind: str  # what is odd about it
    data: bytes
    shown: Rgb  # upright
    alpha: NDArray[np.uint8] | None = None
    tolerance: float = 1.0  # levels


def draw(size: tuple[int, int] = SIZE) -> Rgb:
    """A colour in each corner."""
    rows, columns = size
    rgb = np.empty((rows, columns, 3), np.uint8)
    top, left = (rows + 1) // 2, (columns + 1) // 2
    rgb[:top, :left], rgb[:top, left:] = CORNERS[0], CORNERS[1]
    rgb[top:, :left], rgb[top:, left:] = CORNERS[2], CORNERS[3]
    return rgb


def save(image: Image.Image, kind: str, **options) -> bytes:
    """An image as a file of Pillow's `kind`."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def seen(image: Image.Image) -> Rgb:
    """What an image shows, in RGB."""
    return np.asarray(image.convert("RGB"))


def case(kind: str, name: str, image: Image.Image, file: str, tolerance: float = 1.0, **options):
    """A case of an image that shows what it holds."""
    alpha = np.asarray(image.convert("RGBA"))[..., 3] if image.mode in ("RGBA", "LA") else None
    data = save(image, file, **options)
    return ImageCase(
        name=name, kind=kind, data=data, shown=seen(image), alpha=alpha, tolerance=tolerance
    )


def image_cases() -> list[ImageCase]:
    """All that can be made here."""
    cases = [
        *_orientations(), *_sizes(), *_modes(), *_jpegs(), *_tiffs(), *_pngs(), *_rest(),
        *_profiles(), *_names(), *_colors(),
    ]  # fmt: skip
    avif = features.check("avif")
    return [one for one in cases if avif or not one.name.endswith("avif")]


FILES = {
    "png": ("PNG", 1.0, {}),
    "jpg": ("JPEG", LOSSY, {"quality": 95, "subsampling": 0}),
    "webp": ("WEBP", 1.0, {"lossless": True}),
    "tif": ("TIFF", 1.0, {}),
    "gif": ("GIF", 2.0, {}),
    "bmp": ("BMP", 1.0, {}),
    **({"avif": ("AVIF", LOSSY, {"quality": 95})} if features.check("avif") else {}),
}


def _orientations() -> Iterator[ImageCase]:
    """All eight, in the formats that tell them by EXIF."""
    upright = Image.fromarray(draw())
    for suffix in ("png", "jpg", "webp", "tif"):
        kind, tolerance, options = FILES[suffix]
        for number in range(1, 9):
            stored = upright if number == 1 else upright.transpose(STORED[number])
            exif = Image.Exif()
            exif[ORIENTATION] = number
            yield ImageCase(
                name=f"turned{number}.{suffix}",
                kind="orientation",
                data=save(stored, kind, exif=exif, **options),
                shown=seen(upright),
                tolerance=tolerance,
            )


def _sizes() -> Iterator[ImageCase]:
    for suffix, (kind, tolerance, options) in FILES.items():
        for rows, columns in SIZES:
            image = Image.fromarray(draw((rows, columns)))
            small = 60.0 if tolerance == LOSSY and min(rows, columns) < 8 else tolerance
            name = f"{rows}x{columns}.{suffix}"
            yield case("size", name, image, kind, small, **options)


def _modes() -> Iterator[ImageCase]:
    rgb = Image.fromarray(draw())
    clear = rgb.copy()
    clear.putalpha(Image.linear_gradient("L").resize(rgb.size))
    images = {
        "bilevel": rgb.convert("1"), "grey": rgb.convert("L"), "palette": rgb.quantize(8),
        "two": rgb.quantize(2), "rgb": rgb, "clear": clear, "grey-clear": clear.convert("LA"),
    }  # fmt: skip
    holds = {
        "png": set(images), "webp": {"rgb", "clear"},
        "tif": {"bilevel", "grey", "palette", "rgb", "clear"},
        "gif": {"bilevel", "grey", "palette", "two"}, "bmp": {"bilevel", "grey", "palette", "rgb"},
        "avif": {"rgb", "clear"},
    }  # fmt: skip
    for suffix, held in holds.items():
        if suffix in FILES:
            kind, tolerance, options = FILES[suffix]
            for name in sorted(held):
                yield case("mode", f"{name}.{suffix}", images[name], kind, tolerance, **options)
    deep = Image.fromarray(np.asarray(rgb.convert("L")).astype(np.uint16) * 257)
    for suffix in ("png", "tif"):
        yield ImageCase(
            name=f"deep.{suffix}", kind="mode", data=save(deep, FILES[suffix][0]),
            shown=seen(rgb.convert("L")),
        )  # fmt: skip


def _jpegs() -> Iterator[ImageCase]:
    rgb = Image.fromarray(draw((48, 64)))
    for progressive in (False, True):
        for sampling in (0, 1, 2):
            for quality in (75, 95):
                name = f"{'progressive' if progressive else 'plain'}-{sampling}-{quality}.jpg"
                yield case("jpeg", name, rgb, "JPEG", LOSSY, progressive=progressive,
                           subsampling=sampling, quality=quality)  # fmt: skip
    yield case("jpeg", "grey.jpg", rgb.convert("L"), "JPEG", LOSSY, quality=95)
    yield case("jpeg", "restarts.jpg", rgb, "JPEG", LOSSY, restart_marker_rows=1)
    yield case("jpeg", "optimised.jpg", rgb, "JPEG", LOSSY, optimize=True)
    yield case("jpeg", "comment.jpg", rgb, "JPEG", LOSSY, comment=b"x" * 999)
    plain = case("jpeg", "plain.jpg", rgb, "JPEG", LOSSY, quality=95)
    for name, data in {
        "tail.jpg": plain.data + b"\0" * 999,
        "app13.jpg": plain.data[:2] + b"\xff\xed\0\x10Photoshop 3.0\0" + plain.data[2:],
        "fill.jpg": plain.data[:2] + b"\xff\xff\xff" + plain.data[2:],
    }.items():
        yield ImageCase(name=name, kind="jpeg", data=data, shown=plain.shown, tolerance=LOSSY)


def _tiffs() -> Iterator[ImageCase]:
    rgb = Image.fromarray(draw())
    for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd", "lzma"):
        yield case("tiff", f"{packing}.tif", rgb, "TIFF", compression=packing)
        yield case("tiff", f"{packing}-grey.tiff", rgb.convert("L"), "TIFF", compression=packing)
    yield case("tiff", "jpeg.tif", rgb, "TIFF", LOSSY, compression="jpeg")
    for packing in ("group3", "group4", "tiff_ccitt"):
        yield case("tiff", f"{packing}.tif", rgb.convert("1"), "TIFF", compression=packing)
    pages = save(rgb, "TIFF", save_all=True, append_images=[rgb.rotate(90), rgb.rotate(180)])
    yield ImageCase(name="pages.tif", kind="tiff", data=pages, shown=seen(rgb))
    yield case("tiff", "tags.tif", rgb, "TIFF", dpi=(300, 300), software="x", description="y" * 99)


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    sum_ = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", sum_)


def _pngs() -> Iterator[ImageCase]:
    rgb = Image.fromarray(draw())
    plain = save(rgb, "PNG")
    head = len(MAGIC) + 25  # signature and IHDR
    chunks = {
        "text": chunk(b"tEXt", b"Comment\0hello"),
        "packed-text": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"hello" * 99)),
        "unicode-text": chunk(b"iTXt", b"Title\0\0\0de\0Titel\0" + "\u00fcber".encode()),
        "time": chunk(b"tIME", struct.pack(">HBBBBB", 2024, 5, 6, 7, 8, 9)),
        "dots": chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1)),
        "own": chunk(b"prVt", b"anything"),
        "background": chunk(b"bKGD", struct.pack(">HHH", 9, 9, 9)),
        "bits": chunk(b"sBIT", b"\x08\x08\x08"),
        "srgb": chunk(b"sRGB", b"\0"),
    }
    for name, extra in chunks.items():
        data = plain[:head] + extra + plain[head:]
        yield ImageCase(name=f"{name}.png", kind="chunks", data=data, shown=seen(rgb))
    at = plain.index(b"IDAT") - 4
    length = struct.unpack(">I", plain[at : at + 4])[0]
    body, rest = plain[at + 8 : at + 8 + length], plain[at + 12 + length :]
    parts = b"".join(chunk(b"IDAT", body[n : n + 7]) for n in range(0, len(body), 7))
    for name, data in {"pieces": plain[:at] + parts + rest, "tail": plain + b"x" * 99}.items():
        yield ImageCase(name=f"{name}.png", kind="chunks", data=data, shown=seen(rgb))
    yield ImageCase(name="interlaced.png", kind="chunks", data=_adam7(draw()), shown=seen(rgb))
    for bits in (1, 2, 4):
        few = rgb.quantize(1 << bits)
        yield case("mode", f"{bits}-bits.png", few, "PNG", bits=bits)
        yield case("mode", f"{bits}-bits.gif", few, "GIF", 2.0)


def _adam7(rgb: Rgb) -> bytes:
    """An interlaced PNG (ISO/IEC 15948, 8.2)."""
    rows, columns = rgb.shape[:2]
    lines = b""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
              (1, 0, 2, 1)]  # fmt: skip
    for top, left, down, across in passes:
        part = rgb[top::down, left::across]
        if part.size:
            lines += b"".join(b"\0" + np.ascontiguousarray(line).tobytes() for line in part)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 1)
    return (
        MAGIC + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    )


def _rest() -> Iterator[ImageCase]:
    rgb = Image.fromarray(draw((48, 64)))
    frames = [rgb.rotate(90), rgb.rotate(180)]
    for name, file, tolerance, options in [
        ("moving.gif", "GIF", 2.0, {"duration": 50}),
        ("moving.webp", "WEBP", 1.0, {"duration": 50, "lossless": True}),
        ("moving.png", "PNG", 1.0, {"duration": 50}),
    ]:
        data = save(rgb, file, save_all=True, append_images=frames, **options)
        yield ImageCase(name=name, kind="moving", data=data, shown=seen(rgb), tolerance=tolerance)
    for quality in (30, 60, 90):
        yield case("webp", f"q{quality}.webp", rgb, "WEBP", LOSSY, quality=quality)
    yield case("webp", "method6.webp", rgb, "WEBP", LOSSY, method=6)
    yield case("gif", "interlaced.gif", rgb.quantize(16), "GIF", 2.0, interlace=True)
    yield case("gif", "comment.gif", rgb.quantize(16), "GIF", 2.0, comment=b"x" * 600)
    if features.check("avif"):
        for sampling in ("4:4:4", "4:2:2", "4:2:0", "4:0:0"):
            image = rgb if sampling != "4:0:0" else rgb.convert("L").convert("RGB")
            name = f"{sampling.replace(':', '')}.avif"
            yield case("avif", name, image, "AVIF", LOSSY, subsampling=sampling, quality=95)


def _profiles() -> Iterator[ImageCase]:
    rgb = Image.fromarray(draw())
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for suffix in ("png", "jpg", "webp", "tif", *(["avif"] if "avif" in FILES else [])):
        kind, tolerance, options = FILES[suffix]
        name = f"profile.{suffix}"
        yield case("profile", name, rgb, kind, max(2.0, tolerance), icc_profile=profile, **options)


# By name: red, green, blue and white in x and y, as the standards print them (ITU-T H.273, table 2).
PLACES = {
    "sRGB": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.329),
    "P3": (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329),
    "2020": (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329),
    "EBU": (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, 0.3127, 0.329),
}
NUMBERS = {"sRGB": 1, "EBU": 5, "2020": 9, "P3": 12}
SRGB_POINT, PQ = 13, 16


def in_srgb(rgb: Rgb, places: str, gamma: float | None = None) -> Rgb:
    """What levels of other primaries show in sRGB; `gamma` in place of its curve."""
    share = rgb / 255
    line = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    linear = line if gamma is None else share**gamma
    matrix = np.linalg.inv(_to_xyz(PLACES["sRGB"])) @ _to_xyz(PLACES[places])
    linear = np.clip(linear @ matrix.T, 0, 1)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(coded * 255).astype(np.uint8)


def _to_xyz(places: tuple[float, ...]) -> NDArray[np.float64]:
    """Linear light to XYZ (SMPTE RP 177)."""
    x, y = np.array(places[::2]), np.array(places[1::2])
    columns = np.stack([x / y, np.ones(4), (1 - x - y) / y])
    return columns[:, :3] * np.linalg.solve(columns[:, :3], columns[:, 3])


def to_pq(rgb: Rgb) -> NDArray[np.uint16]:
    """A scene in sRGB as PQ of BT.2020, its white at 203 cd/m2 (SMPTE ST 2084, ITU-R BT.2408)."""
    share = rgb / 255
    line = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    matrix = np.linalg.inv(_to_xyz(PLACES["2020"])) @ _to_xyz(PLACES["sRGB"])
    power = np.clip(line @ matrix.T * 203 / 10_000, 0, 1) ** 0.1593017578125
    signal = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    return np.rint(signal * 65535).astype(np.uint16)


def _colors() -> Iterator[ImageCase]:
    """Colours that are not sRGB's, told in each of the ways that files have."""
    yield from _chunks_of_color()
    rgb = draw((48, 64))
    wide = make_profile(P3, 2.2)
    for suffix, (kind, tolerance, options) in FILES.items():
        if kind not in ("GIF", "BMP"):
            data = save(Image.fromarray(rgb), kind, icc_profile=wide, **options)
            yield ImageCase(name=f"icc-p3.{suffix}", kind="colors", data=data,
                            shown=in_srgb(rgb, "P3", 2.2), tolerance=max(3.0, tolerance))  # fmt: skip
    if "avif" in FILES:
        plain = save(Image.fromarray(rgb), "AVIF", quality=95)
        told = b"nclx" + struct.pack(">HH", 1, SRGB_POINT)
        for place, number in NUMBERS.items():
            data = plain.replace(told, b"nclx" + struct.pack(">HH", number, SRGB_POINT))
            yield ImageCase(name=f"nclx-{place}.avif", kind="colors", data=data,
                            shown=in_srgb(rgb, place), tolerance=LOSSY)  # fmt: skip


def _chunks_of_color() -> Iterator[ImageCase]:
    rgb = draw()
    plain = save(Image.fromarray(rgb), "PNG")

    def told(name: str, shown: Rgb, *chunks: bytes, data: bytes = plain) -> ImageCase:
        whole = data[:33] + b"".join(chunks) + data[33:]
        return ImageCase(name=f"{name}.png", kind="colors", data=whole, shown=shown, tolerance=3.0)

    def cicp(place: str, transfer: int = SRGB_POINT, full: int = 1) -> bytes:
        return chunk(b"cICP", bytes([NUMBERS[place], transfer, 0, full]))

    def chrm(place: str) -> bytes:
        values = PLACES[place]
        return chunk(
            b"cHRM", struct.pack(">8I", *(round(n * 1e5) for n in values[6:] + values[:6]))
        )

    def gama(gamma: float) -> bytes:
        return chunk(b"gAMA", struct.pack(">I", round(1e5 / gamma)))

    icc = chunk(b"iCCP", b"x\0\0" + zlib.compress(make_profile(P3, 2.2)))
    for place in ("P3", "2020", "EBU"):
        yield told(f"cicp-{place}", in_srgb(rgb, place), cicp(place))
        yield told(f"chrm-{place}", in_srgb(rgb, place), chrm(place))
    for gamma in (1.0, 1.4, 1.8, 2.8):
        yield told(f"gama-{gamma}", in_srgb(rgb, "sRGB", gamma), gama(gamma))
        yield told(f"gama-{gamma}-chrm", in_srgb(rgb, "P3", gamma), gama(gamma), chrm("P3"))
    yield told("cicp-gamma", in_srgb(rgb, "sRGB", 2.8), cicp("sRGB", 5))
    yield told("cicp-linear", in_srgb(rgb, "P3", 1.0), cicp("P3", 8))
    narrow = np.rint(16 + rgb.astype(float) * 219 / 255).astype(np.uint8)
    yield told("cicp-narrow", rgb, cicp("sRGB", full=0),
               data=save(Image.fromarray(narrow), "PNG"))  # fmt: skip
    yield told("cicp-before-icc", in_srgb(rgb, "2020"), cicp("2020"), icc, gama(1.0))
    yield told("icc-before-gama", in_srgb(rgb, "P3", 2.2), icc, gama(1.0), chrm("2020"))
    yield told("srgb-before-gama", rgb, chunk(b"sRGB", b"\0"), gama(1.0), chrm("2020"))
    grey = np.repeat(rgb[..., :1], 3, 2)
    yield told("gama-grey", in_srgb(grey, "sRGB", 1.0), gama(1.0),
               data=save(Image.fromarray(grey[..., 0]), "PNG"))  # fmt: skip
    deep = encode_image(to_pq(rgb), ".png")
    yield replace(told("cicp-pq", rgb, cicp("2020", PQ), data=deep), tolerance=6.0)


def _names() -> Iterator[ImageCase]:
    rgb = Image.fromarray(draw())
    for name, file in [
        ("png.jpg", "PNG"), ("jpeg.png", "JPEG"), ("webp.jpg", "WEBP"), ("gif.png", "GIF"),
        ("tiff.jpg", "TIFF"), ("UPPER.PNG", "PNG"), ("UPPER.JPG", "JPEG"), ("two.dots.jpeg", "JPEG"),
        ("100%d.png", "PNG"), ("-o \u00fcber #1?.png", "PNG"), ("a:b.png", "PNG"),
    ]:  # fmt: skip
        yield case("name", name, rgb, file, LOSSY if file in ("JPEG", "WEBP") else 2.0)


def has_imagemagick() -> bool:
    """Return whether ImageMagick's program is there."""
    program = shutil.which("magick") or shutil.which("convert")
    if program is None:
        return False
    told = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30)
    return told.returncode == 0 and "ImageMagick" in told.stdout


def look_managed(path: Path) -> Rgb:
    """Read an image as a viewer that follows ICC profiles shows it: with little-cms."""
    with Image.open(path) as image:
        profile, rgb = image.info.get("icc_profile"), image.convert("RGB")
        if profile:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            ImageCms.profileToProfile(rgb, own, ImageCms.createProfile("sRGB"), inPlace=True)
        return seen(rgb)


def look(path: Path, *, outside: bool) -> Rgb:
    """Read an image with ImageMagick, or with Pillow alone."""
    if not outside:
        with Image.open(path) as image:
            shown = ImageOps.exif_transpose(image)
            if shown.mode.startswith("I"):
                return np.asarray(shown)[..., None].repeat(3, 2) // 257
            return seen(shown)
    program = shutil.which("magick") or shutil.which("convert") or ""
    ask = [program, "-", "-auto-orient", "-alpha", "off", "-depth", "8", "ppm:-"]
    data = subprocess.run(
        ask, input=path.read_bytes(), capture_output=True, check=True, timeout=60
    ).stdout
    with Image.open(io.BytesIO(data)) as image:  # the first of several
        return seen(image)
