"""A job as workers get it: without paths that only the machine that asks may have."""

import os
from dataclasses import replace
from typing import Any

from figureground.errors import UsageError
from figureground.jobs.backgrounds import as_background
from figureground.jobs.job import ImageJob
from figureground.jobs.style import read_style
from figureground.models.shipped import find_model, shipped_models


def for_workers(job: ImageJob) -> tuple[ImageJob, bytes | None]:
    """A job without paths that workers may not have, and the bytes of its network.

    Raises:
        UsageError: the network is a folder.
        FiguregroundError: a background or a network cannot be read.
    """
    style, model = read_style(job), find_model(job.model)
    behind: Any = job.background
    if isinstance(behind, str | os.PathLike):
        behind = style.background
    elif behind is not None:
        behind = as_background(behind)
    sent = replace(
        job, inputs=(), listed=None, list_root=None, background=behind,
        style=replace(job.style, keep_mask=style.keep_mask),
    )  # fmt: skip
    if str(job.model) in shipped_models():
        return sent, None
    if model.is_dir():
        raise UsageError(f"{str(model)!r} is a folder; on a cluster a network is one file")
    return sent, model.read_bytes()
