"""Remove the background of a live camera; if processing falls behind, frames are dropped."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from threading import Condition, Thread

from figureground.engines import Engine
from figureground.errors import UsageError
from figureground.jobs.video_style import VideoCompositor, VideoStyle, view_of
from figureground.matting.video_alpha import estimate_frame_alpha, refine_frame_alpha
from figureground.media.planes import Planes
from figureground.media.video_reader import Frame, VideoReader

KINDS = ("composite", "mask")
PATIENCE = 0.1  # seconds between looks at whether anybody still wants frames

Sink = Callable[[Planes, int], bool]
"""Takes a finished frame and its time in the source's units; False once it wants no more."""


@dataclass(kw_only=True)
class Shown:
    """What became of the frames of a camera."""

    frames: int = 0  # shown
    dropped: int = 0  # that came while another was worked on, and were late by then


class Latest:
    """Reads on in a thread of its own, and keeps the newest frame only. Iterate over it once."""

    def __init__(self, reader: VideoReader, *, paced: bool) -> None:
        """`paced` reads what is no camera no faster than it would be shown."""
        self.dropped = 0
        self._reader, self._paced = reader, paced
        self._frame: Frame | None = None
        self._error: BaseException | None = None
        self._stopped = self._ended = False
        self._turn = Condition()
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Frame]:
        while True:
            with self._turn:
                while self._frame is None and not self._ended:
                    self._turn.wait(PATIENCE)
                frame, self._frame = self._frame, None
            if frame is None:
                if self._error is not None:
                    raise self._error
                return
            yield frame

    def close(self) -> None:
        """Stop reading."""
        self._stopped = True
        self._thread.join()

    def _read(self) -> None:
        began: float | None = None  # when the source's clock stood at nought
        try:
            for item in self._reader:
                if self._stopped:
                    return
                if not isinstance(item, Frame):
                    continue
                if began is None:
                    began = time.monotonic() - item.seconds
                while self._paced and not self._stopped:
                    early = began + item.seconds - time.monotonic()
                    if early <= 0:
                        break
                    time.sleep(min(early, PATIENCE))
                with self._turn:
                    self.dropped += self._frame is not None
                    self._frame = item
                    self._turn.notify()
        except BaseException as error:  # noqa: BLE001 - raised again in the other thread
            self._error = error
        finally:
            with self._turn:
                self._ended = True
                self._turn.notify()


def run_live(
    reader: VideoReader, look: VideoStyle, engine: Engine, sink: Sink, *, smooth: bool, paced: bool
) -> Shown:
    """Take the background out of the newest frame, again and again, until the source ends.

    Ctrl-C is the usual end, and so is a sink that wants no more.

    Args:
        reader: a camera, or any video.
        look: what is drawn, one of KINDS.
        engine: runs the network; see `figureground.engines`.
        sink: where finished frames go.
        smooth: keep the matte from flickering.
        paced: the source is no camera, and is not to run faster than it would be shown.
    """
    if look.kind not in KINDS:
        raise UsageError(f"what is live becomes one of {', '.join(KINDS)}; got {look.kind!r}")
    shown, memory = Shown(), None
    with VideoCompositor(look, reader) as painter, closing(Latest(reader, paced=paced)) as latest:
        try:
            for frame in latest:
                view = view_of(frame.planes, reader.given)
                coarse_matte, memory = estimate_frame_alpha(
                    view, reader.size, engine, memory, smooth=smooth
                )
                if not sink(
                    painter.paint(frame, refine_frame_alpha(coarse_matte)).planes, frame.pts
                ):
                    break
                shown.frames += 1
        except KeyboardInterrupt:
            pass
        shown.dropped = latest.dropped
    return shown
