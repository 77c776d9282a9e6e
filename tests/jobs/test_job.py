"""A job is a value: what its results depend on decides its fingerprint."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from figureground import Gradient, ImageJob, Scene, VideoEncoding, VideoJob
from figureground.errors import StyleError, UsageError
from figureground.jobs.job import POLICY, Job, policy
from figureground.jobs.style import Style
from figureground.media.formats import Encoding
from figureground.media.video_part import Part

OTHER: dict[str, Any] = {
    "background": "red", "background_fit": "tile", "flip_background": True, "format": "webp",
    "smooth": False, "style": Style(grow=1), "kinds": ("mask",), "encoding": Encoding(quality=7),
    "kind": "mask", "name": "{stem}.{ending}", "container": "mov", "every": 2, "sequence": True, "part": Part(end=1.0),
    "inputs": "b.jpg", "listed": Path("list.txt"), "list_root": Path("in"), "output": "out",
    "output_folder": True, "overwrite": True, "skip_existing": True, "fail_fast": True,
    "dry_run": True, "on_empty": "skip", "max_pixels": 9, "max_memory": 9, "watch": True, "resume": True,
    "raw": True, "color": "rgb", "device": "cuda",
}  # fmt: skip


@pytest.mark.parametrize("sort", [ImageJob, VideoJob])
def test_every_field_but_those_of_policy_changes_the_fingerprint(
    sort: type[Job], tmp_path: Path
) -> None:
    network = tmp_path / "own.tflite"
    network.write_bytes(b"a network")
    plain = sort()
    for one in fields(sort):
        other = network if one.name == "model" else OTHER[one.name]
        if one.name == "encoding" and sort is VideoJob:
            other = VideoEncoding(crf=9)
        changed = replace(plain, **{one.name: other}).fingerprint() != plain.fingerprint()
        assert changed is (POLICY not in one.metadata), one.name


def test_a_new_field_changes_the_fingerprint_unless_it_is_policy() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Later(ImageJob):
        halo: int = 0
        caption: str = policy("")

    plain = Later()
    assert replace(plain, halo=1).fingerprint() != plain.fingerprint()
    assert replace(plain, caption="x").fingerprint() == plain.fingerprint()


def test_a_field_of_what_a_job_holds_counts_too() -> None:
    for style in (Style(feather=1), Style(shadow=True)):
        assert ImageJob(style=style).fingerprint() != ImageJob().fingerprint()
    held, cut = Style(aspect=1.0), Style(aspect=1.0, fit="cover")
    assert ImageJob(style=cut).fingerprint() != ImageJob(style=held).fingerprint()
    assert VideoJob(style=Style(feather=1)).fingerprint() != VideoJob().fingerprint()


def test_a_file_that_is_named_counts_by_its_state(tmp_path: Path) -> None:
    behind = tmp_path / "beach.png"
    before = ImageJob(background=str(behind)).fingerprint()
    behind.write_bytes(b"one")
    first = ImageJob(background=str(behind)).fingerprint()
    behind.write_bytes(b"another")
    assert len({before, first, ImageJob(background=behind).fingerprint()}) == 3


def test_backgrounds_of_programs_count_by_what_they_hold() -> None:
    def of(background: object) -> str:
        return ImageJob(background=background).fingerprint()

    pixels = np.zeros((2, 3, 3), np.uint8)
    assert of(Scene(pixels=pixels)) == of(Scene(pixels=pixels.copy()))
    assert of(Scene(pixels=pixels)) != of(Scene(pixels=pixels + 1))
    assert of(pixels) != of(pixels + 1)
    colors = (0, 0, 0), (9, 9, 9)
    assert of(Gradient(colors=colors)) != of(Gradient(colors=colors[::-1]))


def test_paths_are_taken_as_they_are_written(tmp_path: Path) -> None:
    job = ImageJob(inputs="a.jpg", output=f"{tmp_path}/new/")
    assert job.sources == (Path("a.jpg"),) and job.output_folder
    assert ImageJob(inputs=["a.jpg", Path("b.jpg")]).sources == (Path("a.jpg"), Path("b.jpg"))
    assert not ImageJob(output="a.png").output_folder


def test_what_makes_no_sense_is_refused_when_a_job_is_made() -> None:
    with pytest.raises(UsageError, match="on_empty is keep, skip, fail"):
        ImageJob(on_empty="maybe")
    with pytest.raises(StyleError, match="there is no output 'hat'"):
        ImageJob(kinds=("hat",))
    with pytest.raises(StyleError, match="for images"):
        VideoJob(style=Style(crop=0.1))


def test_people_are_followed_from_the_first_frame_which_a_resumed_job_does_not_see() -> None:
    assert VideoJob(resume=True).resume
    for wish in ({"people": "largest"}, {"keep_mask": "m.png"}):
        with pytest.raises(StyleError, match="leave --resume out"):
            VideoJob(resume=True, style=Style(**wish))


def test_a_mask_to_keep_is_part_of_the_fingerprint_and_is_not_replaced(tmp_path: Path) -> None:
    mask = tmp_path / "m.png"
    mask.write_bytes(b"white")
    job = ImageJob(style=Style(keep_mask=mask))
    before = job.fingerprint()
    assert job.kept == [mask]
    mask.write_bytes(b"whiter")
    assert job.fingerprint() != before
