"""Whole images of videos that show every other row at a time."""

from collections.abc import Iterator
from errno import EAGAIN
from fractions import Fraction

import av
from av.error import FFmpegError
from av.filter import Graph
from av.video.stream import VideoStream

# Fills each frame's missing rows from its neighbours (Weston, "Interpolating lines of video
# signals", US 4,789,893, and yadif); one frame out for one frame in, others pass untouched.
FILTER = "bwdif", "mode=send_frame:parity=auto:deint=interlaced"


class Deinterlacer:
    """Takes a video's frames in order; those that are interlaced come out whole.

    Costs nothing before the first interlaced frame. From there on frames come out one later.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._graph: Graph | None = None
        self.used = False

    def push(self, frame: av.VideoFrame | None) -> Iterator[av.VideoFrame]:
        """The frames that are ready; None, at the end, gives out the last."""
        if self._graph is None:
            if frame is None:
                return
            if not frame.interlaced_frame:
                yield frame
                return
            self._graph, self.used = self._build(frame), True
        self._graph.vpush(frame)
        while True:
            try:
                ready = self._graph.vpull()
            except FFmpegError as error:
                if isinstance(error, EOFError) or error.errno == EAGAIN:
                    return
                raise
            self._keep_time(ready)
            yield ready

    def _build(self, frame: av.VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            name="source",
            time_base=self._time_base,
        )
        work, sink = graph.add(*FILTER), graph.add("buffersink")
        source.link_to(work)
        work.link_to(sink)
        graph.configure()
        return graph

    def _keep_time(self, frame: av.VideoFrame) -> None:
        """Back to the stream's time base: the filter halves it."""
        if frame.pts is not None and frame.time_base:
            frame.pts = round(frame.pts * frame.time_base / self._time_base)
            frame.time_base = self._time_base

    @property
    def _time_base(self) -> Fraction:
        return self._stream.time_base or Fraction(1, 1000)
