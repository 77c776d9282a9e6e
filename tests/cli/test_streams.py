"""Files that are no files, streams that are closed, and what is written to mislead."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground import Remover
from figureground.cli import in_short, main
from figureground.datasets.coco import read_coco
from figureground.datasets.items import Wanted
from figureground.datasets.manifest import read_manifest
from figureground.datasets.masks import read_mask
from figureground.datasets.outlines import decode_runs, unpack_counts
from figureground.datasets.voc import _read
from figureground.engines import check_matte
from figureground.errors import DataError, FileError, ModelError, RecipeError
from figureground.jobs.journal import NAME, Journal
from figureground.matting.moments import shrink
from figureground.media import atomic as atomic_module
from figureground.media.atomic import atomic, atomic_own
from figureground.media.paths import read_list
from figureground.models import shipped
from figureground.training.recipe_file import read_settings


def write_text(path: Path) -> None:
    path.write_text("whole")


def image(path: Path, size: tuple[int, int] = (8, 8)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*size, 3), 90, np.uint8)).save(path)
    return path


def test_a_pipe_is_written_into_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "a.png"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with atomic(pipe) as part:
        write_text(part)
    reader.join(10)
    assert read == [b"whole"] and pipe.is_fifo() and len(list(tmp_path.iterdir())) == 1


def test_a_pipe_that_nobody_reads_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "a.png")
    monkeypatch.setattr(atomic_module, "PATIENCE", 0.1)
    with pytest.raises(FileError, match="start what reads it"), atomic(tmp_path / "a.png") as part:
        write_text(part)
    assert (tmp_path / "a.png").is_fifo()


@pytest.mark.parametrize("linked", [False, True])
def test_a_device_is_written_into_and_stays_one(tmp_path: Path, linked: bool) -> None:
    device = path = tmp_path / "null.png"
    try:
        os.mknod(device, 0o600 | 0o020000, os.makedev(1, 3))  # as /dev/null
        device.write_bytes(b"")
    except PermissionError:
        pytest.skip("making devices is not permitted")
    if linked:
        path = tmp_path / "link.png"
        path.symlink_to(device)
    with atomic(path) as part:
        write_text(part)
    assert device.is_char_device() and path.is_symlink() == linked


def test_a_socket_is_refused_and_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "s.png"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        with pytest.raises(FileError, match="a socket"), atomic(path) as part:
            write_text(part)
        assert path.is_socket()


def test_a_loop_of_links_is_told_and_stays(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "b.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    with pytest.raises(FileError, match="cannot write"), atomic(tmp_path / "a.png") as part:
        write_text(part)
    assert (tmp_path / "a.png").is_symlink()


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_journal_that_is_no_regular_file_is_left_alone(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, precious = tmp_path / "out", tmp_path / "precious"
    image(tmp_path / "in" / "a.png")
    out.mkdir()
    precious.write_text("mine")
    if kind == "link":
        (out / NAME).symlink_to(precious)
    else:
        os.mkfifo(out / NAME)
    assert main(["remove", str(tmp_path / "in"), "-o", str(out)]) == 1
    assert "left alone" in capsys.readouterr().err and precious.read_text() == "mine"
    with pytest.raises(FileError, match="left alone"), atomic_own(out / NAME) as part:
        write_text(part)


ODD = [
    b"[" * 100_000, b'{"source": 1, "results": []}', b'{"source": "a", "results": "b"}', b"\xff",
    b'{"source": "a", "results": [["b"]]}', b'{"source": null, "results": [{}]}', b"[]",
    b"7" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("options", [[], ["--overwrite"]])
def test_odd_lines_of_a_journal_are_counted_and_kept_aside(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    image(tmp_path / "in" / "a.png")
    journal = tmp_path / "out" / NAME
    journal.parent.mkdir()
    journal.write_bytes(b"".join(line + b"\n" for line in ODD))
    assert main(["remove", str(tmp_path / "in"), "-o", str(journal.parent), *options]) == 0
    said = capsys.readouterr().err
    assert f"{len(ODD)} lines" in said
    kept = journal.with_name(f"{NAME}.odd").read_bytes().splitlines()
    assert kept == ODD and len(Journal(journal, settings="").entries) == 1


def test_a_journal_that_cannot_be_written_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        image(tmp_path / "in" / f"{name}.png")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "add", fail)
    assert main(["remove", str(tmp_path / "in"), "-o", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().err.count("cannot write") == 1


@pytest.mark.parametrize(
    "closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"]
)
def test_closed_and_full_streams_are_no_reason_not_to_work(tmp_path: Path, closed: str) -> None:
    image(tmp_path / "in" / "a.png"), image(tmp_path / "in" / "b.png")
    out = tmp_path / "out"
    call = f"'{sys.executable}' -m figureground remove '{tmp_path / 'in'}' -o '{out}' {closed}"
    done = subprocess.run(["sh", "-c", call], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and len(list(out.glob("*.png"))) == 2
    with Image.open(next(out.glob("*.png"))) as opened:
        opened.load()


def test_an_image_that_fails_counts_with_closed_streams_too(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"none")
    call = f"'{sys.executable}' -m figureground remove '{tmp_path / 'a.png'}' >&- 2>&-"
    assert subprocess.run(["sh", "-c", call], check=False).returncode == 1


def test_results_for_closed_standard_output_are_lost_and_told(tmp_path: Path) -> None:
    call = f"'{sys.executable}' -m figureground remove '{image(tmp_path / 'a.png')}' -o - >&-"
    done = subprocess.run(["sh", "-c", call], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "standard output" in done.stderr


@pytest.mark.parametrize(
    "counts",
    [[2**63 - 1, 2**63 - 1, 18], [2**62] * 4 + [16], [10**30], [-1, 17], [1.5], ["16"], []],
)
def test_run_lengths_of_absurd_size_are_refused(counts: list) -> None:
    with pytest.raises(DataError, match="run lengths"):
        decode_runs(counts, (4, 4), (4, 4))


def test_a_packed_run_length_has_an_end() -> None:
    with pytest.raises(DataError, match="bits"):
        unpack_counts("o" * 100_000)


@pytest.mark.parametrize("name", ["../a.png", "a\0.png", "\ud800.png", "a" * 300 + ".png"])
def test_a_bad_name_stops_only_its_image(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    image(tmp_path / "good.png")
    square = [[1, 1, 6, 1, 6, 6, 1, 6]]
    content = {
        "categories": [{"id": 1, "name": "person"}],
        "images": [
            {"id": number, "file_name": called, "height": 8, "width": 8}
            for number, called in ((7, name), (8, "good.png"))
        ],
        "annotations": [
            {"image_id": number, "category_id": 1, "segmentation": square} for number in (7, 8)
        ],
    }
    (tmp_path / "notes.json").write_text(json.dumps(content))
    assert len(read_coco(tmp_path / "notes.json", Wanted())) == 2
    out = tmp_path / "out"
    words = ["data", "convert", str(tmp_path / "notes.json"), "-o", str(out), "--format", "coco"]
    assert main(words) == 1
    assert "notes.json, id 7" in capsys.readouterr().err
    assert [path.name for path in (out / "masks").iterdir()] == ["good.png"]


@pytest.mark.parametrize("read", [read_mask, _read])
def test_no_process_is_started_by_a_mask(
    tmp_path: Path, read, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace, program = tmp_path / "started", tmp_path / "bin" / "gs"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch '{trace}'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    mask = tmp_path / "mask.png"
    mask.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n")
    with pytest.raises(DataError, match="known format"):
        read(mask)
    assert not trace.exists()


def test_a_thin_image_costs_what_its_pixels_do() -> None:
    assert shrink(np.ones((60_000, 1), np.float32), 500).shape == (120, 1)
    assert shrink(np.ones((1, 60_000), np.float32), 500).shape == (1, 120)
    cutout = Remover().remove(np.full((60_000, 1, 3), 90, np.uint8))
    assert cutout.pixels.shape == (60_000, 1, 4)


def test_shipped_networks_are_known_by_their_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in shipped.shipped_models():
        shipped.find_model(name)
        shipped.find_keras_weights(name)
    for path in shipped.FOLDER.iterdir():
        data = path.read_bytes()
        (tmp_path / path.name).write_bytes(
            data[:-9] + b"\1" + data[-8:] if path.suffix == ".tflite" else data
        )
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    with pytest.raises(ModelError, match="damaged"):
        shipped.find_model("lite")


@pytest.mark.parametrize("level", [np.nan, -0.5, 1.5, np.inf])
def test_a_matte_beyond_its_range_is_an_error_of_the_network(level: float) -> None:
    alpha = np.full((4, 4), 0.5, np.float32)
    assert check_matte(alpha, Path("a.tflite")) is alpha
    alpha[1, 2] = level
    with pytest.raises(ModelError, match=r"a\.tflite.*not within 0 to 1"):
        check_matte(alpha, Path("a.tflite"))


@pytest.mark.parametrize("name", ["a\0b.png", "a" * 20_000, "d/" * 3000 + "a.png"])
def test_names_that_no_file_has_are_told_in_a_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "list.txt").write_text(f"good.png\n{name}\n")
    with pytest.raises(FileError, match="its path 2") as said:
        read_list(tmp_path / "list.txt")
    assert len(str(said.value)) <= 300
    (tmp_path / "list.jsonl").write_text(json.dumps({"image": name, "mask": "a.png"}))
    with pytest.raises(DataError, match="line 1"):
        read_manifest(tmp_path / "list.jsonl")


@pytest.mark.parametrize("text", ['{"image": "\\ud800.png", "mask": "a"}', "[" * 100_000])
def test_odd_manifests_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.jsonl").write_text(text)
    with pytest.raises(DataError, match="line 1"):
        read_manifest(tmp_path / "list.jsonl")


def test_fields_of_any_length_and_deep_recipes_are_told(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"image,mask\n{'a' * 200_000},b\n")
    with pytest.raises(DataError, match="manifest"):
        read_manifest(tmp_path / "list.csv")
    (tmp_path / "deep.toml").write_text("data = " + "[" * 50_000)
    with pytest.raises(RecipeError, match="cannot read the recipe"):
        read_settings(tmp_path / "deep.toml")


def test_a_long_message_loses_its_middle() -> None:
    said = in_short("begin " + "x\n" * 1000 + " end")
    assert len(said) <= 300 and said.startswith("begin") and said.endswith("end")
