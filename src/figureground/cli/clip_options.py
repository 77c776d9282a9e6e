"""What `figureground remove` takes for videos; the work itself is loaded if there are any."""

import argparse
from fractions import Fraction

from figureground.media.video_formats import SUFFIXES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is for videos only."""
    video = parser.add_argument_group("videos", "mp4, mov, mkv, webm, avi and m4v")
    video.add_argument("--start", type=seconds, default=0.0, metavar="TIME", help="12.5 or 1:02.5")
    video.add_argument("--end", type=seconds, metavar="TIME", help="where to end")
    video.add_argument("--frames", type=int, metavar="N", help="at most so many frames")
    video.add_argument("--fps", type=Fraction, metavar="N", help="frames at even times, N a second")
    video.add_argument("--scale", type=float, default=1.0, metavar="N", help="0.5 halves each side")
    video.add_argument("--crf", type=int, metavar="N", help="quality: less is better, and larger")
    video.add_argument("--bitrate", type=bits, metavar="N", help="bits a second, as in 4M or 800k")
    video.add_argument(
        "--no-steady", action="store_true", help="every frame by itself, whatever flickers"
    )


def seconds(text: str) -> float:
    """`12.5`, `1:02.5` or `1:00:02` as seconds."""
    total = 0.0
    for word in text.split(":"):
        total = total * 60 + float(word)  # argparse turns a ValueError into a line about usage
    return total


def bits(text: str) -> int:
    """`4M`, `800k` or `1000000` as bits."""
    factor = {"k": 1000, "M": 1_000_000}.get(text[-1:], 1)
    return round(float(text[:-1] if factor > 1 else text) * factor)


def take_clips(arguments: argparse.Namespace) -> int | None:
    """Work through the videos among the inputs, and leave only the others.

    Returns the exit code so far; None if there are no videos.
    Raises:
        VideoError: what was asked for fits no video.
    """
    sources = [path for path in arguments.inputs if path.suffix.lower() in SUFFIXES]
    if not sources:
        return None
    from figureground.cli.clips import remove_clips  # PyAV takes a tenth of a second to load

    arguments.inputs = [path for path in arguments.inputs if path not in sources]
    return remove_clips(sources, arguments)
