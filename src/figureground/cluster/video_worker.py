"""What workers do of a long video: index it, make a piece, join all pieces."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import av
from distributed import get_worker

from figureground.cluster.video_pieces import Piece, VideoIndex, index_video
from figureground.engines import Engine
from figureground.jobs.prefetch import prefetch
from figureground.jobs.threads import single_threaded_opencv
from figureground.jobs.video import FOUND, Outcome, VideoTask, convert_video
from figureground.jobs.video_steps import draw, find, notes_of, prepare
from figureground.jobs.video_style import VideoCompositor
from figureground.matting.roi import open_video_engine
from figureground.media.atomic import atomic
from figureground.media.remote import is_remote
from figureground.media.remote_folder import get_file, names_in, put_file, remove_folder
from figureground.media.video_open import is_sequence
from figureground.media.video_reader import Frame, VideoReader
from figureground.media.video_segments import STAMP, SegmentWriter
from figureground.models.shipped import find_model

ALL = 1 << 40  # frames of a segment: there is one a piece


@dataclass(frozen=True, kw_only=True)
class Made:
    """A piece that is made."""

    number: int
    name: str  # of its file, in the folder of pieces
    frames: int
    damaged: int = 0
    rate: float = 0.0
    notes: tuple[str, ...] = ()


def can_be_cut(task: VideoTask) -> bool:
    """Return whether pieces of a video can be made one without the others."""
    plain = task.is_video and not is_sequence(task.source) and task.every == 1
    alike = task.encoding.rate is None and task.part.frames is None
    return (
        plain
        and alike
        and not task.look.edge.chooses
        and not isinstance(task.look.background, Path)
    )


def index(source: Path) -> VideoIndex:
    """Read when a video's frames are shown."""
    with _at_hand(source) as path:
        return index_video(path)


def convert_piece(task: VideoTask, model: str, piece: Piece, folder: Path) -> Made:
    """Make one piece of a video, unless it is there already.

    Args:
        task: what is made of the whole.
        model: the network.
        piece: which frames.
        folder: of pieces, remote or not.
    """
    start = f"{piece.number:05}-"
    there = next((name for name in names_in(folder) if name.startswith(start)), None)
    if there is not None:
        return Made(number=piece.number, name=there, frames=int(Path(there).stem.split("-")[1]))
    with _at_hand(task.source) as path, tempfile.TemporaryDirectory() as own:
        made, file = _convert(task, piece, path, Path(own), _engine(model, _threads()))
        put_file(file, folder / made.name)
    return made


def _convert(
    task: VideoTask, piece: Piece, path: Path, own: Path, engine: Engine
) -> tuple[Made, Path]:
    with single_threaded_opencv(), VideoReader(path, piece.read) as reader:
        reader.part = task.part  # whose beginning times are counted from
        codec = prepare(task, task.target, reader)
        with VideoCompositor(task.look, reader) as painter:
            writer = SegmentWriter(own / "piece", stamp="", length=ALL)
            writer.prepare(
                task.target, reader, size=painter.size, codec=codec, encoding=task.encoding
            )
            frames = prefetch(_since(reader, piece.read.start))
            found = find(frames, reader, engine, smooth=task.smooth)
            with closing(prefetch(draw(prefetch(found, FOUND), painter))) as items:
                for item in items:
                    if isinstance(item, av.Packet):
                        continue
                    drawn, pts = item
                    if pts >= piece.first and (piece.beyond is None or pts < piece.beyond):
                        writer.write_frame(drawn.planes, drawn.alpha, pts)
            writer.close()
        (file,) = writer.segments
        name = f"{piece.number:05}-{writer.done}{file.suffix}"
        notes = tuple(dict.fromkeys([*writer.notes, *notes_of(reader)]))
        made = Made(
            number=piece.number, name=name, frames=writer.done, damaged=reader.damaged,
            rate=float(reader.rate), notes=notes,
        )  # fmt: skip
        return made, file


def _since(reader: VideoReader, start: float) -> Iterator[Frame]:
    """The frames from a time on."""
    for item in reader:
        if isinstance(item, Frame) and item.seconds >= start:
            yield item


def join_pieces(task: VideoTask, index: VideoIndex, made: Sequence[Made], folder: Path) -> Outcome:
    """Put pieces together, with the source's sound and all else; they are removed afterwards."""
    outcome = Outcome(
        frames=sum(one.frames for one in made),
        damaged=sum(one.damaged for one in made),
        rate=max(one.rate for one in made),
    )
    with _at_hand(task.source) as path, tempfile.TemporaryDirectory() as own:
        segments = Path(own, "pieces")
        _bring(made, folder, segments)
        seen = _ReadBefore(path)
        with seen:
            seen.tell(task, index)
            codec = prepare(task, task.target, seen)
            with VideoCompositor(task.look, seen) as painter:
                size = painter.size
            writer = SegmentWriter(segments, stamp="", length=ALL)
            writer.prepare(task.target, seen, size=size, codec=codec, encoding=task.encoding)
            outcome.notes = list(dict.fromkeys(note for one in made for note in one.notes))
            with _placed(task.target) as whole:
                outcome.notes += [n for n in writer.join(whole) if n not in outcome.notes]
    remove_folder(folder)
    return outcome


def _bring(made: Sequence[Made], folder: Path, segments: Path) -> None:
    """Bring pieces here, named as segments: by their first frame, and how many they have."""
    segments.mkdir()
    (segments / STAMP).write_text("")
    begin = 0
    for one in sorted(made, key=lambda one: one.number):
        name = f"{begin:08}-{one.frames}{Path(one.name).suffix}"
        get_file(folder / one.name, segments / name)
        begin += one.frames


class _ReadBefore(VideoReader):
    """A reader of what others have read: it knows when the last frame ends."""

    def tell(self, task: VideoTask, index: VideoIndex) -> None:
        """Say what was read."""
        self.part, end = task.part, task.part.end
        count = sum(end is None or index.seconds(time) < end for time in index.times)
        self.last = index.times[count - 1]
        self._next = index.times[count] if count < len(index.times) else None
        self._video.end = index.end


def convert_whole(task: VideoTask, model: str) -> Outcome:
    """Make a video in one go, by one worker."""
    if is_remote(task.source) or is_remote(task.target):
        with _at_hand(task.source) as path, _placed(task.target) as whole:
            return convert_video(
                replace(task, source=path, target=whole), _engine(model, _threads())
            )
    return convert_video(task, _engine(model, _threads()))


@lru_cache(maxsize=2)
def _engine(model: str, threads: int) -> Engine:
    return open_video_engine(find_model(model), threads=threads)


def _threads() -> int:
    return max(1, int(get_worker().state.nthreads))


@contextmanager
def _placed(target: Path) -> Iterator[Path]:
    """A file to fill, which gets its place once the block has ended."""
    if not is_remote(target):
        with atomic(target) as part:
            yield part
        return
    with tempfile.TemporaryDirectory() as own:
        whole = Path(own, target.name)
        yield whole
        put_file(whole, target)


@contextmanager
def _at_hand(source: Path) -> Iterator[Path]:
    """A video as a file of this machine: one that is far away is brought here once a worker."""
    if not is_remote(source):
        yield source
        return
    folder = Path(get_worker().local_directory, "figureground-videos")
    path = folder / f"{abs(hash(str(source)))}-{source.name}"
    if not path.is_file():
        folder.mkdir(exist_ok=True)
        _make_room(folder)
        with atomic(path) as part:
            get_file(source, part)
    os.utime(path)
    yield path


def _make_room(folder: Path, keep: int = 1) -> None:
    """Remove videos that were used longest ago."""
    known = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in known[: max(0, len(known) - keep)]:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
