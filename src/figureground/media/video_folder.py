"""A video as numbered images in a folder, which appears whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from figureground.arrays import Alpha
from figureground.errors import VideoError
from figureground.media.atomic import naming, telling, unfinished
from figureground.media.encode import write_image
from figureground.media.planes import Planes
from figureground.media.video_color import to_rgb
from figureground.media.video_reader import Packet, VideoReader

FOLDER_LAYOUT = "yuv444p"  # of frames that become images: no colour is lost twice


class FrameFolder:
    """Writes `000000.png`, `000001.png` and so on; sound has no place here."""

    def __init__(self, folder: Path, *, like: VideoReader, suffix: str = ".png") -> None:
        """`like` is the video that frames come from, in a layout with colours at full size."""
        self._suffix = suffix
        self.notes = ["a folder of images holds neither sound nor the frames' times"]
        if like.coding.bits > 8:
            ranged = f" and {like.coding.hdr} that of sRGB" if like.coding.hdr else ""
            self.notes.append(f"{like.coding.bits} bits a channel became 8{ranged}")
        self._folder, self._like, self._count = folder, like, 0

    def write_frame(self, planes: Planes, alpha: Alpha | None, pts: int) -> None:
        """Append a frame; `alpha`, float32 (H, W), of transparent kinds. `pts` is not kept."""
        pixels = to_rgb(planes, self._like.given, layout=self._like.layout)
        if alpha is not None:
            pixels = np.dstack([pixels, np.rint(alpha * np.float32(255)).astype(np.uint8)])
        write_image(pixels, self._folder / f"{self._count:06}{self._suffix}")
        self._count += 1

    def write_packet(self, packet: Packet) -> None:
        """Pass over a packet of another stream."""

    def close(self) -> None:
        """Nothing is held back."""


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder beside `folder` to fill, and that name once the block has ended.

    Raises:
        VideoError: the folder holds something already, or cannot be made.
    """
    target = Path(os.path.realpath(folder))
    with telling(folder, VideoError):
        if target.exists() and any(target.iterdir()):
            raise VideoError(
                f"the folder {str(folder)!r} is not empty; name a new one for the frames, or a "
                "video in it, such as clip.mp4"
            )
        temporary = target.with_name(unfinished(""))
        temporary.mkdir(parents=True)
        try:
            with naming(folder, temporary):
                yield temporary
            if target.exists():
                target.rmdir()  # Windows renames onto no folder, though it is empty
            temporary.replace(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
