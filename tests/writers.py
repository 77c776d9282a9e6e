"""Commands by what they write, to be tried on odd places, full disks and closed streams.

In the words of a command, capitals stand for what a test has, see `make_inputs`; OUT is where it
writes.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
from PIL import Image

TESTS = Path(__file__).parent
LONGEST = 320  # characters of a line, with the command's name before it
TRAINING = ["--preset", "tiny", "--image-size", "32", "--backbone-weights", "none", "--epochs", "1",
            "--batch-size", "4", "-q"]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command that writes something."""

    words: list[str]
    name: str = ""  # of the file that it is asked for, in the place; empty: the place itself
    heavy: bool = False  # loads TensorFlow

    def at(self, place: Path, known: dict[str, Path]) -> list[str]:
        """Return the whole command, which writes to `place`."""
        places = {**known, "OUT": place}
        words = [str(places.get(word, word)) for word in self.words]
        program = [str(TESTS / "tiny.py")] if self.heavy else ["-m", "figureground"]
        return [sys.executable, *program, *words]


def _images() -> dict[str, Command]:
    ends = ("png", "jpg", "webp", "tif", "gif", "avif")
    words = ["remove", "IMAGE", "--background", "white", "-o", "OUT"]
    moving = {"moving.gif": "m.gif", "moving.webp": "m.webp", "moving.apng": "m.apng"}
    return {
        **{end: Command(words=words, name=f"a.{end}") for end in ends},
        **{name: Command(words=["remove", "MOVING", "-o", "OUT"], name=file)
           for name, file in moving.items()},
        "folder": Command(words=["remove", "MANY", "-o", "OUT"]),
    }  # fmt: skip


def _videos() -> dict[str, Command]:
    words = ["remove", "VIDEO", "--frames", "3", "--scale", "0.5", "-o", "OUT"]
    ends = ("mp4", "mov", "webm", "mkv", "m4v")
    return {
        **{end: Command(words=words, name=f"v.{end}") for end in ends},
        "frames": Command(words=words, name="frames"),
        "video.gif": Command(words=words, name="v.gif"),
        "resumed": Command(words=[*words, "--resume"], name="r.mp4"),
        "live": Command(words=["live", "VIDEO", "--frames", "3", "-o", "OUT"], name="l.mp4"),
    }


def _data() -> dict[str, Command]:
    measure = ["evaluate", "--data", "DATA", "--model", "lite-int8", "-q"]
    return {
        "sheet": Command(words=["data", "check", "DATA", "--sheet", "OUT"], name="s.png"),
        "valid": Command(words=["data", "check", "DATA", "--sound", "OUT"], name="v.csv"),
        "split": Command(words=["data", "split", "DATA", "-o", "OUT"]),
        "copied": Command(words=["data", "split", "DATA", "--copy", "-o", "OUT"]),
        "convert": Command(words=["data", "convert", "COCO", "-o", "OUT"]),
        "plain": Command(words=["data", "plain", "--count", "3", "-o", "OUT"]),
        "polish": Command(words=["data", "polish", "DATA", "-o", "OUT"]),
        "csv": Command(words=[*measure, "--csv", "OUT"], name="e.csv"),
        "page": Command(words=[*measure, "--report", "OUT"], name="e.html"),
    }


def _training() -> dict[str, Command]:
    export = {"litert": "n.tflite", "onnx": "n.onnx", "keras": "n.keras", "weights": "n.weights.h5",
              "saved-model": "n"}  # fmt: skip
    kinds = {"weights": "keras"}
    preview = ["data", "preview", "--data", "DATA", "--set", "image_size=32", "-o", "OUT"]
    return {
        "train": Command(words=["train", "--data", "DATA", *TRAINING, "-o", "OUT"], heavy=True),
        "preview": Command(words=preview, name="p.png", heavy=True),
        **{f"export {name}": Command(
            words=["export", "RUN", "--to", kinds.get(name, name), "-o", "OUT"], name=file,
            heavy=True,
        ) for name, file in export.items()},
    }  # fmt: skip


WRITERS = {**_images(), **_videos(), **_data(), **_training()}


def program(words: list[str]) -> list[str]:
    """Return words behind `figureground` as a whole command."""
    return [sys.executable, "-m", "figureground", *words]


def make_inputs(folder: Path, astronaut: Path, people: Path, *, run: bool) -> dict[str, Path]:
    """Make what commands read, by the words that stand for it; `run` trains the tiny network."""
    moving = folder / "moving.gif"
    frames = [Image.new("RGB", (60, 40), (90 * n, 90, 200)) for n in range(3)]
    frames[0].save(moving, save_all=True, append_images=frames[1:], duration=40)
    images, people_of = [], []
    for number, mask in enumerate(sorted((people / "masks").iterdir())):
        outlines, _ = cv2.findContours(cv2.imread(str(mask), 0), cv2.RETR_EXTERNAL, 2)
        name = f"{people / 'images' / mask.stem}.jpg"
        images.append({"id": number, "file_name": name, "height": 80, "width": 64})
        outline = outlines[0].ravel().tolist()
        people_of.append({"id": number, "image_id": number, "category_id": 1,
                          "segmentation": [outline]})  # fmt: skip
    coco = {"images": images, "annotations": people_of, "categories": [{"id": 1, "name": "person"}]}
    (folder / "coco.json").write_text(json.dumps(coco))
    known = {
        "IMAGE": astronaut, "VIDEO": astronaut.with_suffix(".mp4"), "MOVING": moving,
        "DATA": people, "MANY": people / "images", "COCO": folder / "coco.json",
        "RUN": folder / "run",
    }  # fmt: skip
    if run:
        subprocess.run(WRITERS["train"].at(known["RUN"], known), check=True, timeout=300)
    return known


def run(
    command: list[str], *, before: tuple[str, ...] = (), seconds: float = 120, **options
) -> "subprocess.CompletedProcess[str]":
    """Run a command behind others, such as `unshare`, for a time that ends."""
    return subprocess.run(
        [*before, *command],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        errors="surrogateescape",
        **options,
    )


def check_said(done: "subprocess.CompletedProcess[str]") -> None:
    """See that a command ended as commands do: no signal, no traceback, lines of a few words."""
    assert done.returncode in (0, 1, 2), done
    assert "Traceback" not in done.stderr and "Traceback" not in done.stdout, done.stderr
    long = [line for line in done.stderr.splitlines() if len(line) > LONGEST]
    assert not long, long


def can_mount() -> bool:
    """Return whether a file system of a process's own can be mounted here."""
    if not shutil.which("unshare"):
        return False
    tried = subprocess.run([*alone(), "true"], capture_output=True, timeout=20, check=False)
    return tried.returncode == 0


def alone() -> list[str]:
    """Return words before a command that give it mounts of its own."""
    return ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]


def without_rights() -> list[str]:
    """Return words before a command that let root open only what is permitted."""
    if os.geteuid() != 0:
        return []
    rights = "-dac_override,-dac_read_search,-fowner"
    return ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"]


def content_of(folder: Path) -> dict[str, str]:
    """Return what lies in a folder, with what tells a change."""
    return {
        str(path.relative_to(folder)): f"{path.lstat().st_mode:o} {path.lstat().st_size}"
        for path in sorted(folder.rglob("*"))
    }
