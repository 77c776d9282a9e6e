"""Weights and FFmpeg: what came with the packages, and whether it is whole."""

import shutil
from pathlib import Path

import pytest

from figureground.doctor import parts
from figureground.doctor.finding import ABSENT, BROKEN, GOOD
from figureground.doctor.parts import find_codecs, find_weights
from figureground.media import video_encoders
from figureground.models import shipped


def test_all_weights_that_ship_are_checked() -> None:
    found = {finding.name: finding for finding in find_weights()}
    there = {path.name for path in shipped.FOLDER.iterdir() if path.suffix in {".tflite", ".h5"}}
    assert set(found) == there and len(there) >= 3
    assert {finding.state for finding in found.values()} == {GOOD}


def test_damaged_and_missing_weights_are_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(shipped.FOLDER, tmp_path / "weights")
    data = bytearray((folder / "lite.tflite").read_bytes())
    data[1000] ^= 1
    (folder / "lite.tflite").write_bytes(data)
    (folder / "lite-int8.tflite").unlink()
    monkeypatch.setattr(shipped, "FOLDER", folder)
    monkeypatch.setattr(parts, "FOLDER", folder)
    states = {finding.name: finding.state for finding in find_weights()}
    assert states == {
        "lite-int8.tflite": BROKEN, "lite.tflite": BROKEN, "lite.weights.h5": GOOD
    }  # fmt: skip


def test_codecs_are_those_that_videos_are_packed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {finding.name: finding.state for finding in find_codecs()}
    assert {"h264", "h265", "av1", "vp9", "prores", "vp9 with alpha"} < set(found)
    known = video_encoders.can_encode
    monkeypatch.setattr(
        video_encoders, "can_encode", lambda name, kind: name != "libx264" and known(name, kind)
    )
    without = {finding.name: finding for finding in find_codecs()}
    assert without["h264"].state == ABSENT and "--codec" in without["h264"].advice


def test_what_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "DECODERS", ("h264", "a-codec-of-nobody"))
    (finding,) = [finding for finding in find_codecs() if finding.value == "cannot be read"]
    assert (finding.name, finding.state) == ("a-codec-of-nobody", ABSENT)
