"""Images come from and go to an object store, and never pass through the process that asks."""

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest
from clusters import cluster_of_threads, make_images, object_store, sums
from scenes import frames_of, make_scenes, packets_of

from figureground import ImageJob, VideoJob, run
from figureground.cluster import listing, video_pieces
from figureground.cluster.listing import each_chunk, find_videos
from figureground.cluster.planning import Planner
from figureground.cluster.run import run_on_cluster
from figureground.cluster.videos import run_videos_on_cluster
from figureground.media.remote_folder import abort_uploads

OUT = "s3://cut/new"


@pytest.fixture(scope="module")
def store() -> Iterator[fsspec.AbstractFileSystem]:
    with object_store() as environment, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        system = fsspec.filesystem("s3", skip_instance_cache=True)
        system.mkdir("shop")
        system.mkdir("cut")
        yield system
        fsspec.get_filesystem_class("s3").clear_instance_cache()


def test_objects_become_objects_of_the_same_names_and_bytes(
    store: fsspec.AbstractFileSystem, tmp_path: Path, astronaut: Path
) -> None:
    folder = make_images(tmp_path / "new", 5, astronaut)
    store.put(str(folder), "shop/new", recursive=True)
    run(ImageJob(inputs=folder, output=tmp_path / "here"))
    job = ImageJob(inputs="s3://shop/new", output=OUT, output_folder=True)
    with cluster_of_threads() as address:
        assert run_on_cluster(job, address).counts == (5, 0, 0)
        store.invalidate_cache()
        for name in sums(tmp_path / "here"):
            assert store.cat_file(f"cut/new/{name}") == (tmp_path / "here" / name).read_bytes()
        asked = [path for path in store.find("cut") if "journal" not in path]
        assert len(asked) == 5
        assert run_on_cluster(job, address).counts.tried == 0
    (part,) = [path for path in store.find("cut") if path.endswith(".parquet")]
    with store.open(part) as file:
        rows = pq.read_table(file).to_pylist()
    assert {row["source"] for row in rows} == {
        f"s3://shop/new/{path.relative_to(folder)}" for path in folder.rglob("*.png")
    }
    assert rows[0]["outputs"][0].startswith("s3://cut/new/")


def test_a_listing_in_pages_gives_the_names_of_one_in_whole(
    store: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["a.jpg", "a.png", "a.b.jpg", "a-1.jpg", "b/a.png", "b/a.webp", "b.gif", "c.jpg", "notes.txt",
             "a.cutout.png", ".hidden/x.jpg"]  # fmt: skip
    for name in names:
        store.pipe_file(f"shop/pages/{name}", b"x")
    job = ImageJob(inputs="s3://shop/pages", output=OUT, output_folder=True)

    def planned() -> list[tuple[str, ...]]:
        planner = Planner(job=job)
        items = [item for chunk in each_chunk(job, videos=False) for item in planner.items(chunk)]
        assert all(item.size == 1 and item.modified for item in items)
        return [(item.source, *item.outputs) for item in items]

    whole = planned()
    assert ("s3:/shop/pages/a.jpg", "s3:/cut/new/a.jpg.cutout.png") in whole
    assert len(whole) == 8
    for size in (1, 2, 3):
        monkeypatch.setattr(listing, "PAGE", size)
        assert planned() == whole


def test_a_video_comes_from_and_goes_to_the_store(
    store: fsspec.AbstractFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_pieces, "SHORTEST", 1.0)
    video = make_scenes(tmp_path / "video.mkv", scenes=2, frames=20, keys=100)
    store.put_file(str(video), "shop/video.mkv")
    job = VideoJob(inputs="s3://shop/video.mkv", output="s3://cut/video.mkv", background="white")
    with cluster_of_threads() as address:
        summary = run_videos_on_cluster(job, find_videos(job)[0], address)
    assert summary.counts == (1, 0, 0)
    store.invalidate_cache()
    assert [path for path in store.find("cut") if "video" in path] == ["cut/video.mkv"]
    store.get_file("cut/video.mkv", str(tmp_path / "cut.mkv"))
    assert frames_of(tmp_path / "cut.mkv")[0] == frames_of(video)[0]
    assert packets_of(tmp_path / "cut.mkv", "audio") == packets_of(video, "audio")


def test_uploads_in_parts_that_a_killed_process_left_are_given_up(
    store: fsspec.AbstractFileSystem,
) -> None:
    for key in ("new/half.png", "elsewhere/half.png"):
        store.call_s3("create_multipart_upload", Bucket="cut", Key=key)
    assert abort_uploads(Path(OUT)) == 1
    left = store.call_s3("list_multipart_uploads", Bucket="cut")["Uploads"]
    assert [one["Key"] for one in left] == ["elsewhere/half.png"]
