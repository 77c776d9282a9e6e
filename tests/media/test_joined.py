"""Recordings that were joined byte by byte: what is not read behind a joint is said."""

from fractions import Fraction
from pathlib import Path

import pytest
from corpus_videos import SHARP, X264, VideoCase
from videos import convert

from figureground.media.joined import WithoutHeads, flv_joints, later_recordings

SOURCES = [
    VideoCase(name="a.mp4", kind="", encoder=X264, sound="aac"),
    VideoCase(name="fast.mp4", kind="", encoder=X264, muxer={"movflags": "faststart"}),
    VideoCase(name="a.mov", kind="", rate=Fraction(12), encoder=X264),
    VideoCase(name="a.3gp", kind="", codec="mpeg4", encoder=SHARP),
    VideoCase(name="a.wmv", kind="", codec="wmv2", format="asf", encoder=SHARP),
]


@pytest.mark.parametrize("case", SOURCES, ids=[case.name for case in SOURCES])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_recordings_that_are_not_read_are_told(tmp_path: Path, case: VideoCase, times: int) -> None:
    film = case.make(tmp_path)
    film.write_bytes(film.read_bytes() * times)
    notes = [note for note in convert(film, tmp_path / "o.mkv").notes if "not read" in note]
    assert len(notes) == (times > 1)
    if notes:
        assert notes[0].startswith(f"{times - 1} recording") and "concat" in notes[0]


def test_pieces_of_a_recorder_are_one_recording(tmp_path: Path) -> None:
    options = {"movflags": "frag_keyframe+empty_moov"}
    film = VideoCase(name="a.mp4", kind="", encoder={**X264, "g": "4"}, muxer=options).make(
        tmp_path
    )
    assert later_recordings(film, "mov,mp4,m4a,3gp,3g2,mj2") == 0


@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_joined_flv_is_shown_without_its_later_headers(tmp_path: Path, times: int) -> None:
    one = VideoCase(name="a.flv", kind="", encoder=X264, sound="aac").make(tmp_path)
    data = one.read_bytes()
    one.write_bytes(data * times)
    joints = flv_joints(one)
    assert joints == [len(data) * number for number in range(1, times)]
    with WithoutHeads(one, joints) as file:
        assert file.read(7) == data[:7] and file.seek(-3, 2) == len(file_of(data, times)) - 3
        file.seek(0)
        assert b"".join(iter(lambda: file.read(1000), b"")) == file_of(data, times)
    assert convert(one, tmp_path / "o.mp4").frames == 12 * times


def file_of(data: bytes, times: int) -> bytes:
    return data + data[13:] * (times - 1)


@pytest.mark.parametrize("cut", [5, 13, 20, 400])
def test_a_cut_flv_has_no_joints(tmp_path: Path, cut: int) -> None:
    film = VideoCase(name="a.flv", kind="", encoder=X264).make(tmp_path)
    film.write_bytes(film.read_bytes()[:cut] + b"\xff" * 40)
    assert flv_joints(film) == []
