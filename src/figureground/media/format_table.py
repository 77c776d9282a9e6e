"""The table of formats: one row each, which says all that reading, finding and writing go by.

Functions tell a format by the first `HEAD` bytes of a file, whatever it is called.
"""

from figureground.media.format_row import (
    ANIMATION,
    IMAGE,
    VIDEO,
    Container,
    Format,
    Joiner,
    Tell,
    Writer,
)  # fmt: skip

TS_PACKETS = ((0, 188), (4, 192))  # first sync byte, length: of broadcasts, of Blu-ray and AVCHD
QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # of files without brand
MP4_SOUND = frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus", "mov_text"})
MOV_SOUND = (MP4_SOUND - {"flac", "opus"}) | {
    "pcm_f32be", "pcm_f32le", "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be",
    "pcm_s32le",
}  # fmt: skip
WEBM_SOUND = frozenset({"opus", "vorbis", "webvtt"})


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
