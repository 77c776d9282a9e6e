"""What `figureground remove` takes."""

import argparse
import os
from pathlib import Path
from typing import Any

from figureground.jobs.backgrounds import FITS as BACKGROUND_FITS
from figureground.jobs.kinds import OUTPUTS
from figureground.jobs.style import FITS
from figureground.jobs.values import aspect, bits, canvas_size, number, people, rate, seconds
from figureground.media.format_row import ANIMATION, IMAGE, VIDEO
from figureground.media.formats import written_endings
from figureground.media.limits import DENSE_PIXELS, MAX_PIXELS, PIXELS_PER_BYTE, parse_bytes
from figureground.models.shipped import MODEL, VIDEO_MODEL, find_exported

CONTAINERS = [
    ending.removeprefix(".") for ending in (*written_endings(VIDEO), *written_endings(ANIMATION))
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.set_defaults(output_folder=False)
    parser.usage = "%(prog)s IMAGE ... [-o PATH] [options]; --help explains them"
    parser.add_argument(
        "inputs", nargs="*", type=Path, metavar="IMAGE",
        help="files, folders, '**/*.jpg', URLs (extra 'remote'), or - for standard input",
    )  # fmt: skip
    parser.add_argument(
        "--list",
        type=Path,
        metavar="FILE",
        help="a text file of paths, one a line, or - for standard input; folders below the file's "
        "own are kept below -o",
    )
    parser.add_argument(
        "-o",
        "--output",
        action=Out,
        metavar="PATH",
        help="a file for one result, a folder for many or if it ends in /, - for standard output",
    )
    parser.add_argument(
        "--kind", metavar="KINDS",
        help=f"what to write, one or several of {','.join(OUTPUTS)} "
        "(default cutout; composite where there is a background)",
    )  # fmt: skip
    parser.add_argument(
        "--background", metavar="WHAT",
        help="what to put behind the person: transparent (default), '#00ff00', white, "
        "gradient:white,skyblue, blur:20 (its own, blurred by so many pixels), or an image "
        "that is made to cover",
    )  # fmt: skip
    parser.add_argument(
        "--model", type=find_exported, metavar="NAME|FILE|RUN",
        help=f"network to use (default {MODEL}; for videos {VIDEO_MODEL}, which is faster)",
    )  # fmt: skip
    _add_network(parser)
    _add_look(parser)
    _add_files(parser)
    _add_many(parser)
    _add_videos(parser)


def _add_network(parser: argparse.ArgumentParser) -> None:
    network = parser.add_argument_group("the network", "that --model names")
    network.add_argument(
        "--raw", action="store_true", help="its matte as it is, no levels or edges refined"
    )
    network.add_argument(
        "--device", choices=("cpu", "cuda", "coreml", "openvino"),
        help="what an .onnx file runs on (default cpu; `figureground models` tells what there is)",
    )  # fmt: skip
    network.add_argument(
        "--color", choices=("bgr", "rgb"),
        help="order of channels that a file of the Keras tutorial takes (default bgr, proven on a "
        "photo)",
    )  # fmt: skip


def _add_look(parser: argparse.ArgumentParser) -> None:
    edge = parser.add_argument_group("the matte", "before anything is made of it")
    edge.add_argument("--feather", type=number, default=0, metavar="PIXELS", help="soften its edge")
    edge.add_argument(
        "--grow", type=int, default=0, metavar="PIXELS", help="widen it; narrow it if negative"
    )
    edge.add_argument("--threshold", type=number, metavar="LEVEL", help="make it hard, at 0.5 say")
    edge.add_argument(
        "--min-area", type=int, default=0, metavar="PIXELS", help="drop what is smaller"
    )
    edge.add_argument(
        "--people", type=people, metavar="WHO",
        help="whom to keep of people who do not touch: all (default), largest, centre, or who is "
        "at X,Y or at several points 'X,Y;X,Y', in pixels; in videos of the first frame, and "
        "followed",
    )  # fmt: skip
    edge.add_argument(
        "--keep-mask", type=Path, metavar="FILE",
        help="keep the people that the white of this image lies on; in videos in the first frame",
    )  # fmt: skip
    frame = parser.add_argument_group("the frame")
    frame.add_argument(
        "--crop", type=number, nargs="?", const=0.05, metavar="MARGIN",
        help="to the person, with a margin as a share of the person's size (default 0.05)",
    )  # fmt: skip
    frame.add_argument(
        "--canvas", type=canvas_size, metavar="WIDTHxHEIGHT", help="person centred, scaled to fit"
    )
    frame.add_argument(
        "--size", type=canvas_size, metavar="WIDTHxHEIGHT",
        help="a window of this shape around the person, scaled to this size; tight with --crop",
    )  # fmt: skip
    frame.add_argument(
        "--aspect", type=aspect, metavar="WIDTH:HEIGHT", help="the same without scaling"
    )
    frame.add_argument(
        "--fit", choices=FITS, default=FITS[0],
        help="of --size and --aspect: hold the whole person (default), or cut off what juts out",
    )  # fmt: skip
    frame.add_argument(
        "--background-fit", choices=BACKGROUND_FITS, help="of an image (default cover)"
    )
    frame.add_argument("--flip-background", action="store_true", help="mirror the image")
    frame.add_argument("--shadow", action="store_true", help="a soft shadow behind the person")


def _add_files(parser: argparse.ArgumentParser) -> None:
    files = parser.add_argument_group("the files")
    files.add_argument(
        "--format", default="png", choices=[ending.removeprefix(".") for ending in written_endings(IMAGE)],
        help="of results whose names are not given (default png)",
    )  # fmt: skip
    files.add_argument(
        "--name", metavar="PATTERN",
        help="what results are called, such as '{stem}.jpg' or 'shop-{number:04}.{ending}': fields "
        "are stem, kind, number (of the source, from 1) and ending (default {stem}.{kind}.{ending})",
    )  # fmt: skip
    files.add_argument("--quality", type=int, help="of JPEG, WebP and AVIF, 0 to 100")
    files.add_argument("--lossless", action="store_true", help="WebP without any loss")
    files.add_argument(
        "--strip",
        action="store_true",
        help="leave out EXIF, and tags, covers and chapters of videos",
    )
    files.add_argument(
        "--max-pixels", type=int, metavar="N",
        help=f"refuse larger images (default {MAX_PIXELS}, and {DENSE_PIXELS} for a file that "
        f"packs more than {PIXELS_PER_BYTE} into a byte, as bombs do)",
    )  # fmt: skip

    files.add_argument(
        "--max-memory", type=parse_bytes, metavar="BYTES",
        help="refuse images that need more than such as 500M or 4G to be worked on, all that are "
        "in work together (default half of what there is)",
    )  # fmt: skip


def _add_many(parser: argparse.ArgumentParser) -> None:
    many = parser.add_argument_group("many images")
    again = many.add_mutually_exclusive_group()
    again.add_argument("--overwrite", action="store_true", help="do all anew, done or not")
    again.add_argument(
        "--skip-existing", action="store_true", help="do nothing where results are, whoever's"
    )
    many.add_argument("--dry-run", action="store_true", help="say what would be written, and stop")
    many.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    many.add_argument(
        "--on-empty", choices=("keep", "skip", "fail"), default="keep",
        help="an image with nobody in it: write it all the same (default), skip it, or fail",
    )  # fmt: skip
    many.add_argument(
        "--exit-empty", action="store_true",
        help="exit code 3 where nothing failed, but an image shows nobody",
    )  # fmt: skip
    many.add_argument("--watch", action="store_true", help="go on with what appears, until Ctrl-C")
    many.add_argument(
        "--cluster", metavar="ADDRESS",
        help="let Dask's workers do it (extra 'cluster'): tcp://host:8786, or local:N processes",
    )  # fmt: skip
    many.add_argument("--json", action="store_true", help="print one JSON object an image or video")
    many.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")


class Out(argparse.Action):
    """Where results go, as a path; `output_folder` is whether it is a folder for certain."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Note both."""
        namespace.output = Path(values)
        namespace.output_folder = values.endswith(("/", os.sep)) or os.path.isdir(values)


def _add_videos(parser: argparse.ArgumentParser) -> None:
    video = parser.add_argument_group("videos", "mp4, mov, mkv, webm, avi, mts, 3gp, wmv and more")
    video.add_argument("--start", type=seconds, default=0.0, metavar="TIME", help="12.5 or 1:02.5")
    video.add_argument("--end", type=seconds, metavar="TIME", help="where to end")
    video.add_argument("--frames", type=int, metavar="N", help="at most so many frames")
    video.add_argument("--fps", type=rate, metavar="N", help="frames at even times, N a second")
    video.add_argument(
        "--sequence", action="store_true",
        help="a folder is one video of its images in the order of their names, --fps a second; "
        "so is frames/%%04d.png, without this",
    )  # fmt: skip
    video.add_argument(
        "--every", type=int, default=1, metavar="N", help="the first of every N frames"
    )
    video.add_argument(
        "--container", choices=CONTAINERS,
        help="of results whose names are not given, -o being a folder for them (default the "
        "source's, or webm for a cutout)",
    )  # fmt: skip
    video.add_argument(
        "--codec", choices=("h264", "h265", "av1", "vp9", "prores"),
        help="default h264, vp9 in .webm; for 10 bits h265, av1 in .webm; prores for cutouts in .mov",
    )  # fmt: skip
    video.add_argument(
        "--encoder", metavar="NAME",
        help="FFmpeg's encoder, such as libopenh264 or h264_nvenc (default x264, x265, SVT-AV1, "
        "libvpx; what is missing has another take its place)",
    )  # fmt: skip
    video.add_argument(
        "--resume", action="store_true", help="work in segments; killed, it goes on from the last"
    )
    video.add_argument(
        "--scale", type=number, default=1.0, metavar="N", help="0.5 halves each side"
    )
    video.add_argument("--crf", type=int, metavar="N", help="quality: less is better, and larger")
    video.add_argument("--bitrate", type=bits, metavar="N", help="bits a second, as in 4M or 800k")
    video.add_argument(
        "--no-smoothing",
        action="store_true",
        help="every frame by itself, whatever flickers; of animated images too",
    )
