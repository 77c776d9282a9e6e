"""Serve background removal over HTTP, on this machine.

  figureground serve                               http://127.0.0.1:8000, one worker a core
  figureground serve --workers 4 --queue 64        how many at once, and how many may wait
  figureground serve --host 0.0.0.0 --token-file tokens.txt

POST /v1/remove takes an image as a form, as JSON or as it is; every option of `remove` has its
name there. Clients of remove.bg and rembg work when they are pointed here. Videos are jobs, at
/v1/jobs. docs/serve.md tells more. Needs the extra 'serve'. SIGTERM and Ctrl-C end it once what
was taken is done.
"""

import argparse
import os
from pathlib import Path

from figureground.errors import ExtraError
from figureground.media.limits import parse_bytes
from figureground.models.shipped import MODEL, VIDEO_MODEL, find_exported
from figureground.resources import cores
from figureground.serve.settings import PORT, ServeSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS",
        help="where to listen (default 127.0.0.1: this machine only)",
    )  # fmt: skip
    parser.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"default {PORT}; 0 takes a free one"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="images in work at once (default one a core)"
    )
    parser.add_argument(
        "--queue", type=int, default=32, metavar="N",
        help="images that may wait beside those in work, and videos (default 32); beyond it 429 or 503",
    )  # fmt: skip
    parser.add_argument(
        "--model", action="append", type=find_exported, metavar="NAME|FILE|RUN",
        help=f"a network that may be asked for; may be repeated, the first is the usual one (default "
        f"{MODEL} and {VIDEO_MODEL})",
    )  # fmt: skip
    parser.add_argument(
        "--max-bytes", type=parse_bytes, default=50_000_000, metavar="BYTES",
        help="of a request (default 50M)",
    )  # fmt: skip
    parser.add_argument(
        "--max-video-bytes", type=parse_bytes, default=2_000_000_000, metavar="BYTES",
        help="of a video (default 2G)",
    )  # fmt: skip
    parser.add_argument("--max-pixels", type=int, metavar="N", help="as of `remove`")
    parser.add_argument(
        "--max-memory", type=parse_bytes, metavar="BYTES",
        help="of one image or video (default half of what there is; workers share it for images)",
    )  # fmt: skip
    parser.add_argument(
        "--max-seconds", type=float, default=60.0, metavar="N",
        help="of work on one image (default 60)",
    )  # fmt: skip
    parser.add_argument(
        "--max-video-seconds", type=float, default=21_600.0, metavar="N",
        help="of work on one video (default six hours)",
    )  # fmt: skip
    parser.add_argument(
        "--upload-seconds", type=float, default=30.0, metavar="N",
        help="that a client may be silent (default 30)",
    )  # fmt: skip
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE",
        help="bearer tokens that may use it, one a line (default: whoever reaches it may)",
    )  # fmt: skip
    parser.add_argument(
        "--folder", type=Path, default=None, metavar="DIR",
        help="where uploads and videos lie (default $STATE_DIRECTORY, as systemd gives it, or "
        "figureground-serve)",
    )  # fmt: skip
    parser.add_argument(
        "--fetch", action="store_true",
        help="let requests name https:// URLs of images, at public addresses only",
    )  # fmt: skip
    parser.add_argument(
        "--keep-seconds", type=float, default=86_400.0, metavar="N",
        help="that a finished video is kept (default a day)",
    )  # fmt: skip
    parser.add_argument(
        "--redis", metavar="URL",
        help="of a queue of videos that several services share, as they do --folder (default a "
        "SQLite file in it; needs the package redis)",
    )  # fmt: skip
    parser.add_argument(
        "--root-path", default="", metavar="PATH", help="of the URL, below which a proxy serves it"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve; returns the exit code."""
    settings = ServeSettings(
        host=arguments.host,
        port=arguments.port,
        workers=cores() if arguments.workers is None else arguments.workers,
        queue=arguments.queue,
        models=tuple(arguments.model or (MODEL, VIDEO_MODEL)),
        max_bytes=arguments.max_bytes,
        max_video_bytes=arguments.max_video_bytes,
        max_pixels=arguments.max_pixels,
        max_memory=arguments.max_memory,
        max_seconds=arguments.max_seconds,
        max_video_seconds=arguments.max_video_seconds,
        upload_seconds=arguments.upload_seconds,
        token_file=arguments.token_file,
        folder=arguments.folder or Path(os.environ.get("STATE_DIRECTORY", "figureground-serve")),
        root_path=arguments.root_path,
        fetch=arguments.fetch,
        redis=arguments.redis,
        keep_seconds=arguments.keep_seconds,
    )
    try:
        from figureground.serve.run import serve
    except ModuleNotFoundError as error:
        raise ExtraError("serve", "the service") from error
    return serve(settings)
