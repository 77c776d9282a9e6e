"""Requests take the command's options, under its names and with its defaults."""

from dataclasses import replace
from typing import Any

import pytest

from figureground.cli import build_parser
from figureground.cli.remove import jobs_from
from figureground.errors import FiguregroundError, UsageError
from figureground.serve.options import OPTIONS, read_job
from figureground.serve.video_options import OPTIONS as VIDEO_OPTIONS

# Of files and folders, which a request has none of; of videos; and what the operator decides.
ELSEWHERE = {
    "help", "inputs", "list", "output", "name", "overwrite", "skip_existing", "dry_run",
    "fail_fast", "exit_empty", "watch", "json", "quiet", "start", "end", "frames", "fps",
    "sequence", "every", "container", "codec", "resume", "scale", "crf", "bitrate",
    "no_smoothing", "device", "color", "cluster", "encoder", "max_pixels", "max_memory", "keep_mask",
}  # fmt: skip


def test_every_option_of_an_image_is_an_option_of_a_request() -> None:
    parser = build_parser("remove")
    (verbs,) = (action for action in parser._actions if action.dest == "verb")
    choices: Any = verbs.choices
    names = {action.dest for action in choices["remove"]._actions}
    assert names - ELSEWHERE == set(OPTIONS)


def test_every_option_of_a_video_is_an_option_of_a_request() -> None:
    wanted = {
        "start", "end", "frames", "fps", "every", "container", "codec", "encoder", "scale", "crf",
        "bitrate", "no_smoothing", "kind", "background", "background_fit", "flip_background",
        "feather", "grow", "threshold", "min_area", "people", "model", "strip",
    }  # fmt: skip
    assert wanted == set(VIDEO_OPTIONS)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"kind": "mask", "feather": "1.5", "grow": "-2"},
        {"background": "white", "size": "80x60", "fit": "cover", "quality": "50"},
        {"aspect": "3:4", "people": "largest", "threshold": "0.4", "min_area": "7"},
        {"canvas": "80x60", "background": "gradient:white,red", "shadow": "true"},
        {"format": "webp", "lossless": "true", "strip": "true", "crop": "0.2", "raw": "1"},
        {"background": "transparent", "on_empty": "fail", "model": "lite-int8"},
    ],
)
def test_a_request_is_the_job_of_the_command(fields: dict[str, str]) -> None:
    words = ["remove", "a.jpg"]
    for name, text in fields.items():
        flag = f"--{name.replace('_', '-')}"
        words += [flag] if text in ("true", "1") else [f"{flag}={text}"]
    asked, _ = jobs_from(build_parser("remove").parse_args(words))
    assert read_job(fields) == replace(asked, inputs=())


@pytest.mark.parametrize(
    "fields",
    [{"crop": "-1"}, {"size": "1x"}, {"size": "8x8", "aspect": "1:1"}, {"quality": "101"},
     {"shadow": "maybe"}, {"kind": "cutout,mask"}, {"grow": "x"}, {"nothing": "1"},
     {"background": "transparent", "kind": "composite"}, {"fit": "cover"}],
)  # fmt: skip
def test_what_the_command_refuses_a_request_may_not_ask(fields: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        read_job(fields)
    assert len(str(refused.value)) <= 900


def test_no_text_is_the_path_of_a_file(astronaut) -> None:
    with pytest.raises(FiguregroundError, match="as a colour"):
        read_job({"background": str(astronaut)}, colors=True)
