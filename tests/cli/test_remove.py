"""The command line as people use it."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image
from videos import make_video

from figureground import cli
from figureground.cli import VERBS, main
from figureground.jobs.kinds import OUTPUTS
from figureground.media.encode import encode_image
from figureground.media.png import chunk

Draw = Callable[..., Path]


def test_a_cutout_lies_beside_its_image(draw: Draw, capsys: pytest.CaptureFixture[str]) -> None:
    path = draw("photo.jpg")
    assert main(["remove", str(path)]) == 0
    result = path.with_name("photo.cutout.png")
    with Image.open(result) as image:
        assert image.mode == "RGBA" and image.size == (24, 16)
    assert capsys.readouterr().out.strip() == str(result)


def test_a_sideways_photograph_comes_out_upright(draw: Draw) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = draw("photo.jpg", exif=exif)
    assert main(["remove", str(path), "-q"]) == 0
    with Image.open(path.with_name("photo.cutout.png")) as image:
        assert image.size == (16, 24)
        assert 0x0112 not in image.getexif()


def test_every_output_can_be_asked_for_at_once(astronaut: Path, tmp_path: Path) -> None:
    kinds = ",".join(OUTPUTS)
    command = ["remove", str(astronaut), "-o", str(tmp_path), "--kind", kinds, "-q"]
    assert main([*command, "--background", "#00ff00"]) == 0
    images = {}
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as image:
            images[path.name.split(".")[1]] = np.asarray(image)
    assert set(images) == set(OUTPUTS)
    assert set(np.unique(images["trimap"])) == {0, 128, 255}
    assert images["mask16"].dtype == np.uint16
    assert images["cutout"].shape == (512, 512, 4)
    assert images["mask"].shape == (512, 512)
    np.testing.assert_array_equal(images["mask"], images["cutout"][..., 3])
    assert (images["composite"][images["mask"] == 0] == (0, 255, 0)).all()
    both = images["side-by-side"]
    assert both.shape == (512, 1034, 3)
    with Image.open(astronaut) as image:
        np.testing.assert_array_equal(both[:, :512], np.asarray(image))
    assert np.ptp(both[:, 514:520].reshape(-1, 3), axis=0).max() == 0  # the grey line
    assert (both[:, 522:][images["mask"] == 0] == 0).all()


def test_a_background_makes_a_composite(draw: Draw, tmp_path: Path) -> None:
    photo, scene = draw("photo.jpg"), draw("scene.png", size=(9, 9))
    assert main(["remove", str(photo), "--background", str(scene), "-q"]) == 0
    with Image.open(tmp_path / "photo.composite.png") as image:
        assert image.mode == "RGB"
    assert main(["remove", str(photo), "--background", "puce?", "-q"]) == 2


def test_a_bad_image_among_good_ones_stops_none_of_them(
    draw: Draw, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw("in/a.jpg"), draw("in/c.png")
    (tmp_path / "in" / "b.jpg").write_text("I am text")
    short = draw("in/d.jpg", size=(200, 200))
    short.write_bytes(short.read_bytes()[:-300])
    missing = str(tmp_path / "none.jpg")
    assert main(["remove", str(tmp_path / "in"), missing, "-o", str(tmp_path / "out")]) == 1
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {
        "a.cutout.png",
        "c.cutout.png",
    }
    lines = capsys.readouterr().err.splitlines()
    errors = [line for line in lines if "there is nobody" not in line]
    assert len(errors) == 5 and "3 of 5 images failed" in errors[-2]
    assert "2 images without people" in errors[-1]
    for name in ("b.jpg", "d.jpg", "none.jpg"):
        assert sum(name in line for line in errors) == 1


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1"])
def test_images_in_other_modes_work(draw: Draw, mode: str) -> None:
    path = draw("photo.tif", mode)
    assert main(["remove", str(path), "-q"]) == 0
    assert path.with_name("photo.cutout.png").is_file()


def test_a_sixteen_bit_image_stays_one(tmp_path: Path) -> None:
    deep = np.random.default_rng(0).integers(0, 65535, (20, 30, 3)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "photo.png"), deep)
    assert main(["remove", str(tmp_path / "photo.png"), "-q"]) == 0
    result = cv2.imread(str(tmp_path / "photo.cutout.png"), cv2.IMREAD_UNCHANGED)
    assert result.dtype == np.uint16 and result.shape == (20, 30, 4)


def test_an_image_of_one_pixel_works(draw: Draw) -> None:
    assert main(["remove", str(draw("a.png", size=(1, 1))), "-q"]) == 0


def test_a_folder_without_images_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remove", str(tmp_path)]) == 1
    assert "no images in the folder" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_said(
    draw: Draw, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert main(["remove", str(draw("a.jpg")), "-o", str(tmp_path / "file" / "a.png")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_several_results_do_not_go_into_one_file(draw: Draw, tmp_path: Path) -> None:
    images = [str(draw("a.jpg")), str(draw("b.jpg"))]
    assert main(["remove", *images, "-o", str(tmp_path / "x.png")]) == 2
    assert not (tmp_path / "x.png").exists()


def test_a_cutout_as_jpeg_is_refused_before_any_work(draw: Draw, tmp_path: Path) -> None:
    assert main(["remove", str(draw("a.jpg")), "-o", str(tmp_path / "x.jpg")]) == 2
    assert main(["remove", str(draw("a.jpg")), "-o", str(tmp_path / "a.jpg")]) == 2


def test_images_stay_as_they_were(draw: Draw) -> None:
    path = draw("photo.png")
    before = path.read_bytes()
    assert main(["remove", str(path), "-q"]) == 0
    assert main(["remove", str(path.parent), "-q"]) == 0
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["photo.cutout.png", "photo.png"]


def test_models_lists_what_ships_and_what_can_be_trained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["models"]) == 0
    printed = capsys.readouterr().out
    assert "IoU / boundary IoU / mean absolute error" in printed.splitlines()[0]
    assert re.search(r"^lite +384x384  7\.\d MB  [\d.]+ s", printed, re.MULTILINE)
    assert "figureground train --preset resnet50" in printed
    assert re.search(r"^\.onnx +runs on (.+, )?cpu", printed, re.MULTILINE)
    assert main(["models", "--json"]) == 0
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["lite"]["ready"] and rows["lite"]["seconds"] > 0
    assert {"ccp", "vs", "portraits"} <= set(rows["lite"]["figures"])
    assert not rows["resnet50"]["ready"] and "cpu" in rows[".onnx"]["devices"]


def test_evaluate_measures_a_folder(
    astronaut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(astronaut.read_bytes())
    assert (
        main(["remove", str(astronaut), "--kind", "mask", "-q", "-o", str(tmp_path / "masks")]) == 0
    )
    (tmp_path / "masks" / "astronaut.mask.png").rename(tmp_path / "masks" / "a.png")
    command = ["evaluate", "--data", str(tmp_path), "--json", "--csv", str(tmp_path / "rows.csv")]
    assert main(command) == 0
    means = json.loads(capsys.readouterr().out)[str(tmp_path)]
    assert means["iou"]["value"] == 1 and means["mae"]["value"] < 1e-3
    assert (tmp_path / "rows.csv").read_text().splitlines()[1].startswith("a,1.0")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    assert len(capsys.readouterr().out) > 150


def test_misuse_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["train"], ["nonsense"], ["remove", "a.jpg", "--colour", "red"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2


def test_a_file_that_looks_like_an_option_is_told_how_to_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-x.jpg").touch()
    with pytest.raises(SystemExit):
        main(["remove", "-x.jpg"])
    assert f"given as .{os.sep}-x.jpg" in capsys.readouterr().err


def test_a_tilde_that_no_shell_expanded_is_the_home_folder(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(draw("a.jpg").parent)
    assert main(["remove", "~/a.jpg", "--output=~/made/", "-q"]) == 0
    assert (tmp_path / "made" / "a.cutout.png").is_file() and not Path("~").exists()


def test_ctrl_c_while_a_verb_is_loaded_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "import_module", interrupt)
    assert main(["remove", "a.jpg"]) == 130
    assert capsys.readouterr().err == "figureground: interrupted\n"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["--kind", "cutuot"], "there are cutout"),
        (["--threshold", "2"], "between 0 and 1"),
        (["--quality", "300"], "0 to 100"),
        (["--background", "nothing.jpg"], "no image of that name"),
        (["--background", "white", "--format", "jpg", "--lossless"], "take .png, .webp or .tif"),
        (["--background", "transparent", "--kind", "mask,composite"], "a cutout"),
        (["--format", "jpg"], "give a --background"),
        (["--watch"], "-o FOLDER"),
        (["--model", "nope"], "one of lite"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_misuse_and_said_in_one_line(
    words: list[str], advice: str, draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    path = draw("a.jpg")
    assert main(["remove", str(path), *words]) == 2
    said = capsys.readouterr().err
    assert advice in said and said.count("\n") == 1
    assert [found.name for found in path.parent.iterdir()] == ["a.jpg"]


@pytest.mark.parametrize(
    ("words", "advice"),
    [(["--size", "800"], "such as 800x600"), (["--aspect", "3"], "such as 3:4"),
     (["--aspect", "0:4"], "such as 3:4"), (["--canvas", "ax3"], "such as 800x600")],
    ids=" ".join,
)  # fmt: skip
def test_measures_that_cannot_be_read_show_how_to_write_them(
    words: list[str], advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["remove", "a.jpg", *words])
    said = capsys.readouterr().err
    assert advice in said and said.count("\n") == 2


def test_a_transparent_background_is_a_cutout(draw: Draw) -> None:
    path = draw("a.jpg")
    assert main(["remove", str(path), "--background", "transparent", "-q"]) == 0
    assert path.with_name("a.cutout.png").is_file()


def test_the_whole_command_is_quiet_where_nothing_is_wrong(draw: Draw) -> None:
    command = [sys.executable, "-m", "figureground", "remove", str(draw("a.jpg")), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    assert done.stdout == "" and done.stderr == ""


def test_a_list_names_the_images(draw: Draw, tmp_path: Path) -> None:
    draw("a.jpg"), draw("b.jpg"), draw("c.jpg")
    (tmp_path / "list.txt").write_text("a.jpg\nb.jpg\n")
    assert main(["remove", "--list", str(tmp_path / "list.txt"), "-q"]) == 0
    assert sorted(path.name for path in tmp_path.glob("*.cutout.png")) == [
        "a.cutout.png", "b.cutout.png"
    ]  # fmt: skip
    assert main(["remove"]) == 2


def test_metadata_is_kept_unless_it_is_to_be_stripped(draw: Draw, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "maker"
    path = draw("a.jpg", exif=exif)
    for option, expected in (([], "maker"), (["--strip"], None)):
        assert main(["remove", str(path), "-q", *option]) == 0
        with Image.open(tmp_path / "a.cutout.png") as image:
            assert image.getexif().get(0x010F) == expected


def test_an_image_beyond_the_limit_is_refused(draw: Draw, capsys) -> None:
    assert main(["remove", str(draw("a.jpg")), "--max-pixels", "100"]) == 1
    assert "more than the limit of 100" in capsys.readouterr().err


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", "é-\udce9"), ("ascii", "\\xe9-\\udce9")])
def test_a_name_that_cannot_be_printed_ends_no_job(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, encoding: str, shown: str
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["remove", str(tmp_path / "é-\udce9.jpg"), "--dry-run"]) == 0
    stream.flush()
    printed = stream.buffer.getvalue().decode("utf-8", "surrogateescape")
    assert printed.strip() == str(tmp_path / f"{shown}.cutout.png")


def test_what_a_folder_passes_over_is_said(draw: Draw, tmp_path: Path, capsys) -> None:
    draw("a.jpg")
    (tmp_path / "notes.txt").write_text("read me")
    assert main(["remove", str(tmp_path), "--dry-run"]) == 0
    said = "1 file is not read and passed over: 1 .txt"
    assert said in capsys.readouterr().err
    assert main(["remove", str(tmp_path), "--dry-run", "--quiet"]) == 0
    assert said not in capsys.readouterr().err


def test_high_dynamic_range_is_said_in_one_line(tmp_path: Path, capsys) -> None:
    data = encode_image(np.full((32, 32, 3), 120, np.uint8), ".png")
    told = chunk(b"cICP", bytes([9, 16, 0, 1]))
    (tmp_path / "a.png").write_bytes(data[:33] + told + data[33:])
    assert main(["remove", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png")]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert (
        sum("its high dynamic range (PQ) is brought to that of sRGB" in one for one in lines) == 1
    )
    assert main(["remove", str(tmp_path / "a.png"), "-o", str(tmp_path / "c.png"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"]


def test_a_recording_of_a_camera_becomes_a_video(tmp_path: Path, capsys) -> None:
    make_video(tmp_path / "00001.MTS", sound=None)
    assert main(["remove", str(tmp_path / "00001.MTS"), "-o", str(tmp_path / "out.mp4")]) == 0
    with av.open(str(tmp_path / "out.mp4")) as made:
        assert made.streams.video[0].frames > 3
