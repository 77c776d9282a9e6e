"""What Python programs see, and that it does what the command does."""

import copy
import importlib
import inspect
import io
import pickle
import subprocess
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from videos import make_video

import figureground
from figureground import Remover, remove_video
from figureground.cli import main
from figureground.errors import StyleError, UsageError
from figureground.jobs import video_batch
from figureground.jobs.video import Outcome, VideoTask
from figureground.media.formats import VideoEncoding
from figureground.media.images import read_image
from figureground.media.video_reader import Part


@pytest.fixture(scope="module")
def remover() -> Remover:
    return Remover()


SIGNATURES = {
    "Cutout.composite": "(self, background)",
    "Cutout.save": "(self, target, *, format=None, encoding)",
    "Cutout.to_bytes": "(self, format='png', *, encoding)",
    "Composite.save": "(self, target, *, format=None, encoding)",
    "Composite.to_bytes": "(self, format='png', *, encoding)",
    "Remover": "(model='lite', *, threads=None, max_pixels=None, max_memory=None, smooth=True, raw=False, "
    "device='cpu', color=None)",
    "Remover.remove": "(self, image, **options)",
    "Remover.alpha": "(self, image)",
    "remove": "(image, *, model='lite', **options)",
    "remove_video": "(source, output, **options)",
    "run": "(job, on_event, *, inputs=None)",
}


def shape_of(name: str) -> str:
    """Tell a signature without annotations, and without the encoding's long default."""
    signature = inspect.signature(attrgetter(name)(figureground))
    bare = [
        part.replace(annotation=part.empty, default=part.empty)
        if part.name in ("encoding", "on_event")
        else part.replace(annotation=part.empty)
        for part in signature.parameters.values()
    ]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def frames_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_interface_stays(name: str) -> None:
    assert shape_of(name) == SIGNATURES[name]


def test_dir_lists_the_interface() -> None:
    assert dir(figureground) == sorted(figureground.__all__)
    assert {"Blur", "Encoding", "StyleError", "remove", "remove_video"} <= set(dir(figureground))


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], {}),
        (["--feather", "2", "--grow", "-1"], {"feather": 2.0, "grow": -1}),
        (["--background", "white", "--size", "60x80"], {"background": "white", "size": (80, 60)}),
        (["--crop", "0.1", "--shadow"], {"crop": 0.1, "shadow": True}),
        (["--kind", "mask", "--threshold", "0.5"], {"kind": "mask", "threshold": 0.5}),
    ],
)
def test_results_are_those_of_the_command(
    remover: Remover, astronaut: Path, tmp_path: Path, words: list[str], options: dict[str, Any]
) -> None:
    path = tmp_path / "command.png"
    assert main(["remove", str(astronaut), "-q", "-o", str(path), *words]) == 0
    assert remover.remove(astronaut, **options).to_bytes() == path.read_bytes()


def test_files_objects_and_bytes_are_one(remover: Remover, astronaut: Path, tmp_path: Path) -> None:
    cutout, stream = remover.remove(astronaut), io.BytesIO()
    cutout.save(stream)
    cutout.save(tmp_path / "a.png")
    assert stream.getvalue() == (tmp_path / "a.png").read_bytes() == cutout.to_bytes("PNG")
    white = cutout.composite("white")
    assert white.to_bytes("jpeg") == white.to_bytes(".jpg")
    with (tmp_path / "b.jpg").open("wb") as file:
        white.save(file)
    assert (tmp_path / "b.jpg").read_bytes() == white.to_bytes("jpg")


def test_a_composite_keeps_exif(remover: Remover, astronaut: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a portrait"
    with Image.open(astronaut) as image:
        image.save(tmp_path / "a.jpg", exif=exif)
    data = remover.remove(tmp_path / "a.jpg").composite("white").to_bytes()
    assert b"a portrait" in (read_image(data).exif or b"")


def test_writing_a_cutout_names_to_bytes(remover: Remover, astronaut: Path) -> None:
    cutout = remover.remove(astronaut)
    with pytest.raises(TypeError, match="to_bytes"):
        io.BytesIO().write(cutout)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="to_bytes"):
        bytes(cutout)
    assert repr(cutout).startswith("<Cutout 512x512, ") and "\n" not in repr(cutout)


def test_cutouts_and_removers_are_copied_and_pickled(remover: Remover, astronaut: Path) -> None:
    expected = remover.alpha(astronaut)
    for other in (copy.deepcopy(remover), pickle.loads(pickle.dumps(remover))):
        np.testing.assert_array_equal(other.alpha(astronaut), expected)
    cutout = pickle.loads(pickle.dumps(remover.remove(astronaut)))
    np.testing.assert_array_equal(cutout.alpha, expected)


def test_notebooks_show_a_small_image(remover: Remover) -> None:
    wide = remover.remove(np.zeros((100, 2000, 3), np.uint8))
    assert read_image(wide._repr_png_()).rgb.shape == (32, 640, 3)


def test_options_without_sense_are_refused(remover: Remover, astronaut: Path) -> None:
    with pytest.raises(StyleError, match="there is no output"):
        remover.remove(astronaut, kind="masks")
    with pytest.raises(TypeError, match="fether"):
        remover.remove(astronaut, fether=2)  # type: ignore[call-arg]


def test_loading_says_nothing_and_errors_stay() -> None:
    code = (
        "import os, figureground; figureground.Remover()\n"
        "from figureground.engines import without_notices\n"
        "with without_notices(): os.write(2, b'INFO: x\\nERROR: y\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "ERROR: y\n"


def test_a_video_is_the_same_job_as_the_command_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = make_video(tmp_path / "a.mp4"), tmp_path / "b.mp4"
    outcome = remove_video(source, target)
    assert outcome.frames == len(frames_of(target)) > 0
    done: list[dict[str, object]] = []

    def note(job: VideoTask, *_: object) -> Outcome:
        done.append({**vars(job), "look": vars(job.look)})
        return Outcome()

    for module in (video_batch, importlib.import_module("figureground.jobs.remove_video")):
        monkeypatch.setattr(module, "convert_video", note)
    words = ["--background", "blur:7", "--feather", "2", "--start", "0.1", "--crf", "30"]
    assert main(["remove", str(source), "-q", "--overwrite", "-o", str(target), *words]) == 0
    part, encoding = Part(start=0.1), VideoEncoding(crf=30)
    remove_video(source, target, background="blur:7", feather=2.0, part=part, encoding=encoding)
    assert done[0] == done[1]
    with pytest.raises(UsageError, match="is an input"):
        remove_video(source, source)
