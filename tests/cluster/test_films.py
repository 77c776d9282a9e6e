"""A long video that is cut, made in pieces and joined is the video that one machine makes."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clusters import cluster_of_threads, rows_of
from numpy.typing import NDArray

from figureground import VideoEncoding, VideoJob, run
from figureground.cluster import film_index
from figureground.cluster.film_index import cut, index_film
from figureground.cluster.films import run_videos_on_cluster
from figureground.cluster.listing import find_videos
from figureground.media.video_part import Part

SIZE, RATE = (96, 128), 10


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster_of_threads() as one:
        yield one


def scene(number: int, frame: int) -> NDArray[np.uint8]:
    """A person of a kind who walks before another wall in each scene."""
    rows, columns = np.indices(SIZE)
    random = np.random.default_rng(number)
    rgb = np.empty((*SIZE, 3), np.uint8)
    rgb[:] = random.integers(20, 235, 3)
    rgb[rows % 16 < 8] = random.integers(20, 235, 3)
    at = 30 + 2 * (frame % 30)
    body = ((rows - 66) / 34) ** 2 + ((columns - at) / 16) ** 2 < 1
    head = ((rows - 26) / 14) ** 2 + ((columns - at) / 11) ** 2 < 1
    rgb[body], rgb[head] = (40, 60, 130), (220, 170, 140)
    return rgb


def make_film(path: Path, *, scenes: int, frames: int, keys: int) -> Path:
    """A film of scenes with a tone and subtitles; `keys` is how far apart key frames are."""
    path.with_suffix(".srt").write_text(
        "1\n00:00:00,500 --> 00:00:01,500\nfirst\n\n2\n00:00:03,000 --> 00:00:04,000\nsecond\n"
    )
    with av.open(str(path), "w") as container, av.open(str(path.with_suffix(".srt"))) as text:
        options = {"crf": "12", "g": str(keys), "keyint_min": "1", "preset": "ultrafast", "bf": "2"}
        video = container.add_stream("libx264", rate=RATE, options=options)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p"
        tone = container.add_stream("aac", rate=48_000, layout="mono")
        words = container.add_stream_from_template(text.streams.subtitles[0])
        for number in range(scenes * frames):
            rgb = scene(number // frames, number % frames)
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            if number % frames == 0:  # as encoders find by themselves at fuller presets
                frame.pict_type = av.video.frame.PictureType.I
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for packet in text.demux():
            if packet.size:
                packet.stream = words
                container.mux(packet)
        for start in range(0, 48_000 * scenes * frames // RATE, 1024):
            wave = np.sin(2 * np.pi * 440 * np.arange(start, start + 1024) / 48_000)
            sound = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), "fltp", "mono")
            sound.sample_rate, sound.pts, sound.time_base = 48_000, start, Fraction(1, 48_000)
            container.mux(tone.encode(sound))
        container.mux(tone.encode(None))
    return path


def frames_of(path: Path) -> tuple[list[Fraction], NDArray[np.uint8]]:
    """When each frame is shown, and its luma and colours."""
    with av.open(str(path)) as video:
        frames = list(video.decode(video=0))
        times = [frame.pts * frame.time_base for frame in frames]
        return times, np.stack([frame.to_ndarray(format="yuv420p") for frame in frames])


def packets_of(path: Path, kind: str) -> list[tuple[Fraction, bytes]]:
    """When each packet of a kind of stream begins, and what it holds."""
    with av.open(str(path)) as video:
        stream = next(one for one in video.streams if one.type == kind)
        return [(p.pts * p.time_base, bytes(p)) for p in video.demux(stream) if p.size]


def both(film: Path, tmp_path: Path, address: str, **options: object) -> tuple[Path, Path]:
    """The film as one machine makes it, and as a cluster does."""
    encoding = VideoEncoding(crf=0)  # H.264 without any loss
    here, there = tmp_path / f"here{film.suffix}", tmp_path / f"there{film.suffix}"
    run(VideoJob(inputs=film, output=here, encoding=encoding, **options))
    job = VideoJob(inputs=film, output=there, encoding=encoding, **options)
    summary = run_videos_on_cluster(job, find_videos(job)[0], address)
    assert summary.counts == (1, 0, 0)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
    return here, there


def test_seams_where_scenes_change_show_in_no_frame(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_index, "SHORTEST", 2.0)
    monkeypatch.setattr(film_index, "WARM_UP", 8)
    film = make_film(tmp_path / "film.mkv", scenes=4, frames=25, keys=200)
    assert len(cut(index_film(film), Part(), 4)) == 4
    here, there = both(film, tmp_path, address, background="white")
    alone, joined = frames_of(here), frames_of(there)
    assert joined[0] == alone[0] and len(joined[0]) == 100
    np.testing.assert_array_equal(joined[1], alone[1])
    for kind in ("audio", "subtitle"):
        assert packets_of(there, kind) == packets_of(here, kind)
        assert len(packets_of(there, kind)) >= 2


def test_seams_within_a_scene_are_hardly_there(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_index, "SHORTEST", 2.0)
    monkeypatch.setattr(film_index, "WARM_UP", 16)
    film = make_film(tmp_path / "film.mp4".replace("mp4", "mkv"), scenes=1, frames=90, keys=30)
    pieces = cut(index_film(film), Part(), 3)
    assert [piece.first for piece in pieces] == [0, 3000, 6000]
    here, there = both(film, tmp_path, address, background="white")
    alone, joined = frames_of(here), frames_of(there)
    assert joined[0] == alone[0]
    unlike = np.abs(joined[1].astype(int) - alone[1].astype(int)).mean(axis=(1, 2))
    assert unlike.max() <= 2
    assert unlike[:30].max() == 0


def test_a_part_of_a_film_begins_and_ends_where_one_machine_does(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_index, "SHORTEST", 1.0)
    film = make_film(tmp_path / "film.mkv", scenes=4, frames=15, keys=200)
    part = Part(start=0.7, end=5.2)
    here, there = both(film, tmp_path, address, background="white", part=part)
    alone, joined = frames_of(here), frames_of(there)
    assert joined[0] == alone[0] and len(joined[0]) == 45
    np.testing.assert_array_equal(joined[1], alone[1])


def test_films_of_a_folder_are_noted_and_not_made_again(tmp_path: Path, address: str) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    make_film(folder / "film.mkv", scenes=1, frames=5, keys=5)
    (folder / "bad.mp4").write_bytes(b"no video")
    job = VideoJob(inputs=folder, output=out)
    summary = run_videos_on_cluster(job, find_videos(job)[0], address)
    assert summary.counts == (2, 1, 0) and "bad.mp4" in summary.failures[0][0]
    before = (out / "film.cutout.webm").stat()
    assert run_videos_on_cluster(job, find_videos(job)[0], address).counts.tried == 1
    assert (out / "film.cutout.webm").stat() == before
    statuses = [row["status"] for row in rows_of(out)]
    assert sorted(statuses) == ["done", "failed", "failed"]
