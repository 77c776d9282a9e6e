"""How videos are packed: codecs and encoders, and what each kind of file can hold."""

import os
from pathlib import Path
from typing import NamedTuple

from figureground.errors import UsageError
from figureground.media.format_row import ANIMATION, VIDEO, Container
from figureground.media.formats import (
    VideoEncoding,
    container_of,
    joiner_of,
    written_endings,
)


class Codec(NamedTuple):
    """How the frames are packed."""

    name: str  # libavcodec's encoder
    pix_fmt: str
    options: dict[str, str]  # of it
    crf: int | None = None  # used where none is asked for; None for codecs that know no crf
    most: int = 0  # its highest crf
    deep: str | None = None  # the pix_fmt for more than 8 bits a sample; None where it has none
    even: bool = False  # rows and columns have to be
    by_rate: bool = False  # its encoder goes by a bitrate, where none is asked for by one of ours

    @property
    def layout(self) -> str:
        """The format of its frames without their transparency."""
        return self.pix_fmt.replace("yuva", "yuv")


# "veryfast" costs a tenth more bits than the default and a third of the time.
H264 = Codec(
    name="libx264", pix_fmt="yuv420p", crf=18, most=51, even=True, options={"preset": "veryfast"}
)
FAST_VP9 = {"deadline": "realtime", "cpu-used": "6", "row-mt": "1"}
VP9 = Codec(name="libvpx-vp9", pix_fmt="yuv420p", crf=24, most=63, options=FAST_VP9)
VP9_ALPHA = Codec(
    # Frames that refer to later ones (auto-alt-ref) lose their alpha.
    name="libvpx-vp9", pix_fmt="yuva420p", crf=24, most=63,
    options={**FAST_VP9, "auto-alt-ref": "0"},
)  # fmt: skip
PRORES_ALPHA = Codec(
    name="prores_ks", pix_fmt="yuva444p10le",
    options={"profile": "4", "alpha_bits": "8", "vendor": "apl0"},
)  # fmt: skip
H265 = Codec(
    name="libx265", pix_fmt="yuv420p", deep="yuv420p10le", crf=20, most=51, even=True,
    options={"preset": "veryfast", "x265-params": "log-level=error"},
)  # fmt: skip
AV1 = Codec(
    name="libsvtav1", pix_fmt="yuv420p", deep="yuv420p10le", crf=28, most=63, even=True,
    options={"preset": "9"},
)  # fmt: skip
CODECS = {"h264": H264, "h265": H265, "av1": AV1, "vp9": VP9}
# By the usual encoder: others of the same codec, which FFmpeg may have or not.
ENCODERS = {
    "libx264": ("libopenh264", "h264_nvenc", "h264_qsv", "h264_amf", "h264_videotoolbox", "h264_mf",
                "h264_vaapi", "h264_v4l2m2m"),
    "libx265": ("hevc_nvenc", "hevc_qsv", "hevc_amf", "hevc_videotoolbox", "hevc_mf", "hevc_vaapi",
                "hevc_v4l2m2m"),
    "libsvtav1": ("libaom-av1", "librav1e", "av1_nvenc", "av1_qsv", "av1_amf", "av1_vaapi"),
    "libvpx-vp9": ("vp9_qsv", "vp9_vaapi"),
}  # fmt: skip
BITS_PER_PIXEL = 0.15  # of a frame, where an encoder goes by a rate and none is asked for
TRANSPARENT_CODECS = {"prores": PRORES_ALPHA, "vp9": VP9_ALPHA}
MP4_ONLY = {"mov_text", "eia_608"}
HOLDS_ATTACHMENTS = {".mkv"}
HOLDS_COVERS = {".m4v", ".mkv", ".mp4"}


def codec_for(path: Path, *, alpha: bool, codec: str | None = None, deep: bool = False) -> Codec:
    """Return how to pack frames into the file of this name.

    Args:
        path: what will be written.
        alpha: whether transparency is wanted.
        codec: one of CODECS; None for the first that the container holds and that loses no bits.
        deep: whether samples have more than 8 bits.
    Raises:
        UsageError: its ending names no format that is written, or one that holds no such codec or
            no transparency.
    """
    suffix, container = path.suffix.lower(), container_of(path)
    if container is None:
        raise UsageError(
            f"cannot write {str(path)!r}: name it {', '.join(sorted(written_endings(VIDEO)))}, an "
            f"animation {', '.join(written_endings(ANIMATION))}, or a folder for images"
        )
    if alpha:
        return _transparent_codec(path, container, codec)
    held = container.codecs
    if codec in TRANSPARENT_CODECS and codec not in CODECS:
        raise UsageError(
            f"{codec} is what .mov holds of a cutout: name it .mov, without --kind or --background"
        )
    if codec is not None and codec not in held:
        raise UsageError(f"{suffix} holds {', '.join(held)}, so {codec} needs another file name")
    able = [name for name in held if CODECS[name].deep] if deep else held
    name = codec or able[0]
    chosen = CODECS[name]
    return chosen._replace(pix_fmt=chosen.deep) if deep and chosen.deep else chosen


def _transparent_codec(path: Path, container: Container, codec: str | None) -> Codec:
    suffix = path.suffix.lower()
    if container.transparent is None:
        raise UsageError(
            f"{suffix} holds no transparency, so {str(path)!r} cannot be a cutout; name it .webm "
            "(VP9), .mov (ProRes 4444) or a folder (PNG), or ask for --kind composite"
        )
    if codec not in (None, container.transparent):
        if codec in TRANSPARENT_CODECS and codec not in CODECS:
            raise UsageError(f"{codec} is what .mov holds of a cutout: name it .mov")
        raise UsageError(f"{codec} holds no transparency in {suffix}; leave --codec out")
    return TRANSPARENT_CODECS[container.transparent]


def encoder_options(codec: Codec, encoding: VideoEncoding) -> dict[str, str]:
    """The settings of an encoder. Raises UsageError where the codec knows no such encoding."""
    options = dict(codec.options)
    if codec.name == "libsvtav1":
        os.environ.setdefault("SVT_LOG", "1")  # else it tells its settings on standard error
    other = codec.by_rate or encoding.encoder not in (None, codec.name)
    if other and not codec.by_rate:
        _check_encoder(codec, str(encoding.encoder))
    crf = None if other else _crf(codec, encoding)
    if other and encoding.crf is not None:
        raise UsageError(f"crf is of {', '.join(ENCODERS)}; give other encoders a --bitrate")
    return options if crf is None else {**options, "crf": str(crf)}


def _crf(codec: Codec, encoding: VideoEncoding) -> int | None:
    """The quality asked of a codec's usual encoder; None where a rate decides. May raise UsageError."""
    if codec.crf is None:
        if encoding.crf is not None or encoding.bitrate is not None:
            raise UsageError("ProRes decides its rate itself; leave --crf and --bitrate out")
        return None
    crf = codec.crf if encoding.crf is None else encoding.crf
    if encoding.bitrate is None and crf > codec.most:
        raise UsageError(f"crf of {codec.name} is 0 to {codec.most}, got {crf}")
    return crf if encoding.bitrate is None else None


def _check_encoder(codec: Codec, name: str) -> None:
    """See that an encoder is of a codec. Raises UsageError."""
    known = ENCODERS.get(codec.name, ())
    if name not in known or "a" in codec.pix_fmt:
        whose = "of a cutout" if "a" in codec.pix_fmt else "of that codec"
        able = ", ".join((codec.name, *(() if "a" in codec.pix_fmt else known)))
        raise UsageError(f"{name} is no encoder {whose}; --encoder takes {able}")


def holds(path: Path, codec: str) -> bool:
    """Return whether a file of this name can hold a stream of sound or subtitles as it is."""
    container = container_of(path)
    held = None if container is None else container.holds
    return codec not in MP4_ONLY if held is None else codec in held


def can_be_clear(path: Path) -> bool:
    """Return whether a video or an animation of this name can hold transparency."""
    container = container_of(path)
    video = container is not None and container.transparent is not None
    return video or joiner_of(path) is not None
