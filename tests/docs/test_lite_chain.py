"""The chain of runs that makes weights of lite, and the groups it composes."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from figureground.datasets.pairs import Pair, find_pairs

ROOT = Path(__file__).parents[2]
CHAIN = ROOT / "recipes" / "lite" / "make.sh"
SETS = ("ccp", "ccp-teacher", "ccp-teacher-2", "picsart", "vs", "web-teacher", "web-teacher-2",
        "portraits-cc0", "negatives", "negatives-2")  # fmt: skip
SPEC = importlib.util.spec_from_file_location("make_groups", ROOT / "tools" / "make_groups.py")
make_groups = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(make_groups)


def write_person(folder: Path, name: str, *, box: tuple[slice, slice]) -> Pair:
    """A pair in a set's layout: noise, and a mask of one box, 120 rows, 90 columns."""
    random = np.random.default_rng(len(name) + ord(name[-1]))
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    image, mask = folder / "images" / f"{name}.jpg", folder / "masks" / f"{name}.png"
    alpha = np.zeros((120, 90), np.uint8)
    alpha[box] = 255
    cv2.imwrite(str(image), random.integers(0, 256, (120, 90, 3), np.uint8))
    cv2.imwrite(str(mask), alpha)
    return Pair(name=name, image=image, mask=mask)


def test_people_are_cut_out_with_the_side_that_the_frame_cuts_off(tmp_path: Path) -> None:
    whole = write_person(tmp_path, "whole", box=(slice(10, 100), slice(20, 50)))
    half = write_person(tmp_path, "half", box=(slice(40, 120), slice(20, 50)))
    headless = write_person(tmp_path, "headless", box=(slice(0, 100), slice(20, 50)))
    rgb, alpha, low = make_groups.cut_out(whole)
    assert (rgb.shape, alpha.shape, low) == ((90, 30, 3), (90, 30), False)
    assert make_groups.cut_out(half)[2] is True
    assert make_groups.cut_out(headless) is None


def test_a_composed_group_covers_what_its_mask_says() -> None:
    room = np.full((60, 80, 3), 90, np.uint8)
    person = np.full((100, 40, 3), 90, np.uint8), np.full((100, 40), 255, np.uint8)
    person[0][:, :, 0] = 255
    random = np.random.default_rng(0)
    rgb, alpha = make_groups.compose(room, [(*person, False), (*person, True)], random)
    assert rgb.shape == (make_groups.ROWS, make_groups.COLUMNS, 3)
    red = rgb[..., 0].astype(int) - rgb[..., 1] > 20
    assert 0.01 < (alpha > 127).mean() < 0.9
    assert (red == (alpha > 127)).mean() > 0.99
    assert (alpha[-1] > 127).any(), "who is cut off below stands at the lower edge"


def test_rooms_that_judge_are_not_those_to_learn_from() -> None:
    rooms = [Path(f"{number}_room.jpg") for number in range(100)]
    held = sum(make_groups.is_held(room) for room in rooms)
    assert 10 <= held <= 35


def test_the_chain_reads_lists_that_are_written() -> None:
    text = CHAIN.read_text("utf-8")
    written = {*SETS, "hair", "val", "negatives-held"}
    assert set(re.findall(r"\$lists/([\w-]+)\.csv", text)) <= written
    assert set(re.findall(r"^ *train (\w+) ", text, re.MULTILINE)) == {
        path.stem for path in CHAIN.parent.glob("*.toml")
    }


@pytest.mark.soak
def test_the_chain_makes_files_of_all_three_kinds(tmp_path: Path) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    for name in SETS:
        tall = slice(20, 20) if name.startswith("negatives") else slice(20, 110)
        count = {"portraits-cc0": 24, "negatives-2": 34}.get(name, 6)
        for number in range(count):
            write_person(data / "train" / name, f"{name}{number}", box=(tall, slice(20, 70)))
    (data / "backgrounds").mkdir()
    for number in range(20):
        cv2.imwrite(
            str(data / "backgrounds" / f"{number}.jpg"), np.full((60, 80, 3), number * 9, np.uint8)
        )
    for name in ("picsart", "ccp"):
        (data / "rims" / name).mkdir(parents=True)
        for pair in find_pairs(data / "train" / name)[:3]:
            (data / "rims" / name / f"{pair.name}.png").write_bytes(pair.mask.read_bytes())
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT / "src"),
        "MORE": "--image-size 64 --epochs 1 --set frozen_epochs=0",
    }
    done = subprocess.run(
        ["sh", str(CHAIN), str(data), str(work)], cwd=ROOT, env=environment, timeout=3000,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stderr[-2000:]
    made = {path.name for path in work.glob("lite*")}
    assert made == {"lite.weights.h5", "lite.tflite", "lite-int8.tflite"}
