"""The formats of files: one row each, which says all that reading, finding and writing go by.

    a path's ending  ─▶ format_of ───┐
    its first bytes  ─▶ tell_format ─┴▶ Format ─▶ reader, writer, joiner, container

What an image is, is told by its first bytes when it is read; endings say which files of a folder
are meant, and what is written. Pillow's own `Image.open` is not used: it tries every plug-in, among
them PostScript, which runs Ghostscript, and holds images to a limit of the whole process.
"""

from pathlib import Path

from figureground.media.format_row import (
    ANIMATION,
    IMAGE,
    VIDEO,
    Container,
    Format,
    Joiner,
    Writer,
)
from figureground.media.signatures import (
    HEAD,
    brands,
    chunks,
    major_brand,
    material_exchange,
    matroska,
    quicktime,
    starts,
    transport_stream,
)

MP4_SOUND = frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus", "mov_text"})
MOV_SOUND = (MP4_SOUND - {"flac", "opus"}) | {
    "pcm_f32be", "pcm_f32le", "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be",
    "pcm_s32le",
}  # fmt: skip
WEBM_SOUND = frozenset({"opus", "vorbis", "webvtt"})
_ROWS = (
    Format(
        name="PNG", kinds=(IMAGE, ANIMATION), endings=(".png", ".apng"),
        tell=starts(b"\x89PNG\r\n\x1a\n"), reader="PIL.PngImagePlugin:PngImageFile",
        numbered=(".png",),
        writer=Writer(
            function="figureground.media.png:encode_png", endings=(".png", ".apng"),
            options=("level",), alpha_bits=16, bits=16, lossless=True, strips=True,
        ),
        joiner=Joiner(function="figureground.media.apng:join_frames", frames=".png"),
    ),
    Format(
        name="WebP", kinds=(IMAGE, ANIMATION), endings=(".webp",), tell=chunks(b"WEBP"),
        reader="PIL.WebPImagePlugin:WebPImageFile", numbered=(".webp",),
        writer=Writer(
            function="figureground.media.lossy:encode_webp", endings=(".webp",),
            options=("quality", "lossless"), keeps=("profile", "exif"), alpha_bits=8,
            lossless=True, longest=16_383,
        ),
        joiner=Joiner(function="figureground.media.webp:join_frames", frames=".webp"),
    ),
    Format(
        name="AVIF", kinds=(IMAGE, ANIMATION), endings=(".avif", ".avifs"),
        tell=brands(b"avif", b"avis"), reader="PIL.AvifImagePlugin:AvifImageFile",
        writer=Writer(
            function="figureground.media.lossy:encode_avif", endings=(".avif",),
            options=("quality",), keeps=("profile", "exif"), alpha_bits=8, longest=65_536,
        ),
        joiner=Joiner(
            function="figureground.media.lossy:join_avif", frames=".png", options=("quality",)
        ),
    ),
    Format(
        name="TIFF", kinds=(IMAGE,), endings=(".tif", ".tiff"),
        tell=starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),  # the last two are BigTIFF
        reader="PIL.TiffImagePlugin:TiffImageFile", numbered=(".tif", ".tiff"),
        writer=Writer(
            function="figureground.media.tiff:encode_tiff", endings=(".tif", ".tiff"),
            options=("level",), alpha_bits=16, bits=16, lossless=True,
        ),
    ),
    Format(
        name="JPEG", kinds=(IMAGE,), endings=(".jpg", ".jpeg", ".jfif", ".jpe", ".mpo"),
        tell=starts(b"\xff\xd8\xff"), reader="PIL.JpegImagePlugin:JpegImageFile",
        numbered=(".jpg", ".jpeg"),
        writer=Writer(
            function="figureground.media.lossy:encode_jpeg", endings=(".jpg", ".jpeg"),
            options=("quality",), longest=65_500,
        ),
    ),
    Format(
        name="BMP", kinds=(IMAGE,), endings=(".bmp", ".dib"), tell=starts(b"BM"),
        reader="PIL.BmpImagePlugin:BmpImageFile", numbered=(".bmp",),
    ),
    Format(
        name="GIF", kinds=(IMAGE, ANIMATION), endings=(".gif",), tell=starts(b"GIF8"),
        reader="PIL.GifImagePlugin:GifImageFile",
        writer=Writer(
            function="figureground.media.gif:encode_gif", endings=(".gif",), keeps=(),
            alpha_bits=1, longest=65_535,
        ),
        joiner=Joiner(
            function="figureground.media.gif:join_frames", frames=".gif", step=10, least=20
        ),
    ),
    Format(
        name="HEIC", kinds=(IMAGE,), endings=(".heic", ".heif", ".hif"),
        tell=brands(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
        reader="pillow_heif:HeifImageFile", extra="heif",
    ),
    Format(
        name="MOV", kinds=(VIDEO,), endings=(".mov", ".qt"), tell=quicktime,
        container=Container(
            codecs=("h264", "h265"), sound="aac", holds=MOV_SOUND, transparent="prores",
            hevc_tag="hvc1",
        ),
    ),
    Format(
        name="M4V", kinds=(VIDEO,), endings=(".m4v",), tell=major_brand(b"M4V"),
        container=Container(
            codecs=("h264", "h265"), sound="aac", holds=MP4_SOUND, muxer="mp4", hevc_tag="hvc1"
        ),
    ),
    Format(
        name="3GP", kinds=(VIDEO,), endings=(".3gp", ".3g2"), tell=major_brand(b"3gp", b"3g2")
    ),
    Format(  # after all others that have brands
        name="MP4", kinds=(VIDEO,), endings=(".mp4",),
        tell=brands(b"iso", b"mp4", b"avc1", b"hvc1", b"dash", b"M4V", b"MSNV", b"f4v"),
        container=Container(
            codecs=("h264", "h265", "av1"), sound="aac", holds=MP4_SOUND, hevc_tag="hvc1"
        ),
    ),
    Format(
        name="WebM", kinds=(VIDEO,), endings=(".webm",), tell=matroska(b"webm"),
        container=Container(
            codecs=("vp9", "av1"), sound="libopus", holds=WEBM_SOUND, transparent="vp9",
            milliseconds=True,
        ),
    ),
    Format(
        name="Matroska", kinds=(VIDEO,), endings=(".mkv",), tell=matroska(b"matroska"),
        container=Container(
            codecs=("h264", "h265", "av1", "vp9"), sound="aac", holds=None, milliseconds=True
        ),
    ),
    Format(name="AVI", kinds=(VIDEO,), endings=(".avi",), tell=chunks(b"AVI ")),
    Format(  # endings that TypeScript has, too
        name="MPEG-TS", kinds=(VIDEO,), endings=(".ts", ".mts", ".m2ts", ".m2t"),
        tell=transport_stream, unsure=True,
    ),
    Format(
        name="MPEG-PS", kinds=(VIDEO,), endings=(".mpg", ".mpeg", ".vob"),
        tell=starts(b"\0\0\x01\xba", b"\0\0\x01\xb3"),
    ),
    Format(
        name="ASF", kinds=(VIDEO,), endings=(".wmv", ".asf"),
        tell=starts(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    ),
    Format(name="MXF", kinds=(VIDEO,), endings=(".mxf",), tell=material_exchange),
    Format(name="FLV", kinds=(VIDEO,), endings=(".flv",), tell=starts(b"FLV\x01")),
    Format(name="Ogg", kinds=(VIDEO,), endings=(".ogv",), tell=starts(b"OggS")),
)  # fmt: skip
FORMATS = {row.name: row for row in _ROWS}


def tell_format(head: bytes) -> Format | None:
    """The format of a file by its first `HEAD` bytes; None if it is none that is known."""
    return next((row for row in FORMATS.values() if row.tell(head)), None)


def format_of(path: Path) -> Format | None:
    """The format that a path's ending names; None if it names none."""
    ending = path.suffix.lower()
    return next((row for row in FORMATS.values() if ending in row.endings), None)


def endings_of(*kinds: str) -> frozenset[str]:
    """The endings of all formats that hold one of these kinds."""
    rows = (row for row in FORMATS.values() if not set(kinds).isdisjoint(row.kinds))
    return frozenset(ending for row in rows for ending in row.endings)


def written_endings(kind: str) -> list[str]:
    """The endings of what is written of a kind, in the order of the table."""
    if kind == VIDEO:
        return [end for row in FORMATS.values() if row.container for end in row.endings[:1]]
    rows = (row for row in FORMATS.values() if row.writer and (kind == IMAGE or row.joiner))
    return [ending for row in rows if row.writer for ending in row.writer.endings]


def writer_of(path: Path) -> Writer | None:
    """How an image of that name is written; None where none is."""
    row = format_of(path)
    found = None if row is None else row.writer
    return found if found is not None and path.suffix.lower() in found.endings else None


def joiner_of(path: Path) -> Joiner | None:
    """How an animation of that name is written; None where none is."""
    row = format_of(path)
    return row.joiner if row is not None and writer_of(path) is not None else None


def container_of(path: Path) -> Container | None:
    """How a video of that name is written; None where none is."""
    row = format_of(path)
    return row.container if row is not None and path.suffix.lower() == row.endings[0] else None


def kind_of(path: Path, *, named: bool) -> str | None:
    """IMAGE or VIDEO: what a file is, by its ending or, where that does not tell, its first bytes.

    Args:
        path: the file; it is opened only where its ending does not tell.
        named: a user named it, so that it is opened whatever its ending; and one that cannot be
            told, or read, is what its ending says, or an image: reading it says what is wrong.
    Returns: None where it is neither, or not known.
    """
    row = format_of(path)
    if row is not None and not row.unsure:
        return _main_kind(row)
    told = _tell_file(path) if named or row is not None or not path.suffix else None
    if told is None and named:
        return IMAGE if row is None else _main_kind(row)
    return None if told is None else _main_kind(told)


def _main_kind(row: Format) -> str:
    return VIDEO if VIDEO in row.kinds else IMAGE


def _tell_file(path: Path) -> Format | None:
    """The format of a file by its first bytes; None where it is none, or they cannot be read."""
    try:
        if not path.is_file():  # a pipe could keep us waiting for ever
            return None
        with path.open("rb") as stream:
            return tell_format(stream.read(HEAD))
    except (OSError, ValueError):
        return None
