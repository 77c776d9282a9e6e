"""Which kinds of video are written, and what each can hold."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from figureground.errors import VideoError


@dataclass(frozen=True, kw_only=True)
class VideoEncoding:
    """How a video is packed; by default it loses little that an eye sees."""

    crf: int | None = None  # constant quality: H.264 0 to 51, VP9 0 to 63, less is better
    bitrate: int | None = None  # bits per second
    rate: Fraction | None = None  # frames per second; None keeps every frame at its time

    def __post_init__(self) -> None:
        if self.rate is not None and not 0 < self.rate <= 1000:
            raise VideoError(f"frames per second are above 0, at most 1000, got {self.rate}")
        if self.crf is not None and self.bitrate is not None:
            raise VideoError("give a quality or a bitrate, not both")
        if self.crf is not None and not 0 <= self.crf <= 63:
            raise VideoError(f"crf is 0 to 63 (H.264: to 51), got {self.crf}")
        if self.bitrate is not None and self.bitrate < 1000:
            raise VideoError(f"bitrate is bits per second, 1000 or more, got {self.bitrate}")


@dataclass(frozen=True, kw_only=True)
class Codec:
    """How the frames are packed."""

    name: str  # libavcodec's encoder
    pix_fmt: str
    crf: int | None = None  # used where none is asked for; None for codecs that know no crf
    most: int = 0  # its highest crf
    even: bool = False  # rows and columns have to be
    options: dict[str, str] = field(default_factory=dict)

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
OPAQUE = {".m4v": H264, ".mkv": H264, ".mov": H264, ".mp4": H264, ".webm": VP9}
TRANSPARENT = {".mov": PRORES_ALPHA, ".webm": VP9_ALPHA}

MP4_SOUND = {"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"}
MOV_SOUND = {"aac", "ac3", "alac", "eac3", "mp3", "pcm_s16be", "pcm_s16le", "pcm_s24le"}
MP4_ONLY = {"mov_text", "eia_608"}
# What each container holds as it is; None is all but MP4_ONLY.
HOLDS: dict[str, set[str] | None] = {
    ".m4v": MP4_SOUND | {"mov_text"},
    ".mkv": None,
    ".mov": MOV_SOUND | {"mov_text"},
    ".mp4": MP4_SOUND | {"mov_text"},
    ".webm": {"opus", "vorbis", "webvtt"},
}
SOUND = {".m4v": "aac", ".mkv": "aac", ".mov": "aac", ".mp4": "aac", ".webm": "libopus"}


def codec_for(path: Path, *, alpha: bool) -> Codec:
    """How to pack frames into the file of this name.

    Raises:
        VideoError: its ending names no format that is written, or one without transparency where
            `alpha` is wanted.
    """
    suffix = path.suffix.lower()
    if suffix not in OPAQUE:
        raise VideoError(
            f"cannot write {str(path)!r}: name it {', '.join(sorted(OPAQUE))}, "
            "or a folder for pictures"
        )
    if not alpha:
        return OPAQUE[suffix]
    if suffix not in TRANSPARENT:
        raise VideoError(
            f"{suffix} holds no transparency, so {str(path)!r} cannot be a cutout; name it .webm "
            "(VP9), .mov (ProRes 4444) or a folder (PNG), or ask for --output composite"
        )
    return TRANSPARENT[suffix]


def encoder_options(codec: Codec, encoding: VideoEncoding) -> dict[str, str]:
    """The settings of an encoder. Raises VideoError where the codec knows no such encoding."""
    options = dict(codec.options)
    if codec.crf is None:
        if encoding.crf is not None or encoding.bitrate is not None:
            raise VideoError("ProRes decides its rate itself; leave --crf and --bitrate out")
    elif encoding.bitrate is None:
        crf = codec.crf if encoding.crf is None else encoding.crf
        if crf > codec.most:
            raise VideoError(f"crf of {codec.name} is 0 to {codec.most}, got {crf}")
        options["crf"] = str(crf)
    return options


def holds(path: Path, codec: str) -> bool:
    """Whether a file of this name can hold a stream of sound or subtitles as it is."""
    held = HOLDS[path.suffix.lower()]
    return codec not in MP4_ONLY if held is None else codec in held
