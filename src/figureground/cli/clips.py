"""Working through videos: what becomes of each, how far it is, what it could not keep."""

import argparse
import hashlib
import sys
from pathlib import Path
from time import monotonic

from figureground import __version__
from figureground.engines import open_engine
from figureground.errors import FiguregroundError, VideoError
from figureground.jobs.clip import Clip, Outcome, remove_clip
from figureground.jobs.clip_look import GREEN, ClipLook, read_backdrop
from figureground.jobs.journal import stamp
from figureground.jobs.look import Look
from figureground.media.encode import check_format
from figureground.media.paths import VIDEOS, Found
from figureground.media.video_formats import TRANSPARENT, VideoEncoding, codec_for
from figureground.media.video_open import PICTURES, is_sequence
from figureground.media.video_reel import REELS
from figureground.media.videos import Part
from figureground.models.shipped import FILM_MODEL, find_model

NOT_FOR_VIDEO = ("crop", "canvas", "size", "aspect", "shadow")
NO_MATTER = {"quiet", "run", "inputs", "list", "below", "out_folder", "overwrite", "skip_existing",
             "dry_run"}  # fmt: skip
EVERY = 0.5  # seconds between two reports of progress


def take_clips(videos: list[Found], arguments: argparse.Namespace, *, alone: bool) -> int:
    """Work through videos; returns the exit code.

    Args:
        videos: what was found.
        arguments: see `remove_options`.
        alone: whether there is nothing else to do.
    Raises:
        VideoError: what was asked for fits no video.
    """
    many = not alone or [video.path for video in videos] != arguments.inputs or len(videos) > 1
    clips = [plan_clip(video, arguments, many=many) for video in videos]
    if arguments.skip_existing:
        clips = [clip for clip in clips if not clip.target.exists()]
    if arguments.dry_run:
        print(*(clip.target for clip in clips), sep="\n")
        return 0
    engine = open_engine(find_model(arguments.model or FILM_MODEL))
    failures = 0
    for clip in clips:
        meter = Meter(quiet=arguments.quiet)
        try:
            report(clip, remove_clip(clip, engine, meter), quiet=arguments.quiet, meter=meter)
        except FiguregroundError as error:
            meter.wipe()
            print(f"figureground: {error}", file=sys.stderr)
            failures += 1
        except KeyboardInterrupt:
            meter.wipe()
            if clip.target.exists():
                print(f"{clip.target}: ends where it was interrupted", file=sys.stderr)
            raise
    return 1 if failures else 0


def plan_clip(video: Found, arguments: argparse.Namespace, *, many: bool) -> Clip:
    """What becomes of one video. Raises VideoError where no video can become that."""
    source, pictures = video.path, is_sequence(video.path)
    wrong = [name for name in NOT_FOR_VIDEO if getattr(arguments, name, None)]
    if wrong:
        raise VideoError(f"--{wrong[0]} is for pictures, not for videos such as {str(source)!r}")
    kind = choose_kind(source, arguments)
    target = choose_target(video, arguments.out, kind=kind, many=many)
    if target.resolve() == source.resolve():
        raise VideoError(f"{str(target)!r} is the source and would be replaced; choose another -o")
    if target.suffix and target.suffix.lower() not in REELS:
        codec_for(target, alpha=kind == "cutout", codec=arguments.codec)
    if not target.suffix:
        check_format(Path(f"frame.{arguments.format}"), alpha=kind == "cutout")
    background = arguments.background
    behind = (
        GREEN
        if background is None
        else read_backdrop(background, fit=arguments.background_fit, flip=arguments.flip_background)
    )
    return Clip(
        source=source,
        target=target,
        look=ClipLook(kind=kind, background=behind, edge=edge_from(arguments)),
        part=Part(
            start=arguments.start,
            end=arguments.end,
            frames=arguments.frames,
            scale=arguments.scale,
        ),
        encoding=VideoEncoding(
            crf=arguments.crf,
            bitrate=arguments.bitrate,
            rate=None if pictures else arguments.fps,
            codec=arguments.codec,
        ),
        picture=f".{arguments.format}",
        every=arguments.every,
        resume=stamp_of(source, arguments) if arguments.resume else None,
        pictures=(pictures and arguments.fps) or PICTURES,
        still=not arguments.no_steady,
    )


def stamp_of(source: Path, arguments: argparse.Namespace) -> str:
    """What the segments of a video depend on: all that was asked for, and the files' states."""
    asked = {name: value for name, value in vars(arguments).items() if name not in NO_MATTER}
    behind = Path(arguments.background or "")
    files = [
        source,
        find_model(arguments.model or FILM_MODEL),
        *([behind] if behind.is_file() else []),
    ]
    text = repr((__version__, sorted(asked.items(), key=str), [stamp(path) for path in files]))
    return hashlib.sha256(text.encode()).hexdigest()


def edge_from(arguments: argparse.Namespace) -> Look:
    """What is to be done to the matte of each frame."""
    return Look(
        feather=arguments.feather,
        grow=arguments.grow,
        threshold=arguments.threshold,
        min_area=arguments.min_area,
        largest=arguments.largest,
    )


def choose_kind(source: Path, arguments: argparse.Namespace) -> str:
    """What is asked for; else a cutout where the file holds transparency, else a composite."""
    if arguments.output:
        return str(arguments.output)
    if arguments.background is not None:
        return "composite"
    out = arguments.out
    if out is None and is_sequence(source):
        return "composite"
    suffix = (source if out is None else out).suffix.lower()
    clear = suffix in TRANSPARENT or suffix in REELS or (out is not None and not suffix)
    return "cutout" if clear else "composite"


def choose_target(video: Found, out: Path | None, *, kind: str, many: bool) -> Path:
    """`clip.mp4` becomes `clip.composite.mp4` beside it, or what -o says.

    A name without ending is a folder of PNG or, of several inputs, the folder for all results.
    """
    if out is not None and many and out.suffix.lower() in VIDEOS | REELS and not out.is_dir():
        raise VideoError(f"several videos do not fit into the one file {str(out)!r}; give a folder")
    if out is not None and not many:
        return out
    base = video.path if out is None else out / video.path.relative_to(video.root)
    if is_sequence(video.path):  # named after its folder
        base = base.with_suffix(".mp4") if video.path.is_dir() else base.parent.with_suffix(".mp4")
    if kind == "cutout":
        suffix = base.suffix if base.suffix.lower() in TRANSPARENT else ".webm"
    else:
        suffix = ".mp4" if base.suffix.lower() == ".avi" else base.suffix
    return base.with_name(f"{base.stem}.{kind}{suffix.lower()}")


class Meter:
    """A line of progress, rewritten in place, on a terminal only."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = sys.stderr.isatty() and not quiet
        self.began = self._last = monotonic()

    def __call__(self, done: int, total: int | None) -> None:
        """Show how far it is, twice a second."""
        now = monotonic()
        if self._shown and now - self._last >= EVERY:
            self._last = now
            speed = done / (now - self.began)
            rest = f" of {total}, {max(0, total - done) / speed:.0f} s left" if total else ""
            self._write(f"{done} frames{rest}, {speed:.1f} a second")

    def wipe(self) -> None:
        """Clear the line."""
        if self._shown:
            self._write("")

    def _write(self, text: str) -> None:
        print(f"\r\x1b[2K{text}", end="", file=sys.stderr, flush=True)


def report(clip: Clip, outcome: Outcome, *, quiet: bool, meter: Meter) -> None:
    """Say where the result is, what it could not keep, and what the source lacked."""
    meter.wipe()
    if outcome.damaged or outcome.missing:
        print(
            f"figureground: {clip.source}: {outcome.frames} frames done; in the source "
            f"{outcome.damaged} are damaged and {outcome.missing} missing",
            file=sys.stderr,
        )
    if quiet:
        return
    over = clip.look.kind == "composite" and clip.look.background == GREEN
    if over and clip.target.suffix:
        outcome.notes.insert(
            0,
            f"the person is over green, since {clip.target.suffix} holds no transparency; "
            "-o NAME.webm, NAME.mov or a folder does",
        )
    for note in outcome.notes:
        print(f"{clip.target}: {note}", file=sys.stderr)
    print(clip.target)
