"""Recordings that were joined byte by byte: where each begins, and how FLV is read as one.

FFmpeg reads on behind a joint in TS, MPEG, Matroska, AVI and fragmented MP4, whose packets follow
each other; `video_clock` sets their times. In other containers it ends with the first recording.
"""

import io
import os
from pathlib import Path
from typing import BinaryIO

FLV, FLV_HEAD, FLV_TAG = b"FLV\x01", 13, 11  # with the size of no tag before; of a tag (FLV, E.3)
FLV_KINDS = {8, 9, 18}  # of tags: sound, video, script
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")  # header object (ASF, 3.1)
LONG_BOX = 16  # bytes of the head of an MP4 box with a size of 64 bits (ISO/IEC 14496-12, 4.2)


def later_recordings(path: Path, kind: str) -> int:
    """Count whole recordings behind the first that FFmpeg does not read.

    kind: what libavformat calls the container.
    """
    find = {"mov": _in_mp4, "asf": _in_asf}.get(kind.split(",")[0])
    try:
        if find is None or not path.is_file():
            return 0
        with path.open("rb") as file:
            return find(file, os.fstat(file.fileno()).st_size)
    except (OSError, ValueError):
        return 0


def _in_mp4(file: BinaryIO, size: int) -> int:
    """Count the indexes (`moov`) behind the first; pieces of a recorder have but one, or `moof`."""
    place, names = 0, list[bytes]()
    while place + 8 <= size:
        file.seek(place)
        head = file.read(LONG_BOX)
        length = int.from_bytes(head[:4])
        if length == 1:
            length = int.from_bytes(head[8:])
        if length < 8:  # 0: to the end of the file
            break
        names.append(head[4:8])
        place += length
    return 0 if b"moof" in names else max(0, names.count(b"moov") - 1)


def _in_asf(file: BinaryIO, size: int) -> int:
    place, count = 0, 0
    while place + 24 <= size:
        file.seek(place)
        head = file.read(24)
        count += head[:16] == ASF
        length = int.from_bytes(head[16:], "little")
        if length < 24:
            break
        place += length
    return max(0, count - 1)


def flv_joints(path: Path) -> list[int]:
    """Return where the headers of later recordings of an FLV file lie, bytes."""
    joints, place = list[int](), FLV_HEAD
    with path.open("rb") as file:
        while True:
            file.seek(place)
            head = file.read(FLV_TAG)
            if head[:4] == FLV:
                joints.append(place)
                place += FLV_HEAD
            elif len(head) == FLV_TAG and head[0] & 0x1F in FLV_KINDS:
                place += FLV_TAG + int.from_bytes(head[1:4]) + 4
            else:  # the end, or damage
                return joints


class WithoutHeads(io.RawIOBase):
    """A file that is open for reading, without the bytes of later headers."""

    def __init__(self, path: Path, joints: list[int]) -> None:
        """Open `path`; FLV_HEAD bytes at each of `joints` are passed over."""
        self._file = path.open("rb")
        size = os.fstat(self._file.fileno()).st_size
        begins = [0, *(joint + FLV_HEAD for joint in joints)]
        self._runs = list(zip(begins, [*joints, size], strict=True))  # of bytes that are shown
        self._place = 0
        self._size = sum(end - begin for begin, end in self._runs)

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def seekable(self) -> bool:
        """Say that it is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place among what is shown."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        """Return the place among what is shown."""
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Read up to so many bytes."""
        rest = self._place
        for begin, end in self._runs:
            if rest < end - begin:
                self._file.seek(begin + rest)
                left = end - begin - rest
                data = self._file.read(left if size < 0 else min(size, left))
                self._place += len(data)
                return data
            rest -= end - begin
        return b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
