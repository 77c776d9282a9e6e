"""One table of formats: what a row says is what is read, found and written."""

import io
from pathlib import Path
from pkgutil import resolve_name

import numpy as np
import pytest
from PIL import Image

from figureground.datasets.pairs import list_images
from figureground.errors import ImageError, UsageError
from figureground.media.encode import encode_image, write_image
from figureground.media.format_row import (
    ANIMATION,
    HEAD,
    IMAGE,
    VIDEO,
    Format,
    Writer,
)
from figureground.media.format_table import FORMATS, starts, tell_format
from figureground.media.formats import (
    check_format,
    container_of,
    endings_of,
    format_of,
    joiner_of,
    kind_of,
    writer_of,
    written_endings,
)
from figureground.media.images import read_image
from figureground.media.walk import Search, find_inputs


def encode_ppm(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PPM")
    return stream.getvalue()


@pytest.fixture
def ppm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A format that figureground does not know, as one row."""
    row = Format(
        name="PPM",
        kinds=(IMAGE,),
        endings=(".ppm",),
        tell=starts(b"P6"),
        reader="PIL.PpmImagePlugin:PpmImageFile",
        writer=Writer(function=f"{__name__}:encode_ppm", endings=(".ppm",), keeps=()),
    )
    monkeypatch.setitem(FORMATS, "PPM", row)


@pytest.mark.usefixtures("ppm")
def test_a_new_format_is_one_row(tmp_path: Path) -> None:
    pixels = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    write_image(pixels, tmp_path / "a.ppm")
    np.testing.assert_array_equal(read_image(tmp_path / "a.ppm").pixels, pixels)
    found = find_inputs([tmp_path], Search(image_kinds=["cutout"]))
    assert [one.path.name for one in found.images] == ["a.ppm"]
    assert [path.name for path in list_images(tmp_path)] == ["a.ppm"]
    with pytest.raises(UsageError, match=r"PPM knows no transparency; take \.png"):
        check_format(Path("a.ppm"), alpha=True)


def test_without_its_row_a_format_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "a.ppm").write_bytes(encode_ppm(np.zeros((3, 4, 3), np.uint8)))
    (tmp_path / "b.png").write_bytes(encode_image(np.zeros((3, 4, 3), np.uint8), ".png"))
    found = find_inputs([tmp_path], Search())
    assert [one.path.name for one in found.images] == ["b.png"]
    assert found.passed == {".ppm": 1}
    with pytest.raises(UsageError, match=r"ends in \.png"):
        check_format(Path("a.ppm"), alpha=False)


def test_no_two_rows_share_an_ending() -> None:
    endings = [ending for row in FORMATS.values() for ending in row.endings]
    assert len(endings) == len(set(endings))
    assert all(ending == ending.lower() and ending.startswith(".") for ending in endings)


@pytest.mark.parametrize("row", FORMATS.values(), ids=lambda row: row.name)
def test_what_a_row_names_is_there(row: Format) -> None:
    named = [row.reader, row.writer and row.writer.function, row.joiner and row.joiner.function]
    assert all(callable(resolve_name(name)) for name in named if name)
    assert (row.reader is None) == (row.kinds == (VIDEO,))
    assert (row.joiner is not None) == (ANIMATION in row.kinds)
    if row.joiner is not None:
        assert writer_of(Path(f"frame{row.joiner.frames}")) is not None


@pytest.mark.parametrize(
    "row", [row for row in FORMATS.values() if row.writer], ids=lambda r: r.name
)
def test_what_is_written_is_told_by_its_content(row: Format) -> None:
    data = encode_image(np.full((20, 20, 3), 99, np.uint8), row.writer.endings[0])
    assert tell_format(data[:HEAD]) is row


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "MOV"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "MOV"),
        (b"\0\0\0\x18ftyp3gp5\0\0\0\0isom3gp5", "3GP"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "MP4"),
        (b"\0\0\0\x18ftypM4V \0\0\0\0M4V isom", "M4V"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "WebM"),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska", "Matroska"),
        ((b"G" + bytes(187)) * 3, "MPEG-TS"),
        ((bytes(4) + b"G" + bytes(187)) * 3, "MPEG-TS"),
        (b"\0\0\x01\xba\x44", "MPEG-PS"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "ASF"),
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02", "MXF"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
    ],
)
def test_first_bytes_tell_a_format(head: bytes, name: str) -> None:
    found = tell_format(head)
    assert found is not None and found.name == name


@pytest.mark.parametrize(
    "head", [b"", b"G" * 20, b"G" + bytes(600), b"GIVE me a video" * 9, b"import x from 'y'\n" * 30]
)
def test_first_bytes_of_other_files_tell_none(head: bytes) -> None:
    assert tell_format(head) is None


@pytest.mark.parametrize(
    ("ending", "name"),
    [(".jfif", "JPEG"), (".JPE", "JPEG"), (".mpo", "JPEG"), (".apng", "PNG"), (".hif", "HEIC"),
     (".HIF", "HEIC"), (".mts", "MPEG-TS"), (".m2ts", "MPEG-TS"), (".ts", "MPEG-TS"),
     (".3gp", "3GP"), (".mpg", "MPEG-PS"), (".wmv", "ASF"), (".mxf", "MXF")],
)  # fmt: skip
def test_endings_of_cameras_and_browsers_are_known(ending: str, name: str) -> None:
    found = format_of(Path(f"a{ending}"))
    assert found is not None and found.name == name


def test_kinds_of_files_are_told_apart() -> None:
    assert ".webp" in endings_of(ANIMATION) and ".webp" in endings_of(IMAGE)
    assert not endings_of(IMAGE) & endings_of(VIDEO)
    assert ".avif" in written_endings(ANIMATION) and ".jpg" not in written_endings(ANIMATION)
    assert joiner_of(Path("a.apng")) is not None and joiner_of(Path("a.tif")) is None
    assert container_of(Path("a.mkv")) is not None and container_of(Path("a.avi")) is None


@pytest.mark.parametrize(
    ("name", "content", "named", "kind"),
    [
        ("a.jpg", b"whatever", False, IMAGE),  # reading says what is wrong
        ("a.MP4", b"", False, VIDEO),
        ("photo", b"\xff\xd8\xff\xe0", False, IMAGE),
        ("clip", b"\x1a\x45\xdf\xa3\x82\x84webm", False, VIDEO),
        ("README", b"Read me first", False, None),
        ("README", b"Read me first", True, IMAGE),
        ("index.ts", b"export const a = 1\n" * 40, False, None),
        ("index.ts", b"export const a = 1\n" * 40, True, VIDEO),
        ("00001.MTS", (bytes(4) + b"G" + bytes(187)) * 3, False, VIDEO),
        ("talk.TS", (b"G" + bytes(187)) * 3, False, VIDEO),
        ("photo.jpg_large", b"\xff\xd8\xff\xe0", False, None),
        ("photo.jpg_large", b"\xff\xd8\xff\xe0", True, IMAGE),
        ("clip.tmp", b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", True, VIDEO),
    ],
)
def test_what_a_file_is_meant_to_be(
    tmp_path: Path, name: str, content: bytes, named: bool, kind: str | None
) -> None:
    (tmp_path / name).write_bytes(content)
    assert kind_of(tmp_path / name, named=named) == kind


def test_what_cannot_be_opened_is_told_by_its_ending(tmp_path: Path) -> None:
    assert kind_of(tmp_path / "missing", named=True) == IMAGE
    assert kind_of(tmp_path / "missing.ts", named=True) == VIDEO
    assert kind_of(tmp_path / "missing", named=False) is None
    assert kind_of(tmp_path, named=False) is None


@pytest.mark.parametrize(
    ("ending", "muxer", "codec"),
    [
        (".3gp", "3gp", "libx264"),
        (".ts", "mpegts", "libx264"),
        (".m2ts", "mpegts", "libx264"),
        (".mpg", "mpeg", "mpeg2video"),
        (".wmv", "asf", "wmv2"),
        (".mxf", "mxf", "mpeg2video"),
        (".flv", "flv", "flv1"),
        (".avi", "avi", "mpeg4"),
        (".mov", "mov", "libx264"),
        (".m4v", "ipod", "libx264"),
        (".mp4", "mp4", "libx264"),
        (".webm", "webm", "libvpx-vp9"),
        (".mkv", "matroska", "libx264"),
    ],
)
@pytest.mark.parametrize("bare", [False, True])
def test_videos_are_told_and_read_whatever_they_are_called(
    tmp_path: Path, ending: str, muxer: str, codec: str, bare: bool
) -> None:
    av = pytest.importorskip("av")
    from figureground.media.video_reader import Frame, VideoReader

    path = tmp_path / f"clip{ending}"
    options = {"mpegts_m2ts_mode": "1"} if ending == ".m2ts" else {}
    with av.open(str(path), "w", format=muxer, options=options) as container:
        video = container.add_stream(codec, rate=25)
        video.width, video.height, video.pix_fmt = 352, 288, "yuv420p"
        for level in range(40, 240, 20):
            shade = np.full((288, 352, 3), level, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        container.mux(video.encode(None))
    if bare:
        path = path.rename(tmp_path / "clip")
    told = tell_format(path.read_bytes()[:HEAD])
    assert told is not None and told is format_of(Path(f"a{ending}"))
    assert kind_of(path, named=False) == VIDEO
    with VideoReader(path) as reader:
        frames = [item for item in reader if isinstance(item, Frame)]
    assert len(frames) == 10
    means = [float(frame.planes.luma.mean()) for frame in frames]
    assert means == sorted(means) and means[-1] > means[0] + 100


@pytest.mark.parametrize("name", ["a.jfif", "b.jpe", "c.JPG", "d.mpo", "e.HIF", "f.apng", "photo"])
def test_images_are_read_whatever_they_are_called(tmp_path: Path, name: str) -> None:
    shade = np.full((24, 32, 3), 90, np.uint8)
    for ending in (".jpg", ".png", ".avif", ".webp", ".gif"):
        (tmp_path / name).write_bytes(encode_image(shade, ending))
        np.testing.assert_allclose(read_image(tmp_path / name).rgb, shade, atol=6)


def test_of_several_images_in_a_jpeg_the_first_is_read(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "lime")
    first.save(tmp_path / "a.mpo", save_all=True, append_images=[second])
    assert read_image(tmp_path / "a.mpo").rgb[8, 8, 0] > 240


def test_a_video_is_no_image_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isomavc1" + bytes(600))
    with pytest.raises(ImageError, match=r"'.*a\.jpg' as an image: it is a video \(MP4\)"):
        read_image(tmp_path / "a.jpg")
