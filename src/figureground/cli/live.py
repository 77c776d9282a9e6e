"""Show a camera without its background, as it happens.

  figureground live                                the first camera, in a window, over green
  figureground live --background blur:20           its own background, blurred
  figureground live --camera                       as a camera of its own, for calls (extra camera)
  figureground live -o me.mp4                      to a file, until Ctrl-C
  figureground live clip.mp4                       a video, as if it were a camera

Frames that come while another is worked on are left out; how many, it says in the end. Close the
window or press Ctrl-C to end. A recording that is there stays, unless with --overwrite.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from figureground.counts import counted
from figureground.errors import UsageError, VideoError
from figureground.jobs.live import KINDS, Sink, run_live
from figureground.jobs.values import number
from figureground.jobs.video_style import CHROMA_GREEN, VideoStyle, read_video_background
from figureground.matting.roi import open_video_engine
from figureground.media.atomic import atomic
from figureground.media.display_sinks import VirtualCamera, Window
from figureground.media.formats import VideoEncoding
from figureground.media.naming import Task, check_targets
from figureground.media.planes import Planes
from figureground.media.video_color import to_rgb
from figureground.media.video_formats import codec_for
from figureground.media.video_open import is_camera
from figureground.media.video_reader import Part, VideoReader
from figureground.media.video_writer import VideoWriter
from figureground.models.shipped import VIDEO_MODEL, find_exported, find_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "source", nargs="?", type=Path, default=Path("camera:0"), metavar="SOURCE",
        help="camera:0 (default), camera:1, camera:NAME, lavfi:GRAPH of FFmpeg's, or a video",
    )  # fmt: skip
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", type=Path, metavar="FILE", help="a video, not a window")
    where.add_argument(
        "--camera", action="store_true", help="a virtual camera, not a window (extra 'camera')"
    )
    parser.add_argument("--overwrite", action="store_true", help="write over a FILE that is there")
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0], help="default composite")
    parser.add_argument(
        "--background", metavar="WHAT",
        help="a colour, gradient:white,skyblue, blur:20, an image or a video (default green)",
    )  # fmt: skip
    parser.add_argument(
        "--model", type=find_exported, metavar="NAME|FILE|RUN",
        help=f"network to use (default {VIDEO_MODEL})",
    )  # fmt: skip
    parser.add_argument("--frames", type=int, metavar="N", help="end after so many of the camera")
    parser.add_argument("--scale", type=number, default=1.0, metavar="N", help="0.5 halves a side")
    parser.add_argument("--no-smoothing", action="store_true", help="every frame by itself")


def run(arguments: argparse.Namespace) -> int:
    """Show frames until the source ends, the window is closed, or Ctrl-C."""
    behind = (
        CHROMA_GREEN
        if arguments.background is None
        else read_video_background(arguments.background)
    )
    look = VideoStyle(kind=arguments.kind, background=behind)
    if arguments.output is not None:
        codec_for(arguments.output, alpha=False)
        check_place(arguments)
    engine = open_video_engine(find_model(arguments.model or VIDEO_MODEL))
    part = Part(frames=arguments.frames, scale=arguments.scale)
    with VideoReader(arguments.source, part) as reader:

        def show(sink: Sink) -> None:
            shown = run_live(
                reader, look, engine, sink,
                smooth=not arguments.no_smoothing, paced=not is_camera(arguments.source),
            )  # fmt: skip
            print(
                f"{counted(shown.frames, 'frames')} shown, {shown.dropped} left out",
                file=sys.stderr,
            )
            if not shown.frames:
                raise VideoError(f"nothing was shown of {str(arguments.source)!r}")

        if arguments.output is not None:
            with atomic(arguments.output) as path:
                _record(path, reader, show)
            print(arguments.output)
        else:
            with _screen(reader, camera=arguments.camera) as sink:
                show(sink)
    return 0


def check_place(arguments: argparse.Namespace) -> None:
    """See that a recording replaces nothing. Raises UsageError."""
    behind = [Path(arguments.background)] if arguments.background else []
    task = Task(source=arguments.source, targets={arguments.kind: arguments.output})
    check_targets([task], behind)
    if os.path.exists(arguments.output) and not arguments.overwrite:
        raise UsageError(
            f"{str(arguments.output)!r} is there already; choose another -o, or --overwrite"
        )


def _record(path: Path, reader: VideoReader, show: Callable[[Sink], None]) -> None:
    """Let frames go into a file, whose clock begins with the first."""
    codec = codec_for(path, alpha=False)
    writer = VideoWriter(
        path, like=reader, size=reader.size, codec=codec, encoding=VideoEncoding(), alone=True
    )
    begin: int | None = None

    def write(planes: Planes, pts: int) -> bool:
        nonlocal begin
        begin = pts if begin is None else begin
        writer.write_frame(planes, None, pts - begin)
        return True

    try:
        show(write)
    finally:
        writer.close()


@contextmanager
def _screen(reader: VideoReader, *, camera: bool) -> Iterator[Sink]:
    """A window or a virtual camera, which takes frames."""
    screen = VirtualCamera(reader.size, float(reader.rate)) if camera else Window("figureground")
    try:
        yield lambda planes, pts: screen.show(to_rgb(planes, reader.given, layout=reader.layout))
    finally:
        screen.close()
