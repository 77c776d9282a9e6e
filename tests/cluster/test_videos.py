"""A long video that is cut, made in pieces and joined is the video that one machine makes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from clusters import cluster_of_threads, rows_of
from scenes import frames_of, make_scenes, packets_of

from figureground import VideoEncoding, VideoJob, run
from figureground.cluster import video_pieces
from figureground.cluster.listing import find_videos
from figureground.cluster.video_pieces import cut, index_video
from figureground.cluster.videos import run_videos_on_cluster
from figureground.media.video_part import Part


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster_of_threads() as one:
        yield one


def both(video: Path, tmp_path: Path, address: str, **options: object) -> tuple[Path, Path]:
    """The video as one machine makes it, and as a cluster does."""
    encoding = VideoEncoding(crf=0)  # H.264 without any loss
    here, there = tmp_path / f"here{video.suffix}", tmp_path / f"there{video.suffix}"
    run(VideoJob(inputs=video, output=here, encoding=encoding, **options))
    job = VideoJob(inputs=video, output=there, encoding=encoding, **options)
    summary = run_videos_on_cluster(job, find_videos(job)[0], address)
    assert summary.counts == (1, 0, 0)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
    return here, there


def test_away_from_seams_where_scenes_change_frames_are_the_same(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_pieces, "SHORTEST", 2.0)
    monkeypatch.setattr(video_pieces, "WARM_UP", 16)
    video = make_scenes(tmp_path / "video.mkv", scenes=4, frames=25, keys=200)
    assert len(cut(index_video(video), Part(), 4)) == 4
    here, there = both(video, tmp_path, address, background="white")
    alone, joined = frames_of(here), frames_of(there)
    assert joined[0] == alone[0] and len(joined[0]) == 100
    unlike = np.abs(joined[1].astype(int) - alone[1].astype(int)).mean(axis=(1, 2))
    away = [number for number in range(100) if number < 25 or number % 25 >= 10]
    assert unlike[away].max() == 0 and unlike.max() < 0.5
    for kind in ("audio", "subtitle"):
        assert packets_of(there, kind) == packets_of(here, kind)
        assert len(packets_of(there, kind)) >= 2


def test_seams_within_a_scene_are_hardly_there(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_pieces, "SHORTEST", 2.0)
    monkeypatch.setattr(video_pieces, "WARM_UP", 16)
    video = make_scenes(tmp_path / "video.mkv", scenes=1, frames=90, keys=30)
    pieces = cut(index_video(video), Part(), 3)
    assert [piece.first for piece in pieces] == [0, 3000, 6000]
    here, there = both(video, tmp_path, address, background="white")
    alone, joined = frames_of(here), frames_of(there)
    assert joined[0] == alone[0]
    unlike = np.abs(joined[1].astype(int) - alone[1].astype(int)).mean(axis=(1, 2))
    assert unlike.max() < 0.5 and unlike[:30].max() == 0


@pytest.mark.soak
def test_a_part_of_a_video_begins_and_ends_where_one_machine_does(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_pieces, "SHORTEST", 1.0)
    video = make_scenes(tmp_path / "video.mkv", scenes=4, frames=15, keys=200)
    part = Part(start=0.7, end=5.2)
    here, there = both(video, tmp_path, address, background="white", part=part)
    alone, joined = frames_of(here), frames_of(there)
    assert joined[0] == alone[0] and len(joined[0]) == 45
    assert np.abs(joined[1].astype(int) - alone[1].astype(int)).mean(axis=(1, 2)).max() < 0.5


def test_videos_of_a_folder_are_noted_and_not_made_again(tmp_path: Path, address: str) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    make_scenes(folder / "video.mkv", scenes=1, frames=5, keys=5)
    (folder / "bad.mp4").write_bytes(b"no video")
    job = VideoJob(inputs=folder, output=out)
    summary = run_videos_on_cluster(job, find_videos(job)[0], address)
    assert summary.counts == (2, 1, 0) and "bad.mp4" in summary.failures[0][0]
    before = (out / "video.cutout.webm").stat()
    assert run_videos_on_cluster(job, find_videos(job)[0], address).counts.tried == 1
    assert (out / "video.cutout.webm").stat() == before
    statuses = [row["status"] for row in rows_of(out)]
    assert sorted(statuses) == ["done", "failed", "failed"]
