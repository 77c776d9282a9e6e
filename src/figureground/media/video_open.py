"""Open a video, or say in one line why not."""

from pathlib import Path

import av
from av.error import FFmpegError
from av.video.stream import VideoStream

from figureground.errors import VideoError

COVER = av.stream.Disposition.attached_pic


def open_container(path: Path) -> av.container.InputContainer:
    """A file that is open for reading. Raises VideoError if it is no video."""
    try:
        return av.open(str(path), metadata_errors="replace")
    except FileNotFoundError as error:
        raise VideoError(f"there is no video {str(path)!r}") from error
    except (FFmpegError, OSError) as error:
        raise VideoError(
            f"cannot read {str(path)!r} as a video: {error.strerror}; it is of another kind, "
            "or was cut off before its index (moov) was written"
        ) from error


def film_stream(container: av.container.InputContainer, path: Path) -> VideoStream:
    """The first video that is no cover picture. Raises VideoError if there is none."""
    streams = [s for s in container.streams.video if not s.disposition & COVER]
    if not streams:
        raise VideoError(f"there is no video in {str(path)!r}, only sound or other streams")
    return streams[0]
