"""One clip, from file to file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from struct import pack

import av
import cv2
import numpy as np
import pytest
from videos import SIZE, SKIN, Redness, convert, draw, frames_of, make_video, packets_of, times_of

from figureground.errors import UsageError, VideoError
from figureground.jobs import video_steps
from figureground.jobs.backgrounds import Blur, Scene
from figureground.jobs.video import Outcome, VideoTask, convert_video
from figureground.jobs.video_style import CHROMA_GREEN, VideoCompositor, VideoStyle
from figureground.matting.crop_refinement import Region
from figureground.matting.fixed_lag_smoother import estimate_video_alphas, smooth_fixed_lag
from figureground.matting.roi import RoiMatte
from figureground.media.formats import VideoEncoding
from figureground.media.planes import to_small_rgb
from figureground.media.video_folder import FOLDER_LAYOUT
from figureground.media.video_reader import Frame, Part, VideoReader


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return make_video(tmp_path / "video.mp4")


def mattes(source: Path, layout: str = "yuv420p") -> list[np.ndarray]:
    """What the video's mattes are before they are encoded."""
    with VideoReader(source) as reader:
        reader.layout = layout
        frames = [
            to_small_rgb(item.planes, matrix=reader.coding.matrix, size=reader.size)
            for item in reader
            if isinstance(item, Frame)
        ]
    return [alpha * 255 for alpha in estimate_video_alphas(frames, Redness())]


@pytest.mark.parametrize("smooth", [True, False])
def test_a_file_is_steadied_by_what_comes_later_unless_every_frame_is_by_itself(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smooth: bool
) -> None:
    steadied = []

    def noted(items: Iterable) -> Iterator:
        for item in smooth_fixed_lag(items):
            steadied.append(item)
            yield item

    monkeypatch.setattr(video_steps, "smooth_fixed_lag", noted)
    assert convert(video, tmp_path / "out.mp4", smooth=smooth).frames == 8
    assert sum(coarse_matte is not None for _, coarse_matte in steadied) == (8 if smooth else 0)


def test_a_composite_keeps_the_person_and_lays_green_behind(video: Path, tmp_path: Path) -> None:
    outcome = convert(video, tmp_path / "out.mp4")
    assert outcome == Outcome(frames=8, rate=25.0)
    for number, rgb in enumerate(frames_of(tmp_path / "out.mp4")):
        assert rgb.shape == (*SIZE, 3)
        person = rgb[SIZE[0] // 2, 20 + 2 * number]
        np.testing.assert_allclose(person.astype(int), SKIN, atol=6)
        np.testing.assert_allclose(rgb[2, 60].astype(int), CHROMA_GREEN, atol=6)


def test_colours_from_around_are_kept_only_while_a_matte_is_foreseen(video: Path) -> None:
    part = Region(top=0, left=0, bottom=48, right=32)
    soft = np.full((48, 32), 0.5, np.float32)
    first = RoiMatte(alpha=soft, part=part, frame=SIZE)
    other = part._replace(left=32, right=64)
    with VideoReader(video) as reader:
        frame = next(item for item in reader if isinstance(item, Frame))
        brown = frame.planes.each(lambda plane: plane // 2)
        later = replace(frame, planes=brown)

        def second(matte: RoiMatte, before: RoiMatte | None) -> np.ndarray:
            painter = VideoCompositor(VideoStyle(), reader)
            if before is not None:
                painter.paint(frame, before)
            return painter.paint(later, matte).planes.luma

        fresh = second(first, None)
        assert (second(first, first) == fresh).all()
        assert (second(replace(first, reused=True), first) != fresh).any()
        moved = replace(first, part=other, reused=True)
        assert (second(moved, first) == second(moved, None)).all()


@pytest.mark.parametrize("name", ["out.webm", "out.mov"])
def test_transparent_video_holds_the_matte(video: Path, tmp_path: Path, name: str) -> None:
    convert(video, tmp_path / name, "cutout")
    decoder = "libvpx-vp9" if name.endswith("webm") else None
    decoded = frames_of(tmp_path / name, kind="rgba", decoder=decoder)
    assert len(decoded) == 8
    for rgba, alpha in zip(decoded, mattes(video), strict=True):
        apart = np.abs(rgba[..., 3] - alpha)
        assert apart.mean() < 2 and np.ptp(rgba[..., 3]) > 240
        np.testing.assert_allclose(rgba[alpha > 254][:, 0].mean(), SKIN[0], atol=4)


def test_a_folder_gets_numbered_images(video: Path, tmp_path: Path) -> None:
    outcome = convert(video, tmp_path / "frames", "cutout")
    names = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert names == [f"{number:06}.png" for number in range(8)]
    rgba = cv2.imread(str(tmp_path / "frames" / names[3]), cv2.IMREAD_UNCHANGED)
    assert rgba is not None
    np.testing.assert_allclose(rgba[..., 3], mattes(video, FOLDER_LAYOUT)[3], atol=1)
    assert "sound" in outcome.notes[0]
    with pytest.raises(VideoError, match="not empty"):
        convert(video, tmp_path / "frames", "cutout")
    with pytest.raises(VideoError, match=r"cannot write .*video\.mp4.*; choose another place"):
        convert(video, video / "frames", "cutout")


def test_a_matte_is_grey_and_side_by_side_is_wide(video: Path, tmp_path: Path) -> None:
    convert(video, tmp_path / "mask.mp4", "mask")
    for rgb, alpha in zip(frames_of(tmp_path / "mask.mp4"), mattes(video), strict=True):
        assert np.ptp(rgb.astype(int), axis=2).max() <= 4
        assert np.abs(rgb[..., 0] - alpha).mean() < 2
    convert(video, tmp_path / "both.mkv", "side-by-side")
    assert frames_of(tmp_path / "both.mkv")[0].shape == (SIZE[0], 2 * SIZE[1] + 10, 3)


def test_sound_and_tags_are_copied_bit_for_bit(video: Path, tmp_path: Path) -> None:
    convert(video, tmp_path / "out.mp4")
    copied = list(packets_of(tmp_path / "out.mp4", "audio"))
    assert copied and copied == list(packets_of(video, "audio"))
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert out.metadata["title"] == "a disc"


def test_subtitles_and_chapters_are_kept_where_the_container_can(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mkv", subtitle="Hello", chapter="One")
    assert convert(video, tmp_path / "out.mkv").notes == []
    assert list(packets_of(tmp_path / "out.mkv", "subtitle")) == [b"Hello"]
    with av.open(str(tmp_path / "out.mkv")) as out:
        assert [chapter["metadata"]["title"] for chapter in out.chapters()] == ["One"]
    notes = convert(video, tmp_path / "out.mp4").notes
    assert notes == ["left out: subtitle (subrip), which .mp4 cannot hold"]


def test_sound_that_webm_cannot_hold_becomes_opus(video: Path, tmp_path: Path) -> None:
    outcome = convert(video, tmp_path / "out.webm", "cutout")
    assert outcome.notes == ["sound became opus, since .webm cannot hold aac"]
    with av.open(str(tmp_path / "out.webm")) as out:
        assert out.streams.audio[0].codec_context.name == "opus"
        samples = np.concatenate([f.to_ndarray()[0] for f in out.decode(audio=0)])
    assert len(samples) == pytest.approx(8 * 1920, abs=2500)
    heard = samples[4000:12_000]
    assert np.sqrt((heard**2).mean()) == pytest.approx(0.5 / 2**0.5, abs=0.03)


def test_uneven_times_stay_as_they_are(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4", times=[0, 3000, 9000, 9900, 27_000], sound=None)
    convert(video, tmp_path / "out.mp4")
    assert times_of(tmp_path / "out.mp4") == times_of(video)


def test_odd_sizes_work(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.webm", size=(47, 63), codec="libvpx-vp9", sound="libopus")
    convert(video, tmp_path / "out.webm", "cutout")
    assert frames_of(tmp_path / "out.webm")[0].shape == (47, 63, 3)
    convert(video, tmp_path / "out.mp4")
    assert frames_of(tmp_path / "out.mp4")[0].shape == (48, 64, 3)


@pytest.mark.parametrize("matrix", [1, 6])
def test_colours_come_through_as_in_a_plain_transcode(tmp_path: Path, matrix: int) -> None:
    video = make_video(tmp_path / "video.mp4", matrix=matrix)
    everybody = Redness()
    everybody.__class__ = type(
        "Everybody", (Redness,), {"__call__": lambda self, square: np.ones((32, 32), np.float32)}
    )
    look = VideoStyle()
    encoding = VideoEncoding(crf=4)
    convert_video(
        VideoTask(source=video, target=tmp_path / "out.mp4", look=look, encoding=encoding),
        everybody,
    )
    with av.open(str(video)) as source, av.open(str(tmp_path / "plain.mp4"), "w") as plain:
        stream = plain.add_stream("libx264", rate=25, options={"crf": "4", "preset": "veryfast"})
        stream.height, stream.width = SIZE
        for frame in source.decode(video=0):
            plain.mux(stream.encode(frame))
        plain.mux(stream.encode(None))
    ours, theirs = (frames_of(tmp_path / name, kind="yuv420p") for name in ("out.mp4", "plain.mp4"))
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert next(out.decode(video=0)).colorspace == matrix
    for our, their in zip(ours, theirs, strict=True):
        apart = np.abs(our.astype(int) - their)
        assert apart.mean() < 1 and np.percentile(apart, 95) <= 2


def test_a_video_on_its_side_is_set_upright(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4", sound=None)
    data = bytearray(video.read_bytes())
    place = data.index(b"tkhd") + 44  # version, times, number, length, layer, volume come before
    one = 1 << 16
    data[place : place + 36] = pack(">9i", 0, one, 0, -one, 0, 0, SIZE[0] * one, 0, 1 << 30)
    video.write_bytes(data)
    convert(video, tmp_path / "out.mp4", "side-by-side")
    first = frames_of(tmp_path / "out.mp4")[0][:, : SIZE[0]]
    assert first.shape == (SIZE[1], SIZE[0], 3)
    expected = np.rot90(draw(0), -1)  # a clockwise turn
    assert np.abs(first.astype(int) - expected).mean() < 6


def test_a_part_is_cut_out_and_begins_at_nought(video: Path, tmp_path: Path) -> None:
    outcome = convert(video, tmp_path / "out.mp4", part=Part(start=0.08, end=0.2))
    assert outcome.frames == 3
    assert times_of(tmp_path / "out.mp4") == pytest.approx([0, 0.04, 0.08], abs=1e-3)
    assert convert(video, tmp_path / "two.mp4", part=Part(frames=2)).frames == 2


def test_frames_can_come_at_even_times_and_smaller(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4", times=[0, 9000, 10_000, 27_000])
    convert(
        video, tmp_path / "out.mp4", encoding=VideoEncoding(rate=Fraction(10)), part=Part(scale=0.5)
    )
    assert times_of(tmp_path / "out.mp4") == pytest.approx([0, 0.1, 0.2, 0.3])
    assert frames_of(tmp_path / "out.mp4")[0].shape == (24, 32, 3)


@pytest.mark.parametrize(
    ("rate", "count", "options", "expected"),
    [
        (30, 30, {}, 10),
        (10, 10, {"rate": 60}, 60),
        (30, 31, {"every": 3}, 11),
        (10, 1, {"rate": 1}, 1),
        (10, 5, {"start": 0.1, "rate": 20}, 8),
    ],
)
@pytest.mark.parametrize("kind", [".mp4", ".mkv"])
def test_even_times_end_where_the_video_does(
    tmp_path: Path, kind: str, rate: int, count: int, options: dict, expected: int
) -> None:
    times = [i * 90_000 // rate for i in range(count)]
    video = make_video(tmp_path / f"video{kind}", times=times, sound=None, rate=rate)
    asked, part = Fraction(options.get("rate", 10)), Part(start=options.get("start", 0))
    convert(video, tmp_path / "a.mp4", part=part, encoding=VideoEncoding(rate=asked),
            every=options.get("every", 1))  # fmt: skip
    found = times_of(tmp_path / "a.mp4")
    assert found == pytest.approx([i / asked for i in range(expected)], abs=1e-3)


@pytest.mark.parametrize("kind", ["blur", "image", "video"])
def test_other_backgrounds(video: Path, tmp_path: Path, kind: str) -> None:
    behind = {
        "blur": Blur(radius=4),
        "image": Scene(pixels=np.full((10, 10, 3), (10, 20, 200), np.uint8)),
        "video": make_video(tmp_path / "b.mp4", times=[0, 3600, 7200], sound=None),
    }[kind]
    convert(video, tmp_path / "out.mp4", background=behind)
    last = frames_of(tmp_path / "out.mp4")[-1].astype(int)
    if kind == "video":  # three frames long, so the eighth shows its second
        expected = draw(1)[24, 14].astype(int)
        np.testing.assert_allclose(last[24, 14], expected, atol=12)
    else:
        np.testing.assert_allclose(
            last[4, 6], (10, 20, 200) if kind == "image" else (90, 110, 140), atol=12
        )


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:2000])  # the index is at the end


def empty(path: Path) -> None:
    data = make_video(path.with_suffix(".mkv")).read_bytes()
    path.with_suffix(".mkv").unlink()
    path.write_bytes(data[: data.index(b"\x1f\x43\xb6\x75")])  # the first cluster of frames


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut_off, "moov"),
        (lambda path: path.write_text("This is no video.\n" * 50), "as a video"),
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (empty, "as a video"),
        (lambda path: path.unlink(), "there is no video"),
    ],
)
def test_what_is_no_video_is_refused_in_one_line(
    video: Path, tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    damage(video)
    with pytest.raises(VideoError, match=words) as caught:
        convert(video, tmp_path / "out.mp4")
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir() if path != video) == []


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as sound:
        stream = sound.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        sound.mux(stream.encode(frame))
        sound.mux(stream.encode(None))
    with pytest.raises(VideoError, match="only sound"):
        convert(path, tmp_path / "out.mp4")


def test_good_frames_of_a_damaged_video_are_saved_and_bad_ones_counted(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mkv")
    data = video.read_bytes()
    video.write_bytes(data[: len(data) // 2])
    outcome = convert(video, tmp_path / "out.mp4")
    assert 0 < outcome.frames < 8
    assert len(frames_of(tmp_path / "out.mp4")) == outcome.frames

    whole = make_video(tmp_path / "whole.mp4", sound=None)
    damaged = bytearray(whole.read_bytes())
    place = damaged.index(b"mdat") + 4
    middle = place + (damaged.index(b"moov") - place) * 3 // 4
    damaged[middle : middle + 120] = bytes(120)
    whole.write_bytes(damaged)
    outcome = convert(whole, tmp_path / "rest.mp4")
    assert outcome.damaged + outcome.missing > 0
    assert len(frames_of(tmp_path / "rest.mp4")) == outcome.frames > 0


def test_an_interrupt_leaves_a_video_that_plays(video: Path, tmp_path: Path) -> None:
    def stop(done: int, of: int | None) -> None:
        if done == 4:
            raise KeyboardInterrupt

    video_job = VideoTask(source=video, target=tmp_path / "out.mp4", look=VideoStyle())
    with pytest.raises(KeyboardInterrupt):
        convert_video(video_job, Redness(), stop)
    assert len(frames_of(tmp_path / "out.mp4")) == 4
    assert {path.name for path in tmp_path.iterdir()} == {"video.mp4", "out.mp4"}


def test_an_error_leaves_what_was_there(video: Path, tmp_path: Path) -> None:
    class Broken(Redness):
        def __call__(self, image: np.ndarray) -> np.ndarray:
            raise RuntimeError("no more memory")

    (tmp_path / "out.mp4").write_text("before")
    video_job = VideoTask(source=video, target=tmp_path / "out.mp4", look=VideoStyle())
    with pytest.raises(RuntimeError, match="no more memory"):
        convert_video(video_job, Broken())
    assert (tmp_path / "out.mp4").read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"video.mp4", "out.mp4"}


def test_a_cutout_in_mp4_is_refused(video: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"webm .*mov .*folder"):
        convert(video, tmp_path / "out.mp4", "cutout")


@pytest.mark.parametrize("part", [Part(end=0.2), Part(frames=3), Part(start=0.1)])
def test_a_part_has_no_chapters(tmp_path: Path, part: Part) -> None:
    video = make_video(tmp_path / "video.mkv", chapter="One")
    convert(video, tmp_path / "out.mp4", part=part)
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert not out.chapters()


def test_a_name_with_a_colon_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_video(tmp_path / "video.mp4").rename(tmp_path / "2024-01-01T12:30.mp4")
    monkeypatch.chdir(tmp_path)
    outcome = convert(Path("2024-01-01T12:30.mp4"), Path("12:31.mp4"), resume="a", segment=3)
    assert outcome.frames == len(frames_of(tmp_path / "12:31.mp4")) == 8


def test_an_empty_folder_is_filled_where_no_folder_is_replaced(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def as_windows_does(path: Path, target: Path) -> Path:
        if path.is_dir() and target.exists():
            raise PermissionError(13, "Access is denied")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", as_windows_does)
    (tmp_path / "frames").mkdir()
    convert(video, tmp_path / "frames", "cutout")
    assert len(list((tmp_path / "frames").iterdir())) == 8
