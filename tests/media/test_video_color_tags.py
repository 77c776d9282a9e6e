"""What the numbers of a result's frames mean is said by frames and container, and is true."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from videos import Redness, convert

from figureground.media.formats import VideoEncoding

SATURATED = [(230, 20, 20), (20, 210, 30), (25, 30, 220), (220, 210, 20), (200, 20, 200)]
SD, PAL, HD = (96, 64), (576, 64), (720, 64)  # rows decide what an untagged video is taken for
WAYS = [
    ("o.mp4", None, "composite"),
    ("o.mp4", "h265", "composite"),
    ("o.mp4", "av1", "composite"),
    ("o.mkv", "vp9", "composite"),
    ("o.mov", None, "composite"),
    ("o.mov", None, "cutout"),
    ("o.webm", None, "cutout"),
]


class Everybody(Redness):
    """Takes all for a person."""

    def __call__(self, square: np.ndarray) -> np.ndarray:
        return np.ones(self.size, np.float32)


def make_stripes(path: Path, size: tuple[int, int], tags: tuple[int, int, int], code: int) -> Path:
    """Four frames of saturated stripes, coded by a matrix of libswscale's, tagged as said."""
    rows, columns = size
    image = np.zeros((rows, columns, 3), np.uint8)
    for number, color in enumerate(SATURATED):
        image[rows * number // 5 : rows * (number + 1) // 5] = color
    with av.open(str(path), "w") as film:
        video = film.add_stream("libx264", rate=25, options={"crf": "2", "preset": "veryfast"})
        video.height, video.width, video.pix_fmt = rows, columns, "yuv420p"
        context = video.codec_context
        context.colorspace, context.color_primaries, context.color_trc = tags
        for number in range(4):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(
                format="yuv420p", src_colorspace=code, dst_colorspace=code, dst_color_range=1
            )
            frame.colorspace, frame.pts, frame.time_base = tags[0], number, Fraction(1, 25)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
    return path


def meaning(path: Path) -> tuple[list[tuple[int, int, int]], av.VideoFrame]:
    """Matrix, primaries and transfer that the container and the first frame say, and that frame."""
    with av.open(str(path)) as film:
        context = film.streams.video[0].codec_context
        told = (context.colorspace, context.color_primaries, context.color_trc)
        frame = next(film.decode(video=0))
    return [told, (frame.colorspace, frame.color_primaries, frame.color_trc)], frame


@pytest.mark.parametrize(
    ("size", "tags", "expected"),
    [
        (SD, (2, 2, 2), (6, 6, 6)),
        (PAL, (2, 2, 2), (6, 6, 6)),
        (HD, (2, 2, 2), (1, 1, 1)),
        (SD, (1, 1, 1), (1, 1, 1)),
        (HD, (6, 6, 6), (6, 6, 6)),
        (HD, (1, 2, 2), (1, 1, 1)),
        (SD, (2, 1, 2), (6, 1, 6)),
        (SD, (5, 5, 6), (6, 5, 6)),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_colours_are_tagged_on_frames_and_container_and_stay(
    tmp_path: Path,
    size: tuple[int, int],
    tags: tuple[int, int, int],
    expected: tuple[int, int, int],
    way: tuple[str, str | None, str],
) -> None:
    name, codec, kind = way
    code = 1 if expected[0] == 1 else 5
    video = make_stripes(tmp_path / "stripes.mp4", size, tags, code)
    encoding = VideoEncoding(codec=codec, crf=None if name == "o.mov" and kind == "cutout" else 4)
    convert(video, tmp_path / name, kind, encoding=encoding, engine=Everybody())
    told, frame = meaning(tmp_path / name)
    assert told == [expected, expected]
    rgb = frame.reformat(
        format="rgb24", src_colorspace=1 if told[1][0] == 1 else 5, src_color_range=1
    ).to_ndarray()
    for number, color in enumerate(SATURATED):
        row = size[0] * (2 * number + 1) // 10
        seen = rgb[row, 16:48].mean(axis=0)
        np.testing.assert_allclose(seen, color, atol=8, err_msg=f"stripe {number}")
