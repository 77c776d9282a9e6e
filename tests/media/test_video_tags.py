"""Tags, covers, fonts, chapters and timecodes of videos: kept where they can be, else told of."""

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image
from videos import SIZE, convert, draw

from figureground.cli import main
from figureground.media.formats import VideoEncoding
from figureground.media.video_tags import APPLE, PLACES, homeless, true_tags

PHONE = {
    f"{APPLE}make": "Apple",
    f"{APPLE}model": "iPhone 15",
    f"{APPLE}creationdate": "2024-05-06T12:30:01+0200",
    f"{APPLE}location.ISO6709": "+48.8577+002.2950+035/",
}
IMAGE = av.stream.Disposition.attached_pic


def tagged(
    path: Path,
    tags: dict[str, str],
    *,
    rate: Fraction = Fraction(25),
    prepare: Callable[[av.container.OutputContainer], object] = lambda film: None,
    stream_tags: dict[str, str] | None = None,
    frames: int = 4,
) -> Path:
    """A silent film with tags and whatever `prepare` adds before the first frame."""
    own = path.suffix in (".mov", ".mp4") and homeless(tags, path.suffix)
    options = {"movflags": "use_metadata_tags"} if own else {}
    with av.open(str(path), "w", container_options=options) as film:
        video = film.add_stream("mpeg4", rate=rate)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p"
        film.metadata.update(tags)
        video.metadata.update(stream_tags or {})
        prepare(film)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(draw(number), format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
    return path


def image(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 30, 40)).save(stream, kind)
    return stream.getvalue()


def read_tags(path: Path) -> dict[str, str]:
    """A file's tags, by their names in small letters."""
    with av.open(str(path)) as film:
        return {name.lower(): value for name, value in film.metadata.items()}


def streams_of(path: Path) -> list[tuple[str, str | None]]:
    """Kind and file name of each stream."""
    with av.open(str(path)) as film:
        return [
            ("cover" if s.disposition & IMAGE else s.type, s.metadata.get("filename"))
            for s in film.streams
        ]


def test_a_time_that_ffmpeg_9_reads_twice_is_one() -> None:
    time = "2024-05-06T10:30:01.000000Z"
    assert true_tags({"creation_time": f"{time};{time}", "title": "a;b"}, ".mkv") == {
        "creation_time": time, "title": "a;b"
    }  # fmt: skip


@pytest.mark.parametrize("source", ["phone.mov", "phone.mp4", "phone.mkv"])
@pytest.mark.parametrize("name", ["out.mov", "out.mp4", "out.m4v", "out.mkv", "out.webm"])
def test_the_keys_of_phones_are_kept(tmp_path: Path, source: str, name: str) -> None:
    plain = {"title": "Hallo", "creation_time": "2024-05-06T10:30:01.000000Z"}
    video = tagged(tmp_path / source, {**PHONE, **plain})
    assert convert(video, tmp_path / name).notes == []
    kept = read_tags(tmp_path / name)
    for key, value in {**PHONE, **plain}.items():
        assert kept[key.lower()][:19] == value[:19], key
    if name.endswith(("mov", "mp4", "m4v")):
        with av.open(str(tmp_path / name)) as made:
            assert set(PHONE) <= set(made.metadata)  # as Apple spells them


@pytest.mark.parametrize("suffix", sorted(PLACES))
def test_every_tag_that_has_a_place_is_read_back_from_it(tmp_path: Path, suffix: str) -> None:
    numbers = {"compilation": "1", "disc": "1", "episode_sort": "3", "hd_video": "1",
               "location": "+48.8577+002.2950/", "media_type": "6", "season_number": "2",
               "track": "3", "creation_time": "2024-05-06T10:30:01.000000Z"}  # fmt: skip
    tags = {name: numbers.get(name, f"a {name}") for name in sorted(PLACES[suffix])}
    made = tagged(tmp_path / "all.mkv", tags)
    convert(made, tmp_path / f"out{suffix}")
    assert b"keys\x00" not in (tmp_path / f"out{suffix}").read_bytes()
    assert read_tags(tmp_path / f"out{suffix}").items() >= tags.items()


@pytest.mark.parametrize("name", ["out.mov", "out.mp4", "out.mkv", "out.webm"])
def test_a_tag_of_ones_own_is_kept(tmp_path: Path, name: str) -> None:
    video = tagged(tmp_path / "own.mkv", {"foo": "bar", "title": "T"})
    assert convert(video, tmp_path / name).notes == []
    assert read_tags(tmp_path / name).items() >= {"foo": "bar", "title": "T"}.items()


def test_what_was_true_of_the_old_file_alone_is_left_behind() -> None:
    old = {"MAJOR_BRAND": "isom", "ENCODER": "Lavf", "BPS": "3", "_STATISTICS_TAGS": "x",
           "DURATION": "00:00:02.0", "ARTIST": "me", "location": "+1+2/",
           "location-eng": "+1+2/"}  # fmt: skip
    assert true_tags(old, ".mp4") == {"artist": "me", "location": "+1+2/"}
    assert true_tags(old, ".mkv") == {"ARTIST": "me", "location": "+1+2/"}


@pytest.mark.parametrize(
    ("name", "streams", "notes"),
    [
        ("out.mkv", [("video", None), ("attachment", "font.ttf"), ("cover", "front.png")], []),
        ("out.mp4", [("video", None), ("cover", None)], ["attachment (font.ttf)"]),
        ("out.m4v", [("video", None), ("cover", None)], ["attachment (font.ttf)"]),
        ("out.mov", [("video", None)], ["attachment (font.ttf)", "cover (front.png)"]),
        ("out.webm", [("video", None)], ["attachment (font.ttf)", "cover (front.png)"]),
    ],
)
def test_covers_and_fonts_are_kept_where_the_container_can(
    tmp_path: Path, name: str, streams: list, notes: list[str]
) -> None:
    cover = image("PNG")

    def attach(film: av.container.OutputContainer) -> None:
        film.add_attachment("font.ttf", "application/x-truetype-font", b"\0\1\0\0font")
        film.add_attachment("front.png", "image/png", cover)

    video = tagged(tmp_path / "film.mkv", {"title": "T"}, prepare=attach)
    told = convert(video, tmp_path / name).notes
    suffix = name[3:]
    assert told == [f"left out: {what}, which {suffix} cannot hold" for what in notes]
    assert streams_of(tmp_path / name) == streams
    if len(streams) > 1:
        with av.open(str(tmp_path / name)) as made:
            last = made.streams[len(streams) - 1]
            assert next(bytes(p) for p in made.demux(last) if p.size) == cover
    again = tmp_path / f"again{suffix}"
    assert not [note for note in convert(tmp_path / name, again).notes if "cover" in note]
    assert streams_of(again) == streams
    bare = convert(video, tmp_path / f"bare{suffix}", encoding=VideoEncoding(metadata=False))
    assert bare.notes == [] and streams_of(tmp_path / f"bare{suffix}") == [("video", None)]


def test_a_jpeg_cover_of_an_mp4_becomes_an_attachment_and_back(tmp_path: Path) -> None:
    cover = image("JPEG")
    video = tagged(
        tmp_path / "film.mkv", {}, prepare=lambda f: f.add_attachment("c.jpg", "image/jpeg", cover)
    )
    for before, name in (("film.mkv", "a.mp4"), ("a.mp4", "b.mkv"), ("b.mkv", "c.mp4")):
        assert convert(tmp_path / before, tmp_path / name).notes == []
    assert streams_of(tmp_path / "b.mkv")[1] == ("cover", "cover.jpg")
    assert cover in (tmp_path / "c.mp4").read_bytes()
    assert video.exists()


def test_tags_without_a_place_yield_to_a_cover_and_are_named(tmp_path: Path) -> None:
    video = tagged(
        tmp_path / "film.mkv",
        {"title": "T", "foo": "bar"},
        prepare=lambda film: film.add_attachment("c.png", "image/png", image("PNG")),
    )
    note = "left out: tags (foo), which .mp4 cannot hold beside a cover"
    assert convert(video, tmp_path / "out.mp4").notes == [note]
    assert read_tags(tmp_path / "out.mp4")["title"] == "T"
    assert streams_of(tmp_path / "out.mp4")[1][0] == "cover"


@pytest.mark.parametrize("source", ["film.mov", "film.mp4"])
@pytest.mark.parametrize("name", ["out.mov", "out.mp4", "out.mkv"])
def test_chapters_come_over_without_a_word_about_their_track(
    tmp_path: Path, source: str, name: str
) -> None:
    parts = [{"id": n, "start": n * 80, "end": n * 80 + 80, "time_base": Fraction(1, 1000),
              "metadata": {"title": f"Part {n}"}} for n in range(2)]  # fmt: skip
    video = tagged(
        tmp_path / source,
        {},
        prepare=lambda film: film.set_chapters(parts),
        stream_tags={"timecode": "01:02:03:04"},
    )
    assert convert(video, tmp_path / name).notes == []
    with av.open(str(tmp_path / name)) as made:
        titles = [chapter["metadata"]["title"] for chapter in made.chapters()]
        texts = [stream for stream in made.streams if stream.type == "subtitle"]
    assert titles == ["Part 0", "Part 1"] and len(texts) <= (name != "out.mkv")
    convert(video, tmp_path / f"bare-{name}", encoding=VideoEncoding(metadata=False))
    with av.open(str(tmp_path / f"bare-{name}")) as made:
        assert not made.chapters()
        assert "timecode" not in {key.lower() for s in made.streams for key in s.metadata}


@pytest.mark.parametrize(
    "source",
    [
        ("film.mov", True, "01:02:03;04", Fraction(30_000, 1001)),
        ("film.mp4", True, "01:02:03:04", Fraction(25)),
        ("film.mkv", True, "01:02:03;04", Fraction(60_000, 1001)),
        ("film.mkv", False, "10:00:00:00", Fraction(24)),
        ("film.avi", False, "10:00:00:00", Fraction(24)),
    ],
)
@pytest.mark.parametrize("name", ["out.mov", "out.mp4", "out.mkv", "out.webm"])
@pytest.mark.parametrize("resume", [None, "a"])
def test_timecodes_of_stream_and_container_are_kept(
    tmp_path: Path, source: tuple[str, bool, str, Fraction], name: str, resume: str | None
) -> None:
    film, in_stream, code, rate = source
    here = {"timecode": code}
    video = tagged(
        tmp_path / film, {} if in_stream else here, stream_tags=here if in_stream else {},
        rate=rate,
    )  # fmt: skip
    with av.open(str(video)) as opened:
        known = [*opened.metadata.items(), *opened.streams.video[0].metadata.items()]
        held = [value for key, value in known if key.lower() == "timecode"]
    notes = convert(video, tmp_path / name, resume=resume, segment=2).notes
    with av.open(str(tmp_path / name)) as made:
        tags = {key.lower(): value for key, value in made.streams.video[0].metadata.items()}
        assert [tags["timecode"]] == held if held else "timecode" not in tags
    assert notes == [] and (held or film == "film.avi")


def test_a_timecode_that_fits_no_rate_is_named(tmp_path: Path) -> None:
    video = tagged(tmp_path / "film.mkv", {"timecode": "01:00:00;00"}, rate=Fraction(25))
    [note] = convert(video, tmp_path / "out.mov").notes
    assert note == "left out: timecode (01:00:00;00), which fits no 25 frames a second"


@pytest.mark.parametrize("name", ["out.mov", "out.mkv"])
def test_strip_leaves_all_out_that_a_video_says_of_itself(tmp_path: Path, name: str) -> None:
    video = tagged(
        tmp_path / "film.mkv",
        {**PHONE, "title": "T", "foo": "bar"},
        prepare=lambda film: film.add_attachment("c.png", "image/png", image("PNG")),
        stream_tags={"timecode": "01:00:00:00", "title": "a stream's"},
    )
    out = tmp_path / name
    assert main(["remove", str(video), "-o", str(out), "--kind", "composite", "--strip", "-q"]) == 0
    own = {"encoder", "major_brand", "minor_version", "compatible_brands"}  # the new file's
    assert set(read_tags(out)) <= own and streams_of(out) == [("video", None)]
    with av.open(str(out)) as made:
        known = {key.lower() for key in made.streams.video[0].metadata}
    assert not known & {"timecode", "title"}
