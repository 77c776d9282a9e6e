"""What comes with the packages: weights that ship, and what PyAV's FFmpeg can read and write."""

from collections.abc import Iterator

from figureground.doctor.finding import ABSENT, BROKEN, GOOD, Finding
from figureground.errors import ModelError
from figureground.models.shipped import FOLDER, check_shipped, shipped_sums

DECODERS = ("h264", "hevc", "vp9", "av1", "prores", "mpeg4", "aac", "opus")


def find_weights() -> Iterator[Finding]:
    """Yield each file of weights that ships, its SHA-256 checked."""
    for name, digest in sorted(shipped_sums().items()):
        path = FOLDER / name
        try:
            check_shipped(path)
        except (ModelError, OSError) as error:
            yield Finding("weights", name, BROKEN, str(error), "install figureground anew")
            continue
        value = f"{path.stat().st_size / 1e6:.1f} MB, SHA-256 {digest[:12]}…"
        yield Finding("weights", name, GOOD, value)


def find_codecs() -> Iterator[Finding]:
    """Yield what FFmpeg packs videos with, and what it cannot read."""
    try:
        import av

        from figureground.media.video_encoders import can_encode
        from figureground.media.video_formats import CODECS, TRANSPARENT_CODECS
    except ImportError as error:
        yield Finding("FFmpeg", "PyAV", BROKEN, f"cannot be imported: {error}", "no videos")
        return
    yield Finding("FFmpeg", "version", GOOD, av.ffmpeg_version_info)
    named = {**CODECS, "prores": TRANSPARENT_CODECS["prores"]}
    named["vp9 with alpha"] = TRANSPARENT_CODECS["vp9"]
    for name, codec in named.items():
        if can_encode(codec.name, codec.pix_fmt):
            yield Finding("FFmpeg", name, GOOD, f"packed by {codec.name}")
        else:
            advice = "--codec takes another; PyAV's wheel has it: python -m pip install av"
            yield Finding("FFmpeg", name, ABSENT, f"no encoder {codec.name}", advice)
    for name in DECODERS:
        if name not in av.codecs_available:
            yield Finding("FFmpeg", name, ABSENT, "cannot be read", "PyAV's wheel can")
