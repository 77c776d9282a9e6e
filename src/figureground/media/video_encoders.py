"""Which encoder packs a video: the usual one, one that is asked for, or what this FFmpeg has."""

import av
import cv2

from figureground.errors import VideoError
from figureground.media.formats import VideoEncoding
from figureground.media.video_formats import ENCODERS, Codec, encoder_options

# What needs no graphics card of one maker, in place of an encoder that FFmpeg was built without.
INSTEAD = ("libopenh264", "libaom-av1", "librav1e", "h264_videotoolbox", "hevc_videotoolbox",
           "h264_mf", "hevc_mf")  # fmt: skip
AVX512F = 13  # OpenCV's number of that feature of a processor


def choose_encoder(codec: Codec, encoding: VideoEncoding) -> tuple[Codec, list[str]]:
    """Return a codec with an encoder that is there, and notes on what was taken in its place.

    Raises:
        VideoError: there is none, or not the one that is asked for.
    """
    asked = encoding.encoder
    if asked not in (None, codec.name):
        if not can_encode(str(asked), codec.pix_fmt):
            raise VideoError(_missing(str(asked), codec))
        return by_rate(codec, str(asked)), []
    if can_encode(codec.name, codec.pix_fmt):
        return codec, []
    others = [name for name in ENCODERS.get(codec.name, ()) if name in INSTEAD]
    found = next((name for name in others if can_encode(name, codec.pix_fmt)), None)
    if found is None or encoding.crf is not None:
        raise VideoError(_missing(codec.name, codec))
    return by_rate(codec, found), [
        f"{found} packs the video, since this FFmpeg has no {codec.name}"
    ]


def can_encode(name: str, pix_fmt: str) -> bool:
    """Return whether this FFmpeg has an encoder that takes frames of a format."""
    try:
        taken = av.Codec(name, "w").video_formats
    except av.codec.codec.UnknownCodecError:
        return False
    return taken is None or any(kind.name == pix_fmt for kind in taken)


def by_rate(codec: Codec, name: str) -> Codec:
    """Return the codec with another encoder, which knows a bitrate and no quality of ours."""
    return codec._replace(name=name, options={}, crf=None, by_rate=True)


def settings_of(codec: Codec, encoding: VideoEncoding) -> dict[str, str]:
    """Return the settings of an encoder, with which the same frames become the same bytes.

    x264's way of AVX-512 to weigh blocks by what later frames take from them (mb-tree) reads memory
    that nobody wrote, up to core 165 at least, so what it packs depends on what lay there before.

    Raises:
        UsageError: the codec knows no such encoding.
    """
    options = encoder_options(codec, encoding)
    if codec.name == "libx264" and cv2.checkHardwareSupport(AVX512F):
        options["x264-params"] = "asm=AVX2"
    return options


def open_encoder(context: av.VideoCodecContext) -> None:
    """Open an encoder that may need a graphics card. Raises VideoError where it cannot be."""
    try:
        context.open()
    except av.error.FFmpegError as error:
        raise VideoError(
            f"the encoder {context.name} cannot be opened ({error.strerror}); it may need a graphics "
            "card and its driver; leave --encoder out"
        ) from error


def _missing(name: str, codec: Codec) -> str:
    there = [one for one in (codec.name, *ENCODERS.get(codec.name, ())) if one != name]
    able = [one for one in there if can_encode(one, codec.pix_fmt)]
    advice = f"--encoder takes {', '.join(able)}" if able else "--codec takes another codec"
    return (
        f"this FFmpeg has no encoder {name} for {codec.pix_fmt}; {advice}, or name the file .webm "
        "(VP9)"
    )
