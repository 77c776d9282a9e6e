"""Networks that are not ours are tried in a process that may die of them."""

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from damaged import copies
from foreign import bare, foreign
from onnx import TensorProto, helper

from figureground.cli import main
from figureground.engines import open_engine, trial
from figureground.engines.trial import check_network
from figureground.errors import FiguregroundError, ModelError
from figureground.models import levels
from figureground.models.metadata import (
    ENTRY,
    is_intact,
    read_metadata,
    write_folder_metadata,
    write_metadata,
)
from figureground.models.shipped import find_model


def save_onnx(path: Path, shape: list, *, op: str = "Identity", out: list | None = None) -> Path:
    graph = helper.make_graph(
        [helper.make_node(op, ["image"], ["alphas"])],
        "g",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("alphas", TensorProto.FLOAT, out or shape)],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
    return path


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that a process was begun for."""
    seen: list[Path] = []
    monkeypatch.setattr(trial, "_try", lambda path, *_: seen.append(path))
    return seen


def test_networks_that_ship_are_known_wherever_they_lie(tmp_path: Path, tried: list[Path]) -> None:
    copy = tmp_path / "mine.tflite"
    copy.write_bytes(find_model("lite-int8").read_bytes())
    open_engine(find_model("lite-int8")), open_engine(copy)
    assert not tried
    open_engine(foreign(copy))
    assert tried == [copy]


def test_what_was_exported_is_known_by_its_own_hash(tmp_path: Path, tried: list[Path]) -> None:
    path = tmp_path / "mine.tflite"
    path.write_bytes(bare(find_model("lite-int8")))
    write_metadata(path, read_metadata(find_model("lite-int8")))
    assert is_intact(path)
    open_engine(path)
    assert not tried
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="its hash differs"):
        open_engine(path)


def test_a_folder_is_tried_unless_figureground_wrote_it(
    tutorial_files: Path, tmp_path: Path, tried: list[Path]
) -> None:
    theirs, ours = tutorial_files / "keras3" / "saved_model", tmp_path / "ours"
    open_engine(theirs)
    assert tried == [theirs]
    shutil.copytree(theirs, ours)
    write_folder_metadata(ours, {"preset": "tutorial", "size": 64, "color": "BGR"})
    assert is_intact(ours)
    open_engine(ours)
    assert tried == [theirs]
    next(ours.glob("variables/*.index")).write_bytes(b"damaged")
    assert not is_intact(ours)


def test_a_folder_that_ends_its_process_is_one_line(tutorial_files: Path, tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    shutil.copytree(tutorial_files / "keras3" / "saved_model", folder)
    index = next(folder.glob("variables/*.index"))
    index.write_bytes(index.read_bytes()[:40])
    with pytest.raises(ModelError) as raised:
        check_network(folder)
    line = str(raised.value)
    assert "\n" not in line and len(line.replace(str(folder), "")) <= 300


def test_a_sound_network_of_another_passes_its_trial_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = foreign(tmp_path / "mine.tflite")
    check_network(path)
    monkeypatch.setattr(trial.subprocess, "run", None)  # a second would need it
    check_network(path)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("import os; os.abort()", "ends the process that runs it .signal 6"),
        ("import os; os._exit(3)", "ends the process"),
        ("import time; time.sleep(99)", "takes more than"),
        ("print('\\n\"memory\"')", "of memory"),
        ("print('\\n\"no matte\"')", "no matte"),
    ],
)
def test_a_process_that_dies_of_a_network_is_told(
    tmp_path: Path, body: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, program = tmp_path / "a.tflite", tmp_path / "python"
    path.write_bytes(b"network")
    program.write_text(f"#!{trial.sys.executable}\n{body}\n")  # harmless, in place of the trial
    program.chmod(0o755)
    monkeypatch.setattr(trial.sys, "executable", str(program))
    monkeypatch.setattr(trial, "SECONDS", 5)
    with pytest.raises(ModelError, match=message) as said:
        check_network(path)
    assert len(str(said.value).replace(str(path), "")) < 200


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ([4, 8, 8, 3], {}, "takes tensor.float. .4, 8, 8, 3."),
        ([1, 3, 8, 8], {}, "channels last"),
        ([1, "h", 8, 3], {}, "fixed rows and columns"),
        ([1, 90_000, 90_000, 3], {}, "make sense"),
        ([1, 8, 8, 3], {"op": "Flatten", "out": [1, 192]}, "gives .1, 192."),
        ([1, 8, 8, 3], {"op": "Neg"}, "not within 0 to 1"),
    ],
)
def test_an_onnx_file_that_is_no_network_for_mattes_is_one_line(
    tmp_path: Path, shape: list, options: dict, message: str
) -> None:
    path = save_onnx(tmp_path / "a.onnx", shape, **options)
    with pytest.raises(ModelError, match=message) as said:
        open_engine(path)(np.full((8, 8, 3), 0.5, np.float32))
    line = str(said.value)
    assert "\n" not in line and len(line.replace(str(path), "")) < 260


def test_a_free_batch_takes_one_image(tmp_path: Path) -> None:
    engine = open_engine(save_onnx(tmp_path / "a.onnx", ["batch", 8, 6, 3]))
    assert engine(np.ones((8, 6, 3), np.float32)).shape == (8, 6)


@pytest.mark.parametrize(
    "changes",
    [
        {"size": [8, 8]}, {"size": [0, 384]}, {"size": "large"}, {"size": [1e9, 1e9]},
        {"preset": ["x"]}, {"format": "2" * 999}, {"more": 1}, {"sha256": "0" * 64},
    ],
)  # fmt: skip
def test_metadata_that_fit_no_network_are_one_line(tmp_path: Path, changes: dict) -> None:
    path = foreign(tmp_path / "mine.tflite", **changes)
    with pytest.raises(ModelError) as said:
        open_engine(path, size=(256, 448))
    assert len(str(said.value).replace(str(path), "")) < 260


def test_a_network_for_levels_up_to_255_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its matte is 1 where a photo, here of a white person on black, is above 127."""
    person = np.zeros((8, 8), np.float32)
    person[2:6, 2:6] = 1
    monkeypatch.setattr(levels, "photograph", lambda side: (np.dstack([person] * 3), person))
    image, level = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 8, 8, 3])
        for name in ("image", "alphas")
    )
    half = helper.make_tensor("half", TensorProto.FLOAT, [], [127.0])
    nodes = [
        helper.make_node("Sub", ["image", "half"], ["far"]),
        helper.make_node("Sigmoid", ["far"], ["alphas"]),
    ]
    path = tmp_path / "a.onnx"
    opset = helper.make_opsetid("", 17)
    graph = helper.make_graph(nodes, "g", [image], [level], [half])
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
    with pytest.raises(ModelError, match="levels of 0 to 255"):
        open_engine(path)


def test_metadata_that_unpack_to_much_are_no_metadata(tmp_path: Path) -> None:
    path = tmp_path / "mine.tflite"
    path.write_bytes(bare(find_model("lite-int8")))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ENTRY, b" " * 50_000_000)
    with pytest.raises(ModelError, match="carries no metadata"):
        read_metadata(path)


def test_onnx_runtime_writes_nothing_into_the_home_folder(tmp_path: Path, astronaut: Path) -> None:
    from damaged import run

    home, out = tmp_path / "home", tmp_path / "a.png"
    home.mkdir()
    path = save_onnx(tmp_path / "a.onnx", [1, 32, 32, 3])
    environment = {n: v for n, v in os.environ.items() if n not in ("CI", "XDG_CACHE_HOME")}
    done = run(
        "remove", str(astronaut), "--model", str(path), "-o", str(out),
        env={**environment, "HOME": str(home)},
    )  # fmt: skip
    assert done.returncode == 0 and out.is_file() and not list(home.iterdir())


def refused_or_sound(path: Path) -> None:
    """Load and run a file, or see it refused in one line."""
    try:
        engine = open_engine(path)
        engine(np.full((*engine.size, 3), 0.5, np.float32))
    except FiguregroundError as error:
        line = str(error)
        assert line and "\n" not in line and len(line.replace(str(path), "")) <= 260


def test_damaged_networks_are_refused_in_a_line(tmp_path: Path) -> None:
    sound = save_onnx(tmp_path / "sound.onnx", [1, 8, 8, 3])
    for path in copies(sound, tmp_path, 5, seed=1):
        refused_or_sound(path)
    for path in copies(foreign(tmp_path / "sound.tflite"), tmp_path, 8, seed=2):
        refused_or_sound(path)


def test_a_command_tells_of_a_damaged_network_in_a_line(
    tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(b"none")
    assert (
        main(["remove", str(astronaut), "--model", str(path), "-o", str(tmp_path / "o.png")]) == 1
    )
    assert capsys.readouterr().err.count("\n") == 1 and not (tmp_path / "o.png").exists()
