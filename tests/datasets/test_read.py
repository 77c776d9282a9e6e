"""Files of data sets start no process and open no socket, whatever they hold."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from datafiles import SQUARE, coco, image, write
from labelled import add, person, scene
from PIL import Image

# A stand-in for what Ghostscript would be given; harmless, and no image.
POSTSCRIPT = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n"

CHILD = """
import sys

FORBIDDEN = ("subprocess.", "socket.", "os.system", "os.exec", "os.posix_spawn", "os.spawn",
             "os.fork", "os.startfile", "pty.", "urllib.")
seen = []

def watch(event, arguments):
    if event.startswith(FORBIDDEN):
        seen.append(event)
        raise RuntimeError(f"{event} {arguments}")

import figureground.cli, figureground.cli.data  # what importing does is not asked here
sys.addaudithook(watch)
from pathlib import Path
from figureground.cli import main
from figureground.errors import DataError, ImageError
from figureground.training.sample_cache import draw_sample

place, out = Path(sys.argv[1]), Path(sys.argv[2])
main(["data", "check", str(place / "people"), "--sheet", str(out / "sheet.png")])
main(["data", "split", str(place / "good"), "-o", str(out / "parts"), "--copy"])
for name in ("rgba", "matting", "voc", "coco/notes.json", "yolo"):
    layout = name.partition("/")[0]
    main(["data", "convert", str(place / name), "-o", str(out / layout), "--format", layout,
          *(["--class", "0"] if layout == "yolo" else [])])
for ending in ("png", "jpg", "tif"):
    for pair in (("ps", "good"), ("good", "ps")):
        paths = [place / "mixed" / f"{kind}.{ending}" for kind in pair]
        try:
            draw_sample(*paths, (8, 8))
        except (DataError, ImageError) as error:
            print("told", error)
assert not seen, seen
import subprocess
try:
    subprocess.run(["true"])
except RuntimeError:
    print("watched")
"""


def lay_traps(place: Path) -> None:
    """Data sets of all kinds in which images and masks are PostScript."""
    for number in range(4):
        add(place / "people", str(number), scene(number), person())
        add(place / "good", str(number), scene(10 + number), person())
    for room, name in (("images", "0.png"), ("masks", "1.png"), ("images", "2.png")):
        (place / "people" / room / name).write_text(POSTSCRIPT)
    for folder in ("rgba", "matting/image", "matting/alpha", "voc/JPEGImages", "coco",
                   "voc/SegmentationClass", "yolo/images"):  # fmt: skip
        (place / folder).mkdir(parents=True)
        (place / folder / "a.png").write_text(POSTSCRIPT)
    write(place / "coco" / "notes.json", coco([SQUARE], file_name="a.png"))
    (place / "yolo" / "labels").mkdir()
    (place / "yolo" / "labels" / "a.txt").write_text("0 0 0 1 0 1 1\n")
    for ending in ("png", "jpg", "tif"):
        image(place / "mixed" / f"good.{ending}", (8, 8))
        (place / "mixed" / f"ps.{ending}").write_text(POSTSCRIPT)


@pytest.fixture
def ghostscript(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """An environment whose first program called `gs` notes that it ran, and where it does."""
    trace, program = tmp_path / "started", tmp_path / "bin" / "gs"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch '{trace}'\nexit 1\n")
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}, trace


def test_no_process_is_started_and_no_socket_opened(
    tmp_path: Path, ghostscript: tuple[dict[str, str], Path]
) -> None:
    environment, trace = ghostscript
    lay_traps(tmp_path / "traps")
    words = [sys.executable, "-c", CHILD, str(tmp_path / "traps"), str(tmp_path / "out")]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.rstrip().endswith("watched")
    assert done.stdout.count("told") == 6
    assert done.stderr.count("known format") >= 5 and "RuntimeError" not in done.stderr
    assert not trace.exists()


def test_pillow_itself_would_have_started_one(
    tmp_path: Path, ghostscript: tuple[dict[str, str], Path]
) -> None:
    """The trap is one: what the tests above forbid happens with `Image.open`."""
    environment, trace = ghostscript
    path = tmp_path / "a.png"
    path.write_text(POSTSCRIPT)
    code = f"from PIL import Image\nImage.open({json.dumps(str(path))}).load()"
    subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert trace.exists()
    assert Image.EXTENSION is not None
